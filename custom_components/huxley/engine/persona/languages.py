"""Language codes (BCP 47): which of several answers a wish."""

import re
from collections.abc import Iterable
from typing import Final

_CODE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


def is_language_code(code: str) -> bool:
    """Whether `code` has the shape of a language code: `en`, `es-MX`, `zh-Hant-TW`."""
    return _CODE.fullmatch(code) is not None


def normalise(code: str) -> str:
    """Return the form in which codes are compared: `es_MX` and `es-mx` are one."""
    return code.replace("_", "-").lower()


def match_language(wanted: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that is `wanted`, or its nearest parent (`es-MX` -> `es`), as `known` writes it."""
    by_code = {normalise(code): code for code in known}
    parts = normalise(wanted).split("-")
    parents = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((by_code[code] for code in parents if code in by_code), None)


def same_language(one: str, other: str) -> bool:
    """Whether both are forms of one language: `es-MX` and `es-ES`."""
    return normalise(one).split("-")[0] == normalise(other).split("-")[0]
