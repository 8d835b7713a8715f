"""Engine T5, T6, T15: what the model says, how long it may be silent, and a model that does not heed an interrupt."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from custom_components.huxley.engine.model.protocol import (
    ModelEvent,
    ModelRequest,
    ResponseDone,
    ResponseStarted,
    ToolCall,
    UserText,
)
from custom_components.huxley.engine.skill.effects import AudioStream, PlayMedia, PlaySound
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import TurnOutcome, TurnSource
from tests.engine.turn.house import Call, FakeReply, House, Say, Wait, music, radio, speaker_error

SECOND_OF_SOUND = bytes(48_000)


async def test_a_blank_is_no_word_about_the_music(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.script([Call("play"), Say(" ")], [Say("Here is the waltz.")])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken()[-1] == "Here is the waltz."
    assert house.ear.content[0].begin >= house.ear.speech[-1].end


async def test_a_blank_at_the_end_does_not_undo_the_words_before_it(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.script([Say("Here it comes."), Call("play"), Say(" ")])
    await house.ask()
    await house.quiet()
    assert len(house.session.requests) == 1


@pytest.mark.parametrize("item", [music(), radio()], ids=["stream", "media by id"])
async def test_content_that_was_spoken_about_asks_for_no_second_answer(house: House, item: AudioStream | PlayMedia):
    house.plays(item)
    await house.ask()
    await house.quiet()
    assert len(house.session.requests) == 1
    assert house.ear.heard_content() == [item.title]


async def test_a_response_may_be_silent_for_twenty_nine_seconds(house: House):
    house.script([Say("Well,"), Wait(29), Say("yes.")])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["Well,", "yes."]


async def test_a_response_that_is_silent_for_thirty_seconds_is_given_up(house: House):
    house.script([Say("Well,"), Wait(100)])
    await house.ask()
    since = house.ear.now()
    await house.quiet()
    assert house.ear.spoken() == ["Well,", "(timed_out)"]
    assert house.ear.speech[1].begin - since == pytest.approx(30)


async def test_the_next_response_is_asked_for_when_the_last_one_was_closed(house: House):
    respond = house.session.respond

    async def closes_slowly(request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        house.ear.note("asked")
        try:
            async for event in respond(request):
                yield event
        finally:
            await asyncio.sleep(0.5)
            house.ear.note("closed")

    house.session.respond = closes_slowly  # type: ignore[method-assign]
    house.tool("time", ToolResult("five"))
    house.script([Call("time")], [Say("Five.")])
    await house.ask()
    await house.quiet()
    assert [what for what in house.ear.commands() if what in ("asked", "closed")] == ["asked", "closed"] * 2


async def test_a_model_that_does_not_heed_an_interrupt_does_nothing_more(house: House):
    async def stubborn(request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        yield ResponseStarted("r1")
        yield ToolCall("r1", "c1", "chime")
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            house.ear.note("goes on")
        yield ToolCall("r1", "c2", "late")
        yield ResponseDone("r1")

    house.session.respond = stubborn  # type: ignore[method-assign]
    house.tool("chime", ToolResult("ok", PlaySound(SECOND_OF_SOUND)))
    house.tool("late", ToolResult("ok"))
    await house.ask()
    await asyncio.sleep(1)
    await house.room.interrupt()
    await house.quiet()
    assert house.ear.commands()[-1] == "goes on"
    assert house.speaker.sounds == []


async def test_a_speaker_that_fails_is_not_taken_for_a_lost_model(house: House):
    class FailsOnce(FakeReply):
        async def write(self, text: str) -> None:
            if not self.text:
                self.text = text
                raise speaker_error()
            await super().write(text)

    reply = FailsOnce(house.ear, house.speaker)
    turn = await house.room.ask(UserText("hello"), house.agent, reply, TurnSource.TEXT)
    await house.quiet()
    assert turn.outcome is TurnOutcome.FAILED
    assert house.ear.spoken() == []
