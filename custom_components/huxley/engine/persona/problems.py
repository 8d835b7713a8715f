"""What can be wrong with a persona file: where, what, and in which words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ..errors import HuxleyError

CLIP: Final = 240  # characters of foreign text that a problem repeats: a message stays readable whatever the file holds


class ProblemKey(StrEnum):
    """Stable names of the problems, for translations. The names in braces are their placeholders."""

    BAD_YAML = "bad_yaml"
    """The text is no YAML: {detail} is the parser's own word, in English."""

    UNSUPPORTED_YAML = "unsupported_yaml"
    """A tag, merge key or the like that personas do not use: {what} as written."""

    TOO_LARGE = "too_large"
    """More text than a persona may hold, aliases expanded: {limit} in KiB."""

    TOO_MANY_VALUES = "too_many_values"
    """More values than a persona may hold, aliases expanded: {limit} of them."""

    TOO_DEEP = "too_deep"
    """Nested more than {limit} levels deep."""

    ALIAS_CYCLE = "alias_cycle"
    """An alias stands inside the very value that it names."""

    DUPLICATE_KEY = "duplicate_key"
    """{key} is written twice; the first one is on {first_line}."""

    UNKNOWN_KEY = "unknown_key"
    """{key} means nothing here; {suggestion} is the nearest known key or empty, {known} lists all."""

    MISSING_KEY = "missing_key"
    """{key} is required and absent or empty."""

    UNSUPPORTED_KEY = "unsupported_key"
    """{key} belongs to the schema, but this version cannot honour it."""

    WRONG_TYPE = "wrong_type"
    """{expected} and {found} are each one of `Kind`."""

    EMPTY_TEXT = "empty_text"
    """{key} holds nothing but spaces."""

    BAD_VERSION = "bad_version"
    """{found} is not {expected}, the version that this Huxley reads."""

    BAD_LANGUAGE = "bad_language"
    """{code} is no BCP 47 language code."""

    BAD_TIMEZONE = "bad_timezone"
    """{timezone} is no IANA time zone; {suggestion} is the nearest one or empty."""

    BAD_TIME = "bad_time"
    """{time} is no time of day."""

    SAME_TIME = "same_time"
    """Quiet hours begin and end at the same {time}."""

    UNKNOWN_CONSTRAINT = "unknown_constraint"
    """{constraint} is none of {known}; {suggestion} is the nearest one or empty."""


class Kind(StrEnum):
    """What a value in the file is."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NOTHING = "nothing"
    LIST = "list"
    MAPPING = "mapping"


_ENGLISH: Final[Mapping[ProblemKey, str]] = MappingProxyType(
    {
        ProblemKey.BAD_YAML: "this is not valid YAML: {detail}",
        ProblemKey.UNSUPPORTED_YAML: "personas do not use {what}; write the value out",
        ProblemKey.TOO_LARGE: "the persona is larger than {limit} KiB",
        ProblemKey.TOO_MANY_VALUES: "the persona holds more than {limit} values",
        ProblemKey.TOO_DEEP: "nested more than {limit} levels deep",
        ProblemKey.ALIAS_CYCLE: "an alias stands inside the value that it names",
        ProblemKey.DUPLICATE_KEY: "'{key}' is already on line {first_line}; keep one of them",
        ProblemKey.UNKNOWN_KEY: "unknown key '{key}'",
        ProblemKey.MISSING_KEY: "'{key}' is required",
        ProblemKey.UNSUPPORTED_KEY: "this version of Huxley cannot use '{key}' yet; remove it",
        ProblemKey.WRONG_TYPE: "expected {expected}, found {found}",
        ProblemKey.EMPTY_TEXT: "'{key}' is empty",
        ProblemKey.BAD_VERSION: "version {found} cannot be read; write {expected}",
        ProblemKey.BAD_LANGUAGE: "'{code}' is not a language code such as en or es-MX",
        ProblemKey.BAD_TIMEZONE: "'{timezone}' is not a time zone such as Europe/Madrid",
        ProblemKey.BAD_TIME: "'{time}' is not a time of day such as 22:00",
        ProblemKey.SAME_TIME: "quiet hours begin and end at {time}; give them a length or remove them",
        ProblemKey.UNKNOWN_CONSTRAINT: "unknown constraint '{constraint}'",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the file. `line` and `column` count from 1; `field` is a path such as `i18n.es.ui_strings.ready`."""

    line: int
    column: int
    field: str


@dataclass(frozen=True, slots=True)
class PersonaProblem:
    """One thing that is wrong, ready to be translated from `key` and `placeholders`; `str()` is an English line."""

    line: int
    column: int
    field: str
    key: ProblemKey
    placeholders: Mapping[str, str]

    def __str__(self) -> str:
        said = _ENGLISH[self.key].format_map(self.placeholders)
        hint = self._hint()
        where = f"line {self.line}, column {self.column}"
        return f"{where}: {self.field}: {said}{hint}" if self.field else f"{where}: {said}{hint}"

    def _hint(self) -> str:
        if suggestion := self.placeholders.get("suggestion"):
            return f"; did you mean '{suggestion}'?"
        if known := self.placeholders.get("known"):
            return f"; known here: {known}"
        if self.key is ProblemKey.WRONG_TYPE and self.placeholders["expected"] == Kind.TEXT:
            return "" if self.placeholders["found"] in {Kind.LIST, Kind.MAPPING} else "; put it in quotes"
        return ""


class PersonaError(HuxleyError):
    """The persona cannot be used. `problems` holds everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Sequence[PersonaProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Gathers what is wrong, so that a person mends a file in one go."""

    def __init__(self) -> None:
        self._found: list[PersonaProblem] = []

    def __iter__(self) -> Iterator[PersonaProblem]:
        return iter(sorted(self._found, key=lambda problem: (problem.line, problem.column)))

    def add(self, place: Place, key: ProblemKey, /, **placeholders: str) -> None:
        """Note one problem."""
        self._found.append(problem(place, key, **placeholders))

    def check(self) -> None:
        """Raise `PersonaError` if anything was noted."""
        if self._found:
            raise PersonaError(tuple(self))


def problem(place: Place, key: ProblemKey, /, **placeholders: str) -> PersonaProblem:
    """Make a problem; long foreign text is clipped."""
    clipped = {name: _clip(value) for name, value in placeholders.items()}
    return PersonaProblem(place.line, place.column, _clip(place.field), key, clipped)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the one of `known` that `word` was probably meant to be, or an empty string."""
    # A long word is no typing slip, and comparing it costs its square.
    close = get_close_matches(word, known, n=1) if len(word) <= CLIP else []
    return close[0] if close else ""


def _clip(text: str) -> str:
    return text if len(text) <= CLIP else f"{text[: CLIP - 1]}…"
