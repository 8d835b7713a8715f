"""Engine C1, C2: who may have the microphone, when a call opens, and what keeps it from opening."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.huxley.engine.errors import ClaimBusyError, SpeakerError
from custom_components.huxley.engine.turn import TurnSource, TurnState
from tests.engine.turn.house import House, Say
from tests.engine.turn.phone import ANNOUNCE, ERROR, NATURAL, USER_PTT, Phone, at_rest


async def test_a_call_that_a_tool_wants_begins_when_the_answer_was_heard_out(house: House, phone: Phone):
    phone.dials()
    await house.say_to("call María")
    await asyncio.sleep(0.5)
    assert house.speaker.microphones == []
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert house.room.state is TurnState.IDLE
    call = house.ear.content[0]
    assert call.what == "María"
    assert call.begin >= house.ear.speech[-1].end
    marks = [mark.event for mark in house.trace.records[-1].marks]
    assert marks[-2:] == ["effect_start", "finished"]
    assert await house.room.hang_up()


async def test_a_call_that_comes_during_an_answer_waits_for_its_end(house: House, phone: Phone):
    house.script([Say("One two three four five six.")])
    await house.ask()
    await asyncio.sleep(1)
    handle = await phone.rings()
    assert house.speaker.microphones == []
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(3)
    await handle.cancel()
    await at_rest(house)


async def test_a_call_that_is_cancelled_before_it_opened_opens_nothing(house: House, phone: Phone):
    await house.ask()
    handle = await phone.rings()
    await handle.cancel()
    await at_rest(house)
    assert phone.ends == [NATURAL]
    assert house.speaker.microphones == []


async def test_a_press_does_not_refuse_a_call_that_nobody_knows_of_yet(house: House, phone: Phone):
    await house.ask()
    await phone.rings(announce=ANNOUNCE)
    assert await house.room.press() is not None
    await house.room.nothing_said()
    await asyncio.sleep(10)
    assert house.ear.spoken()[-1] == ANNOUNCE
    assert house.microphone.lent
    await house.room.press()


async def test_a_second_claim_is_refused_and_the_first_is_unharmed(house: House, phone: Phone):
    await phone.connected()
    second = Phone(house)
    with pytest.raises(ClaimBusyError, match="María"):
        await second.rings()
    await house.microphone.hears(b"hello")
    assert phone.frames == [b"hello"]
    assert (phone.ends, second.ends) == ([], [])
    await house.room.press()
    await at_rest(house)
    assert second.ends == []


async def test_a_claim_is_refused_while_somebody_else_holds_comms(house: House, phone: Phone):
    call = await house.call()
    with pytest.raises(ClaimBusyError):
        await phone.rings()
    await house.focus.release(call)
    await phone.connected()


async def test_a_tools_second_claim_becomes_an_error_that_the_model_hears(house: House, phone: Phone):
    await phone.connected()
    second = Phone(house)
    second.dials()
    house.script([Say("I cannot.")])
    await house.ask("call Juan", TurnSource.TEXT)
    await asyncio.sleep(10)
    assert house.session.requests[-1].outputs[0].output == "(no_microphone)"  # type: ignore[union-attr]
    assert phone.ends == []
    await house.room.press()


async def test_a_claim_that_comes_before_the_barrier_wins_and_the_latched_one_is_spoken_about(
    house: House, phone: Phone
):
    phone.dials()
    await house.ask("call María")
    await asyncio.sleep(0.5)
    first = Phone(house)
    await first.rings()
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert phone.ends == []
    await house.room.press()
    await at_rest(house)
    assert house.ear.spoken()[-1] == "(no_microphone)"
    assert first.ends == [USER_PTT]


async def test_a_new_call_waits_for_one_that_is_ending(house: House, phone: Phone):
    handle = await phone.connected()
    await handle.cancel()
    await phone.connected()
    assert phone.ends == [NATURAL]


async def test_a_room_without_a_microphone_refuses(house: House, phone: Phone):
    house.speaker.capabilities = replace(house.speaker.capabilities, microphone=False)
    with pytest.raises(ClaimBusyError, match="no microphone"):
        await phone.rings()
    await at_rest(house)


async def test_a_closed_room_refuses(house: House, phone: Phone):
    await house.room.close()
    with pytest.raises(ClaimBusyError):
        await phone.rings()


async def test_a_memo_needs_no_sound_and_no_agent(house: House, phone: Phone):
    handle = await house.room.start_input_claim(phone.claim(source=False), None)
    await asyncio.sleep(1)
    await house.microphone.hears(b"remember the milk")
    await handle.cancel()
    await at_rest(house)
    assert phone.frames == [b"remember the milk"]
    assert phone.ends == [NATURAL]
    assert "model suspended" not in house.ear.commands()


@pytest.mark.parametrize("error", [SpeakerError("gone"), RuntimeError("bug"), asyncio.CancelledError()])
@pytest.mark.parametrize("what", ["model", "microphone lent", "start", "source"])
async def test_a_call_that_cannot_be_opened_ends_as_an_error(
    house: House, phone: Phone, what: str, error: BaseException
):
    if what == "model":
        house.session.suspend_error = error
    elif what == "source":
        house.speaker.playback_error = error  # type: ignore[assignment]
    else:
        house.speaker.errors[what] = error
    handle = await phone.rings()
    assert await handle.wait_end() is ERROR
    await at_rest(house)
    assert phone.ends == [ERROR]
    if what == "model":
        assert house.speaker.microphones == []


async def test_a_call_that_ends_while_the_model_is_being_suspended_lends_nothing(house: House, phone: Phone):
    house.session.suspending = 1.0
    await phone.rings()
    await asyncio.sleep(0.5)
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.speaker.microphones == []


async def test_a_model_that_hangs_when_it_is_suspended_ends_the_call_and_hears_again(house: House, phone: Phone):
    house.session.suspending = 1e6
    handle = await phone.rings()
    assert await handle.wait_end() is ERROR
    await at_rest(house)
    assert house.speaker.microphones == []


async def test_a_room_whose_focus_is_gone_keeps_no_claim(house: House, phone: Phone):
    await house.focus.stop()
    with pytest.raises(RuntimeError):
        await phone.rings(announce=ANNOUNCE)
    assert house.room.claims.current is None
