"""An event loop whose clock moves only when everybody waits: thirty seconds of dialogue in milliseconds.

Tests under `tests/engine` get it from their conftest. Elsewhere: `run(coroutine)`, or import `VirtualTimeLoop` as the
loop factory of a folder's own conftest. Threads of the default executor are waited for in real time, and the clock
stands still meanwhile. Sockets and child processes are not for this loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from selectors import DefaultSelector, SelectorKey
from typing import Any

START = 1000.0  # seconds; not zero, so that "no time yet" and "time zero" cannot be confused
RESOLUTION = 1e-9  # seconds; smaller than any timer of ours, larger than the rounding of a sum of floats


class DeadlockError(AssertionError):
    """Every task waits, no timer is set and no thread is at work: nothing can ever happen again."""


class _Clock:
    """The loop's time, in seconds."""

    def __init__(self) -> None:
        self.now = START
        self.threads_at_work = 0


class _TimeSelector(DefaultSelector):
    """Polls, and where a real selector would sleep, moves the clock."""

    def __init__(self, clock: _Clock, describe_waiters: Callable[[], str]) -> None:
        super().__init__()
        self._clock = clock
        self._describe_waiters = describe_waiters

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Return what is ready; else jump to the next timer, `timeout` seconds away."""
        events = super().select(0)
        if events or timeout == 0:
            return events
        if self._clock.threads_at_work:
            return super().select(None)
        if timeout is None:
            raise DeadlockError(f"nothing is ready and no timer is set; waiting:\n{self._describe_waiters()}")
        self._clock.now += timeout
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio loop in virtual time."""

    def __init__(self) -> None:
        self._virtual_clock = _Clock()
        super().__init__(_TimeSelector(self._virtual_clock, self._describe_waiters))
        self._clock_resolution = RESOLUTION
        self.unhandled: list[dict[str, Any]] = []
        """Contexts of exceptions that nobody caught, as `call_exception_handler` received them."""

    def time(self) -> float:
        """Return virtual seconds."""
        return self._virtual_clock.now

    def pending_timers(self) -> list[asyncio.TimerHandle]:
        """Return timers that are set and not cancelled."""
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        return [timer for timer in scheduled if not timer.cancelled()]

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Note the exception, so that the test that caused it fails, and log it."""
        self.unhandled.append(context)
        super().default_exception_handler(context)

    def run_until_complete[T](self, future: Awaitable[T]) -> T:
        """Run; after a deadlock, cancel every task first, so that the error is the test's and not the next one's."""
        try:
            return super().run_until_complete(future)
        except DeadlockError:
            tasks = asyncio.all_tasks(self)
            for task in tasks:
                task.cancel()
            if tasks:
                super().run_until_complete(asyncio.wait(tasks))
            raise

    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run `func` in a thread; the clock stands still until it is back."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual_clock.threads_at_work += 1
        future.add_done_callback(self._thread_is_back)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Join the executor's threads in real time."""
        self._virtual_clock.threads_at_work += 1
        try:
            await super().shutdown_default_executor(timeout)
        finally:
            self._virtual_clock.threads_at_work -= 1

    def _thread_is_back(self, _future: asyncio.Future[Any]) -> None:
        self._virtual_clock.threads_at_work -= 1

    def _describe_waiters(self) -> str:
        return "\n".join(asyncio.format_call_graph(task) for task in asyncio.all_tasks(self))


def run[T](main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in virtual time and check that it leaves no task, no timer and no unseen exception behind."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        result = runner.run(main)
        loop = runner.get_loop()
        assert isinstance(loop, VirtualTimeLoop)
        check_clean(loop)
        return result


def check_clean(loop: VirtualTimeLoop) -> None:
    """Fail if a test left something behind."""
    tasks = asyncio.all_tasks(loop)
    assert not tasks, f"tasks left behind: {[task.get_name() for task in tasks]}"
    timers = loop.pending_timers()
    assert not timers, f"timers left behind: {timers}"
    assert not loop.unhandled, f"exceptions nobody caught: {loop.unhandled}"
