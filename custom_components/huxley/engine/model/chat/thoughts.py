"""Keeping a model's thinking out of what a person hears."""

_OPEN = "<think>"
_CLOSE = "</think>"


class ThoughtFilter:
    """Takes `<think>…</think>` away from the start of an answer.

    Most servers send thinking in a field of its own; one that does not know its model's format leaves it in the text.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._open = True  # thinking may still begin; white space before the words is dropped

    def feed(self, text: str) -> str:
        """Return what may be said of all that came so far."""
        if not self._open and not self._thinking:
            return text
        self._held += text
        if not self._thinking:
            self._held = self._held.lstrip()
            if len(self._held) < len(_OPEN) and _OPEN.startswith(self._held):
                return ""
            self._open = False
            if not self._held.startswith(_OPEN):
                return self.finish()
            self._thinking = True
            self._held = self._held.removeprefix(_OPEN)
        _, found, after = self._held.partition(_CLOSE)
        if not found:
            self._held = self._held[-len(_CLOSE) :]
            return ""
        self._thinking, self._open, self._held = False, True, ""
        return self.feed(after) if after else ""

    def finish(self) -> str:
        """Return what was held back and turned out to be words."""
        held, self._held = self._held, ""
        return "" if self._thinking else held
