"""Engine C5, T16: what `on_claim_end` has to say, and what it may begin."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.turn import Injection, TurnState
from tests.engine.turn.hang_ups import by_the_other_side
from tests.engine.turn.house import BLOCK, PREEMPT, House, book, music
from tests.engine.turn.phone import USER_PTT, Phone, at_rest


@pytest.mark.parametrize("thinks_for", [0.0, 0.5])
async def test_the_end_may_be_spoken_about_without_a_moment_of_music(house: House, phone: Phone, thinks_for: float):
    async def say() -> None:
        await asyncio.sleep(thinks_for)
        await house.inject("María hung up")

    phone.at_end = say
    await house.playing(music())
    await phone.connected()
    await by_the_other_side(phone)
    await at_rest(house)
    assert house.ear.spoken() == ["María hung up"]
    assert [(part.what, part.level) for part in house.ear.content] == [
        ("waltz", "full"),
        ("María", "full"),
        ("waltz", "full"),
    ]
    assert house.ear.content[-1].begin >= house.ear.speech[-1].end


async def test_a_farewell_that_waits_for_its_own_words_does_not_lock_the_room(house: House, phone: Phone):
    outcomes = []

    async def say() -> None:
        injection = Injection(house.agent, message="María hung up", priority=BLOCK)
        outcomes.append(await house.room.inject(injection, wait=True))

    phone.at_end = say
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert [outcome.status for outcome in outcomes] == [InjectStatus.SPOKEN]


@pytest.mark.parametrize("error", [RuntimeError("bug"), asyncio.CancelledError()])
async def test_a_farewell_that_raises_hurts_nobody(house: House, phone: Phone, error: BaseException):
    async def fail() -> None:
        raise error

    phone.at_end = fail
    await house.playing(book())
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.ear.heard_content()[-1] == "book"


async def test_the_farewell_may_begin_another_call(house: House, phone: Phone):
    again = Phone(house)

    async def redial() -> None:
        await again.rings()

    phone.at_end = redial
    await phone.connected()
    await by_the_other_side(phone)
    await asyncio.sleep(3)
    assert house.microphone.lent
    assert again.ends == []
    await house.room.press()
    await at_rest(house)


@pytest.mark.parametrize("what", ["an alarm", "closing"])
async def test_the_end_is_told_once_whatever_else_ends_it(house: House, phone: Phone, what: str):
    async def slow() -> None:
        await asyncio.sleep(5)

    phone.at_end = slow
    handle = await phone.connected()
    await house.room.press()
    await asyncio.sleep(0.1)
    if what == "an alarm":
        await house.inject("Smoke", PREEMPT)
        await at_rest(house)
    else:
        await house.room.close()
    assert phone.ends == [USER_PTT]
    assert await handle.wait_end() is USER_PTT


async def test_a_press_right_after_the_end_is_heard(house: House, phone: Phone):
    async def slow() -> None:
        await asyncio.sleep(10)

    phone.at_end = slow
    await house.playing(book())
    await phone.connected()
    await house.room.press()
    assert await house.room.press() is not None
    await asyncio.sleep(3)
    assert house.room.state is TurnState.LISTENING
    assert house.room.deck.content is None
    await house.ask()
    await at_rest(house)
    assert house.ear.heard_content()[-1] == "book+"
