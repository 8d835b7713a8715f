"""Telling a person, in their language, what is wrong with a persona's file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant

from ..engine.persona import Kind, PersonaError, PersonaProblem, ProblemKey
from .persona_files import PersonaFileError
from .texts import async_texts

NOWHERE: Final = "-"  # stands for a line or field that a problem does not have

_QUOTABLE: Final = {Kind.NUMBER, Kind.BOOLEAN, Kind.NOTHING}

_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True, slots=True)
class ToldProblem:
    """One problem in a person's language. `line` is 1-based or a dash, `field` a path such as `i18n.es` or a dash."""

    line: str
    field: str
    text: str
    listing: str
    """The three as one line, such as "Line 4, skills.music: ..."."""


async def async_tell_problems(
    hass: HomeAssistant, error: PersonaError | PersonaFileError, language: str
) -> list[ToldProblem]:
    """Return every problem that `error` carries, in the order of the file; at least one."""
    texts = await async_texts(hass, language, "exceptions")
    if isinstance(error, PersonaFileError):
        line = NOWHERE if error.line is None else str(error.line)
        text = _text(texts, error.key, error.placeholders)
        return [ToldProblem(line, NOWHERE, text, text)]
    return [_tell(texts, problem) for problem in error.problems]


def as_markdown(problems: list[ToldProblem]) -> str:
    """Return the problems as a Markdown list; nothing that a file says is taken for markup."""
    return "\n".join(f"- {_MARKDOWN.sub(r'\\\1', problem.listing.replace('\n', ' '))}" for problem in problems)


def _tell(texts: Mapping[str, str], problem: PersonaProblem) -> ToldProblem:
    placeholders = dict(problem.placeholders)
    if problem.key == ProblemKey.WRONG_TYPE:
        placeholders |= {name: _text(texts, f"kind_{kind}", {}) for name, kind in placeholders.items()}
    told = " ".join(_text(texts, key, placeholders) for key in (problem.key, *_hints(problem)))
    line, place = str(problem.line), "place_field" if problem.field else "place"
    listing = _text(texts, place, {"line": line, "field": problem.field, "problem": told})
    return ToldProblem(line, problem.field or NOWHERE, told, listing)


def _hints(problem: PersonaProblem) -> list[str]:
    """Return the keys of what may help with the problem, beyond naming it."""
    placeholders = problem.placeholders
    hints = ["did_you_mean"] if placeholders.get("suggestion") else []
    if placeholders.get("expected") == Kind.TEXT and placeholders.get("found") in _QUOTABLE:
        hints.append("use_quotes")
    return hints


def _text(texts: Mapping[str, str], key: str, placeholders: Mapping[str, str]) -> str:
    return texts[f"persona_{key}.message"].format_map(placeholders)
