"""Running a tool so that whatever goes wrong becomes something a model can speak about (Engine T11)."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from .language import speaking
from .logger import TurnGetter, render
from .registry import RegisteredTool, Registry
from .result import ToolResult
from .tool import ToolDefinition
from .validation import InvalidArgumentsError, parse_arguments, validate

_LOGGER = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)  # for a cancelled tool to clean up; a person does not wait longer for it


class ToolFailure(StrEnum):
    """The `error` of a failed call's output."""

    UNKNOWN_TOOL = "unknown_tool"
    """There is no such tool, or this persona may not use it."""

    BAD_ARGUMENTS = "bad_arguments"
    """The arguments do not fit; `detail` says which and what would."""

    TIMEOUT = "timeout"
    """It took longer than the tool allows."""

    FAILED = "failed"
    """The skill's code raised; the log has the traceback."""


def failure(tool: str, error: ToolFailure, detail: str) -> ToolResult:
    """Return an error result: JSON with `error`, `tool`, `detail`, for a model to put into words."""
    output = json.dumps({"error": error, "tool": tool, "detail": detail}, ensure_ascii=False)
    return ToolResult(output, is_error=True)


class Dispatcher:
    """Calls the tools of a registry."""

    def __init__(self, registry: Registry, turn: TurnGetter = lambda: None) -> None:
        self._registry = registry
        self._turn = turn
        self._left_behind: set[asyncio.Task[ToolResult]] = set()

    @property
    def definitions(self) -> tuple[ToolDefinition, ...]:
        """Every tool that may be called."""
        return tuple(self._registry.definitions)

    async def call(
        self, name: str, arguments: Mapping[str, Any] | str | None = None, *, language: str | None = None
    ) -> ToolResult:
        """Run a tool; `language` is what the person spoke, so that the skill answers in it.

        Raises nothing but the caller's own `CancelledError`; every failure is an error result.
        """
        entry = self._registry.find(name)
        if entry is None:
            known = ", ".join(definition.name for definition in self._registry.definitions)
            self._log(logging.WARNING, "tool.unknown", tool=name)
            return failure(name, ToolFailure.UNKNOWN_TOOL, f"There is no tool {name}; there are: {known}.")
        try:
            values = validate(parse_arguments(arguments), entry.definition.parameters)
        except InvalidArgumentsError as error:
            self._log(logging.WARNING, "tool.bad_arguments", tool=name, skill=entry.skill_name, problem=error)
            return failure(name, ToolFailure.BAD_ARGUMENTS, str(error))
        with speaking(language):
            return await self._run(entry, values)

    async def _run(self, entry: RegisteredTool, values: Mapping[str, Any]) -> ToolResult:
        name, limit = entry.definition.name, entry.definition.timeout.total_seconds()
        task = asyncio.create_task(_handle(entry, values), name=f"huxley tool {entry.skill_name}.{name}")
        try:
            done, _ = await asyncio.wait({task}, timeout=limit)
        finally:
            await self._end(entry, task)
        if not done:
            self._log(logging.WARNING, "tool.timeout", tool=name, skill=entry.skill_name, seconds=limit)
            return failure(name, ToolFailure.TIMEOUT, f"{name} took longer than {limit:g} seconds.")
        if task.cancelled():
            return self._failed(entry, asyncio.CancelledError())
        if error := task.exception():
            return self._failed(entry, error)
        return task.result()

    async def _end(self, entry: RegisteredTool, task: asyncio.Task[ToolResult]) -> None:
        """Cancel a tool that still runs. One that does not give up is left behind, and said so in the log."""
        if task.done():
            return
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE.total_seconds())
        if not task.done():
            self._log(logging.ERROR, "tool.does_not_end", tool=entry.definition.name, skill=entry.skill_name)
            self._left_behind.add(task)
            task.add_done_callback(self._left_behind.discard)
            task.add_done_callback(_see_exception)
        else:
            _see_exception(task)

    def _failed(self, entry: RegisteredTool, error: BaseException) -> ToolResult:
        name = entry.definition.name
        self._log(logging.ERROR, "tool.failed", error=error, tool=name, skill=entry.skill_name)
        return failure(name, ToolFailure.FAILED, f"{name} failed: {error or type(error).__name__}")

    def _log(self, level: int, event: str, error: BaseException | None = None, **values: object) -> None:
        turn = self._turn()
        context: dict[str, object] = {} if turn is None else {"turn": turn}
        _LOGGER.log(level, "%s", render(event, context | values), exc_info=error)


async def _handle(entry: RegisteredTool, values: Mapping[str, Any]) -> ToolResult:
    name = entry.definition.name
    try:
        result: object = await entry.skill.handle(name, values)
    except SystemExit as error:
        raise RuntimeError(f"{name} tried to end Home Assistant") from error
    if not isinstance(result, ToolResult):
        raise TypeError(f"{name} returned {type(result).__name__}, not a ToolResult or text")
    return result


def _see_exception(task: asyncio.Task[ToolResult]) -> None:
    """Look at what a tool raised after it was given up on; nobody waits for it any more."""
    if not task.cancelled() and (error := task.exception()):
        _LOGGER.warning("tool.failed_late task=%s", json.dumps(task.get_name()), exc_info=error)
