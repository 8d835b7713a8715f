"""The loop in virtual time: it jumps, it orders, it notices a deadlock, it waits for threads."""

import asyncio
import threading
import time

import pytest

from tests.engine.virtual_time import DeadlockError, VirtualTimeLoop, run


async def test_a_long_sleep_costs_no_real_time():
    loop = asyncio.get_running_loop()
    before, real_before = loop.time(), time.monotonic()
    await asyncio.sleep(3600)
    assert loop.time() - before == pytest.approx(3600)
    assert time.monotonic() - real_before < 5


async def test_timers_fire_in_the_order_of_their_times():
    heard = []
    loop = asyncio.get_running_loop()
    for delay in (3, 1, 2):
        loop.call_later(delay, heard.append, delay)
    await asyncio.sleep(4)
    assert heard == [1, 2, 3]


async def test_the_clock_stands_still_while_something_is_ready():
    loop = asyncio.get_running_loop()
    before = loop.time()
    for _ in range(50):
        await asyncio.sleep(0)
    assert loop.time() == before


async def test_a_timeout_fires_at_its_virtual_time():
    loop = asyncio.get_running_loop()
    before = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await asyncio.Event().wait()
    assert loop.time() - before == pytest.approx(30)


async def test_the_clock_stands_still_while_a_thread_works():
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await asyncio.to_thread(lambda: 42) == 42
    assert loop.time() == before
    await loop.shutdown_default_executor()


async def wait_for_nobody():
    await asyncio.Event().wait()


def test_a_deadlock_is_an_error_that_names_who_waits():
    with pytest.raises(DeadlockError, match="wait_for_nobody"):
        run(wait_for_nobody())


def test_a_deadlock_is_noticed_below_a_background_task():
    async def main():
        task = asyncio.create_task(wait_for_nobody(), name="the background one")
        await task

    with pytest.raises(DeadlockError, match="the background one"):
        run(main())


def test_a_task_left_behind_is_an_error():
    async def main():
        main.task = asyncio.create_task(asyncio.sleep(60), name="forgotten")

    with pytest.raises(AssertionError, match="forgotten"):
        run(main())


def test_a_timer_left_behind_is_an_error():
    async def main():
        asyncio.get_running_loop().call_later(60, print)

    with pytest.raises(AssertionError, match="timers left behind"):
        run(main())


def test_an_exception_in_a_callback_is_an_error():
    async def main():
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run(main())


def test_run_returns_the_result_and_joins_its_threads():
    assert run(asyncio.to_thread(threading.current_thread)) is not threading.current_thread()


async def test_engine_tests_get_this_loop():
    assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
