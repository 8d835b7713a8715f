"""Sentences written out for a speech recogniser."""

from textwrap import dedent

from custom_components.huxley.engine.model.offline import enumerate_sentences
from custom_components.huxley.engine.skill.sentences import parse_sentences


def written_out(text: str, lists: dict[str, list[str]] | None = None, language: str = "en") -> set[str]:
    return enumerate_sentences(parse_sentences(dedent(text), "test.yaml", language), lists)


def test_alternatives_optionals_and_rules_are_written_out() -> None:
    text = """
        tools: {stop: ["<stop> [the] music", {sentences: ["Quiet!"], arguments: {a: 1}}]}
        rules: {stop: "(stop|end)"}
        examples: [x]
    """
    assert written_out(text) == {"stop music", "stop the music", "end music", "end the music", "quiet"}


def test_numbers_are_words_and_values_are_all_ways_to_say_them() -> None:
    text = """
        tools: {dim: ["dim to {level}", "{mood} light"]}
        lists: {level: {from: 30, to: 31}, mood: [{say: [soft, "low-key"], value: 1}]}
        examples: [x]
    """
    assert written_out(text) == {"dim to thirty", "dim to thirty one", "soft light", "low key light"}


def test_digits_stay_where_a_language_has_no_words() -> None:
    text = "{tools: {dim: ['dim {level}']}, lists: {level: {from: 3, to: 3}}, examples: [x]}"
    assert written_out(text, language="xx") == {"dim 3"}


def test_apostrophes_and_accents_stay() -> None:
    text = """{tools: {time: ["What's the time?", "¿Qué hora es?", "l\\u2019heure"]}, examples: [x]}"""
    assert written_out(text) == {"what's the time", "qué hora es", "l'heure"}


def test_titles_come_from_the_skill_and_any_words_cannot_be_written_out() -> None:
    text = """
        tools: {play: ["play {title}", "play the song {wanted:title}", "play"]}
        lists: {title: {from_skill: true}, wanted: {anything: true}}
        examples: [x]
    """
    assert written_out(text) == {"play"}
    assert written_out(text, {"title": ["Huxley Waltz", "[Live] {Set}"]}) == {
        "play",
        "play huxley waltz",
        "play live set",
    }
