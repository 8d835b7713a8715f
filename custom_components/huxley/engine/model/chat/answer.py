"""What a streamed `/chat/completions` answer says, put together chunk by chunk."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .calls import CallFragments, RequestedCall
from .failures import ChatError, Failure, classify_event
from .thoughts import ThoughtFilter

END_MARK = "[DONE]"
LONGEST_ANSWER = 16 * 1024 * 1024  # characters on the wire, thinking included; a model that runs in circles is stopped

type Piece = str | RequestedCall
"""Words to say, or a tool to run."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counts them."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt + other.prompt, self.cached + other.cached, self.completion + other.completion)


class Answer:
    """One answer. Feed it the data of each event; the calls come when all of them are complete.

    Takes chunks of a stream, and the one whole body of a server that does not stream.
    """

    def __init__(self, response_id: str) -> None:
        self._response_id = response_id
        self._calls = CallFragments()
        self._thoughts = ThoughtFilter()
        self._size = 0
        self.usage: Usage | None = None
        self.finish_reason: str | None = None
        self.complete = False
        """The model has said all it wanted; usage may still come."""

    def feed(self, data: str) -> Iterator[Piece]:
        """Yield what an event adds. Raises `ChatError` for an error in the stream and for nonsense."""
        if data.strip() == END_MARK:
            self.complete = True
            return
        chunk = _parse(data)
        if error := chunk.get("error"):
            raise classify_event(error)
        self._size += len(data)
        if self._size > LONGEST_ANSWER:
            raise ChatError(Failure.BROKEN, "the answer does not end")
        self.usage = _usage(chunk.get("usage")) or self.usage
        for choice in _mappings(chunk.get("choices"))[:1]:
            yield from self._choice(choice)

    def finish(self) -> Iterator[Piece]:
        """Yield what is left when the stream has ended. Raises `ChatError` when it ended in the middle."""
        if not self.complete:
            raise ChatError(Failure.BROKEN, "the answer broke off")
        if rest := self._thoughts.finish():
            yield rest
        yield from self._calls.take(f"{self._response_id}-more")

    def _choice(self, choice: Mapping[str, object]) -> Iterator[Piece]:
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, Mapping):
            words = self._thoughts.feed(_words(delta.get("content")) + _words(delta.get("refusal")))
            if words:
                yield words
            for fragment in _mappings(delta.get("tool_calls")):
                self._calls.add(fragment)
        if reason := choice.get("finish_reason"):
            self.finish_reason = str(reason)
            self.complete = True
            if rest := self._thoughts.finish():
                yield rest
            if reason == "error":
                raise ChatError(Failure.BROKEN, "the server gave up in the middle of the answer")
            yield from self._calls.take(self._response_id)


def _parse(data: str) -> Mapping[str, object]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError) as err:
        raise ChatError(Failure.BROKEN, f"the server sent what is no JSON: {data[:80]!r}") from err
    if not isinstance(chunk, Mapping):
        raise ChatError(Failure.BROKEN, f"the server sent what is no object: {data[:80]!r}")
    return chunk


def _words(content: object) -> str:
    """Return the text of a content, which may come in typed parts; parts of thinking are no text."""
    if isinstance(content, str):
        return content
    parts = (part.get("text") for part in _mappings(content) if part.get("type") == "text")
    return "".join(part for part in parts if isinstance(part, str))


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _usage(value: object) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    details = value.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return Usage(_count(value.get("prompt_tokens")), _count(cached), _count(value.get("completion_tokens")))


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
