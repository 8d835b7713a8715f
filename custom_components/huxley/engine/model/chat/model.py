"""A persona's chat model: what all of its requests have in common."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...persona import Constraint, Persona, build_prompt
from ...skill.language import closest_language
from ...skill.registry import Registry
from .messages import Message
from .presets import OTHER, PRESETS, Preset
from .tools import declare

_LOGGER = logging.getLogger(__name__)

type ConstraintSentences = Mapping[str, Mapping[Constraint, str]]
"""By language, then constraint."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a person chose. `extra` goes into every request as it stands and wins over everything else."""

    model: str
    preset: Preset = PRESETS[OTHER]
    temperature: float | None = None
    max_tokens: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


class ChatModel:
    """Who answers, in which words, with which tools.

    Raises `HuxleyError` when a constraint of the persona has no sentence in one of its languages.
    """

    def __init__(
        self, persona: Persona, registry: Registry, settings: ChatSettings, constraint_sentences: ConstraintSentences
    ) -> None:
        self.settings = settings
        self.languages = persona.languages
        self._registry = registry
        self._tools = declare(registry.definitions)
        self._prompts = {
            language: build_prompt(
                persona.in_language(language),
                constraint_sentences.get(closest_language(language, constraint_sentences) or language, {}),
            )
            for language in persona.languages
        }
        self._reported: set[str] = set()

    def language(self, hint: str | None) -> str | None:
        """Return the persona's language that a hint names, None when it speaks none like it."""
        return closest_language(hint, self.languages)

    def prompt(self, language: str) -> str:
        """Return the system prompt in one of `languages`, with what the skills have to tell now at its end."""
        contexts = [self._context(name) for name in self._registry.skills]
        return "\n\n".join([self._prompts[language], *filter(None, contexts)])

    def body(self, messages: list[Message]) -> dict[str, object]:
        """Return the body of a request."""
        settings = self.settings
        chosen = {"temperature": settings.temperature, settings.preset.length_key: settings.max_tokens}
        return {
            "model": settings.model,
            "messages": messages,
            "stream": True,
            **({"tools": self._tools} if self._tools else {}),
            **settings.preset.extra,
            **{key: value for key, value in chosen.items() if value is not None},
            **settings.extra,
        }

    def _context(self, name: str) -> str | None:
        """A skill that cannot tell what it knows is logged once, and the others are asked."""
        tell: Callable[[], str | None] = self._registry.skills[name].prompt_context
        try:
            return tell()
        except Exception:
            if name not in self._reported:
                self._reported.add(name)
                _LOGGER.exception("model.prompt_context_failed skill=%s", name)
            return None
