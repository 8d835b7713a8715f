"""A round of tool calls: parallel tasks beside the response, each answered exactly once (Engine T11, T12)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..model.protocol import ToolCall, ToolOutput
from ..skill.result import ToolResult

MAX_ROUNDS = 10  # a model that still calls tools after ten rounds goes in circles (Engine T12)

type ToolRunner = Callable[[ToolCall], Coroutine[Any, Any, ToolResult]]
"""Runs one tool; whatever goes wrong is an error result."""


class ToolRound:
    """The calls of one response. Tasks belong to `running`, whose owner outlives the turn."""

    def __init__(self, run: ToolRunner, running: set[asyncio.Task[ToolResult]]) -> None:
        self._run = run
        self._running = running
        self._calls: list[tuple[ToolCall, asyncio.Task[ToolResult]]] = []

    @property
    def begun(self) -> bool:
        """Whether anything was called."""
        return bool(self._calls)

    def start(self, call: ToolCall) -> None:
        """Run one tool now, beside whatever the model still says."""
        task = asyncio.create_task(self._run(call), name=f"huxley tool {call.name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._calls.append((call, task))

    async def results(self) -> list[tuple[ToolCall, ToolResult]]:
        """All results, in the order of the calls. Cancelling this leaves the tools running to their end."""
        if self._calls:
            await asyncio.wait([task for _, task in self._calls])
        return [(call, task.result()) for call, task in self._calls]


def outputs(results: list[tuple[ToolCall, ToolResult]]) -> tuple[ToolOutput, ...]:
    """What the model hears of `results`."""
    return tuple(ToolOutput(call.call_id, call.name, result.output, result.is_error) for call, result in results)
