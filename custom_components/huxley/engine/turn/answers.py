"""What a question takes for an answer: sentences for each, matched against a person's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import hassil
from hassil.parser import ParseError

from ..errors import HuxleyError
from ..model.offline.matcher import Heard
from ..skill.folding import fold_template
from ..skill.storage import Json


class BrokenAnswerError(HuxleyError):
    """A sentence of an answer cannot be read."""


@dataclass(frozen=True, slots=True)
class Match:
    """Words that answer a question. `id` is None where any words do."""

    id: str | None = None
    slots: Mapping[str, Json] = field(default_factory=dict)


class AnswerSheet:
    """The answers that a question knows: by id, sentence templates in which `{name}` takes any words.

    Case, accents and punctuation do not count: `sí` is `si`. A sheet without answers takes all words for one.
    Raises `BrokenAnswerError`.
    """

    def __init__(self, answers: Mapping[str, Sequence[str]], language: str) -> None:
        self._intents = hassil.Intents(language, {})
        self._any = not answers
        for answer, sentences in answers.items():
            data = hassil.IntentData([_read(answer, sentence) for sentence in sentences])
            self._intents.intents[answer] = hassil.intents.Intent(answer, [data])
            for sentence in data.sentences:
                for name in sentence.list_names({}):
                    self._intents.slot_lists[name] = hassil.WildcardSlotList(name)

    def match(self, text: str) -> Match | None:
        """Return what `text` answers, None when it is no answer."""
        heard = Heard(text)
        if not heard.folded:
            return None
        if self._any:
            return Match()
        found = hassil.recognize_best(heard.folded, self._intents)
        if found is None:
            return None
        slots = {entity.name: heard.as_written(entity.text_clean) for entity in found.entities_list}
        return Match(found.intent.name, slots)


def _read(answer: str, sentence: str) -> str:
    template = fold_template(sentence)
    try:
        hassil.parse_sentence(template)
    except (ParseError, AssertionError) as err:
        raise BrokenAnswerError(f"`{sentence}`, a sentence of the answer {answer}, cannot be read: {err}") from err
    if "<" in template:
        raise BrokenAnswerError(f"`{sentence}`, a sentence of the answer {answer}, uses a <rule>; there are none here")
    return template
