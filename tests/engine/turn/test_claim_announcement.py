"""Engine C7: a call is announced before anybody is put through, and can be refused."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.focus import Activity, Channel
from custom_components.huxley.engine.turn import TurnSource, TurnState
from tests.engine.turn.hang_ups import by_button, by_silence, by_the_hang_up_entity
from tests.engine.turn.house import PREEMPT, House, book, music
from tests.engine.turn.phone import ANNOUNCE, ERROR, NATURAL, PREEMPTED, USER_PTT, Phone, at_rest


async def test_a_call_is_announced_before_the_bridge_opens_and_the_content_is_quiet_meanwhile(
    house: House, phone: Phone
):
    await house.playing(music())
    handle = await phone.rings(announce=ANNOUNCE)
    assert house.room.state is not TurnState.IDLE
    await asyncio.sleep(10)
    said = house.ear.speech[0]
    assert said.what == ANNOUNCE
    assert [part.what for part in house.ear.content] == ["waltz", "María"]
    assert house.ear.content[0].end <= said.begin
    assert house.ear.content[1].begin >= said.end
    lent_at = next(at for at, what in house.ear.log if what == "microphone lent")
    assert lent_at >= said.end
    await handle.cancel()
    await at_rest(house)
    assert house.ear.heard_content("ducked") == []
    assert house.ear.content[-1].what == "waltz"
    assert [record.source for record in house.trace.records] == ["claim"]


async def test_a_call_that_a_tool_wants_is_announced_too(house: House, phone: Phone):
    phone.dials(announce="The line is open")
    await house.say_to("call María")
    await asyncio.sleep(10)
    assert house.ear.spoken() == ["I call María.", "The line is open"]
    assert house.microphone.lent
    await house.room.press()


@pytest.mark.parametrize("after", [0.05, 1.0])
@pytest.mark.parametrize("how", [by_button, by_the_hang_up_entity, by_silence], ids=lambda how: how.__name__)
async def test_a_press_during_the_announcement_refuses_the_call(
    house: House, phone: Phone, how: Callable[[Phone], Awaitable[None]], after: float
):
    await house.playing(book())
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(after)
    pressed_at = house.ear.now()
    await how(phone)
    assert house.ear.speech[0].end <= pressed_at
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.speaker.microphones == []
    assert "model suspended" not in house.ear.commands()
    assert house.ear.heard_content() == (["book"] if how is by_silence else ["book", "book"])


async def test_a_caller_who_gives_up_during_the_announcement_cuts_it_off(house: House, phone: Phone):
    handle = await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(1)
    await handle.cancel()
    await at_rest(house)
    assert house.ear.speech[0].end - house.ear.speech[0].begin == pytest.approx(1)
    assert phone.ends == [NATURAL]
    assert house.speaker.microphones == []


async def test_a_call_that_could_not_be_announced_does_not_open(house: House, phone: Phone):
    house.speaker.reply_error = SpeakerError("there is no satellite")
    await phone.rings(announce=ANNOUNCE)
    await at_rest(house)
    assert phone.ends == [ERROR]
    assert house.speaker.microphones == []


async def test_written_words_during_the_announcement_put_it_off(house: House, phone: Phone):
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    await house.ask("what time is it", TurnSource.TEXT)
    await asyncio.sleep(10)
    assert house.ear.spoken() == [ANNOUNCE, "All right.", ANNOUNCE]
    assert house.microphone.lent
    await house.room.press()
    await at_rest(house)


async def test_a_claim_whose_announcement_finds_no_floor_is_not_kept(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    acquire = house.focus.acquire

    async def refuse_dialog(activity: Activity) -> None:
        if activity.channel is Channel.DIALOG:
            raise RuntimeError("no floor")
        await acquire(activity)

    monkeypatch.setattr(house.focus, "acquire", refuse_dialog)
    with pytest.raises(RuntimeError, match="no floor"):
        await phone.rings(announce=ANNOUNCE)
    await at_rest(house)
    assert phone.ends == [ERROR]


async def test_an_alarm_during_the_announcement_ends_the_call(house: House, phone: Phone):
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert phone.ends == [PREEMPTED]
    assert house.ear.spoken()[-1] == "Smoke"


async def test_an_alarm_cuts_the_announcement_off(house: House, phone: Phone):
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    since = house.ear.now()
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert house.ear.spoken() == [ANNOUNCE, "Smoke"]
    assert house.ear.speech[1].begin == pytest.approx(since)


async def test_an_alarm_ends_a_call_that_waits_for_the_floor(house: House, phone: Phone):
    await house.ask()
    await phone.rings(announce=ANNOUNCE)
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert phone.ends == [PREEMPTED]
    assert ANNOUNCE not in house.ear.spoken()
