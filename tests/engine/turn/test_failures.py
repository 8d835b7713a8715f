"""Engine T1, T3, T11, T14, T15: what goes wrong is said, and the room goes on."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.huxley.engine.errors import ModelUnavailableError
from custom_components.huxley.engine.model.protocol import ResponseStatus, ToolCall
from custom_components.huxley.engine.skill.effects import CancelMedia, InputClaim, PlaySound
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import TurnOutcome, TurnSource, TurnState
from custom_components.huxley.engine.turn.context import current_turn_id
from tests.engine.turn.house import (
    PREEMPT,
    BreakOff,
    Call,
    Done,
    House,
    Say,
    Started,
    Step,
    Wait,
    music,
    speaker_error,
)

BROKEN_MODELS: dict[str, tuple[list[Step], str]] = {
    "unreachable": ([ModelUnavailableError("no network")], "(model_lost)"),
    "raises": ([RuntimeError("a bug")], "(model_lost)"),
    "says failed": ([Done(ResponseStatus.FAILED, error="overloaded")], "(model_lost)"),
    "cancelled by itself": ([Done(ResponseStatus.CANCELLED)], "(model_lost)"),
    "breaks off": ([BreakOff()], "(model_lost)"),
    "never answers": ([Wait(1e6)], "(timed_out)"),
    "times out by itself": ([TimeoutError("socket")], "(timed_out)"),
    "lets a cancellation slip": ([asyncio.CancelledError()], "(model_lost)"),
}


@pytest.mark.parametrize("script", BROKEN_MODELS.values(), ids=BROKEN_MODELS)
async def test_a_model_that_fails_is_spoken_about_and_the_room_goes_on(house: House, script: tuple[list[Step], str]):
    steps, words = script
    house.script(list(steps))
    turn = await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == [words]
    assert turn.outcome is TurnOutcome.FAILED
    assert turn.state is TurnState.IDLE
    assert turn.failure
    assert house.speaker.replies[-1].finished
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken()[-1] == "All right."


@pytest.mark.parametrize("script", BROKEN_MODELS.values(), ids=BROKEN_MODELS)
async def test_a_model_that_fails_in_the_follow_up_is_spoken_about(house: House, script: tuple[list[Step], str]):
    house.tool("time", ToolResult("five"))
    house.script([Say("Let me look."), Call("time")], list(script[0]))
    turn = await house.say_to()
    await house.quiet()
    assert house.speaker.replies[-1].text == f"Let me look. {script[1]}"
    assert turn.outcome is TurnOutcome.FAILED


async def test_a_model_has_fifteen_seconds_for_its_first_output(house: House):
    house.script([Wait(14.9), Say("Here I am.")], [Wait(15.1), Say("Too late.")])
    await house.say_to()
    await house.quiet()
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert house.ear.spoken() == ["Here I am.", "(timed_out)"]
    assert house.ear.speech[1].begin - asked_at == pytest.approx(15)


async def test_stale_deltas_do_not_count_as_a_first_output(house: House):
    house.script([Wait(10), Say("old", response_id="r0"), Wait(10), Say("Too late.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(timed_out)"]


async def test_a_model_that_falls_silent_in_the_middle_is_given_up(house: House):
    house.script([Say("The answer is"), Wait(1e6)])
    turn = await house.say_to()
    await house.quiet()
    assert house.speaker.replies[-1].text == "The answer is (timed_out)"
    assert turn.outcome is TurnOutcome.FAILED


async def test_a_model_that_speaks_slowly_is_heard_to_the_end(house: House):
    house.script([Say("One"), Wait(20), Say(" two"), Wait(20), Say(" three")])
    await house.say_to()
    await house.quiet(100)
    assert house.speaker.replies[-1].text == "One two three"


async def test_events_of_another_response_are_dropped_and_counted(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.script([Say("old words", "r0"), Call("play", "r0"), Done(response_id="r0"), Started("r9"), Say("New words.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["New words."]
    assert house.ear.content == []
    marks = [mark.event for mark in house.trace.records[-1].marks]
    assert marks.count("stale_dropped") == 4


async def test_late_events_of_the_previous_round_are_dropped_before_the_next_begins(house: House):
    house.tool("time", ToolResult("five"))
    house.script([Call("time")], [Started("r2"), Say("late", "r1"), Done(response_id="r1"), Say("Five.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["Five."]


async def test_a_tool_that_raises_becomes_an_error_that_the_model_hears(house: House):
    async def broken(call: ToolCall) -> ToolResult:
        raise ValueError("a bug in a skill")

    house.agent.tools["broken"] = broken
    house.script([Call("broken"), Call("unknown")], [Say("That did not work.")])
    turn = await house.say_to()
    await house.quiet()
    assert [output.is_error for output in house.session.requests[1].outputs] == [True, True]
    assert turn.outcome is TurnOutcome.FINISHED


async def test_a_tool_that_lets_a_cancellation_slip_becomes_an_error(house: House):
    async def slips(call: ToolCall) -> ToolResult:
        raise asyncio.CancelledError

    house.agent.tools["slips"] = slips
    house.script([Call("slips")], [Say("That did not work.")])
    await house.say_to()
    await house.quiet()
    assert house.session.requests[1].outputs[0].is_error


async def test_tools_run_side_by_side(house: House):
    for name in ("a", "b"):
        house.tool(name, ToolResult("ok"), seconds=10)
    house.script([Call("a"), Call("b")], [Say("Both.")])
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert house.ear.speech[0].begin - asked_at == pytest.approx(10)


async def test_a_claim_is_answered_with_what_this_room_cannot_do(house: House):
    async def on_mic_frame(frame: bytes) -> None:
        return

    house.speaker.capabilities = replace(house.speaker.capabilities, microphone=False)
    house.tool("call", ToolResult("Calling", InputClaim(on_mic_frame)))
    house.script([Call("call"), Say("I call.")], [Say("I cannot call.")])
    await house.say_to()
    await house.quiet()
    assert house.session.requests[1].outputs[0].output == "(no_microphone)"


async def test_a_short_sound_asks_for_a_follow_up(house: House):
    house.tool("chime", ToolResult("ok", PlaySound(b"")))
    house.script([Say("Ding."), Call("chime")], [Say("That was it.")])
    await house.say_to()
    await house.quiet()
    assert len(house.session.requests) == 2


async def test_a_tool_still_running_when_its_turn_fails_touches_nothing(house: House):
    await house.playing(music("old"))
    house.tool("play", ToolResult("ok", music("new")), seconds=30)
    house.tool("stop", ToolResult("ok", CancelMedia()), seconds=30)
    house.script([Call("play"), Call("stop"), RuntimeError("no")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]
    assert house.room.deck.content is not None
    assert house.room.deck.content.item.title == "old"


@pytest.mark.parametrize("error", [speaker_error(), RuntimeError("a bug"), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("where", ["write_error", "heard_out_error"])
async def test_a_speaker_that_fails_ends_the_turn_and_not_the_room(house: House, where: str, error: BaseException):
    setattr(house.speaker, where, error)
    turn = await house.say_to()
    await house.quiet()
    assert turn.outcome is TurnOutcome.FAILED
    assert turn.state is TurnState.IDLE
    assert house.speaker.replies[-1].aborted
    setattr(house.speaker, where, None)
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken()[-1] == "All right."


async def test_content_whose_announcement_was_not_heard_does_not_begin_and_that_is_said(house: House):
    house.speaker.heard_out_error = speaker_error()
    house.plays(music())
    await house.say_to()
    house.speaker.heard_out_error = None
    await asyncio.sleep(1)
    house.speaker.heard_out_error = speaker_error()
    await asyncio.sleep(0.5)
    house.speaker.heard_out_error = None
    await house.quiet()
    assert house.ear.content == []
    assert house.ear.spoken()[-1] == "(player_failed)"


async def test_a_speaker_that_times_out_by_itself_has_failed(house: House):
    house.speaker.heard_out_error = TimeoutError("device")
    turn = await house.say_to()
    await house.quiet()
    assert turn.outcome is TurnOutcome.FAILED


async def test_a_speaker_that_never_reports_the_end_is_given_up(house: House):
    house.speaker.never_heard_out = True
    house.plays(music())
    turn = await house.say_to()
    await asyncio.sleep(299)
    assert house.room.turn is turn
    await house.quiet()
    assert turn.outcome is TurnOutcome.FINISHED
    assert house.ear.heard_content() == ["waltz"]


async def test_an_agent_without_words_still_says_something(house: House):
    def no_words(key: str, slots: object = None) -> str:
        raise KeyError(key)

    house.agent.phrase = no_words  # type: ignore[method-assign,assignment]
    house.script([RuntimeError("no")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["model lost"]


@pytest.mark.parametrize("command", ["start", "duck", "pause", "resume", "unduck", "stop"])
@pytest.mark.parametrize(
    "error", [speaker_error(), RuntimeError("a bug"), asyncio.CancelledError(), TimeoutError()], ids=repr
)
async def test_a_device_that_fails_at_content_leaves_the_room_usable(house: House, command: str, error: BaseException):
    await house.playing(music())
    house.speaker.errors[command] = error
    await house.say_to()
    await house.call()
    await house.quiet()
    await house.room.interrupt()
    for held in house.focus.snapshot():
        await house.focus.release(held.activity)
    house.speaker.errors.clear()
    await house.playing(music("again"))
    await house.say_to()
    await house.quiet()
    assert house.ear.content[-1].what == "again"
    assert house.ear.content[-1].level == "full"


@pytest.mark.parametrize("command", ["start", "pause", "stop"])
async def test_a_device_that_hangs_is_given_up(house: House, command: str):
    house.speaker.delays[command] = 1e6
    await house.room.play(music())
    await house.call()
    await house.quiet()
    await house.room.stop_content()
    await house.quiet()
    house.speaker.delays.clear()
    for held in house.focus.snapshot():
        await house.focus.release(held.activity)
    await house.playing(music("again"))
    assert house.ear.content[-1].what == "again"


async def test_content_stopped_while_it_starts_is_silent_at_once(house: House):
    house.speaker.delays["start"] = 10
    await house.room.play(music())
    await asyncio.sleep(1)
    stopped_at = house.ear.now()
    await house.room.interrupt()
    await house.quiet()
    assert house.ear.content == []
    stop = next(at for at, what in house.ear.log if what == "stop waltz")
    assert stop == pytest.approx(stopped_at)


async def test_written_words_take_over_while_somebody_listens(house: House):
    listening = await house.room.press()
    turn = await house.ask("hi", TurnSource.TEXT)
    assert listening.outcome is TurnOutcome.INTERRUPTED
    assert turn.source is TurnSource.TEXT
    await house.quiet()


async def test_a_second_press_while_listening_changes_nothing(house: House):
    first = await house.room.press()
    assert await house.room.press() is first
    assert len(house.trace.records) == 1


async def test_media_that_cannot_be_played_raises_for_the_dashboard_and_leaves_the_rest(house: House):
    await house.playing(music())
    house.speaker.playback_error = speaker_error()
    with pytest.raises(type(speaker_error())):
        await house.room.play(music("other"))
    assert house.room.deck.content is not None
    assert house.room.deck.content.item.title == "waltz"


async def test_a_room_whose_focus_is_gone_refuses_without_sticking(house: House):
    await house.focus.stop()
    with pytest.raises(RuntimeError):
        await house.room.press()
    assert house.room.turn is None
    with pytest.raises(RuntimeError):
        await house.room.play(music())
    assert house.room.deck.content is None
    injection = await house.inject()
    await house.quiet()
    assert injection.outcome.result().status == "failed"


async def test_a_turns_story_is_written_down_with_its_times(house: House):
    house.plays(music(), says="Here is some music.")
    turn = await house.say_to()
    await house.quiet()
    (record,) = house.trace.records
    assert [mark.event for mark in record.marks] == [
        "ptt_start",
        "commit",
        "response",
        "tool_dispatch",
        "tool_done",
        "first_sound",
        "response_done",
        "heard_out",
        "barrier",
        "effect_start",
        "finished",
    ]
    story = record.as_dict()
    assert story["turn_id"] == turn.id
    assert story["outcome"] == "finished"
    assert story["persona"] == "basic"
    assert story["heard_ms"] == 2000
    times = [mark.at for mark in record.marks]
    assert times == sorted(times)
    assert times[1] == timedelta(seconds=1)
    assert times[-1] == timedelta(seconds=3)


async def test_the_last_fifty_turns_are_kept(house: House):
    for _ in range(60):
        await house.room.press()
        await house.room.nothing_said()
    assert len({record.turn_id for record in house.trace.records}) == len(house.trace.records) == 50


async def test_who_listens_to_the_trace_hears_every_mark_until_it_stops(house: House):
    heard: list[str] = []
    stop = house.trace.listen(lambda record, mark: heard.append(mark.event))
    await house.room.press()
    await house.room.nothing_said()
    stop()
    await house.room.press()
    assert heard == ["ptt_start", "nothing_said"]


async def test_a_trace_listener_that_raises_hurts_nobody(house: House):
    heard: list[str] = []
    house.trace.listen(lambda record, mark: 1 / 0)  # type: ignore[arg-type, return-value]
    house.trace.listen(lambda record, mark: heard.append(mark.event))
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["All right."]
    assert heard[-1] == "finished"


async def test_a_deck_listener_that_raises_hurts_nobody(house: House):
    house.room.deck.listen(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    changes: list[bool] = []
    stop = house.room.deck.listen(lambda: changes.append(True))
    await house.playing(music())
    await house.say_to()
    await house.quiet()
    assert len(changes) >= 4
    stop()
    await house.room.stop_content()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


async def test_a_tool_knows_its_turn_without_being_told(house: House):
    seen: list[str | None] = []

    async def tool(call: ToolCall) -> ToolResult:
        seen.append(current_turn_id.get())
        return ToolResult("ok")

    house.agent.tools["tool"] = tool
    house.script([Call("tool")], [Say("Done.")])
    turn = await house.say_to()
    await house.quiet()
    assert seen == [turn.id]


async def test_speech_waits_five_seconds_and_no_longer_for_a_device_that_hangs(house: House):
    house.speaker.delays["start"] = 12
    await house.room.play(music())
    await asyncio.sleep(0.1)
    since = house.ear.now()
    await house.inject("Dinner")
    await asyncio.sleep(8)
    assert house.ear.speech[0].begin - since == pytest.approx(6, abs=0.1)  # a second for focus, five for the device
    await house.room.stop_content()
    await house.quiet()


async def test_nothing_is_said_about_a_failure_where_nobody_lives(house: House):
    house.room.resident = None
    house.speaker.errors["start"] = speaker_error()
    await house.room.play(music())
    await house.quiet()
    assert house.ear.spoken() == []
    assert house.room.deck.content is None


async def test_a_dashboards_failure_is_said_by_who_lives_here(house: House):
    house.speaker.errors["start"] = speaker_error()
    await house.room.play(music())
    await house.quiet()
    assert house.ear.spoken() == ["(player_failed)"]


async def test_closing_does_not_wait_for_ever_for_a_tool_that_ignores_it(house: House):
    async def stubborn(call: ToolCall) -> ToolResult:
        for _ in range(15):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue
        return ToolResult("at last")

    house.agent.tools["stubborn"] = stubborn
    house.script([Call("stubborn")])
    await house.say_to()
    await asyncio.sleep(0.5)
    since = house.ear.now()
    await house.room.close()
    assert house.ear.now() - since < 21


async def test_a_cancelled_tool_call_of_a_closing_room_is_no_error(house: House):
    house.tool("slow", ToolResult("ok"), seconds=20)
    house.script([Call("slow")])
    await house.say_to()
    await asyncio.sleep(0.5)
    since = house.ear.now()
    await house.room.close()
    assert house.ear.now() == pytest.approx(since, abs=0.1)


async def test_an_urgent_word_before_the_answer_began_leaves_no_loose_end(house: House):
    house.script([Say("Never heard.")])
    await house.room.press()
    await house.inject("Smoke", PREEMPT)
    turn = await house.ask()
    assert turn.outcome is TurnOutcome.INTERRUPTED
    await house.quiet()
    assert house.ear.spoken() == ["Smoke"]
    assert house.session.requests == []
