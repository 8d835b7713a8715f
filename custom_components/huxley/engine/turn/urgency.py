"""Urgent words hear a talking person out for a moment; then they insist (Engine I3)."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from .tasks import Tasks
from .turn import Turn

PERSON_LIMIT = timedelta(seconds=5)  # how long a person who is talking holds off a PREEMPT


class Urgency:
    """Calls `insist` with the turn of the person who has talked for long enough."""

    def __init__(self, tasks: Tasks, insist: Callable[[Turn], Coroutine[Any, Any, None]]) -> None:
        self._tasks = tasks
        self._insist = insist
        self._patient_with: Turn | None = None

    def arises(self, turn: Turn | None) -> None:
        """Urgent words wait for the person of `turn`. The patience with a person begins once."""
        if turn is not None and turn is not self._patient_with:
            self._patient_with = turn
            self._tasks.errand(self._wait(turn), "urgent")

    async def _wait(self, turn: Turn) -> None:
        await asyncio.sleep(PERSON_LIMIT.total_seconds())
        if self._patient_with is turn:
            self._patient_with = None
        await self._insist(turn)
