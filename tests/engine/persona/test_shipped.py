import string

import pytest

from custom_components.huxley.engine.persona import Constraint, Persona, load_persona

from .persona_text import SHIPPED

SLOTS = {
    "music": {
        "playing": {"title"},
        "stopped": set[str](),
        "nothing_playing": set[str](),
        "no_tracks": set[str](),
        "not_found": {"title"},
        "folder_missing": {"folder"},
    },
    "system": {"time": {"time"}, "volume_set": {"level"}, "volume_unknown": set[str]()},
}
OPTIONAL = {"titles"}  # the skill offers it, a terse persona leaves it out
UI_STRINGS = {"listening", "too_short", "sent", "responding", "ready"}


@pytest.fixture(params=["abuelos", "basic"])
def persona(request: pytest.FixtureRequest) -> Persona:
    name = str(request.param)
    return load_persona((SHIPPED / f"{name}.yaml").read_text("utf-8"), name)


def test_it_speaks_three_languages_fully(persona: Persona) -> None:
    assert set(persona.languages) == {"en", "es", "fr"}
    views = [persona.in_language(code) for code in persona.languages]
    assert len({view.system_prompt for view in views}) == 3
    assert [view.transcription_language for view in views] == list(persona.languages)
    for key in UI_STRINGS:
        assert len({view.ui_strings[key] for view in views}) == 3, key


def test_it_has_its_own_words_for_each_reply_in_each_language(persona: Persona) -> None:
    for code in persona.languages:
        skills = persona.in_language(code).skills
        assert set(skills) == set(SLOTS)
        for name, slots in SLOTS.items():
            replies = skills[name]["replies"]
            assert isinstance(replies, dict)
            assert {key: _slots(str(reply)) - OPTIONAL for key, reply in replies.items()} == slots


def test_the_one_that_never_says_no_offers_what_there_is_instead() -> None:
    persona = load_persona((SHIPPED / "abuelos.yaml").read_text("utf-8"), "abuelos")
    assert Constraint.NEVER_SAY_NO in persona.constraints
    for code in persona.languages:
        replies = persona.in_language(code).skills["music"]["replies"]
        assert isinstance(replies, dict)
        assert "titles" in _slots(str(replies["not_found"]))


def test_the_two_differ_in_all_that_is_longer_than_a_slot() -> None:
    both = [load_persona((SHIPPED / f"{name}.yaml").read_text("utf-8"), name) for name in ("abuelos", "basic")]
    for code in ("en", "es", "fr"):
        warm, terse = (persona.in_language(code).skills["music"]["replies"] for persona in both)
        assert isinstance(warm, dict)
        assert isinstance(terse, dict)
        assert all(len(str(warm[key])) > len(str(terse[key])) for key in warm)


def test_spanish_questions_are_opened_as_they_are_closed(persona: Persona) -> None:
    skills = persona.in_language("es").skills
    for reply in str(skills).split("'"):
        assert reply.count("¿") == reply.count("?")


def test_their_promises() -> None:
    promises = {
        name: load_persona((SHIPPED / f"{name}.yaml").read_text("utf-8"), name).constraints
        for name in ("abuelos", "basic")
    }
    assert promises == {
        "abuelos": {Constraint.NEVER_SAY_NO, Constraint.ECHO_SHORT_INPUT, Constraint.CONFIRM_IF_UNCLEAR},
        "basic": {Constraint.CONFIRM_DESTRUCTIVE},
    }


def _slots(reply: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(reply) if name is not None}
