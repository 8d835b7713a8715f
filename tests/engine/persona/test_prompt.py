import pytest

from custom_components.huxley.engine.errors import HuxleyError
from custom_components.huxley.engine.persona import Constraint, build_prompt, load_persona

from .persona_text import MINIMAL, with_lines

SENTENCES = {constraint: f"Rule {constraint}." for constraint in Constraint}


def test_the_prompt_ends_with_a_sentence_for_each_constraint() -> None:
    persona = load_persona(with_lines("constraints: [echo_short_input, never_say_no]"), "ada")
    assert build_prompt(persona.in_language(None), SENTENCES) == (
        "You are Ada.\n\n- Rule never_say_no.\n- Rule echo_short_input."
    )


def test_without_constraints_the_prompt_is_the_personas_own() -> None:
    assert build_prompt(load_persona(MINIMAL, "ada").in_language(None), {}) == "You are Ada."


def test_the_prompt_is_in_the_language_of_the_view() -> None:
    persona = load_persona(with_lines("i18n: {es: {system_prompt: Eres Ada.}}", "constraints: [child_safe]"), "ada")
    prompt = build_prompt(persona.in_language("es"), {Constraint.CHILD_SAFE: "Nada para adultos."})
    assert prompt == "Eres Ada.\n\n- Nada para adultos."


def test_a_constraint_without_a_sentence_is_refused_by_name() -> None:
    persona = load_persona(with_lines("constraints: [child_safe, never_say_no]"), "ada")
    with pytest.raises(HuxleyError, match=r"'en'.*child_safe"):
        build_prompt(persona.in_language(None), {Constraint.NEVER_SAY_NO: "x"})
