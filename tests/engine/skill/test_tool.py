"""What a model is told about a decorated method."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

import pytest

from custom_components.huxley.engine.errors import SkillError
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.skill.schema import Range
from custom_components.huxley.engine.skill.skill import Skill
from custom_components.huxley.engine.skill.tool import TOOL_TIMEOUT, tool


class Mood(StrEnum):
    CALM = "calm"
    LIVELY = "lively"


class Radio(Skill):
    name = "radio"

    @tool
    async def tune(
        self,
        station: str,
        level: Annotated[int, Range(0, 100)] = 30,
        bass: float = 1.5,
        loud: bool = False,
        band: Literal["am", "fm"] = "fm",
        mood: Mood | None = None,
        tags: list[Mood] | None = None,
    ) -> ToolResult:
        """Tune in to a station.

        It keeps playing until it is stopped.

        Args:
            station: What the person calls it,
                on one line or two.
            level (int): How loud.

        Returns:
            Nothing that a model should know.
        """
        return ToolResult(f"{station} {level} {mood!r} {tags!r}")

    @tool(destructive=True, adult=True, timeout=timedelta(seconds=5))
    async def wipe(self) -> str:
        """Forget every station."""
        return "gone"

    async def not_a_tool(self) -> None:
        """Do nothing."""


def parameters() -> dict:
    return Radio().tools[0].parameters["properties"]


def test_tools_are_offered_in_the_order_they_are_written() -> None:
    assert [definition.name for definition in Radio().tools] == ["tune", "wipe"]


def test_description_is_what_stands_before_the_sections() -> None:
    assert Radio().tools[0].description == "Tune in to a station. It keeps playing until it is stopped."


def test_flags_reach_the_definition() -> None:
    tune, wipe = Radio().tools
    assert (tune.destructive, tune.adult, tune.timeout) == (False, False, TOOL_TIMEOUT)
    assert (wipe.destructive, wipe.adult, wipe.timeout) == (True, True, timedelta(seconds=5))


def test_schema_says_types_bounds_choices_and_defaults() -> None:
    assert Radio().tools[0].parameters == {
        "type": "object",
        "properties": {
            "station": {"type": "string", "description": "What the person calls it, on one line or two."},
            "level": {"type": "integer", "minimum": 0, "maximum": 100, "description": "How loud.", "default": 30},
            "bass": {"type": "number", "default": 1.5},
            "loud": {"type": "boolean", "default": False},
            "band": {"type": "string", "enum": ["am", "fm"], "default": "fm"},
            "mood": {"type": ["string", "null"], "enum": ["calm", "lively", None]},
            "tags": {"type": ["array", "null"], "items": {"type": "string", "enum": ["calm", "lively"]}},
        },
        "required": ["station"],
        "additionalProperties": False,
    }


async def test_method_gets_enum_members_and_plain_text_becomes_a_result() -> None:
    radio = Radio()
    result = await radio.handle("tune", {"station": "One", "mood": "calm", "tags": ["lively"]})
    assert result.output == f"One 30 {Mood.CALM!r} {[Mood.LIVELY]!r}"
    assert await radio.handle("wipe", {}) == ToolResult("gone")


async def test_unknown_tool_names_the_skill() -> None:
    with pytest.raises(SkillError, match="radio has no tool fly"):
        await Radio().handle("fly", {})


def test_subclass_inherits_tools_and_may_replace_them() -> None:
    class Better(Radio):
        @tool
        async def wipe(self) -> str:
            """Forget nothing."""
            return "no"

    assert [definition.description for definition in Better().tools][1] == "Forget nothing."
    assert Radio().tools[1].destructive


def test_subclass_can_withdraw_a_tool() -> None:
    class Tame(Radio):
        wipe = None

    assert [definition.name for definition in Tame().tools] == ["tune"]


def test_tool_must_be_async() -> None:
    with pytest.raises(SkillError, match="must be `async def`"):

        @tool
        def wrong(self: Skill) -> str:  # type: ignore[arg-type]
            """Return at once."""
            return ""


def test_tool_needs_a_timeout_above_zero() -> None:
    with pytest.raises(SkillError, match="above zero"):

        @tool(timeout=timedelta(0))
        async def wrong(self: Skill) -> str:
            """Return at once."""
            return ""


async def untyped(self, x) -> str: ...
async def whatever(self, x: object) -> str: ...
async def several(self, x: int | str) -> str: ...
async def mixed(self, x: Literal["a", 1]) -> str: ...
async def starred(self, *x: int) -> str: ...
async def keywords(self, **x: int) -> str: ...
async def undefined(self, x: Missing) -> str: ...  # noqa: F821
async def bare_list(self, x: list) -> str: ...


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (untyped, "needs a type"),
        (whatever, "has the type"),
        (several, "not several types"),
        (mixed, "all text or all numbers"),
        (starred, "plain named parameter"),
        (keywords, "plain named parameter"),
        (undefined, "not defined"),
        (bare_list, "has the type"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_parameter_that_no_model_can_be_told_is_an_error_at_import(function: object, problem: str) -> None:
    with pytest.raises(SkillError, match=problem):
        type("Wrong", (Skill,), {"name": "wrong", "do": tool(function)})  # type: ignore[arg-type]


def test_tool_without_a_docstring_still_has_a_schema() -> None:
    class Quiet(Skill):
        name = "quiet"

        @tool
        async def hush(self, minutes: int) -> str:
            return ""

    assert Quiet().tools[0].description == ""
    assert Quiet().tools[0].parameters["required"] == ["minutes"]
