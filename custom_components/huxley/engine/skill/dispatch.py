"""Running a tool so that whatever goes wrong becomes something a model can speak about (Engine T11)."""

import asyncio
import json
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from .language import speaking
from .logger import TurnGetter, render
from .registry import RegisteredTool, Registry
from .result import ToolResult
from .tool import ToolDefinition
from .validation import InvalidArgumentsError, parse_arguments, validate

_LOGGER = logging.getLogger(__name__)


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
        deadline = asyncio.timeout(limit)
        try:
            async with deadline:
                result = await entry.skill.handle(name, values)
            if not isinstance(result, ToolResult):
                raise TypeError(f"{name} returned {type(result).__name__}, not a ToolResult or text")  # noqa: TRY301
        except asyncio.CancelledError as error:
            if _caller_is_cancelled():
                raise
            return self._failed(entry, error)
        except Exception as error:  # noqa: BLE001 - logged with its traceback; a skill never ends a turn
            if deadline.expired() and isinstance(error, TimeoutError):
                self._log(logging.WARNING, "tool.timeout", tool=name, skill=entry.skill_name, seconds=limit)
                return failure(name, ToolFailure.TIMEOUT, f"{name} took longer than {limit:g} seconds.")
            return self._failed(entry, error)
        return result

    def _failed(self, entry: RegisteredTool, error: BaseException) -> ToolResult:
        name = entry.definition.name
        self._log(logging.ERROR, "tool.failed", error=error, tool=name, skill=entry.skill_name)
        return failure(name, ToolFailure.FAILED, f"{name} failed: {error or type(error).__name__}")

    def _log(self, level: int, event: str, error: BaseException | None = None, **values: object) -> None:
        turn = self._turn()
        context: dict[str, object] = {} if turn is None else {"turn": turn}
        _LOGGER.log(level, "%s", render(event, context | values), exc_info=error)


def _caller_is_cancelled() -> bool:
    """Tell our own cancellation from a `CancelledError` that a skill let slip."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
