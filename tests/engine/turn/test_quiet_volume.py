"""Engine I10: words have a volume of their own, at night a quiet one, and the usual one comes back exactly."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.skill.inject import InjectStatus
from tests.engine.turn.house import BLOCK, PREEMPT, House, status


def volumes(house: House) -> list[str]:
    return [command for command in house.ear.commands() if command.startswith("volume")]


async def test_quiet_words_are_spoken_quietly_and_the_volume_comes_back(house: House):
    house.speaker.volume = 47
    injection = await house.inject("Pills", quiet_volume=15)
    await asyncio.sleep(0.1)
    assert house.speaker.volume == 15
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert house.speaker.volume == 47
    first = house.ear.commands().index("volume 15")
    assert first < house.ear.commands().index("write Pills") < house.ear.commands().index("volume 47")


@pytest.mark.parametrize("how", ["press", "interrupt", "alarm", "failure"])
async def test_the_volume_comes_back_however_the_words_end(house: House, how: str):
    if how == "failure":
        house.speaker.heard_out_error = SpeakerError("no")
    await house.inject("One two three four five six", quiet_volume=15)
    await asyncio.sleep(1)
    if how == "press":
        await house.room.press()
        await house.room.nothing_said()
    elif how == "interrupt":
        await house.room.interrupt()
    elif how == "alarm":
        await house.inject("Smoke", PREEMPT)
    await house.quiet()
    assert house.speaker.volume == 50


async def test_a_volume_that_a_person_sets_meanwhile_stays(house: House):
    await house.inject("One two three four", quiet_volume=15)
    await asyncio.sleep(1)
    await house.speaker.set_volume(30)
    await house.quiet()
    assert house.speaker.volume == 30


@pytest.mark.parametrize("before", [None, 10, 15])
async def test_quiet_words_never_make_the_room_louder(house: House, before: int | None):
    house.speaker.volume = before
    await house.inject("Pills", quiet_volume=15)
    await house.quiet()
    assert volumes(house) == []


async def test_an_alarm_is_never_quiet(house: House):
    await house.inject("Smoke", PREEMPT, quiet_volume=15)
    await house.quiet()
    assert volumes(house) == []


async def test_a_speaker_without_a_volume_speaks_as_it_is(house: House):
    house.speaker.capabilities = replace(house.speaker.capabilities, volume=False)
    injection = await house.inject("Pills", quiet_volume=15)
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert volumes(house) == []


async def test_a_volume_that_cannot_be_set_does_not_spare_the_words(house: House):
    house.speaker.volume_error = SpeakerError("no")
    injection = await house.inject("Pills", BLOCK, quiet_volume=15)
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert house.speaker.volume == 50


async def test_quiet_words_one_after_the_other_give_back_the_first_volume(house: House):
    await house.inject("One", quiet_volume=15)
    await house.inject("Two", quiet_volume=20)
    await house.quiet()
    assert house.speaker.volume == 50
    assert house.ear.spoken() == ["One", "Two"]


@pytest.mark.parametrize("level", [15, 85])
async def test_words_are_spoken_at_the_volume_that_was_asked_for(house: House, level: int):
    injection = await house.inject("Pills", volume=level)
    await asyncio.sleep(0.1)
    assert house.speaker.volume == level
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert volumes(house) == [f"volume {level}", "volume 50"]


async def test_quiet_hours_are_stronger_than_the_volume_that_was_asked_for(house: House):
    await house.inject("Pills", volume=80, quiet_volume=20)
    await house.quiet()
    assert volumes(house) == ["volume 20", "volume 50"]
    await house.inject("Pills", volume=10, quiet_volume=20)
    await house.quiet()
    assert volumes(house)[2:] == ["volume 10", "volume 50"]


async def test_an_alarm_is_as_loud_as_it_asks_for(house: House):
    await house.inject("Smoke", PREEMPT, volume=90, quiet_volume=15)
    await house.quiet()
    assert volumes(house) == ["volume 90", "volume 50"]


@pytest.mark.parametrize("reported", [17, 13, 50])
async def test_a_device_that_rounds_or_reports_late_gets_its_volume_back(house: House, reported: int):
    await house.inject("One two three four", volume=15)
    await asyncio.sleep(1)
    house.speaker.volume = reported
    await house.quiet()
    assert volumes(house) == ["volume 15", "volume 50"]
