"""Engine T6, T7: silence at once, in every state, and what comes back after it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.huxley.engine.skill.effects import CancelMedia
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Cause, TurnOutcome, TurnSource, TurnState
from tests.engine.turn.house import BLOCK, Call, House, Say, Wait, book, music, radio, speaker_error, spoken_book


async def committing(house: House) -> None:
    house.script([Wait(10), Say("Late.")])
    await house.ask()


async def in_response(house: House) -> None:
    house.script([Say("One two three four five six."), Wait(10)])
    await house.ask()


async def while_a_tool_runs(house: House) -> None:
    house.tool("slow", ToolResult("ok", music()), seconds=10)
    house.script([Call("slow")])
    await house.ask()


async def awaiting_next_response(house: House) -> None:
    house.tool("time", ToolResult("five"))
    house.script([Call("time")], [Wait(10), Say("Five.")])
    await house.ask()


async def applying_factories(house: House) -> None:
    house.plays(music(), says="This is a rather long sentence about music.")
    await house.ask()


async def injecting(house: House) -> None:
    await house.inject("This is a rather long announcement.")


async def listening(house: House) -> None:
    await house.room.press()


async def others_speaking(house: House) -> None:
    await house.room.others_speak()


STATES: dict[Callable[[House], Awaitable[None]], TurnState] = {
    listening: TurnState.LISTENING,
    committing: TurnState.COMMITTING,
    in_response: TurnState.IN_RESPONSE,
    while_a_tool_runs: TurnState.IN_RESPONSE,
    awaiting_next_response: TurnState.AWAITING_NEXT_RESPONSE,
    applying_factories: TurnState.APPLYING_FACTORIES,
    injecting: TurnState.APPLYING_FACTORIES,
    others_speaking: TurnState.IN_RESPONSE,
}

every_state = pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)


async def arrive(house: House, reach: Callable[[House], Awaitable[None]]) -> None:
    await reach(house)
    await asyncio.sleep(0.5)
    assert house.room.state is STATES[reach]


@every_state
async def test_an_interrupt_brings_silence_and_rest(house: House, reach: Callable[[House], Awaitable[None]]):
    await arrive(house, reach)
    turn, stopped_at = house.room.turn, house.ear.now()
    assert turn is not None
    assert await house.room.interrupt()
    assert house.room.state is TurnState.IDLE
    assert turn.state is TurnState.IDLE
    assert turn.outcome is TurnOutcome.INTERRUPTED
    await house.quiet()
    assert all(part.end <= stopped_at for part in house.ear.speech)
    assert house.ear.content == []
    assert house.session.open_streams == 0
    assert house.focus.snapshot() == ()


@every_state
async def test_a_second_interrupt_is_harmless(house: House, reach: Callable[[House], Awaitable[None]]):
    await arrive(house, reach)
    first, second = await asyncio.gather(house.room.interrupt(), house.room.interrupt())
    assert (first, second) == (True, False)
    await house.quiet()


@every_state
async def test_a_press_takes_the_word_in_every_state(house: House, reach: Callable[[House], Awaitable[None]]):
    await arrive(house, reach)
    before = house.room.turn
    turn = await house.room.press()
    assert house.room.state is TurnState.LISTENING
    if reach is not listening:
        assert turn is not before
        assert before is not None
        assert before.outcome is TurnOutcome.INTERRUPTED
    await house.ask("never mind")
    await house.quiet()
    assert house.ear.spoken()[-1] == "All right."


@every_state
async def test_closing_the_room_ends_whatever_it_does(house: House, reach: Callable[[House], Awaitable[None]]):
    await arrive(house, reach)
    waiting = house.injection(priority=BLOCK)
    outcome = asyncio.ensure_future(house.room.inject(waiting, wait=True))
    await asyncio.sleep(0)
    await asyncio.gather(house.room.close(), house.room.close())
    assert house.room.turn is None
    assert (await outcome).status in ("failed", "interrupted")
    own = {asyncio.current_task()}
    assert asyncio.all_tasks() - own == set()


@every_state
async def test_words_in_writing_are_answered_in_every_state(house: House, reach: Callable[[House], Awaitable[None]]):
    await arrive(house, reach)
    house.session.scripts.clear()
    house.script([Say("Written answer.")])
    await house.ask("hi", TurnSource.TEXT)
    await house.quiet()
    assert house.ear.spoken()[-1] == "Written answer."


async def test_the_steps_of_an_interrupt_come_in_order(house: House):
    await house.playing(music())
    house.tool("play", ToolResult("ok", radio()))
    house.script([Call("play")], [Say("One two three four five six."), Wait(100)])
    turn = await house.ask()
    await asyncio.sleep(1)
    assert turn.latch.stream is not None
    seen: list[tuple[str, bool, bool, TurnState]] = []

    async def note(step: str) -> None:
        assert turn.latch.stream is None
        seen.append((step, turn.dropped, house.room.deck.content is None, turn.state))

    house.speaker.on_abort = lambda: note("flush")
    house.session.on_cancel = lambda: note("cancel")
    await house.room.interrupt()
    assert seen == [
        ("flush", True, True, TurnState.IN_RESPONSE),
        ("cancel", True, True, TurnState.IN_RESPONSE),
    ]
    marks = [mark.event for mark in house.trace.records[-1].marks]
    assert marks[-2:] == ["interrupt", "interrupted"]


async def test_the_model_learns_what_was_heard(house: House):
    house.script([Say("One two three four five six."), Wait(100)])
    await house.ask()
    await asyncio.sleep(1)
    await house.room.interrupt()
    ((response, heard),) = house.session.cancelled
    assert response == "r1"
    assert heard is not None
    assert heard.total_seconds() == pytest.approx(1)


async def raises() -> None:
    raise RuntimeError("broken")


async def hangs() -> None:
    await asyncio.Event().wait()


async def slips() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("trouble", [raises, hangs, slips])
@pytest.mark.parametrize("where", ["flush", "cancel", "both"])
async def test_a_step_in_trouble_does_not_spare_the_others(
    house: House, trouble: Callable[[], Awaitable[None]], where: str
):
    await house.playing(music())
    house.script([Say("One two three four five six."), Wait(100)])
    turn = await house.ask()
    await asyncio.sleep(1)
    if where != "cancel":
        house.speaker.on_abort = trouble
    if where != "flush":
        house.session.on_cancel = trouble
    await house.room.interrupt()
    assert turn.outcome is TurnOutcome.INTERRUPTED
    assert house.room.deck.content is None
    assert where != "flush" or [response for response, _ in house.session.cancelled] == ["r1"]
    house.speaker.on_abort = house.session.on_cancel = None
    house.ear.speech.clear()  # a flush that failed leaves the words where they were
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["All right."]


async def test_a_tool_that_finishes_after_the_press_leaks_nothing(house: House):
    await house.playing(music("old"))
    house.tool("stop", ToolResult("stopped", CancelMedia()), seconds=5)
    house.tool("play", ToolResult("ok", music("new")), seconds=5)
    house.script([Call("stop"), Call("play")])
    turn = await house.say_to()
    await asyncio.sleep(1)
    await house.say_to("what time is it")
    await house.quiet()
    assert "new" not in house.ear.heard_content()
    assert house.room.deck.content is not None
    assert house.room.deck.content.playing
    assert house.ear.spoken() == ["All right."]
    late = next(record for record in house.trace.records if record.turn_id == turn.id)
    assert {mark.details["tool"] for mark in late.marks if mark.event == "tool_late"} == {"stop", "play"}


async def test_an_interrupt_meant_for_another_turn_is_ignored(house: House):
    old = await house.ask()
    await house.quiet()
    await in_response(house)
    assert not await house.room.interrupt(Cause.LOST, old)
    assert house.room.turn is not None


async def test_a_lost_pipeline_leaves_the_music_alone(house: House):
    await house.playing(music())
    house.script([Say("One two three four five six."), Wait(100)])
    turn = await house.ask()
    await asyncio.sleep(1)
    assert await house.room.interrupt(Cause.LOST, turn)
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


async def test_an_interrupt_with_nothing_to_do_says_so(house: House):
    assert not await house.room.interrupt()
    assert not await house.room.stop_content()


async def test_an_interrupt_right_after_the_words_leaves_nothing_half_done(house: House):
    asking = asyncio.ensure_future(house.ask())
    await asyncio.sleep(0)
    assert await house.room.interrupt()
    assert (await asking).outcome is TurnOutcome.INTERRUPTED
    assert house.speaker.replies[-1].aborted


async def test_someone_who_asks_and_goes_away_at_once_leaves_the_room_free(house: House):
    house.speaker.delays["pause"] = 0.8
    await house.playing(spoken_book())
    asking = asyncio.ensure_future(house.ask())
    await asyncio.sleep(0.3)
    asking.cancel()
    await asyncio.sleep(2)
    assert house.room.state is TurnState.IDLE
    assert house.speaker.replies[-1].aborted
    assert house.room.deck.content is not None
    assert house.room.deck.content.playing


async def test_a_book_stops_at_the_press_and_comes_back_after_the_answer(house: House):
    await house.playing(book())
    pressed_at = house.ear.now()
    await house.say_to("what time is it")
    await house.quiet()
    first, second = house.ear.content
    assert (first.what, second.what) == ("book", "book+")
    assert first.end == pytest.approx(pressed_at, abs=0.1)
    assert second.begin >= house.ear.speech[-1].end


async def test_a_book_without_a_way_back_stays_away(house: House):
    await house.playing(book(resumes=False))
    await house.say_to()
    await house.quiet()
    assert house.ear.heard_content() == ["book"]
    assert house.room.deck.content is None


async def test_a_book_comes_back_when_nothing_was_said(house: House):
    await house.playing(book())
    await house.room.press()
    await asyncio.sleep(2)
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.heard_content() == ["book", "book+"]


async def test_a_book_survives_two_presses_and_an_urgent_word(house: House):
    await house.playing(book())
    await in_response(house)
    await asyncio.sleep(0.5)
    await house.room.press()
    await asyncio.sleep(0.5)
    house.session.scripts.clear()
    await house.ask()
    await house.quiet()
    assert house.ear.heard_content() == ["book", "book+"]


@pytest.mark.parametrize("effect", [CancelMedia(), music()], ids=["stopped", "replaced"])
async def test_a_book_stays_away_when_the_turn_touched_the_content(house: House, effect: CancelMedia):
    await house.playing(book())
    house.tool("do", ToolResult("ok", effect))
    house.script([Say("All right."), Call("do")], [Say("Done.")])
    await house.say_to()
    await house.quiet()
    assert "book+" not in house.ear.heard_content()


async def test_a_book_comes_back_when_the_turn_failed(house: House):
    await house.playing(book())
    house.script([RuntimeError("no model")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]
    assert house.ear.heard_content() == ["book", "book+"]


async def test_a_stop_while_the_book_is_parked_keeps_it_away(house: House):
    await house.playing(book())
    await house.room.press()
    assert await house.room.interrupt()
    await house.quiet()
    assert house.ear.heard_content() == ["book"]


async def test_a_stop_at_the_dashboard_while_the_book_is_parked_keeps_it_away(house: House):
    await house.playing(book())
    await house.room.press()
    assert await house.room.stop_content()
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.heard_content() == ["book"]


async def test_a_book_whose_way_back_raises_is_said_and_harms_nothing(house: House):
    broken = book()
    object.__setattr__(broken, "resume", lambda: 1 / 0)
    await house.playing(broken)
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["All right.", "(player_failed)"]
    await house.playing(music())
    assert house.room.deck.content is not None


async def test_a_book_that_had_not_begun_when_the_press_came_begins_after_it(house: House):
    await house.inject("A long announcement about the weather and more.")
    await asyncio.sleep(0.5)
    await house.room.play(book(resumes=False))
    await house.say_to()
    await house.quiet()
    assert house.ear.heard_content() == ["book"]
    assert house.ear.content[0].begin >= house.ear.speech[-1].end


async def test_music_ducks_under_a_person_and_an_answer(house: House):
    await house.playing(music())
    await house.say_to()
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


async def test_music_pauses_on_a_speaker_that_cannot_duck(house: House):
    house.speaker.capabilities = type(house.speaker.capabilities)(speak=True, play=True, pause=True)
    await house.playing(music())
    await house.say_to()
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "full"]
    assert "pause waltz" in house.ear.commands()


async def test_music_pauses_when_ducking_fails_and_stops_when_pausing_fails(house: House):
    house.speaker.errors["duck"] = speaker_error()
    await house.playing(music())
    await house.say_to()
    await house.quiet()
    assert "pause waltz done" in house.ear.commands()
    house.speaker.errors["pause"] = speaker_error()
    house.ear.speech.clear()
    await house.say_to()
    await house.quiet()
    assert house.room.deck.content is None
    assert house.ear.spoken() == ["All right.", "(player_failed)"]


async def test_spoken_media_by_id_pauses_under_a_press_and_goes_on_from_its_place(house: House):
    await house.playing(spoken_book())
    await house.say_to()
    await house.quiet()
    assert [command for command in house.ear.commands() if command.endswith("podcast done")] == [
        "start podcast done",
        "pause podcast done",
        "resume podcast done",
    ]


@pytest.mark.parametrize("item", [music(), radio(), spoken_book(), book()], ids=lambda item: item.title)
async def test_content_that_a_person_paused_by_hand_stays_paused(house: House, item: object):
    await house.playing(item)  # type: ignore[arg-type]
    content = house.room.deck.content
    assert content is not None
    await content.set_held(held=True)
    await house.say_to()
    await house.quiet()
    assert house.room.deck.content is content
    assert not content.playing
    await content.set_held(held=False)
    assert content.playing


async def test_content_that_a_person_paused_during_speech_stays_paused_after_it(house: House):
    await house.playing(music())
    await house.inject("One two three four.")
    await asyncio.sleep(1)
    content = house.room.deck.content
    assert content is not None
    await content.set_held(held=True)
    await house.quiet()
    assert not content.playing


async def test_a_press_during_an_announcement_cuts_it_off(house: House):
    injection = await house.inject("One two three four.")
    await asyncio.sleep(1)
    await house.room.press()
    outcome = injection.outcome.result()
    assert outcome.status == "interrupted"
    assert outcome.heard.total_seconds() == pytest.approx(1)


async def test_stray_ends_of_listening_have_no_effect(house: House):
    await house.room.nothing_said()
    await house.room.others_done()
    await in_response(house)
    await house.room.nothing_said()
    await house.room.others_done()
    await house.room.others_speak()
    assert house.room.turn is not None
    assert house.room.turn.source is TurnSource.SATELLITE


async def test_others_who_speak_make_the_book_wait_and_give_it_back(house: House):
    await house.playing(book())
    await house.room.others_speak()
    await asyncio.sleep(5)
    assert house.room.deck.content is not None
    assert not house.room.deck.content.playing
    await house.room.others_done()
    await house.quiet()
    assert house.ear.commands()[-1] == "resume book done"


async def test_a_person_who_speaks_after_others_is_heard(house: House):
    await house.room.others_speak()
    await house.room.press()
    await house.room.others_done()
    assert house.room.state is TurnState.LISTENING
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["All right."]


async def test_a_closed_room_refuses_kindly(house: House):
    await house.room.close()
    assert (await house.room.press()).outcome is TurnOutcome.FAILED
    assert (await house.ask()).outcome is TurnOutcome.FAILED
    assert house.speaker.replies[-1].finished
    await house.room.others_speak()
    assert house.room.turn is None
    injection = await house.inject()
    assert injection.outcome.result().status == "failed"
