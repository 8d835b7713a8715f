"""The offline model: from a person's words to a tool, and back to words."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from custom_components.huxley.engine.model.offline import OfflineModel, OfflineSession
from custom_components.huxley.engine.model.protocol import (
    ModelEvent,
    ModelRequest,
    Narration,
    ResponseDone,
    ResponseStarted,
    ResponseStatus,
    TextDelta,
    ToolCall,
    ToolOutput,
    ToolOutputs,
    UserText,
)


async def events(stream: AsyncIterator[ModelEvent]) -> list[ModelEvent]:
    return [event async for event in stream]


async def called(model: OfflineModel, text: str, language: str | None = None) -> tuple[Any, ...] | None:
    """Return tool, arguments and language of what the model calls, None when it calls nothing."""
    for event in await events(OfflineSession(model).respond(UserText(text, language))):
        if isinstance(event, ToolCall):
            return event.name, dict(event.arguments), event.language
    return None


async def said(session: OfflineSession, request: ModelRequest) -> str:
    return "".join(event.text for event in await events(session.respond(request)) if isinstance(event, TextDelta))


async def test_sentence_is_one_response_with_one_call(make) -> None:
    started, call, done = await events(OfflineSession(make()).respond(UserText("dim the lamp to 30")))
    assert isinstance(started, ResponseStarted)
    assert isinstance(call, ToolCall)
    assert (call.name, call.arguments, call.language) == ("dim", {"level": 30}, "en")
    assert done == ResponseDone(started.response_id, ResponseStatus.COMPLETED)
    assert call.response_id == started.response_id


@pytest.mark.parametrize(
    ("text", "level", "language"),
    [
        ("Dim the lamp to thirty-one percent.", 31, "en"),
        ("DIM LAMP 31%", 31, "en"),
        ("Could you dim the light to one hundred, please?", 100, "en"),
        ("Lights out!", 0, "en"),
        ("turn off the lamp", 0, "en"),
        ("Pon la lampara al veintidos", 22, "es"),
        ("¡Por favor, baja la lámpara al 22 por ciento!", 22, "es"),
        ("  pon   la LÁMPARA al veintidós  ", 22, "es"),
    ],
)
async def test_case_accents_punctuation_politeness_and_number_words_do_not_matter(
    make, text: str, level: int, language: str
) -> None:
    assert await called(make(), text) == ("dim", {"level": level}, language)


@pytest.mark.parametrize("text", ["", "  ", "?!", "dim the lamp to 101", "lamp", "dim the lamp to ten quickly"])
async def test_what_no_sentence_says_calls_nothing(make, text: str) -> None:
    assert await called(make(), text) is None


async def test_hinted_language_is_tried_first_then_the_personas_order(make) -> None:
    assert await called(make(), "lights out", "es") == ("dim", {"level": 0}, "en")
    assert await called(make(("en", "es")), "pon la lampara al 3", "en-GB") == ("dim", {"level": 3}, "es")
    assert await called(make(("es",)), "lights out", "en") is None


async def test_list_of_the_skill_is_asked_at_each_sentence(make, radio) -> None:
    model = make()
    assert await called(model, "play radio ano nuevo") == ("tune", {"station": "Radio Año Nuevo"}, "en")
    radio.stations = ["Kitchen Radio"]
    assert await called(model, "play kitchen radio") == ("tune", {"station": "Kitchen Radio"}, "en")


async def test_list_value_reaches_the_tool_as_the_file_says(make) -> None:
    assert await called(make(), "play radio the news on am") == ("tune", {"station": "news-24", "band": "am"}, "en")


async def test_any_words_are_taken_last_and_as_they_were_written(make) -> None:
    model = make()
    assert await called(model, "Play some Für Élise, please.") == ("tune", {"station": "Für Élise"}, "en")
    assert await called(model, "play jazz fm") == ("tune", {"station": "Jazz FM"}, "en")
    assert await called(model, "play Blue, please, Moon") == ("tune", {"station": "blue moon"}, "en")
    assert await called(model, "play") is None


async def test_skill_whose_list_fails_is_logged_once_and_keeps_its_last_one(
    make, radio, caplog: pytest.LogCaptureFixture
) -> None:
    model = make()
    await called(model, "lights out")
    radio.broken = True
    assert await called(model, "play jazz fm") == ("tune", {"station": "Jazz FM"}, "en")
    await called(model, "play jazz fm")
    assert [record.getMessage() for record in caplog.records] == ["model.lists_failed skill=radio"]


async def test_hidden_tool_is_not_understood(make) -> None:
    assert await called(make(), "red light") == ("red", {}, "en")
    assert await called(make(child_safe=True), "red light") is None


async def test_tool_outputs_become_the_words(make) -> None:
    session = OfflineSession(make())
    outputs = ToolOutputs((ToolOutput("1", "dim", "At ten."), ToolOutput("2", "tune", "It plays.", is_error=True)))
    assert await said(session, outputs) == "At ten. It plays."


@pytest.mark.parametrize("output", ['{"error": "timeout"}', "", "  "])
async def test_error_that_only_a_model_could_word_becomes_a_plain_sentence(make, output: str) -> None:
    session = OfflineSession(make())
    assert await said(session, ToolOutputs((ToolOutput("1", "dim", output, is_error=True),))) == "That did not work."


async def test_json_of_a_tool_that_worked_is_said_as_it_is(make) -> None:
    assert await said(OfflineSession(make()), ToolOutputs((ToolOutput("1", "x", "3"),))) == "3"


async def test_narration_is_spoken_as_it_stands(make) -> None:
    session = OfflineSession(make())
    assert await said(session, Narration("The washing is done.")) == "The washing is done."
    assert not session.capabilities.narrates


async def test_not_understood_is_said_in_the_language_of_the_hint_or_the_persona(make) -> None:
    session = OfflineSession(make())
    assert session.language == "es"
    assert await said(session, UserText("hum")) == "No entiendo. Diga: Pon la lámpara al diez."
    assert (
        await said(session, UserText("hum", "en-US")) == "Sorry. Say: Dim the lamp to ten, Play the news, Lights out."
    )
    assert session.language == "en"
    assert await said(session, UserText("hum", "de")) == "No entiendo. Diga: Pon la lámpara al diez."


async def test_answers_stay_in_the_language_that_was_understood(make) -> None:
    session = OfflineSession(make())
    await said(session, UserText("lights out"))
    assert session.language == "en"
    await said(session, UserText("pon la lámpara al diez"))
    assert session.language == "es"


async def test_phrase_falls_back_to_english(make) -> None:
    session = OfflineSession(make(phrases={"en": {"not_understood": "Say: {examples}."}}))
    assert await said(session, UserText("hum")) == "Say: Pon la lámpara al diez."


@pytest.mark.parametrize("phrases", [{}, {"en": {"not_understood": "Say {other}", "tool_failed": "{"}}])
async def test_without_a_phrase_the_response_fails_out_loud(make, phrases: dict) -> None:
    session = OfflineSession(make(phrases=phrases))
    for request in (UserText("hum"), ToolOutputs((ToolOutput("1", "x", "{}", is_error=True),))):
        *_, done = await events(session.respond(request))
        assert isinstance(done, ResponseDone)
        assert done.status is ResponseStatus.FAILED
        assert "no phrase" in (done.error or "")


async def test_broken_phrase_gives_way_to_the_english_one(make) -> None:
    phrases = {"es": {"not_understood": "Diga {otro}"}, "en": {"not_understood": "Say: {examples}."}}
    assert await said(OfflineSession(make(phrases=phrases)), UserText("hum")) == "Say: Pon la lámpara al diez."


async def test_cancelled_response_says_no_more(make) -> None:
    session = OfflineSession(make())
    stream = session.respond(Narration("The washing is done."))
    started = await anext(stream)
    assert isinstance(started, ResponseStarted)
    await session.cancel(started.response_id)
    assert await events(stream) == [ResponseDone(started.response_id, ResponseStatus.CANCELLED)]


async def test_cancelling_what_is_over_or_unknown_touches_nothing(make) -> None:
    session = OfflineSession(make())
    first = (await events(session.respond(Narration("One."))))[0]
    await session.cancel(first.response_id)
    await session.cancel("never")
    assert await said(session, Narration("Two.")) == "Two."


async def test_response_may_be_closed_at_any_point_and_ids_differ(make) -> None:
    session = OfflineSession(make(), name="kitchen")
    stream = session.respond(Narration("One."))
    first = await anext(stream)
    await stream.aclose()
    second = (await events(session.respond(Narration("Two."))))[0]
    assert first.response_id != second.response_id
    await session.close()
