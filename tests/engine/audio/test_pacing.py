"""Engine A2: audio leaves no faster than it is heard, and without drift."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.audio.pacing import Pacer
from custom_components.huxley.engine.audio.pcm import FRAME

LEAD = timedelta(seconds=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def make() -> tuple[Pacer, asyncio.AbstractEventLoop]:
    loop = asyncio.get_running_loop()
    return Pacer(loop.time, LEAD), loop


async def test_the_lead_leaves_at_once_and_the_rest_in_step():
    pacer, loop = make()
    pacer.run()
    began = loop.time()
    left: list[float] = []
    for number in range(200):
        await pacer.wait(number * FRAME)
        left.append(loop.time() - began)
    assert left[50] == pytest.approx(0, abs=1e-6)
    assert left[51] == pytest.approx(0.02, abs=1e-5)
    assert left[199] == pytest.approx(199 * 0.02 - 1, abs=1e-5)


async def test_an_hour_of_frames_does_not_drift():
    pacer, loop = make()
    pacer.run()
    began = loop.time()
    for number in range(0, 180_000, 70):
        await pacer.wait(number * FRAME)
        await asyncio.sleep(0.001)
    assert loop.time() - began == pytest.approx(number * 0.02 - 1 + 0.001, abs=1e-4)


async def test_a_slow_sender_catches_up_instead_of_staying_behind():
    pacer, loop = make()
    pacer.run()
    await asyncio.sleep(10)
    began = loop.time()
    for number in range(500):
        await pacer.wait(number * FRAME)
    assert loop.time() == began


async def test_only_the_time_in_which_the_listener_hears_counts():
    pacer, _ = make()
    assert pacer.elapsed == seconds(0)
    await asyncio.sleep(5)
    assert pacer.elapsed == seconds(0)
    pacer.run()
    await asyncio.sleep(3)
    pacer.run()
    pacer.hold()
    pacer.hold()
    await asyncio.sleep(100)
    assert pacer.elapsed == seconds(3)
    pacer.run()
    await asyncio.sleep(2)
    assert pacer.elapsed == seconds(5)


async def test_the_lead_may_leave_before_anybody_hears():
    pacer, loop = make()
    began = loop.time()
    await pacer.wait(LEAD)
    assert loop.time() == began


async def test_nothing_more_leaves_while_the_listener_hears_nothing():
    pacer, loop = make()
    pacer.run()
    began = loop.time()
    waiting = asyncio.ensure_future(pacer.wait(seconds(3)))
    await asyncio.sleep(0.5)
    pacer.hold()
    await asyncio.sleep(60)
    assert not waiting.done()
    pacer.run()
    await waiting
    assert loop.time() - began == pytest.approx(62, abs=1e-5)
