"""Making spoken and written text comparable: no case, no accents, no punctuation."""

import re
import unicodedata

_APOSTROPHES = re.compile(r"['’`´]")  # noqa: RUF001 - the typographic ones are meant
_NOT_A_WORD = re.compile(r"[^\w]|_")
_NOT_A_TEMPLATE = re.compile(r"[^\w()\[\]{}<>|;: ]")


def fold(text: str) -> str:
    """Return text as it is compared: `¡Pon MÚSICA!` is `pon musica`, `what's` is `whats`."""
    return " ".join(_NOT_A_WORD.sub(" ", _plain(text)).split())


def fold_template(template: str) -> str:
    """Fold a sentence template's words and keep its syntax, `[some] {title}`."""
    return " ".join(_NOT_A_TEMPLATE.sub(" ", _plain(template)).split())


def _plain(text: str) -> str:
    bare = _APOSTROPHES.sub("", text)  # first: taking characters apart turns some apostrophes into spaces
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
    whole = unicodedata.normalize("NFC", "".join(char for char in apart if not unicodedata.combining(char)))
    return _APOSTROPHES.sub("", whole)
