"""Tasks with an owner: each has a name, ends with the room, and its exception is seen."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Concatenate, Protocol

_LOGGER = logging.getLogger(__name__)

CLOSE_LIMIT = timedelta(seconds=10)  # a device that has not answered by then never will


class Tasks:
    """The tasks of one room: errands, which closing calls off, and work, which closing waits for."""

    def __init__(self) -> None:
        self._errands: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[Any]] = set()

    def errand(self, work: Coroutine[Any, Any, None], name: str, *, eager: bool = False) -> None:
        """Start something that may be dropped when the room closes; `eager` as for `work`."""
        task = asyncio.Task(work, name=f"huxley {name}", eager_start=eager)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        task.add_done_callback(_report)

    def work[T](self, work: Coroutine[Any, Any, T], name: str, *, eager: bool = False) -> asyncio.Task[T]:
        """Start something that runs to its end; its starter sees its exception.

        With `eager` it runs up to its first wait before this returns: who presses waits for no turn of the loop.
        """
        task = asyncio.Task(work, name=f"huxley {name}", eager_start=eager)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def close(self) -> None:
        """Call the errands off and wait for the work; what does not end in time is cancelled."""
        for task in self._errands:
            task.cancel()
        await ended(self._errands | self._work)


class _Gated(Protocol):
    """Something with a gate that one task at a time passes."""

    @property
    def gate(self) -> asyncio.Lock:
        """The gate."""

    @property
    def tasks(self) -> Tasks:
        """Who owns the tasks."""


def gated[S: _Gated, **P, R](
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Let one task at a time into `method`, and let it finish although its caller is cancelled."""

    @functools.wraps(method)
    async def whole(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        async def inside() -> R:
            async with self.gate:
                return await method(self, *args, **kwargs)

        task = self.tasks.work(inside(), method.__name__, eager=True)
        return task.result() if task.done() else await asyncio.shield(task)

    return whole


async def attempt(what: str, step: Callable[[], Awaitable[None]], limit: timedelta) -> bool:
    """Take a step that may raise or hang: it is logged, and only the caller's own cancellation gets out."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            await step()
    except asyncio.CancelledError as err:
        if cancelled_from_outside():
            raise
        _LOGGER.exception("room.step_failed step=%s", what, exc_info=err)
    except Exception:
        _LOGGER.exception("room.step_failed step=%s", what)
    else:
        return True
    return False


def cancelled_from_outside() -> bool:
    """Tell the running task's own cancellation from a `CancelledError` that somebody's code let slip."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def ended(tasks: set[asyncio.Task[Any]]) -> None:
    """Wait for `tasks`; cancel what outlasts the limit, and say so."""
    for _ in range(2):
        if not tasks:
            return
        _, tasks = await asyncio.wait(tasks, timeout=CLOSE_LIMIT.total_seconds())
        for task in tasks:
            _LOGGER.error("room.task_does_not_end task=%s", task.get_name())
            task.cancel()


def heed(task: asyncio.Task[Any]) -> None:
    """Take note of how `task` ended: whoever waits for it tells of a failure, and after a cut nobody needs to."""
    if not task.cancelled() and (err := task.exception()) is not None:
        _LOGGER.debug("room.task_over task=%s error=%s", task.get_name(), err)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (err := task.exception()) is not None:
        _LOGGER.error("room.task_failed task=%s", task.get_name(), exc_info=err)
