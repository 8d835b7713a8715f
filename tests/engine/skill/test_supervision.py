"""Background work is restarted, given up on out loud, and ended at teardown."""

import asyncio

import pytest

from custom_components.huxley.engine.errors import SkillError
from custom_components.huxley.engine.skill.supervision import Supervisor
from custom_components.huxley.sdk.testing import make_context


class Watch:
    """Supervises one task and notes when it was started and given up on."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.given_up: list[tuple[str, str]] = []
        self.over = asyncio.Event()
        self.supervisor = Supervisor("timers", make_context("timers").logger, self._give_up)

    def started(self) -> int:
        self.starts.append(asyncio.get_running_loop().time())
        return len(self.starts)

    def _give_up(self, name: str, error: Exception) -> None:
        self.given_up.append((name, str(error)))
        self.over.set()

    def pauses(self) -> list[int]:
        return [round(later - earlier) for earlier, later in zip(self.starts, self.starts[1:], strict=False)]


async def test_failing_task_is_restarted_with_growing_delays_and_then_given_up() -> None:
    watch = Watch()

    async def fail() -> None:
        raise OSError(f"failure {watch.started()}")

    watch.supervisor.start("watch", fail)
    await watch.over.wait()
    assert watch.pauses() == [1, 2, 4, 8]
    assert watch.given_up == [("watch", "failure 5")]
    await watch.supervisor.stop()


async def test_long_healthy_run_wipes_the_slate() -> None:
    watch = Watch()

    async def fail_after_an_hour() -> None:
        if watch.started() <= 5:
            await asyncio.sleep(3600)
        raise OSError("again")

    watch.supervisor.start("watch", fail_after_an_hour)
    await watch.over.wait()
    assert watch.pauses() == [3601] * 5 + [2, 4, 8]
    await watch.supervisor.stop()


async def test_task_that_returns_is_done_and_its_name_is_free() -> None:
    watch = Watch()
    done = asyncio.Event()

    async def work() -> None:
        watch.started()
        done.set()

    watch.supervisor.start("watch", work)
    await done.wait()
    await asyncio.sleep(1)
    watch.supervisor.start("watch", work)
    await asyncio.sleep(1000)
    assert len(watch.starts) == 2
    assert not watch.given_up


async def test_name_is_taken_while_its_task_runs() -> None:
    watch = Watch()
    watch.supervisor.start("watch", asyncio.Event().wait)
    with pytest.raises(SkillError, match="background task watch runs already"):
        watch.supervisor.start("watch", asyncio.Event().wait)
    await watch.supervisor.stop()


async def test_stop_waits_until_each_task_has_cleaned_up() -> None:
    watch = Watch()
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(2)
            cleaned.append("work")

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("cannot even stop")

    watch.supervisor.start("work", work)
    watch.supervisor.start("stubborn", stubborn)
    await asyncio.sleep(1)
    await watch.supervisor.stop()
    assert cleaned == ["work"]
    assert not watch.given_up


async def test_task_that_waits_for_its_restart_is_ended_too() -> None:
    watch = Watch()

    async def fail() -> None:
        watch.started()
        raise OSError

    watch.supervisor.start("watch", fail)
    await asyncio.sleep(0.5)
    await watch.supervisor.stop()
    await asyncio.sleep(100)
    assert len(watch.starts) == 1


async def test_context_hands_background_work_to_the_supervisor() -> None:
    ctx = make_context("timers")
    ran = asyncio.Event()

    async def work() -> None:
        ran.set()

    ctx.background_task("work", work)
    await ran.wait()
    await ctx.supervisor.stop()
