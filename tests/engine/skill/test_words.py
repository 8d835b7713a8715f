"""Where a skill's words come from, and that something is always said."""

import logging

import pytest

from custom_components.huxley.engine.skill.language import closest_language, speaking
from custom_components.huxley.engine.skill.logger import SkillLogger, render
from custom_components.huxley.engine.skill.words import Words, replies_by_language
from custom_components.huxley.sdk.testing import make_context

RESPONSES = {
    "en": {"playing": "Playing {title}.", "stopped": "Stopped.", "only_english": "Only here."},
    "es": {"playing": "Pongo {title}.", "broken": "Hola {", "stopped": "Paro {what}."},
}


def test_persona_speaks_before_the_skill() -> None:
    ctx = make_context("music", responses=RESPONSES, replies={"en": {"playing": "Here comes {title}!"}})
    assert ctx.text("playing", title="Waltz") == "Here comes Waltz!"
    assert ctx.text("stopped") == "Stopped."


def test_answer_is_in_the_language_that_was_spoken() -> None:
    ctx = make_context("music", responses=RESPONSES, language="en")
    with speaking("es-MX"):
        assert ctx.text("playing", title="Vals") == "Pongo Vals."
        assert ctx.language == "es-MX"
    assert ctx.text("playing", title="Waltz") == "Playing Waltz."
    assert ctx.language == "en"


def test_english_is_the_last_resort() -> None:
    ctx = make_context("music", responses=RESPONSES, language="es")
    assert ctx.text("only_english") == "Only here."


def test_language_without_words_falls_back_to_the_personas_own() -> None:
    ctx = make_context("music", responses=RESPONSES, language="es")
    with speaking("de"):
        assert ctx.text("playing", title="Vals") == "Pongo Vals."


def test_missing_slot_gives_way_to_the_next_source_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    ctx = make_context("music", responses=RESPONSES, language="es")
    assert [ctx.text("stopped") for _ in range(3)] == ["Stopped."] * 3
    assert caplog.messages == ['music.words key=stopped language=es problem="no value for {what}"']


def test_with_no_words_anywhere_the_key_is_said(caplog: pytest.LogCaptureFixture) -> None:
    ctx = make_context("music", responses=RESPONSES, language="es")
    assert ctx.text("broken") == "broken"
    assert ctx.text("no_such_key") == "no such key"
    assert "a brace without its partner" in caplog.text


@pytest.mark.parametrize("title", ["{title}", "{0.__class__}", "100 %", "\\1", ""])
def test_slots_are_put_in_as_they_stand(title: str) -> None:
    ctx = make_context("music", responses=RESPONSES)
    assert ctx.text("playing", title=title) == f"Playing {title}."


def test_personas_replies_are_found_for_each_language() -> None:
    config = {"replies": {"a": "base"}, "i18n": {"es": {"replies": {"a": "hola"}}, "fr": {"folder": "x"}}}
    assert replies_by_language(config, "en") == {"en": {"a": "base"}, "es": {"a": "hola"}, "fr": {}}
    assert replies_by_language({"i18n": {"es": {"replies": {"a": "hola"}}}}, "es") == {"es": {"a": "hola"}}
    assert replies_by_language({}, "en") == {"en": {}}


def test_replies_of_one_language_do_not_leak_into_another() -> None:
    config = {"replies": {"playing": "¡Suena {title}!"}}
    words = Words(replies_by_language(config, "es"), RESPONSES, "es", make_context("music").logger)
    assert words.say("playing", "en", {"title": "Waltz"}) == "Playing Waltz."


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        ("es", ["en", "es"], "es"),
        ("es-MX", ["en", "es"], "es"),
        ("ES_mx", ["es-MX", "es"], "es-MX"),
        ("pt", ["pt-BR"], "pt-BR"),
        ("pt-PT", ["pt-BR"], "pt-BR"),
        ("de", ["en"], None),
        (None, ["en"], None),
    ],
)
def test_closest_language(wanted: str | None, available: list[str], found: str | None) -> None:
    assert closest_language(wanted, available) == found


def test_log_values_are_quoted_where_they_must_be() -> None:
    assert render("music.started", {"title": "Huxley Waltz", "n": 3, "empty": ""}) == (
        'music.started title="Huxley Waltz" n=3 empty=""'
    )


async def test_every_log_form_carries_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logger = SkillLogger("music", logging.getLogger("huxley.test"), lambda: "t-7f3a")
    for name in ("debug", "info", "warning", "error", "exception"):
        getattr(logger, name)("event", n=1)
        await getattr(logger, f"a{name}")("event", n=1)
    assert caplog.messages == ["music.event turn=t-7f3a n=1"] * 10
    levels = [record.levelname for record in caplog.records]
    assert levels == ["DEBUG", "DEBUG", "INFO", "INFO", "WARNING", "WARNING", *["ERROR"] * 4]


def test_exception_form_carries_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    logger = make_context("music").logger
    try:
        int("tune")
    except ValueError:
        logger.exception("failed")
    assert "ValueError: invalid literal" in caplog.text


def test_level_that_nobody_reads_costs_no_rendering(caplog: pytest.LogCaptureFixture) -> None:
    class Costly:
        def __str__(self) -> str:
            raise AssertionError("rendered for nobody")

    caplog.set_level(logging.WARNING)
    make_context("music").logger.debug("event", value=Costly())
