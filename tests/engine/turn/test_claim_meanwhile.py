"""Engine C2, C6, I2, I3: what else is said while a call has the room."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.turn import TurnSource
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, House, Say
from tests.engine.turn.phone import NATURAL, USER_PTT, Phone, at_rest


async def test_an_alarm_is_not_spoken_over_the_other_side(house: House, phone: Phone):
    await phone.connected()
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert house.ear.content[0].end <= house.ear.speech[0].begin


@pytest.mark.parametrize("priority", [NORMAL, BLOCK])
async def test_waiting_for_words_never_ends_a_call(house: House, phone: Phone, priority: str):
    await phone.connected()
    asked = asyncio.ensure_future(house.room.inject(house.injection("Later", priority), wait=True))  # type: ignore[arg-type]
    await asyncio.sleep(600)
    assert not asked.done()
    assert house.microphone.lent
    assert phone.ends == []
    await house.room.press()
    assert (await asked).status is InjectStatus.SPOKEN


async def test_words_in_writing_are_answered_while_the_call_is_on_hold(house: House, phone: Phone):
    await phone.connected()
    await house.ask("what time is it", TurnSource.TEXT)
    await asyncio.sleep(0.5)
    await house.microphone.hears(b"not for her")
    await asyncio.sleep(10)
    await house.microphone.hears(b"for her")
    assert phone.frames == [b"for her"]
    assert phone.ends == []
    assert house.ear.heard_content() == ["María", "María"]
    assert house.ear.collisions() == []
    await house.room.press()
    await at_rest(house)


async def test_a_press_while_the_call_is_on_hold_hangs_up_and_cuts_the_answer(house: House, phone: Phone):
    await phone.connected()
    house.script([Say("One two three four five six.")])
    await house.ask("tell me", TurnSource.TEXT)
    await asyncio.sleep(1)
    assert await house.room.press() is None
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(1)


async def test_a_press_while_the_call_is_on_hold_does_not_wait_for_the_device_to_cut_the_answer(
    house: House, phone: Phone
):
    await phone.connected()
    house.script([Say("One two three four five six.")])
    await house.ask("tell me", TurnSource.TEXT)
    await asyncio.sleep(1)
    house.speaker.delays["microphone back"] = 1.5
    await house.room.press()
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(1)
    await at_rest(house)


async def test_nine_minutes_on_hold_are_not_too_long(house: House, phone: Phone):
    await phone.connected()
    await house.room.others_speak()
    await asyncio.sleep(9 * 60)
    await house.room.others_done()
    await asyncio.sleep(1)
    assert phone.ends == []
    assert house.ear.content[-1].end == house.ear.now()
    await house.room.press()
    await at_rest(house)


async def test_a_call_that_ends_on_hold_leaves_the_answer_alone(house: House, phone: Phone):
    handle = await phone.connected()
    house.script([Say("One two three four five six.")])
    await house.ask("tell me", TurnSource.TEXT)
    await asyncio.sleep(1)
    await handle.cancel()
    await at_rest(house)
    assert phone.ends == [NATURAL]
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(3)


async def test_a_call_that_begins_while_another_agent_speaks_opens_after_it(house: House, phone: Phone):
    await house.room.others_speak()
    await phone.rings()
    await asyncio.sleep(3)
    assert house.speaker.microphones == []
    await house.room.others_done()
    await asyncio.sleep(1)
    assert house.microphone.lent
    await house.room.press()


async def test_another_agents_words_put_the_call_on_hold_before_it_opened(house: House, phone: Phone):
    await phone.rings()
    await house.room.others_speak()
    await asyncio.sleep(3)
    await house.room.others_done()
    await asyncio.sleep(1)
    await house.microphone.hears(b"hello")
    assert phone.frames == [b"hello"]
    assert house.ear.heard_content()[-1] == "María"
    await house.room.press()


async def test_another_agents_words_put_the_call_on_hold_while_it_opens(house: House, phone: Phone):
    house.session.suspending = 1.0
    await phone.rings()
    await asyncio.sleep(0.5)
    await house.room.others_speak()
    await asyncio.sleep(3)
    assert house.ear.content == []
    await house.room.others_done()
    await asyncio.sleep(1)
    assert house.ear.heard_content() == ["María"]
    await house.room.press()
    await at_rest(house)
