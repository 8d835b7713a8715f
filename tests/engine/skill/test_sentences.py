"""Reading `sentences/<lang>.yaml`: what it means, and errors that name file and line."""

from textwrap import dedent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.huxley.engine.errors import SkillError
from custom_components.huxley.engine.skill.folding import fold, fold_template
from custom_components.huxley.engine.skill.sentences import ListValue, SentenceBlock, Sentences, parse_sentences


def read(text: str, language: str = "en") -> Sentences:
    return parse_sentences(dedent(text), "lamp/sentences/en.yaml", language)


LAMP = """
    tools:
      dim:
        - "<dim> the lamp to {level}"
        - sentences: ["lights out"]
          arguments: {level: 0, how: {slow: true, steps: [1, 2]}}
        - "{mood} light"
    rules:
      dim: "(dim|turn)"
    lists:
      level: {from: 0, to: 10, step: 5}
      mood: [calm, {say: [bright, full], value: lively}, {say: night, value: 3}]
      room: {from_skill: true}
      words: {anything: true}
    responses:
      done: "Done, {level}."
    examples: ["Dim the lamp"]
    skip_words: [please]
"""


def test_file_becomes_sentences() -> None:
    lamp = read(LAMP)
    assert lamp.blocks == (
        SentenceBlock("dim", ("lights out",), {"level": 0, "how": {"slow": True, "steps": [1, 2]}}),
        SentenceBlock("dim", ("<dim> the lamp to {level}", "{mood} light")),
    )
    assert lamp.lists["mood"].values == (
        ListValue(("calm",), "calm"),
        ListValue(("bright", "full"), "lively"),
        ListValue(("night",), 3),
    )
    assert lamp.lists["level"].values == (
        ListValue(("0", "zero"), 0),
        ListValue(("5", "five"), 5),
        ListValue(("10", "ten"), 10),
    )
    assert (lamp.lists["room"].from_skill, lamp.lists["words"].anything) == (True, True)
    assert lamp.responses == {"done": "Done, {level}."}
    assert (lamp.examples, lamp.skip_words, lamp.tools) == (("Dim the lamp",), ("please",), {"dim"})


def test_empty_file_is_a_skill_without_sentences() -> None:
    assert read("") == Sentences("en", "lamp/sentences/en.yaml")


def test_numbers_in_a_language_without_rules_are_digits() -> None:
    assert read("lists: {n: {from: 1, to: 1}}", "xx").lists["n"].values == (ListValue(("1",), 1),)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("tools:\n  a: [x\n", 3, "expected"),
        ("\ttools: 1", 1, "cannot start any token"),
        ("- a", 1, "must be a mapping"),
        ("tool: {}", 1, "no key `tool`; there are: tools"),
        ("tools:\n  a: play", 2, "must be a list"),
        ("tools:\n  a:\n    - on\nexamples: [a]", 3, "put it in quotes"),
        ("tools:\n  a:\n    - ''\nexamples: [a]", 3, "put it in quotes"),
        ("tools:\n  a:\n    - play {x", 3, "cannot be read"),
        ("tools:\n  a:\n    - 'play a]'", 3, "cannot be read"),
        ("tools:\n  a:\n    - ok\n    - play {x}", 4, "{x}, which is not in `lists`"),
        ("tools:\n  a:\n    - play (a|[<x>])", 3, "<x>, which is not in `rules`"),
        ("rules:\n  a: go {x}", 2, "{x}, which is not in `lists`"),
        ("tools:\n  a:\n    - sentence: [x]", 3, "no key `sentence`"),
        ("tools:\n  a:\n    - arguments: {}", 3, "needs `sentences`"),
        ("tools:\n  a: [go]", 1, "`examples` needs"),
        ("lists:\n  x: {to: 3}", 2, "A list is values"),
        ("lists:\n  x: {from_skill: false}", 2, "A list is values"),
        ("lists:\n  x:\n    from_skill: 1", 3, "true or false"),
        ("lists:\n  x:\n    from: 1", 2, "needs `to`"),
        ("lists:\n  x: {from: one, to: 3}", 2, "whole number"),
        ("lists:\n  x: {from: true, to: 3}", 2, "whole number"),
        ("lists:\n  x: {from: 5, to: 3}", None, "goes up"),
        ("lists:\n  x: {from: 0, to: 99999999}", None, "at most"),
        ("lists:\n  x: {from: 0, to: 9, step: 0}", None, "by at least 1"),
        ("lists:\n  x:\n    - {say: a}", 3, "both `say` and `value`"),
        ("lists:\n  x:\n    - a\n    - 7", 4, "put it in quotes"),
        ("lists:\n  x: 7", 2, "must be a mapping"),
        ("responses:\n  a: 'Hello {name'", 2, "a brace without its partner"),
        ("responses:\n  a: fine\n  a: again", 3, "`a` is given twice"),
        ("examples: a", 1, "must be a list"),
        ("a: &x [*x]", 1, "nested too deeply"),
        ("responses:\n  a: 2026-99-99", None, "month"),
        ("a: !!python/object:os.system {}", 1, "no key `a`"),
        ("a: !unknown b", 1, "could not determine a constructor"),
    ],
)
def test_mistake_is_named_with_its_file_and_line(text: str, line: int | None, problem: str) -> None:
    with pytest.raises(SkillError) as caught:
        parse_sentences(text, "lamp/sentences/en.yaml", "en")
    assert str(caught.value).startswith("lamp/sentences/en.yaml")
    assert problem in str(caught.value)
    if line is not None:
        assert f"line {line}:" in str(caught.value)


def test_unprintable_bytes_are_named_with_the_file() -> None:
    with pytest.raises(SkillError, match=r"lamp\.yaml: .*special characters"):
        parse_sentences("a: \x00", "lamp.yaml", "en")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("¡Pon MÚSICA!", "pon musica"),
        ("What's  up?", "whats up"),
        ("l\u2019été", "lete"),
        ("est-il", "est il"),
        ("50%", "50"),
        ("Straße", "strasse"),
        ("...", ""),
        ("한국", "한국"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_a_template_keeps_its_syntax() -> None:
    assert fold_template("¿[Qué] (música|l'été) <a_b> {x:y}?") == "[que] (musica|lete) <a_b> {x:y}"


@given(st.text())
@example("\u2120")  # one sign that comes apart into capitals
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
