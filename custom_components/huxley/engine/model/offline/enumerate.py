"""Every sentence that a skill understands, written out: what a speech recogniser's grammar is made of."""

import re
from collections.abc import Mapping, Sequence

import hassil
from hassil.sample import sample_sentence

from ...skill.sentences import ListValue, Sentences, SlotList

_PUNCTUATION = re.compile(r"[^\w' ]|_")


def enumerate_sentences(sentences: Sentences, lists: Mapping[str, Sequence[str]] | None = None) -> set[str]:
    """Return every sentence in lower case, without punctuation but with accents and apostrophes.

    `lists` holds the values that come from the skill; a list without values has no sentences, and neither has one
    of `anything`. Numbers are in words where the language has words for them.
    """
    slot_lists = {name: _spoken(slots, (lists or {}).get(name, ())) for name, slots in sentences.lists.items()}
    usable = {name for name, values in slot_lists.items() if values}
    rules = {name: hassil.parse_sentence(text) for name, text in sentences.rules.items()}
    found: set[str] = set()
    for template in (template for block in sentences.blocks for template in block.templates):
        sentence = hassil.parse_sentence(template)
        if not usable.issuperset(sentence.list_names(rules)):
            continue
        named: dict[str, hassil.SlotList] = {
            name: hassil.TextSlotList.from_strings(values, allow_template=False) for name, values in slot_lists.items()
        }
        found.update(_clean(text) for text in sample_sentence(sentence, named, rules))
    return found - {""}


def _spoken(slots: SlotList, given: Sequence[str]) -> list[str]:
    return [*(text for value in slots.values for text in _aloud(value)), *(given if slots.from_skill else ())]


def _aloud(value: ListValue) -> tuple[str, ...]:
    """Leave out a number's digits when it has words: a recogniser's dictionary has no digits."""
    return tuple(text for text in value.spoken if not text.isdecimal()) or value.spoken


def _clean(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", text.lower().replace("’", "'")).split())  # noqa: RUF001
