"""Engine I3-I8: who of those that wait is next, who is turned away, and when."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.errors import ModelUnavailableError
from custom_components.huxley.engine.model.protocol import Narration
from custom_components.huxley.engine.skill.inject import InjectPriority, InjectStatus
from custom_components.huxley.engine.turn import Injection
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, House, Wait, music, status

AWAY = ModelUnavailableError("no network")
SECOND = timedelta(seconds=1)


async def prompt(house: House, text: str = "tell them", priority: InjectPriority = BLOCK, **more: object) -> Injection:
    injection = Injection(house.agent, prompt=text, priority=priority, **more)  # type: ignore[arg-type]
    await house.room.inject(injection)
    return injection


def asked(house: House) -> list[str]:
    return [request.prompt for request in house.session.requests if isinstance(request, Narration)]


# What waits


async def test_what_takes_the_place_of_a_duplicate_expires_by_its_own_time(house: House):
    await house.room.press()
    await house.inject("Doorbell", dedup_key="door")
    newer = await house.inject("Doorbell again", dedup_key="door", expires_after=SECOND)
    await asyncio.sleep(2)
    assert status(newer) is InjectStatus.EXPIRED


async def test_a_full_queue_turns_the_newest_of_the_lowest_tier_away(house: House):
    await house.room.press()
    reminder = await house.inject("Pills", BLOCK)
    waiting = [await house.inject(f"w{number}", NORMAL) for number in range(63)]
    await house.inject("Smoke", PREEMPT)
    await house.inject("Water", PREEMPT)
    assert [number for number, injection in enumerate(waiting) if injection.outcome.done()] == [61, 62]
    assert status(reminder) is None
    await house.room.nothing_said()
    await house.quiet(300)
    assert house.ear.spoken() == ["Smoke", "Water", "Pills", *(f"w{number}" for number in range(61))]


# What waits for its model


async def test_a_prompt_that_was_asked_before_goes_before_what_came_after_it(house: House):
    house.script([Wait(3), AWAY])
    await prompt(house, "first", NORMAL)
    await asyncio.sleep(1)
    await house.inject("second", NORMAL)
    playback = await house.playing(music())
    await asyncio.sleep(10)
    playback.end()
    await house.quiet()
    assert house.ear.spoken() == ["All right.", "second"]


async def test_a_model_that_came_back_for_nothing_is_asked_again_five_seconds_later(house: House):
    house.script([AWAY], [AWAY])
    await prompt(house)
    await asyncio.sleep(2)
    house.room.model_back()
    await asyncio.sleep(4.5)
    assert len(house.session.requests) == 2
    await asyncio.sleep(1)
    assert len(house.session.requests) == 3
    await house.quiet()


async def test_a_prompt_that_was_asked_twice_leaves_nothing_behind(house: House):
    house.script([AWAY])
    injection = await prompt(house, expires_after=timedelta(hours=1))
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN


async def test_closing_leaves_no_attempt_behind_when_several_prompts_sleep(house: House):
    house.script(*([AWAY] for _ in range(2)))
    injections = [await prompt(house, str(number)) for number in range(2)]
    await asyncio.sleep(1)
    await house.room.close()
    assert [status(injection) for injection in injections] == [InjectStatus.FAILED] * 2


# How long a person who talks is heard out


async def test_an_urgent_prompt_insists_five_seconds_after_its_next_attempt_and_not_while_it_sleeps(house: House):
    house.script([AWAY])
    await prompt(house, priority=PREEMPT)
    since = house.ear.now()
    await asyncio.sleep(1)
    await house.room.press()
    await house.quiet()
    assert house.ear.speech[0].begin - since == pytest.approx(10)


async def test_what_is_not_urgent_does_not_use_up_the_patience_with_a_person(house: House):
    await house.room.press()
    await house.inject("Pills", BLOCK)
    await asyncio.sleep(3)
    since = house.ear.now()
    await house.inject("Smoke", PREEMPT)
    await house.quiet()
    assert house.ear.spoken() == ["Smoke", "Pills"]
    assert house.ear.speech[0].begin - since == pytest.approx(5)


async def test_alarms_that_came_to_nothing_leave_the_patience_with_a_person_as_it_is(house: House):
    await house.room.press()
    await house.inject("One", PREEMPT, expires_after=SECOND)
    await asyncio.sleep(3)
    await house.inject("Two", PREEMPT, expires_after=SECOND)
    await asyncio.sleep(3)
    since = house.ear.now()
    await house.inject("Three", PREEMPT)
    await house.quiet()
    assert house.ear.spoken() == ["Three"]
    assert house.ear.speech[0].begin - since == pytest.approx(5)


async def test_the_end_of_one_persons_patience_does_not_begin_the_next_ones_anew(house: House):
    await house.room.press()
    await house.inject("One", PREEMPT, expires_after=SECOND)
    await asyncio.sleep(1.5)
    await house.room.nothing_said()
    await house.room.press()
    await asyncio.sleep(1.5)
    await house.inject("Two", PREEMPT, expires_after=4 * SECOND)
    await asyncio.sleep(6)
    since = house.ear.now()
    await house.inject("Three", PREEMPT)
    await house.quiet()
    assert house.ear.spoken() == ["Three"]
    assert house.ear.speech[0].begin - since == pytest.approx(5)
