"""A conversation with a chat model: requests, events, tool rounds, interruptions, failures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from custom_components.huxley.engine.errors import HuxleyError, ModelUnavailableError
from custom_components.huxley.engine.model.chat import PRESETS, ChatError, Failure, Usage
from custom_components.huxley.engine.model.chat.history import History
from custom_components.huxley.engine.model.chat.sequencer import SequencerState
from custom_components.huxley.engine.model.protocol import (
    ModelEvent,
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
from tests.engine.model.chat.wire import ScriptedTransport, call, end, say

RATE = ChatError(Failure.RATE, "slow down")


async def events(stream: AsyncIterator[ModelEvent]) -> list[ModelEvent]:
    return [event async for event in stream]


def outputs(*answers: tuple[str, str]) -> ToolOutputs:
    return ToolOutputs(tuple(ToolOutput(call_id, "dim", text) for call_id, text in answers))


async def until_text(stream: AsyncIterator[ModelEvent], count: int = 1) -> str:
    """Read a response up to its n-th piece of text; return its id."""
    seen = 0
    async for event in stream:
        seen += isinstance(event, TextDelta)
        if seen == count:
            return event.response_id
    raise AssertionError("the response ended early")


async def test_words_become_one_response(make) -> None:
    wire = ScriptedTransport([say("Good "), say("day."), end(), "[DONE]"])
    started, first, second, done = await events(make(wire).respond(UserText("Hello")))
    assert isinstance(started, ResponseStarted)
    rid = started.response_id
    assert (first, second, done) == (TextDelta(rid, "Good "), TextDelta(rid, "day."), ResponseDone(rid))
    assert wire.messages() == [("user", "Hello")]


async def test_words_are_handed_on_before_the_answer_is_complete(make) -> None:
    held = asyncio.Event()
    session = make(ScriptedTransport([say("Good "), held, say("day."), end()]))
    async with aclosing(session.respond(UserText("Hello"))) as stream:
        await until_text(stream)
        assert session.state is SequencerState.ACTIVE
        held.set()
        assert [event.text for event in await events(stream) if isinstance(event, TextDelta)] == ["day."]
    assert session.state is SequencerState.IDLE


async def test_request_says_who_answers_how_and_with_which_tools(make, lamp) -> None:
    lamp.context = "The lamp is at 3."
    wire = ScriptedTransport([say("x"), end()])
    settings = {"preset": PRESETS["openai"], "temperature": 0.5, "max_tokens": 90, "extra": {"reasoning_effort": "low"}}
    await events(make(wire, **settings).respond(UserText("Hello")))
    body: dict[str, Any] = dict(wire.bodies[0])
    assert body.pop("messages")[0] == {"role": "system", "content": "You are Anna.\n\n- Be kind.\n\nThe lamp is at 3."}
    (declared,) = body.pop("tools")
    assert declared["function"]["name"] == "dim"
    assert declared["function"]["description"] == "Dim the lamp."
    assert declared["function"]["parameters"]["required"] == ["level"]
    assert body == {
        "model": "tiny",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_completion_tokens": 90,
        "reasoning_effort": "low",
    }


async def test_prompt_follows_the_language_of_the_person(make) -> None:
    wire = ScriptedTransport(*[[call("dim", "a", level=1), end()]] * 3)
    session = make(wire)
    languages = []
    for hint in ("es-MX", None, "de"):
        found = await events(session.respond(UserText("x", hint)))
        languages += [event.language for event in found if isinstance(event, ToolCall)]
    assert [body["messages"][0]["content"] for body in wire.bodies] == ["Eres Ana.\n\n- Sé amable."] * 3
    assert languages == ["es"] * 3


async def test_skill_that_cannot_tell_its_state_is_logged_once(make, lamp, caplog) -> None:
    lamp.context = "raise"
    session = make(ScriptedTransport(*[[say("x"), end()]] * 2))
    for _ in range(2):
        assert isinstance((await events(session.respond(UserText("x"))))[-1], ResponseDone)
    assert caplog.text.count("model.prompt_context_failed skill=lamp") == 1


async def test_parallel_calls_get_one_follow_up_with_all_answers(make) -> None:
    wire = ScriptedTransport(
        [say("One moment."), call("dim", "a", level=1), call("dim", "b", level=2), end("tool_calls")],
        [say("Done."), end()],
    )
    session = make(wire)
    found = await events(session.respond(UserText("Dim both")))
    calls = [(event.call_id, event.name, event.arguments) for event in found if isinstance(event, ToolCall)]
    assert calls == [("a", "dim", {"level": 1}), ("b", "dim", {"level": 2})]
    await events(session.respond(outputs(("b", "two"), ("a", "one"))))
    sent = wire.bodies[1]["messages"][1:]
    assert [item["role"] for item in sent] == ["user", "assistant", "tool", "tool"]
    assert sent[1]["content"] == "One moment."
    assert [(item["id"], item["function"]["arguments"]) for item in sent[1]["tool_calls"]] == [
        ("a", '{"level": 1}'),
        ("b", '{"level": 2}'),
    ]
    assert [(item["tool_call_id"], item["content"]) for item in sent[2:]] == [("a", "one"), ("b", "two")]


async def test_call_that_nobody_followed_up_has_an_answer_all_the_same(make) -> None:
    wire = ScriptedTransport([say("Here it is."), call("dim", "a", level=1), end()], [say("x"), end()])
    session = make(wire)
    await events(session.respond(UserText("Play")))
    await events(session.respond(UserText("Thanks")))
    assert wire.messages()[1:] == [("assistant", "Here it is."), ("tool", '{"status": "done"}'), ("user", "Thanks")]


async def test_silence_after_a_tool_is_an_answer(make) -> None:
    wire = ScriptedTransport([call("dim", "a", level=1), end()], [end()])
    session = make(wire)
    await events(session.respond(UserText("Dim")))
    *_, done = await events(session.respond(outputs(("a", "ok"))))
    assert done.status is ResponseStatus.COMPLETED


async def test_silence_instead_of_an_answer_is_a_failure(make) -> None:
    *_, done = await events(make(ScriptedTransport([say(" "), end()])).respond(UserText("Hello")))
    assert done.status is ResponseStatus.FAILED
    assert "nothing" in done.error


@pytest.mark.parametrize(
    ("preset", "expected"),
    [("openai", ("system", "Tell it")), ("ollama", ("user", "<instruction>\nTell it\n</instruction>"))],
)
async def test_narration_is_an_instruction_and_no_words_of_a_person(make, preset: str, expected: tuple) -> None:
    wire = ScriptedTransport([say("Hi"), end()], [say("It is so."), end()])
    session = make(wire, preset=PRESETS[preset])
    assert session.capabilities.narrates
    await events(session.respond(UserText("Hello")))
    await events(session.respond(Narration("Tell it")))
    assert wire.messages()[-1] == expected


async def test_cancel_closes_the_connection_within_one_chunk(make) -> None:
    wire = ScriptedTransport([say("One "), say("two "), 1.0, *[say("more ")] * 50, end()], [say("x"), end()])
    session = make(wire)
    stream = session.respond(UserText("Count"))
    rid = await until_text(stream, 2)
    await session.cancel(rid, timedelta(seconds=0.3))
    assert (wire.open, wire.read[0]) == (0, 3)
    assert await events(stream) == [ResponseDone(rid, ResponseStatus.CANCELLED)]
    await events(session.respond(UserText("Stop")))
    assert wire.messages() == [("user", "Count"), ("assistant", "One…"), ("user", "Stop")]


async def test_reader_that_waits_for_a_word_hears_of_the_cancel(make) -> None:
    wire = ScriptedTransport([60.0, say("late"), end()])
    session = make(wire)
    reading = asyncio.create_task(events(session.respond(UserText("Hello"))))
    await asyncio.sleep(1)
    assert session.state is SequencerState.CREATE_SENT
    await session.cancel("chat-1")
    assert (await reading)[-1].status is ResponseStatus.CANCELLED
    assert asyncio.get_running_loop().time() < 1010


async def test_closing_the_iterator_closes_the_connection(make) -> None:
    wire = ScriptedTransport([say("One "), 60.0, end()])
    session = make(wire)
    async with aclosing(session.respond(UserText("Count"))) as stream:
        await until_text(stream)
    assert (wire.open, session.state) == (0, SequencerState.IDLE)


async def test_complete_answer_is_still_cut_to_what_was_heard(make) -> None:
    wire = ScriptedTransport([say("Once upon a time there was a lamp."), end()], [say("x"), end()])
    session = make(wire)
    found = await events(session.respond(UserText("Tell me a story")))
    await session.cancel(found[0].response_id, timedelta(seconds=1))
    await session.cancel(found[0].response_id, timedelta(0))
    await events(session.respond(UserText("Shorter")))
    assert wire.messages()[1] == ("assistant", "Once upon a…")


async def test_what_nobody_heard_was_never_said(make) -> None:
    wire = ScriptedTransport([say("Once upon a time."), end()], [say("x"), end()])
    session = make(wire)
    found = await events(session.respond(UserText("A story")))
    await session.cancel(found[0].response_id, timedelta(0))
    await events(session.respond(UserText("No, a song")))
    assert wire.messages() == [("user", "A story\n\nNo, a song")]


async def test_heard_counts_over_all_rounds_of_a_turn(make) -> None:
    wire = ScriptedTransport(
        [say("I dim the lamp."), call("dim", "a", level=1), end()],
        [say("It is at one per cent now."), call("dim", "b", level=1), end()],
        [say("x"), end()],
    )
    session = make(wire)
    await events(session.respond(UserText("Dim")))
    found = await events(session.respond(outputs(("a", "ok"))))
    await session.cancel(found[0].response_id, timedelta(seconds=1.5))
    await events(session.respond(UserText("Stop")))
    assert wire.messages()[1:] == [
        ("assistant", "I dim the lamp."),
        ("tool", "ok"),
        ("assistant", "It is…"),
        ("tool", '{"status": "interrupted"}'),
        ("user", "Stop"),
    ]


async def test_cancel_of_an_older_response_leaves_the_newer_one_alone(make) -> None:
    held = asyncio.Event()
    wire = ScriptedTransport([say("One."), end()], [say("Two "), held, say("three."), end()])
    session = make(wire)
    old = (await events(session.respond(UserText("x"))))[0].response_id
    stream = session.respond(UserText("y"))
    await until_text(stream)
    await session.cancel(old, timedelta(0))
    held.set()
    assert (await events(stream))[-1].status is ResponseStatus.COMPLETED


async def test_new_request_never_runs_beside_the_one_before(make) -> None:
    wire = ScriptedTransport([say("One "), 60.0, end()], [say("Two "), 60.0, end()], [say("Three"), end()])
    session = make(wire)
    first, second = session.respond(UserText("a")), session.respond(UserText("b"))
    await until_text(first)
    await until_text(second)
    *_, last = await events(session.respond(UserText("c")))
    assert last.status is ResponseStatus.COMPLETED
    assert (wire.most_open, wire.open) == (1, 0)
    for stream in (first, second):
        assert (await events(stream))[-1].status is ResponseStatus.CANCELLED


async def test_words_that_came_before_a_newer_request_are_not_handed_on_after_it(make) -> None:
    wire = ScriptedTransport([say("One "), say("two "), 60.0, end()], [say("Three"), end()], [say("x"), end()])
    session = make(wire)
    first = session.respond(UserText("a"))
    rid = await until_text(first)
    await events(session.respond(UserText("b")))
    assert await events(first) == [ResponseDone(rid, ResponseStatus.CANCELLED)]
    await events(session.respond(UserText("c")))
    assert wire.messages()[1] == ("assistant", "One ")


async def test_requests_at_the_same_moment_take_turns(make) -> None:
    wire = ScriptedTransport(*[[say("x"), 1.0, end()]] * 5)
    session = make(wire)
    ends = await asyncio.gather(*(events(session.respond(UserText(str(number)))) for number in range(5)))
    assert wire.most_open == 1
    assert [found[-1].status for found in ends] == [ResponseStatus.CANCELLED] * 4 + [ResponseStatus.COMPLETED]


@pytest.mark.parametrize("failure", [Failure.RATE, Failure.UNREACHABLE])
async def test_server_that_is_away_is_unavailable_and_the_request_may_come_again(make, failure: Failure) -> None:
    outcomes: list[ChatError | None] = []
    error = ChatError(failure, "away")
    wire = ScriptedTransport([error], [say("The wash is done."), end()])
    session = make(wire, on_outcome=outcomes.append)
    with pytest.raises(ModelUnavailableError, match="away"):
        await events(session.respond(Narration("Tell it")))
    await events(session.respond(Narration("Tell it")))
    assert len(wire.messages()) == 1
    assert outcomes == [error, None]


@pytest.mark.parametrize("failure", [Failure.AUTH, Failure.QUOTA, Failure.BROKEN, Failure.TOO_LONG])
async def test_failure_that_stays_ends_the_response_and_is_reported(make, failure: Failure) -> None:
    outcomes: list[ChatError | None] = []
    error = ChatError(failure, "no")
    session = make(ScriptedTransport([error]), on_outcome=outcomes.append)
    _, done = await events(session.respond(UserText("Hello")))
    assert (done.status, done.error, outcomes) == (ResponseStatus.FAILED, "no", [error])


async def test_answer_that_breaks_off_fails_and_keeps_what_was_said(make) -> None:
    wire = ScriptedTransport([say("The wash "), RATE], [say("x"), end()])
    session = make(wire)
    *_, done = await events(session.respond(UserText("Hello")))
    assert done.status is ResponseStatus.FAILED
    await events(session.respond(UserText("What?")))
    assert wire.messages() == [("user", "Hello"), ("assistant", "The wash "), ("user", "What?")]


async def test_failed_follow_up_leaves_a_conversation_that_can_go_on(make) -> None:
    wire = ScriptedTransport([call("dim", "a", level=1), end()], [RATE], [say("x"), end()])
    session = make(wire)
    await events(session.respond(UserText("Dim")))
    with pytest.raises(ModelUnavailableError):
        await events(session.respond(outputs(("a", "ok"))))
    await events(session.respond(UserText("And?")))
    assert [role for role, _ in wire.messages()] == ["user", "assistant", "tool", "user"]


async def test_rough_end_after_the_last_word_takes_nothing_back(make) -> None:
    lost = ChatError(Failure.UNREACHABLE, "lost")
    *_, done = await events(make(ScriptedTransport([say("Yes."), end(), lost])).respond(UserText("Hello")))
    assert done.status is ResponseStatus.COMPLETED


async def test_server_that_holds_the_line_after_the_last_word_is_not_waited_for(make) -> None:
    wire = ScriptedTransport([say("Yes."), end(), 60.0])
    loop = asyncio.get_running_loop()
    began = loop.time()
    *_, done = await events(make(wire).respond(UserText("Hello")))
    assert done.status is ResponseStatus.COMPLETED
    assert loop.time() - began < 0.5
    assert wire.open == 0


async def test_conversation_that_is_too_long_is_halved_and_sent_again(make) -> None:
    good = [say("x"), end()]
    wire = ScriptedTransport(good, good, good, [ChatError(Failure.TOO_LONG, "too long")], good)
    session = make(wire)
    for text in "abcd":
        *_, done = await events(session.respond(UserText(text)))
    assert done.status is ResponseStatus.COMPLETED
    assert wire.messages() == [("user", "c"), ("assistant", "x"), ("user", "d")]


async def test_history_is_bounded_in_turns(make) -> None:
    wire = ScriptedTransport(*[[say("x"), end()]] * 4)
    session = make(wire, history=History(most_turns=2))
    for text in "abcd":
        await events(session.respond(UserText(text)))
    assert wire.messages() == [("user", "c"), ("assistant", "x"), ("user", "d")]


async def test_history_is_bounded_in_size_but_never_loses_the_newest_turn(make) -> None:
    wire = ScriptedTransport([say("x"), end()], [call("dim", "a", level=1), end()], [say("y"), end()])
    session = make(wire, history=History(most_characters=100))
    await events(session.respond(UserText("a")))
    await events(session.respond(UserText("b")))
    await events(session.respond(outputs(("a", "o" * 200))))
    assert wire.messages() == [("user", "b"), ("assistant", ""), ("tool", "o" * 200)]


async def test_usage_adds_up(make) -> None:
    wire = ScriptedTransport(*[[say("x"), end(prompt_tokens=5, completion_tokens=2)]] * 2)
    session = make(wire)
    for _ in range(2):
        await events(session.respond(UserText("a")))
    assert session.usage == Usage(prompt=10, completion=4)


async def test_closed_session_is_silent(make) -> None:
    wire = ScriptedTransport([say("One "), 60.0, end()])
    session = make(wire)
    stream = session.respond(UserText("a"))
    await until_text(stream)
    await session.close()
    assert wire.open == 0
    assert (await events(stream))[-1].status is ResponseStatus.CANCELLED
    with pytest.raises(ModelUnavailableError):
        await events(session.respond(UserText("b")))


async def test_request_that_had_not_left_when_the_session_closed_never_does(make) -> None:
    wire = ScriptedTransport([say("One "), end()])
    session = make(wire)
    stream = session.respond(UserText("a"))
    assert isinstance(await anext(stream), ResponseStarted)
    await session.close()
    assert (await events(stream))[-1].status is ResponseStatus.CANCELLED
    assert wire.bodies == []


async def test_answer_to_a_call_that_was_never_made_is_left_out(make, caplog) -> None:
    wire = ScriptedTransport([call("dim", "a", level=1), end()], [say("x"), end()])
    session = make(wire)
    await events(session.respond(UserText("Dim")))
    await events(session.respond(outputs(("a", "ok"), ("z", "strange"))))
    assert wire.messages()[-1] == ("tool", "ok")
    assert "model.unasked_tool_outputs calls=z" in caplog.text


def test_promise_without_a_sentence_is_an_error_at_once(make_model) -> None:
    with pytest.raises(HuxleyError, match="child_safe"):
        make_model(sentences={"en": {}})
