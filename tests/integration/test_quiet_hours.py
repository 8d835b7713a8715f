"""Engine I10: in quiet hours a room says only what matters, at its quiet volume, and gives the volume back."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from homeassistant.core import HomeAssistant

from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import hear_out, inject, lived_in, living_room, start_music, until

ALWAYS = {"quiet_from": "00:00:00", "quiet_to": "23:59:59"}


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


def volume(home: HomeAssistant) -> float:
    state = home.states.get("media_player.player")
    assert state is not None
    return state.attributes["volume_level"]


async def volume_under(home: HomeAssistant, devices: Devices, priority: str, **more: int) -> float:
    """The player's volume while the room says something, heard to its end."""
    told = asyncio.create_task(inject(home, message="Time for the pills.", priority=priority, wait=True, **more))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    during = volume(home)
    await hear_out(devices)
    assert (await asyncio.wait_for(told, 5))["outcome"] == "spoken"
    return during


@pytest.mark.parametrize(("room", "quiet"), [({}, 0.2), ({"quiet_volume": 15}, 0.15), ({"quiet_volume": 80}, 0.5)])
async def test_a_reminder_is_spoken_at_the_quiet_volume_and_the_usual_one_comes_back(
    house: HomeAssistant, devices: Devices, room: dict[str, int], quiet: float
) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(**ALWAYS, **room)):  # type: ignore[arg-type]
        assert await volume_under(house, devices, "block_behind_comms") == quiet
        assert volume(house) == 0.5


async def test_an_emergency_is_as_loud_as_ever(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(**ALWAYS)):
        assert await volume_under(house, devices, "preempt") == 0.5
        assert devices.log.of("player") == []


async def test_outside_the_quiet_hours_a_reminder_is_as_loud_as_ever(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(quiet_volume=15)):  # type: ignore[arg-type]
        assert await volume_under(house, devices, "block_behind_comms") == 0.5


@pytest.mark.parametrize("steps", [100, 16, 10])
async def test_a_device_with_few_steps_of_volume_comes_back_from_a_quiet_reminder(
    house: HomeAssistant, devices: Devices, steps: int
) -> None:
    devices.player.steps = steps
    async with lived_in(house, persona_subentry("basic"), living_room(**ALWAYS)):
        assert await volume_under(house, devices, "block_behind_comms") == pytest.approx(0.2, abs=0.05)
        assert volume(house) == 0.5


async def test_music_under_a_quiet_reminder_comes_back_as_it_was(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(**ALWAYS)):
        await start_music(devices)
        assert await volume_under(house, devices, "block_behind_comms") <= 0.2
        await until(lambda: volume(house) == 0.5)


@pytest.mark.parametrize("loud", [30, 80])
async def test_a_message_has_a_volume_of_its_own(house: HomeAssistant, devices: Devices, loud: int) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room()):
        assert await volume_under(house, devices, "block_behind_comms", volume=loud) == loud / 100
        assert volume(house) == 0.5


async def test_a_loud_message_is_not_louder_than_the_quiet_hours_allow(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(**ALWAYS)):
        assert await volume_under(house, devices, "block_behind_comms", volume=80) == 0.2
        assert await volume_under(house, devices, "preempt", volume=80) == 0.8
        assert volume(house) == 0.5
