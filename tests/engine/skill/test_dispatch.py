"""Calling tools: whatever goes wrong is something a model can speak about (Engine T11)."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from custom_components.huxley.engine.errors import SkillError
from custom_components.huxley.engine.skill.dispatch import Dispatcher
from custom_components.huxley.engine.skill.language import spoken_language
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.skill.skill import Skill, check_config
from custom_components.huxley.engine.skill.tool import ToolDefinition, tool


class Lamp(Skill):
    name = "lamp"

    @tool
    async def dim(self, level: int) -> str:
        """Dim the lamp."""
        return f"{level} in {spoken_language()}"

    @tool
    async def burn(self) -> str:
        """Break."""
        raise ValueError("the filament is gone")

    @tool(timeout=timedelta(seconds=3))
    async def wait(self) -> str:
        """Take forever."""
        await asyncio.Event().wait()
        return ""

    @tool
    async def time_out(self) -> str:
        """Raise what a slow network raises."""
        raise TimeoutError("no answer from the lamp")

    @tool
    async def slip(self) -> str:
        """Let a cancellation slip."""
        raise asyncio.CancelledError

    @tool
    async def leave(self) -> str:
        """Call `exit`, as a script would."""
        raise SystemExit

    @tool
    async def nothing(self) -> str:
        """Forget to answer."""
        return None  # type: ignore[return-value]

    @tool(adult=True)
    async def red(self) -> str:
        """Turn red."""
        return "red"


def dispatcher(**options: Any) -> Dispatcher:
    return Dispatcher(Registry({"lamp": Lamp()}, **options), lambda: "t-7f3a")


def problem(result: ToolResult) -> tuple[str, str]:
    assert result.is_error
    said = json.loads(result.output)
    return said["error"], said["detail"]


async def test_arguments_are_taken_as_mapping_or_as_json_text() -> None:
    assert await dispatcher().call("dim", {"level": 3}) == ToolResult("3 in None")
    assert await dispatcher().call("dim", '{"level": "30"}') == ToolResult("30 in None")


async def test_tool_hears_the_language_of_its_call_and_nobody_else_does() -> None:
    assert (await dispatcher().call("dim", {"level": 3}, language="es")).output == "3 in es"
    assert spoken_language() is None


async def test_calls_in_two_languages_at_once_do_not_mix() -> None:
    calls = dispatcher()
    results = await asyncio.gather(*(calls.call("dim", {"level": 1}, language=tag) for tag in ("es", "fr", "en")))
    assert [result.output for result in results] == ["1 in es", "1 in fr", "1 in en"]


async def test_unknown_tool_is_answered_with_those_there_are() -> None:
    error, detail = problem(await dispatcher().call("fly", {}))
    assert error == "unknown_tool"
    assert "dim" in detail


async def test_wrong_arguments_are_answered_with_what_would_fit() -> None:
    assert problem(await dispatcher().call("dim", {"level": "high"})) == (
        "bad_arguments",
        '`level` must be integer, not "high".',
    )
    assert problem(await dispatcher().call("dim", "{"))[0] == "bad_arguments"


async def test_raised_exception_is_an_answer_and_is_logged_once_with_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert problem(await dispatcher().call("burn")) == ("failed", "burn failed: the filament is gone")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.getMessage() == "tool.failed turn=t-7f3a tool=burn skill=lamp"


async def test_slow_tool_is_given_up_at_its_own_timeout() -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert problem(await dispatcher().call("wait")) == ("timeout", "wait took longer than 3 seconds.")
    assert loop.time() - started == pytest.approx(3)


async def test_timeout_inside_the_skill_is_the_skills_failure() -> None:
    assert problem(await dispatcher().call("time_out")) == ("failed", "time_out failed: no answer from the lamp")


async def test_cancellation_that_a_skill_lets_slip_is_a_failure() -> None:
    assert problem(await dispatcher().call("slip"))[0] == "failed"


async def test_tool_that_calls_exit_does_not_end_the_house() -> None:
    assert problem(await dispatcher().call("leave")) == ("failed", "leave failed: leave tried to end Home Assistant")


async def test_cancelling_the_caller_cancels_the_tool() -> None:
    call = asyncio.create_task(dispatcher().call("wait"))
    await asyncio.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert "huxley tool lamp.wait" not in [task.get_name() for task in asyncio.all_tasks()]


class Stubborn(Skill):
    name = "stubborn"

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    @tool(timeout=timedelta(seconds=3))
    async def cling(self) -> str:
        """Ignore every cancellation."""
        while not self.let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.let_go.wait()
        raise OSError("too late")

    @tool(timeout=timedelta(seconds=3))
    async def stumble(self) -> str:
        """Fail while cleaning up."""
        try:
            await self.let_go.wait()
        finally:
            raise OSError("cannot clean up")


async def test_tool_that_ignores_its_end_does_not_hold_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    skill = Stubborn()
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert problem(await Dispatcher(Registry({"stubborn": skill})).call("cling"))[0] == "timeout"
    assert loop.time() - started == pytest.approx(4)
    assert "tool.does_not_end tool=cling skill=stubborn" in caplog.text
    skill.let_go.set()
    await asyncio.sleep(1)
    assert "OSError: too late" in caplog.text


async def test_tool_that_fails_while_cleaning_up_is_a_timeout_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert problem(await Dispatcher(Registry({"stubborn": Stubborn()})).call("stumble"))[0] == "timeout"
    assert "OSError: cannot clean up" in caplog.text


async def test_tool_that_returns_nothing_is_a_failure() -> None:
    assert problem(await dispatcher().call("nothing"))[0] == "failed"


async def test_child_safe_hides_adult_tools_and_refuses_them() -> None:
    safe = dispatcher(child_safe=True)
    assert "red" not in [definition.name for definition in safe.definitions]
    assert problem(await safe.call("red"))[0] == "unknown_tool"
    assert await dispatcher().call("red") == ToolResult("red")


def test_two_skills_with_one_tool_name_are_both_named() -> None:
    with pytest.raises(SkillError, match="Skills lamp and lantern both have a tool dim"):
        Registry({"lamp": Lamp(), "lantern": Lamp()})


async def test_log_line_outside_a_turn_has_no_turn(caplog: pytest.LogCaptureFixture) -> None:
    await Dispatcher(Registry({})).call("dim")
    assert caplog.messages == ["tool.unknown tool=dim"]


async def test_skill_may_bring_tools_of_its_own_making() -> None:
    class Free(Skill):
        name = "free"

        @property
        def tools(self) -> tuple[ToolDefinition, ...]:
            return (ToolDefinition("echo", "Say it again.", {"type": "object", "properties": {"x": {}}}),)

        async def handle(self, tool_name: str, arguments: Mapping[str, Any]) -> ToolResult:
            return ToolResult(f"{tool_name} {arguments['x']}")

    registry = Registry({"free": Free()})
    assert list(registry.skills) == ["free"]
    assert (await Dispatcher(registry).call("echo", {"x": 1})).output == "echo 1"


def test_config_is_checked_against_the_skills_schema() -> None:
    class Strict(Skill):
        name = "strict"
        config_schema: ClassVar[Mapping[str, Any]] = {
            "type": "object",
            "properties": {"minutes": {"type": "integer"}},
            "additionalProperties": False,
        }

    assert check_config(Strict, {"minutes": "5"}) == {"minutes": 5}
    assert check_config(Lamp, {"anything": 1}) == {"anything": 1}
    with pytest.raises(SkillError, match="Skill strict: There is no parameter `hours`"):
        check_config(Strict, {"hours": 1})
