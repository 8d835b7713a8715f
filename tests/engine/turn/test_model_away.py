"""Engine I8: a prompt waits for its model, a message needs none."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.errors import ModelUnavailableError
from custom_components.huxley.engine.model.protocol import Narration
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Injection
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, Call, House, Say, Wait, music, status

AWAY = ModelUnavailableError("no network")


def away(house: House, times: int = 1000) -> None:
    house.script(*([AWAY] for _ in range(times)))


async def prompt(house: House, **more: object) -> Injection:
    more.setdefault("priority", BLOCK)
    injection = Injection(house.agent, prompt="tell them", **more)  # type: ignore[arg-type]
    await house.room.inject(injection)
    return injection


async def test_a_prompt_waits_for_its_model_and_is_asked_again_every_five_seconds(house: House):
    away(house, 2)
    injection = await prompt(house)
    since = house.ear.now()
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert house.ear.spoken() == ["All right."]
    assert house.ear.speech[0].begin - since == pytest.approx(10)
    assert house.session.requests == [Narration("tell them")] * 3


async def test_a_prompt_is_spoken_when_the_model_is_back(house: House):
    away(house, 1)
    injection = await prompt(house)
    await asyncio.sleep(1)
    back_at = house.ear.now()
    house.room.model_back()
    await asyncio.sleep(3)
    assert status(injection) is InjectStatus.SPOKEN
    assert house.ear.speech[0].begin == back_at
    await house.quiet()
    assert len(house.session.requests) == 2


async def test_a_model_that_is_back_with_nothing_to_say_says_nothing(house: House):
    house.room.model_back()
    await house.quiet()
    assert house.ear.spoken() == []


@pytest.mark.parametrize(("life", "expected"), [(None, 60), (timedelta(seconds=12), 12), (timedelta(minutes=3), 180)])
async def test_a_prompt_whose_model_stays_away_fails_in_time_and_that_is_said(
    house: House, life: timedelta | None, expected: float
):
    away(house)
    injection = await prompt(house, expires_after=life)
    since = house.ear.now()
    outcome = await house.room.inject(injection, wait=False)
    assert outcome.status is InjectStatus.QUEUED
    result = await injection.outcome
    assert result.status is InjectStatus.FAILED
    assert result.reason == "no network"
    assert house.ear.now() - since == pytest.approx(expected, abs=5)
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]


async def test_a_prompt_that_never_had_its_moment_expires_as_ever(house: House):
    house.script([Wait(14), Say("At last.")])
    await house.ask()
    injection = await prompt(house, expires_after=timedelta(seconds=5))
    await house.quiet()
    assert status(injection) is InjectStatus.EXPIRED


async def test_a_message_is_spoken_with_no_model_in_reach(house: House):
    away(house)
    await prompt(house)
    await asyncio.sleep(1)
    message = await house.inject("Dinner")
    await asyncio.sleep(3)
    assert status(message) is InjectStatus.SPOKEN
    assert house.ear.spoken() == ["Dinner"]


async def test_a_person_is_answered_while_a_prompt_waits(house: House):
    away(house, 1)
    injection = await prompt(house)
    await asyncio.sleep(1)
    await house.say_to()
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert house.ear.spoken() == ["All right.", "All right."]


async def test_a_person_is_told_at_once_that_the_model_is_away(house: House):
    away(house, 1)
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]


async def test_an_urgent_prompt_that_sleeps_does_not_insist(house: House):
    away(house, 1)
    injection = await prompt(house, priority=PREEMPT)
    await asyncio.sleep(1)
    turn = await house.room.press()
    await asyncio.sleep(3)
    assert house.room.turn is turn
    await house.room.nothing_said()
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN


@pytest.mark.parametrize("attempts", [1, 2, 3])
async def test_prompts_keep_their_order_however_often_the_model_is_asked(house: House, attempts: int):
    away(house, 3 * attempts)
    house.session.fallback = [Say("Words.")]
    for number in (1, 2, 3):
        await house.room.inject(Injection(house.agent, prompt=f"tell {number}", priority=NORMAL))
    for _ in range(attempts):
        await asyncio.sleep(1)
        house.session.requests.clear()
        house.room.model_back()
    await house.quiet()
    assert [request.prompt for request in house.session.requests] == ["tell 1", "tell 2", "tell 3"]  # type: ignore[union-attr]


async def test_a_newer_duplicate_replaces_a_prompt_that_sleeps(house: House):
    away(house, 1)
    old = await prompt(house, dedup_key="door")
    await asyncio.sleep(1)
    new = await prompt(house, dedup_key="door")
    await house.quiet()
    assert (status(old), status(new)) == (InjectStatus.REPLACED, InjectStatus.SPOKEN)
    assert len(house.session.requests) == 2


@pytest.mark.parametrize("first", [Say("Well,"), Call("time")])
async def test_words_that_began_are_not_said_twice(house: House, first: Say | Call):
    house.tool("time", ToolResult("five"))
    house.script([first, AWAY])
    injection = await prompt(house)
    await house.quiet()
    assert status(injection) is InjectStatus.FAILED
    assert house.ear.spoken()[-1] == "(model_lost)"
    assert len(house.session.requests) == 1


async def test_a_model_lost_in_the_follow_up_has_failed(house: House):
    house.tool("time", ToolResult("five"))
    house.script([Call("time")], [AWAY])
    injection = await prompt(house)
    await house.quiet()
    assert status(injection) is InjectStatus.FAILED
    assert len(house.session.requests) == 2


async def test_closing_tells_a_prompt_that_sleeps(house: House):
    away(house)
    injection = await prompt(house)
    await asyncio.sleep(1)
    await house.room.close()
    assert status(injection) is InjectStatus.FAILED


async def test_music_goes_on_at_full_volume_between_the_attempts(house: House):
    away(house)
    await house.playing(music())
    await prompt(house)
    await asyncio.sleep(3)
    assert house.ear.content[-1].level == "full"
