"""The system skill: the time and the volume."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.huxley.engine.skill.dispatch import Dispatcher
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.runtime.skill_packages import SkillPackage
from custom_components.huxley.sdk import SetVolume, ToolResult
from custom_components.huxley.sdk.testing import FakeHome, make_context

type Load = Callable[[str], SkillPackage]


async def call(load: Load, tool: str, arguments: dict[str, Any] | None = None, **options: Any) -> ToolResult:
    package = load("system")
    skill = package.skill_class()
    language = options.pop("language", "en")
    await skill.setup(make_context("system", responses=package.responses, **options))
    return await Dispatcher(Registry({"system": skill})).call(tool, arguments, language=language)


@pytest.mark.parametrize(
    ("hour", "language", "words"),
    [
        (22, "en", "It is 10:05 PM."),
        (0, "en", "It is 12:05 AM."),
        (12, "en", "It is 12:05 PM."),
        (22, "es", "Son las 22:05."),
        (9, "fr", "Il est 9 h 05."),
    ],
)
async def test_time_is_said_as_the_language_says_it(load: Load, hour: int, language: str, words: str) -> None:
    now = datetime(2026, 1, 2, hour, 5, tzinfo=UTC)
    assert await call(load, "get_time", now=now, language=language) == ToolResult(words)


async def test_volume_is_set_and_said(load: Load) -> None:
    assert await call(load, "set_volume", {"level": "30"}) == ToolResult("Volume at 30 percent.", SetVolume(30))


@pytest.mark.parametrize("level", [-1, 101, "loud"])
async def test_volume_that_does_not_exist_is_refused(load: Load, level: object) -> None:
    result = await call(load, "set_volume", {"level": level})
    assert result.is_error
    assert result.side_effect is None


@pytest.mark.parametrize(
    ("tool", "before", "after"),
    [
        ("volume_up", 40, 50),
        ("volume_up", 95, 100),
        ("volume_up", 100, 100),
        ("volume_down", 40, 30),
        ("volume_down", 4, 0),
    ],
)
async def test_volume_goes_in_steps_and_stays_within_its_bounds(load: Load, tool: str, before: int, after: int) -> None:
    assert (await call(load, tool, home=FakeHome(level=before))).side_effect == SetVolume(after)


async def test_speaker_that_does_not_tell_its_volume_is_an_honest_answer(load: Load) -> None:
    result = await call(load, "volume_up", home=FakeHome(level=None), language="es")
    assert result.is_error
    assert result.side_effect is None
    assert result.output.startswith("Este altavoz no me dice")
