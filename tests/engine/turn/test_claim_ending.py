"""Engine C2, C3, C5: whatever ends a call, everything is given back, in order, once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from custom_components.huxley.engine.skill.inject import InjectStatus
from tests.engine.turn.hang_ups import ENDS, every_end
from tests.engine.turn.house import House, status
from tests.engine.turn.phone import ANNOUNCE, ERROR, NATURAL, PREEMPTED, USER_PTT, Phone, at_rest, in_call


def order(house: House, *names: str) -> list[str]:
    return [command for command in house.ear.commands() if command in names]


@every_end
async def test_whatever_ends_a_call_everything_is_given_back(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]
):
    handle = await phone.connected()
    await end(phone)
    await at_rest(house)
    assert phone.ends == [ENDS[end]]
    assert await handle.wait_end() is ENDS[end]
    assert (await phone.other_side()).name not in house.ear.heard_content()[1:]
    await phone.connected()


@every_end
async def test_a_call_gives_back_in_this_order(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await phone.connected()
    await end(phone)
    await at_rest(house)
    steps = order(
        house,
        *("model suspended", "microphone lent", "start María"),
        *("stop María", "microphone back", "model resumed", f"claim ended {ENDS[end]}"),
    )
    assert steps == [
        *("model suspended", "microphone lent", "start María"),
        *("stop María", "microphone back", "model resumed", f"claim ended {ENDS[end]}"),
    ]


@every_end
async def test_no_frame_passes_after_the_end(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await phone.connected()
    await house.microphone.hears(b"before")
    await end(phone)
    phone.mic_error = None
    passed = len(phone.frames)
    await house.microphone.hears(b"after")
    assert phone.frames[0] == b"before"
    assert len(phone.frames) == passed
    await at_rest(house)


@every_end
async def test_what_waited_for_the_call_is_said_when_it_ends(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]
):
    await phone.connected()
    reminder = await house.inject("Take the pills")
    await asyncio.sleep(30)
    assert status(reminder) is None
    await end(phone)
    await at_rest(house)
    assert status(reminder) is InjectStatus.SPOKEN


@pytest.mark.parametrize("what", ["stop", "microphone back"])
@pytest.mark.parametrize("trouble", ["raises", "hangs"])
async def test_a_device_in_trouble_does_not_keep_the_room_in_the_call(
    house: House, phone: Phone, what: str, trouble: str
):
    await phone.connected()
    if trouble == "raises":
        house.speaker.errors[what] = RuntimeError("bug")
    else:
        house.speaker.delays[what] = 10.0
    await house.room.press()
    await house.quiet()
    assert phone.ends == [USER_PTT]
    assert not in_call(house)
    assert house.ear.commands()[-2:] == ["model resumed", "claim ended user_ptt"] or what == "stop"
    house.speaker.errors.clear()
    house.speaker.delays.clear()


async def test_a_press_right_at_the_start_is_ignored(house: House, phone: Phone):
    await phone.rings()
    await asyncio.sleep(0.29)
    assert await house.room.press() is None
    await asyncio.sleep(1)
    assert phone.ends == []
    assert house.microphone.lent
    assert await house.room.press() is None
    await at_rest(house)
    assert phone.ends == [USER_PTT]


async def test_a_press_counts_three_tenths_of_a_second_after_the_start(house: House, phone: Phone):
    await phone.rings()
    await asyncio.sleep(0.3)
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]


async def test_the_press_after_a_hang_up_opens_a_turn(house: House, phone: Phone):
    await phone.connected()
    await house.room.press()
    await house.say_to("hello")
    await at_rest(house)
    assert house.ear.spoken() == ["All right."]


async def test_hanging_up_with_nobody_on_the_line_says_so(house: House):
    assert not await house.room.hang_up()


async def test_a_call_of_more_than_ten_minutes_under_words_that_never_end_is_over(house: House, phone: Phone):
    await phone.connected()
    await house.room.others_speak()
    await asyncio.sleep(601)
    await house.room.others_done()
    await at_rest(house)
    assert phone.ends == [PREEMPTED]


async def test_the_first_reason_counts(house: House, phone: Phone):
    handle = await phone.connected()
    await handle.cancel()
    await house.room.close()
    assert await handle.wait_end() is NATURAL
    assert phone.ends == [NATURAL]


async def test_cancelling_twice_and_waiting_later_is_harmless(house: House, phone: Phone):
    handle = await phone.connected()
    early = asyncio.ensure_future(handle.wait_end())
    await asyncio.gather(handle.cancel(), handle.cancel())
    assert await early is NATURAL
    await handle.cancel()
    await asyncio.sleep(100)
    assert await handle.wait_end() is NATURAL
    assert phone.ends == [NATURAL]


async def test_who_waits_for_the_end_may_give_up(house: House, phone: Phone):
    handle = await phone.connected()
    waiting = asyncio.ensure_future(handle.wait_end())
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.sleep(1)
    assert house.microphone.lent
    await house.room.press()
    assert await handle.wait_end() is USER_PTT


async def test_a_handler_may_cancel_its_own_claim(house: House, phone: Phone):
    claim = phone.claim()

    async def hang_up(frame: bytes) -> None:
        phone.frames.append(frame)
        assert phone.handle is not None
        await phone.handle.cancel()

    phone.handle = await house.room.start_input_claim(replace(claim, on_mic_frame=hang_up), house.agent)
    await asyncio.sleep(1)
    await house.microphone.hears(b"bye")
    await house.microphone.hears(b"never")
    await at_rest(house)
    assert phone.frames == [b"bye"]
    assert phone.ends == [NATURAL]


@pytest.mark.parametrize("announce", [None, ANNOUNCE])
@pytest.mark.parametrize("after", [0.0, 1.0, 20.0])
async def test_closing_the_room_ends_the_call(house: House, phone: Phone, announce: str | None, after: float):
    handle = await phone.rings(announce=announce)
    await asyncio.sleep(after)
    await house.room.close()
    assert await handle.wait_end() is ERROR
    assert phone.ends == [ERROR]
    assert not in_call(house)
    assert all(not microphone.lent for microphone in house.speaker.microphones)


async def test_who_listens_hears_when_a_call_begins_opens_and_is_over(house: House, phone: Phone):
    heard: list[str] = []

    def listener() -> None:
        claim = house.room.claims.current
        heard.append("over" if claim is None else "begins" if claim.opened_at is None else "opens")

    house.room.claims.listen(listener)
    await phone.rings(announce=ANNOUNCE)
    assert heard == ["begins"]
    await asyncio.sleep(10)
    assert heard == ["begins", "opens"]
    await house.room.press()
    await at_rest(house)
    assert heard == ["begins", "opens", "over"]


async def test_who_listens_hears_of_a_call_and_harms_nobody(house: House, phone: Phone):
    heard: list[bool] = []

    def listener() -> None:
        heard.append(house.room.in_call)
        raise RuntimeError("bug in a sensor")

    stop = house.room.claims.listen(listener)
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert (heard[0], heard[-1]) == (True, False)
    stop()
    count = len(heard)
    await phone.connected()
    assert len(heard) == count
