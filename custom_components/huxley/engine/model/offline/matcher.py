"""Matching a person's words against the sentences of all skills in one language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import hassil

from ...skill.folding import fold, fold_template
from ...skill.sentences import SentenceBlock, Sentences, SlotList
from ...skill.storage import Json


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence was understood: this tool, with these arguments."""

    tool: str
    arguments: Mapping[str, Json]


class Heard:
    """A person's words, folded, with the way back to how they were written."""

    def __init__(self, text: str) -> None:
        written = text.replace("-", " ").split()
        pairs = [(folded, word.strip('¿?¡!.,;:"“”«»')) for word in written if (folded := fold(word))]
        self._words = [folded for folded, _ in pairs]
        self._written = [word for _, word in pairs]
        self.folded = " ".join(self._words)

    def as_written(self, folded: str) -> str:
        """Return a piece of `folded` as the person wrote it."""
        words = folded.split()
        for start in range(len(self._words) - len(words) + 1):
            if self._words[start : start + len(words)] == words:
                return " ".join(self._written[start : start + len(words)])
        return folded


@dataclass(slots=True)
class _SkillLists:
    """The lists of one skill; hassil reads `compiled` at every match, so that new values count at once."""

    declared: Mapping[str, SlotList]
    compiled: dict[str, hassil.SlotList]
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Matcher:
    """The sentences of all skills in one language, compiled once. Sentences with `anything` in them match last."""

    def __init__(self, language: str, sentences: Mapping[str, Sentences], offered: Callable[[str], bool]) -> None:
        self.language = language
        skip_words = [fold(word) for item in sentences.values() for word in item.skip_words]
        self._lists = {skill: _compile_lists(item.lists) for skill, item in sentences.items()}
        self._closed = hassil.Intents(language, {}, skip_words=skip_words)
        self._open = hassil.Intents(language, {}, skip_words=skip_words)
        for skill, item in sentences.items():
            self._add_skill(skill, item, offered)
        self.match("")
        self.match("", anything=True)

    def give_lists(self, skill: str, lists: Mapping[str, Sequence[str]]) -> None:
        """Take the values of a skill's `from_skill` lists; cheap when they are as before."""
        own = self._lists.get(skill)
        for name, values in lists.items() if own else ():
            assert own is not None  # noqa: S101 - the loop runs only with a skill of this language
            slots = own.declared.get(name)
            if slots is not None and slots.from_skill and own.given.get(name) != tuple(values):
                own.given[name] = tuple(values)
                own.compiled[name] = _text_list(name, [(value, value) for value in values])

    def match(self, text: str, *, anything: bool = False) -> Match | None:
        """Return what a text means, None when nothing fits. `anything` asks the sentences that take any words."""
        heard = Heard(text)
        intents = self._open if anything else self._closed
        result = hassil.recognize_best(heard.folded, intents)
        if result is None:
            return None
        arguments: dict[str, Json] = dict(result.intent_data.slots)
        for entity in result.entities_list:
            arguments[entity.name] = heard.as_written(entity.text_clean) if entity.is_wildcard else entity.value
        return Match(result.intent.name, arguments)

    def _add_skill(self, skill: str, sentences: Sentences, offered: Callable[[str], bool]) -> None:
        rules = {name: hassil.parse_sentence(fold_template(text)) for name, text in sentences.rules.items()}
        wildcards = {name for name, slots in sentences.lists.items() if slots.anything}
        for block in sentences.blocks:
            if not offered(block.tool):
                continue
            closed, open_ = _split(block, rules, wildcards)
            for intents, templates in ((self._closed, closed), (self._open, open_)):
                if templates:
                    data = self._data(skill, templates, block.arguments, rules, wildcards)
                    intents.intents.setdefault(block.tool, hassil.intents.Intent(block.tool)).data.append(data)

    def _data(
        self,
        skill: str,
        templates: list[str],
        arguments: Mapping[str, Json],
        rules: dict[str, hassil.Sentence],
        wildcards: set[str],
    ) -> hassil.IntentData:
        data = hassil.IntentData(
            templates,
            slots=dict(arguments),
            expansion_rules=rules,
            slot_lists=self._lists[skill].compiled,
            wildcard_list_names=wildcards,
        )
        for sentence in data.sentences:
            sentence.get_required_clauses(rules)
        return data


def _split(block: SentenceBlock, rules: dict[str, hassil.Sentence], wildcards: set[str]) -> tuple[list[str], list[str]]:
    """Return the folded templates that can be written out, and those that take any words."""
    closed: list[str] = []
    open_: list[str] = []
    for template in map(fold_template, block.templates):
        names = hassil.parse_sentence(template).list_names(rules)
        (closed if wildcards.isdisjoint(names) else open_).append(template)
    return closed, open_


def _compile_lists(declared: Mapping[str, SlotList]) -> _SkillLists:
    compiled: dict[str, hassil.SlotList] = {}
    for name, slots in declared.items():
        if slots.anything:
            compiled[name] = hassil.WildcardSlotList(name)
        else:
            compiled[name] = _text_list(name, [(text, item.value) for item in slots.values for text in item.spoken])
    return _SkillLists(declared, compiled)


def _text_list(name: str, values: Sequence[tuple[str, Any]]) -> hassil.TextSlotList:
    folded = {fold(text): value for text, value in values}
    return hassil.TextSlotList.from_tuples(folded.items(), allow_template=False, name=name)
