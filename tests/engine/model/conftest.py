"""A house with a lamp and a radio, in two languages."""

from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent

import pytest

from custom_components.huxley.engine.model.offline import OfflineModel
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.engine.skill.sentences import parse_sentences
from custom_components.huxley.engine.skill.skill import Skill
from custom_components.huxley.engine.skill.tool import tool

LAMP_EN = """
    tools:
      dim:
        - "(dim|turn) [the] (lamp|light) [to] {level} [percent]"
        - sentences: ["lights out", "turn off the <lamp>"]
          arguments: {level: 0}
      red: ["red light"]
    rules: {lamp: "(lamp|light)"}
    lists: {level: {from: 0, to: 100}}
    examples: ["Dim the lamp to ten", "Lights out", "Red light"]
    skip_words: [please, could you]
"""
LAMP_ES = """
    tools:
      dim: ["(baja|pon) la lámpara [al] {level} [por ciento]"]
    lists: {level: {from: 0, to: 100}}
    examples: ["Pon la lámpara al diez"]
    skip_words: [por favor]
"""
RADIO_EN = """
    tools:
      tune:
        - "play {station}"
        - "play [some] {wanted:station}"
        - "play [radio] {fixed:station} on {band}"
    lists:
      station: {from_skill: true}
      wanted: {anything: true}
      fixed: [{say: ["the news", "news"], value: news-24}]
      band: [fm, am]
    examples: ["Play the news?"]
"""


class Lamp(Skill):
    name = "lamp"

    @tool
    async def dim(self, level: int) -> str:
        """Dim the lamp."""
        return f"{level}"

    @tool(adult=True)
    async def red(self) -> str:
        """Turn red."""
        return "red"


class Radio(Skill):
    name = "radio"
    stations: Sequence[str] = ("Radio Año Nuevo", "Jazz FM")
    broken = False

    @tool
    async def tune(self, station: str, band: str = "fm") -> str:
        """Tune in."""
        return station

    async def lists(self) -> Mapping[str, Sequence[str]]:
        if self.broken:
            raise OSError("the aerial fell off")
        return {"station": self.stations, "wanted": ["not a list of ours"], "unknown": ["x"]}


PHRASES = {
    "en": {"not_understood": "Sorry. Say: {examples}.", "tool_failed": "That did not work."},
    "es": {"not_understood": "No entiendo. Diga: {examples}."},
}

type Make = Callable[..., OfflineModel]


@pytest.fixture
def radio() -> Radio:
    return Radio()


@pytest.fixture
def make(radio: Radio) -> Make:
    def make(
        languages: Sequence[str] = ("es", "en"),
        phrases: Mapping[str, Mapping[str, str]] = PHRASES,
        *,
        child_safe: bool = False,
    ) -> OfflineModel:
        texts = {"lamp": {"en": LAMP_EN, "es": LAMP_ES}, "radio": {"en": RADIO_EN}}
        sentences = {
            skill: {
                language: parse_sentences(dedent(text), f"{skill}/{language}", language)
                for language, text in by.items()
            }
            for skill, by in texts.items()
        }
        registry = Registry({"lamp": Lamp(), "radio": radio}, child_safe=child_safe)
        return OfflineModel(registry, sentences, languages=languages, phrases=phrases)

    return make
