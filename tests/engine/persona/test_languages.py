import pytest

from custom_components.huxley.engine.persona import load_persona

from .persona_text import MINIMAL, replaced, with_lines

LINES = """\
ui_strings: {ready: Ready, sent: Sent}
i18n:
  es:
    transcription_language: es-ES
    system_prompt: Eres Ada.
    ui_strings: {ready: Lista}
  en-GB:
    system_prompt: You are Ada, dear.
  fr:
skills:
  music:
    folder: tunes
    volume: {low: 1, high: 2}
    replies: {playing: "Playing {title}.", stopped: Stopped.}
    i18n:
      es:
        folder: canciones
        volume: {low: 3}
        replies: {playing: "Suena {title}."}
      en-GB:
        replies: {stopped: "Stopped, dear."}
  system:
"""
ADA = load_persona(MINIMAL + LINES, "ada")


def test_languages_begin_with_the_personas_own() -> None:
    assert ADA.languages == ("en", "es", "en-GB", "fr")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (None, "en"), ("", "en"), ("en", "en"), ("es", "es"), ("ES", "es"), ("es-MX", "es"), ("es_MX", "es"),
        ("en-GB", "en-GB"), ("en_gb", "en-GB"), ("en-US", "en"), ("en-GB-oxendict", "en-GB"), ("de", "en"),
        ("esperanto", "en"), ("?", "en"),
    ],
)  # fmt: skip
def test_a_wish_is_met_by_its_code_then_its_parent_then_the_personas_own(wanted: str | None, got: str) -> None:
    assert ADA.in_language(wanted).language == got


def test_a_translation_lies_over_the_personas_own_words() -> None:
    spanish = ADA.in_language("es")
    assert (spanish.transcription_language, spanish.system_prompt) == ("es-ES", "Eres Ada.")
    assert spanish.ui_strings == {"ready": "Lista", "sent": "Sent"}
    assert spanish.persona is ADA


def test_the_personas_own_language_is_as_written() -> None:
    english = ADA.in_language(None)
    assert (english.transcription_language, english.system_prompt) == ("en", "You are Ada.")
    assert english.ui_strings == {"ready": "Ready", "sent": "Sent"}


def test_an_empty_translation_leaves_the_words_and_listens_in_its_language() -> None:
    french = ADA.in_language("fr")
    assert (french.transcription_language, french.system_prompt) == ("fr", "You are Ada.")


def test_another_form_of_the_personas_language_is_transcribed_like_it() -> None:
    assert ADA.in_language("en-GB").transcription_language == "en"


def test_a_translation_of_the_personas_own_language_is_laid_over_it() -> None:
    persona = load_persona(with_lines("i18n: {EN: {system_prompt: Other.}}"), "ada")
    assert persona.languages == ("en",)
    assert persona.in_language("en").system_prompt == "Other."


def test_a_parent_language_is_not_laid_over_a_default_of_its_form() -> None:
    persona = load_persona(replaced("language_code", "es-MX") + "i18n: {es: {system_prompt: Otro.}}\n", "ada")
    assert (persona.in_language("es-MX").system_prompt, persona.in_language("es").system_prompt) == (
        "You are Ada.",
        "Otro.",
    )


def test_a_skills_translation_lies_over_its_config_key_by_key() -> None:
    assert ADA.in_language("es").skills["music"] == {
        "folder": "canciones",
        "volume": {"low": 3},
        "replies": {"playing": "Suena {title}."},
    }


def test_a_skill_never_sees_the_translations_of_its_config() -> None:
    assert all("i18n" not in ADA.in_language(code).skills["music"] for code in ADA.languages)
    assert "i18n" in ADA.skills["music"]


def test_replies_of_another_language_are_not_spoken_in_this_one() -> None:
    assert ADA.in_language("fr").skills["music"] == {"folder": "tunes", "volume": {"low": 1, "high": 2}}


def test_replies_of_another_form_of_the_language_fill_the_gaps() -> None:
    replies = ADA.in_language("en-GB").skills["music"]["replies"]
    assert replies == {"playing": "Playing {title}.", "stopped": "Stopped, dear."}


def test_a_skill_without_config_sees_an_empty_one() -> None:
    assert ADA.in_language("es").skills["system"] == {}


def test_what_one_view_does_to_a_config_reaches_no_other() -> None:
    for code in ("en", "es"):
        volume = ADA.in_language(code).skills["music"]["volume"]
        assert isinstance(volume, dict)
        volume["low"] = 99
    assert [ADA.in_language(code).skills["music"]["volume"] for code in ("en", "es")] == [
        {"low": 1, "high": 2},
        {"low": 3},
    ]
