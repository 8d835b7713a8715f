from datetime import time

import pytest

from custom_components.huxley.engine.persona import Constraint, Persona, QuietHours, Translation, load_persona

from .persona_text import MINIMAL, replaced, with_lines

FULL = """\
version: 1
name: AbuelOS
voice: coral
language_code: es
transcription_language: es
timezone: America/Bogota
system_prompt: |
  Eres una compañía.
  Habla despacio.
constraints:
  - never_say_no
  - confirm_if_unclear
ui_strings:
  listening: Escuchando…
  too_short: Muy corto
  sent: Enviado
  responding: Respondiendo…
  ready: Listo
i18n:
  en:
    transcription_language: en
    system_prompt: You are company.
    ui_strings:
      ready: Ready
skills:
  audiobooks:
    library: audiobooks/
    sounds_enabled: true
    silence_ms: 500
    on_complete_prompt: El libro terminó.
    i18n:
      en:
        on_complete_prompt: The book is over.
  system:
"""


def test_a_file_with_the_published_keys_loads_whole() -> None:
    assert load_persona(FULL, "abuelos") == Persona(
        id="abuelos",
        version=1,
        name="AbuelOS",
        voice="coral",
        language_code="es",
        transcription_language="es",
        timezone="America/Bogota",
        system_prompt="Eres una compañía.\nHabla despacio.\n",
        constraints=frozenset({Constraint.NEVER_SAY_NO, Constraint.CONFIRM_IF_UNCLEAR}),
        ui_strings={
            "listening": "Escuchando…",
            "too_short": "Muy corto",
            "sent": "Enviado",
            "responding": "Respondiendo…",
            "ready": "Listo",
        },
        i18n={"en": Translation("en", "You are company.", {"ready": "Ready"})},
        skills={
            "audiobooks": {
                "library": "audiobooks/",
                "sounds_enabled": True,
                "silence_ms": 500,
                "on_complete_prompt": "El libro terminó.",
                "i18n": {"en": {"on_complete_prompt": "The book is over."}},
            },
            "system": {},
        },
    )


def test_the_required_fields_are_enough() -> None:
    persona = load_persona(MINIMAL, "ada")
    assert (persona.id, persona.name, persona.constraints, persona.skills) == ("ada", "Ada", frozenset(), {})
    assert (persona.description, persona.quiet_hours, persona.model, persona.tools) == (None, None, {}, ())


@pytest.mark.parametrize("key", ["constraints", "ui_strings", "i18n", "skills", "description", "model", "quiet_hours"])
def test_an_optional_field_left_empty_is_as_if_absent(key: str) -> None:
    assert load_persona(with_lines(f"{key}:"), "ada") == load_persona(MINIMAL, "ada")


def test_an_empty_list_of_tools_is_no_problem() -> None:
    assert load_persona(with_lines("tools: []"), "ada").tools == ()


def test_a_description_and_model_options_are_kept() -> None:
    persona = load_persona(with_lines("description: Counts.", "model: {temperature: 0.5, stop: [a]}"), "ada")
    assert (persona.description, persona.model) == ("Counts.", {"temperature": 0.5, "stop": ["a"]})


@pytest.mark.parametrize("hours", ["{from: 22:00, to: 07:00}", "{from: '22:00', to: '7:00:00'}"])
def test_quiet_hours_are_times_with_and_without_quotes(hours: str) -> None:
    assert load_persona(with_lines(f"quiet_hours: {hours}"), "ada").quiet_hours == QuietHours(time(22), time(7))


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [(time(22), True), (time(23, 59), True), (time(0), True), (time(6, 59), True), (time(7), False), (time(12), False)],
)
def test_quiet_hours_run_over_midnight(moment: time, *, quiet: bool) -> None:
    assert QuietHours(time(22), time(7)).cover(moment) is quiet


@pytest.mark.parametrize(("moment", "quiet"), [(time(12, 59), False), (time(13), True), (time(15), False)])
def test_quiet_hours_within_a_day(moment: time, *, quiet: bool) -> None:
    assert QuietHours(time(13), time(15)).cover(moment) is quiet


def test_norwegian_needs_no_quotes() -> None:
    persona = load_persona(replaced("language_code", "no") + "i18n: {sv: {transcription_language: no}}\n", "ada")
    assert (persona.language_code, persona.i18n["sv"].transcription_language) == ("no", "no")


def test_values_of_a_skill_keep_their_yaml_type() -> None:
    lines = ("skills:", "  x: {a: 1, b: 1.5, c: yes, d: ~, e: [1, {f: g}], h: '1', i: 0x1F, j: !!str 5}")
    assert load_persona(with_lines(*lines), "ada").skills["x"] == {
        "a": 1, "b": 1.5, "c": True, "d": None, "e": [1, {"f": "g"}], "h": "1", "i": 31, "j": "5",
    }  # fmt: skip


def test_times_dates_and_keys_of_a_skill_stay_text() -> None:
    lines = ("skills:", "  x: {at: 22:30, exactly: 1:02:03.5, born: 1940-02-29, 1: one, no: nei}")
    assert load_persona(with_lines(*lines), "ada").skills["x"] == {
        "at": "22:30", "exactly": "1:02:03.5", "born": "1940-02-29", "1": "one", "no": "nei",
    }  # fmt: skip


def test_a_skill_that_nobody_knows_is_left_to_whoever_loads_skills() -> None:
    assert set(load_persona(with_lines("skills: {no_such_skill: {}}"), "ada").skills) == {"no_such_skill"}


def test_an_alias_repeats_what_it_names() -> None:
    persona = load_persona(with_lines("skills:", "  a: &a {folder: x}", "  b: *a"), "ada")
    assert persona.skills["b"] == {"folder": "x"}
    assert persona.skills["a"] is not persona.skills["b"]
