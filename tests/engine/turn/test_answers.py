"""What counts as the answer to a question."""

import pytest

from custom_components.huxley.engine.turn import AnswerSheet, BrokenAnswerError

SPANISH = AnswerSheet({"yes": ["(sí|claro|vale) [por favor]"], "no": ["no [gracias]"]}, "es")


@pytest.mark.parametrize("words", ["sí", "Si.", "¡SÍ, por favor!", "si por favor", "  Vale  "])
def test_case_accents_and_punctuation_do_not_count(words: str) -> None:
    match = SPANISH.match(words)
    assert match is not None
    assert match.id == "yes"


@pytest.mark.parametrize("words", ["sí quiero música", "nosotros", "", "  ", "¿?"])
def test_other_words_are_no_answer(words: str) -> None:
    assert SPANISH.match(words) is None


def test_a_slot_takes_any_words_as_they_were_said() -> None:
    sheet = AnswerSheet({"music": ["play {what} [please]"]}, "en")
    match = sheet.match("Play Édith Piaf, please!")
    assert match is not None
    assert match.slots == {"what": "Édith Piaf"}


def test_words_that_fit_literally_win_over_a_slot() -> None:
    sheet = AnswerSheet({"any": ["{words}"], "stop": ["stop it"]}, "en")
    match = sheet.match("Stop it.")
    assert match is not None
    assert match.id == "stop"


def test_a_question_without_answers_takes_all_words() -> None:
    sheet = AnswerSheet({}, "en")
    match = sheet.match("Something with jazz")
    assert match is not None
    assert match.id is None
    assert sheet.match(" … ") is None


@pytest.mark.parametrize("sentence", ["(yes|no", "{name", "<rule>", "", " ! "])
def test_a_sentence_that_cannot_be_read_is_named(sentence: str) -> None:
    with pytest.raises(BrokenAnswerError, match="colour"):
        AnswerSheet({"colour": [sentence]}, "en")
