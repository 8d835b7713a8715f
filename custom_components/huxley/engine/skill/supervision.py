"""Background work of a skill that is kept alive, or given up on out loud."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from ..errors import SkillError
from .logger import SkillLogger

FIRST_DELAY = timedelta(seconds=1)  # before the first restart; doubles with every failure in a row
LONGEST_DELAY = timedelta(minutes=1)
HEALTHY_AFTER = timedelta(minutes=5)  # a run this long wipes the slate: the next failure is the first again
MOST_FAILURES = 5  # in a row; past this it is not a hiccup

type GiveUp = Callable[[str, Exception], None]
"""Told the task's name and its last exception when it is not started again."""


class Supervisor:
    """Runs a skill's background tasks: restarts what fails with growing delays, gives up after five in a row."""

    def __init__(self, skill: str, logger: SkillLogger, give_up: GiveUp) -> None:
        self._skill = skill
        self._logger = logger
        self._give_up = give_up
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, factory: Callable[[], Awaitable[None]]) -> None:
        """Start a task; one that returns is done. `SkillError` when one of this name still runs."""
        if name in self._tasks:
            raise SkillError(f"Skill {self._skill}: background task {name} runs already.")
        task = asyncio.create_task(self._supervise(name, factory), name=f"huxley skill {self._skill}: {name}")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def stop(self) -> None:
        """End every task and wait until each has cleaned up."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                self._logger.warning("background_stop_failed", error=repr(result))

    @staticmethod
    def _is_stopping() -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    async def _supervise(self, name: str, factory: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            try:
                await factory()
            except Exception as error:
                if self._is_stopping():
                    raise
                healthy = clock() - started >= HEALTHY_AFTER.total_seconds()
                failures = 1 if healthy else failures + 1
                self._logger.exception("background_failed", task=name, failures=failures)
                if failures >= MOST_FAILURES:
                    self._give_up(name, error)
                    return
            else:
                return
            delay = min(FIRST_DELAY * 2 ** (failures - 1), LONGEST_DELAY)
            await asyncio.sleep(delay.total_seconds())
