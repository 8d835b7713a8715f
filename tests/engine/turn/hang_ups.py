"""Every way in which a call can end, and the reason that its skill is told (Engine C3)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.huxley.engine.skill.effects import ClaimEndReason
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.turn import Cause
from tests.engine.turn.house import PREEMPT
from tests.engine.turn.phone import ERROR, NATURAL, PREEMPTED, USER_PTT, Phone


async def by_the_skill(phone: Phone) -> None:
    assert phone.handle is not None
    await phone.handle.cancel()


async def by_the_other_side(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.FINISHED)


async def by_button(phone: Phone) -> None:
    assert await phone.house.room.press() is None


async def by_the_hang_up_entity(phone: Phone) -> None:
    assert await phone.house.room.hang_up()


async def by_silence(phone: Phone) -> None:
    assert await phone.house.room.interrupt(Cause.STOP)


async def by_an_alarm(phone: Phone) -> None:
    await phone.house.inject("Smoke", PREEMPT)
    await asyncio.sleep(0.01)


async def by_a_raising_handler(phone: Phone) -> None:
    phone.mic_error = RuntimeError("bug in the skill")
    await phone.house.microphone.hears(b"hello")


async def by_a_handler_that_lets_a_cancellation_slip(phone: Phone) -> None:
    phone.mic_error = asyncio.CancelledError()
    await phone.house.microphone.hears(b"hello")


async def by_a_raising_source(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.FAILED)


async def by_a_hand_on_the_device(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.STOPPED)


async def by_a_lost_client(phone: Phone) -> None:
    phone.house.microphone.lose()


async def by_focus(phone: Phone) -> None:
    await phone.house.focus.stop_foreground()


ENDS: dict[Callable[[Phone], Awaitable[None]], ClaimEndReason] = {
    by_the_skill: NATURAL,
    by_the_other_side: NATURAL,
    by_button: USER_PTT,
    by_the_hang_up_entity: USER_PTT,
    by_silence: USER_PTT,
    by_a_hand_on_the_device: USER_PTT,
    by_an_alarm: PREEMPTED,
    by_focus: PREEMPTED,
    by_a_raising_handler: ERROR,
    by_a_handler_that_lets_a_cancellation_slip: ERROR,
    by_a_raising_source: ERROR,
    by_a_lost_client: ERROR,
}

every_end = pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
