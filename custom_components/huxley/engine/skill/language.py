"""The language in which the person of this turn is answered.

Whoever dispatches a tool call sets it for the length of the call (`Dispatcher.call(..., language=…)`); a skill never
does. Code that runs outside a turn sees None and speaks the persona's own language.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

FALLBACK_LANGUAGE = "en"
"""What every skill and persona text exists in."""

_SPOKEN: ContextVar[str | None] = ContextVar("huxley_spoken_language", default=None)


def spoken_language() -> str | None:
    """Return the language of the running tool call (BCP 47), None outside one."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Answer in `language` inside the block; None leaves it as it is."""
    if language is None:
        yield
        return
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def closest_language(wanted: str | None, available: Iterable[str]) -> str | None:
    """Return the available language that `wanted` names: itself, else one of the same family (`es-MX` finds `es`)."""
    if wanted is None:
        return None
    known = {_tag(language): language for language in available}
    tag = _tag(wanted)
    family = tag.partition("-")[0]
    candidates = [tag, family, *(other for other in known if other.partition("-")[0] == family)]
    return next((known[candidate] for candidate in candidates if candidate in known), None)


def _tag(language: str) -> str:
    return language.replace("_", "-").lower()
