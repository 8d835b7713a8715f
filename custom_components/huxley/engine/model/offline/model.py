"""The offline model: sentences in, tool calls and the skills' own words out."""

import logging
from collections.abc import Mapping, Sequence

from ...skill.language import FALLBACK_LANGUAGE, closest_language
from ...skill.registry import Registry
from ...skill.sentences import Sentences
from ...skill.words import BrokenTemplateError, fill
from .matcher import Match, Matcher

_LOGGER = logging.getLogger(__name__)

MOST_EXAMPLES = 3  # more than three nobody keeps in mind


class OfflineModel:
    """What all sessions of one persona share: compiled sentences and the words for what is not understood.

    `sentences` is by skill, then language. `languages` are the persona's, its own first. `phrases` is by language,
    then key: `not_understood` (slot `{examples}`) and `tool_failed`. Compiling reads files and takes tens of
    milliseconds: make one in an executor.
    """

    def __init__(
        self,
        registry: Registry,
        sentences: Mapping[str, Mapping[str, Sentences]],
        *,
        languages: Sequence[str],
        phrases: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.languages = tuple(languages)
        self._registry = registry
        self._phrases = phrases
        self._sentences = {language: _in_language(sentences, language) for language in self.languages}
        self._matchers = {
            language: Matcher(language, by_skill, lambda tool: registry.find(tool) is not None)
            for language, by_skill in self._sentences.items()
        }
        self._reported: set[str] = set()

    async def refresh_lists(self) -> None:
        """Ask the skills for their lists (track titles and such). A skill that fails keeps its last ones."""
        for name, skill in self._registry.skills.items():
            try:
                lists = await skill.lists()
                for matcher in self._matchers.values():
                    matcher.give_lists(name, lists)
            except Exception:
                if name not in self._reported:
                    self._reported.add(name)
                    _LOGGER.exception("model.lists_failed skill=%s", name)

    def match(self, text: str, language: str | None) -> tuple[Match, str] | None:
        """Return what the words mean and in which of the languages; the hinted one first, then the persona's order.

        Sentences that take any words come after all others, so that they never swallow a real command.
        """
        hinted = closest_language(language, self.languages)
        order = [hinted, *self.languages] if hinted else self.languages
        for anything in (False, True):
            for candidate in dict.fromkeys(order):
                if match := self._matchers[candidate].match(text, anything=anything):
                    return match, candidate
        return None

    def answer_language(self, hint: str | None) -> str:
        """Return the language in which to answer words that nothing matched."""
        return closest_language(hint, self.languages) or self.languages[0]

    def phrase(self, key: str, language: str) -> str | None:
        """Return the words for a key, in English when the language has none; None without any or when broken."""
        for wanted in (language, FALLBACK_LANGUAGE):
            found = closest_language(wanted, self._phrases)
            if found is not None and key in self._phrases[found]:
                try:
                    return fill(self._phrases[found][key], {"examples": self._examples(language)})
                except BrokenTemplateError:
                    _LOGGER.warning("model.broken_phrase key=%s language=%s", key, found)
        return None

    def _examples(self, language: str) -> str:
        """Return things to say, taken from every skill in turn, without marks that would clash in a row."""
        per_skill = [item.examples for item in self._sentences[language].values()]
        in_turn = [item[index] for index in range(MOST_EXAMPLES) for item in per_skill if index < len(item)]
        return ", ".join(example.strip("¿?¡!. ") for example in in_turn[:MOST_EXAMPLES])


def _in_language(sentences: Mapping[str, Mapping[str, Sentences]], language: str) -> dict[str, Sentences]:
    found = {skill: closest_language(language, by_language) for skill, by_language in sentences.items()}
    return {skill: sentences[skill][name] for skill, name in found.items() if name is not None}
