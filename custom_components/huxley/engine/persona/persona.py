"""A persona, and how it is in one language. Values only; nothing here reads files or text."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from .constraints import Constraint
from .document import Plain
from .languages import match_language, normalise, same_language

VERSION: Final = 1
"""The one version of the persona schema."""

UI_STRINGS: Final = ("listening", "too_short", "sent", "responding", "ready")
"""The states that a client shows in the persona's words."""

I18N: Final = "i18n"
REPLIES: Final = "replies"
"""Keys inside a skill's config that the persona understands; all others are the skill's own."""

type SkillConfig = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A span of the day, from `start` until just before `end`, local time; it may run over midnight (Engine I10)."""

    start: time
    end: time

    def cover(self, moment: time) -> bool:
        """Whether `moment` is quiet."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Translation:
    """What a persona says differently in one more language.

    Absent texts are as in the persona's own; an absent transcription language is the language itself.
    """

    transcription_language: str | None = None
    system_prompt: str | None = None
    ui_strings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the agent is. `skills` holds each skill's config as written, `i18n` key included."""

    id: str
    version: int
    name: str
    voice: str
    language_code: str
    transcription_language: str
    timezone: str
    system_prompt: str
    constraints: frozenset[Constraint] = frozenset()
    ui_strings: Mapping[str, str] = field(default_factory=dict)
    i18n: Mapping[str, Translation] = field(default_factory=dict)
    skills: Mapping[str, SkillConfig] = field(default_factory=dict)
    description: str | None = None
    model: Mapping[str, Plain] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    tools: tuple[Mapping[str, Plain], ...] = ()
    """Tools declared in YAML. Empty: this version refuses a persona that declares any."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What the persona speaks, its own language first, codes as written."""
        own = normalise(self.language_code)
        return (self.language_code, *(code for code in self.i18n if normalise(code) != own))

    def in_language(self, code: str | None) -> LocalPersona:
        """Return the persona as it is in `code`, in its parent (`es-MX` -> `es`), or else in its own language."""
        language = (match_language(code, self.languages) if code else None) or self.language_code
        over = next((said for code, said in self.i18n.items() if normalise(code) == normalise(language)), Translation())
        heard_as = self.transcription_language if same_language(language, self.language_code) else language
        return LocalPersona(
            persona=self,
            language=language,
            transcription_language=over.transcription_language or heard_as,
            system_prompt=over.system_prompt or self.system_prompt,
            ui_strings={**self.ui_strings, **over.ui_strings},
            skills={name: self._skill_in(language, config) for name, config in self.skills.items()},
        )

    def _skill_in(self, language: str, config: SkillConfig) -> SkillConfig:
        local = {key: deepcopy(value) for key, value in config.items() if key != I18N}
        over = _overlay(config, language)
        # Words of another language are no fallback: the skill has its own words in this one.
        written = _mapping(local.pop(REPLIES, None))
        replies = written if same_language(language, self.language_code) else {}
        replies |= _mapping(over.pop(REPLIES, None))
        return {**local, **over, **({REPLIES: replies} if replies else {})}


@dataclass(frozen=True, slots=True)
class LocalPersona:
    """A persona in one of its languages. `skills` holds what each skill gets to see, freshly made for this view."""

    persona: Persona
    language: str
    transcription_language: str
    system_prompt: str
    ui_strings: Mapping[str, str]
    skills: Mapping[str, SkillConfig]


def _overlay(config: SkillConfig, language: str) -> dict[str, Plain]:
    translations = _mapping(config.get(I18N))
    code = match_language(language, translations)
    return deepcopy(_mapping(translations[code])) if code else {}


def _mapping(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}
