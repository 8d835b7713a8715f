"""A skill's words: the templates it answers with, in the language it is spoken to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .language import FALLBACK_LANGUAGE, closest_language
from .logger import SkillLogger

type Templates = Mapping[str, str]
"""From a response key (`playing`) to a template (`Playing {title}.`)."""

_SLOT = re.compile(r"\{(\w+)\}")


class BrokenTemplateError(Exception):
    """A template has a slot that nobody fills, or a brace that leads nowhere."""


def fill(template: str, slots: Mapping[str, object]) -> str:
    """Put the slots into a template; a slot is `{name}` and nothing else. Raises `BrokenTemplateError`."""
    fill_check(template)
    if missing := [name for name in _SLOT.findall(template) if name not in slots]:
        raise BrokenTemplateError(f"no value for {{{missing[0]}}}")
    return _SLOT.sub(lambda match: str(slots[match[1]]), template)


def fill_check(template: str) -> None:
    """Raise `BrokenTemplateError` for a template that no slots can fill."""
    if re.search(r"[{}]", _SLOT.sub("", template)):
        raise BrokenTemplateError("a brace without its partner")


def replies_by_language(config: Mapping[str, Any], default_language: str) -> dict[str, Templates]:
    """Return a persona's own words for a skill: `replies` for its language, `i18n.<lang>.replies` for the others."""
    overlays: Mapping[str, Mapping[str, Any]] = config.get("i18n") or {}
    found = {language: overlay.get("replies") or {} for language, overlay in overlays.items()}
    return {**found, default_language: config.get("replies") or found.get(default_language, {})}


class Words:
    """Finds the words for a key: the persona's, else the skill's; in the language asked, the persona's, English.

    A template that is missing or broken gives way to the next source; a broken one is logged once.
    """

    def __init__(
        self,
        replies: Mapping[str, Templates],
        responses: Mapping[str, Templates],
        default_language: str,
        logger: SkillLogger,
    ) -> None:
        self._sources = (replies, responses)
        self._default_language = default_language
        self._logger = logger
        self._reported: set[tuple[str, str]] = set()

    def say(self, key: str, language: str, slots: Mapping[str, object]) -> str:
        """Return the words; with none anywhere, the key itself, so that something is said."""
        for source, template in self._candidates(key, language):
            try:
                return fill(template, slots)
            except BrokenTemplateError as error:
                self._report(key, source, str(error))
        self._report(key, language, "no words for this key")
        return key.replace("_", " ")

    def _candidates(self, key: str, language: str) -> Iterator[tuple[str, str]]:
        for wanted in _once((language, self._default_language, FALLBACK_LANGUAGE)):
            for texts in self._sources:
                found = closest_language(wanted, texts)
                if found is not None and key in texts[found]:
                    yield found, texts[found][key]

    def _report(self, key: str, source: str, problem: str) -> None:
        if (key, source) not in self._reported:
            self._reported.add((key, source))
            self._logger.warning("words", key=key, language=source, problem=problem)


def _once(languages: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(languages)
