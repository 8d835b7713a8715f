"""The blueprints, as the automation editor would use them: what each of them has the rooms say."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import async_capture_events, async_fire_time_changed

from tests.integration.building import persona_subentry, room_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import ROOM, hear_out, lived_in, living_room, pass_time, start_music, until
from tests.packaging.repository import ROOT

FOLDER = ROOT / "blueprints" / "automation" / "huxley"
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
ROOMS = {"entity_id": [ROOM]}
PATIENCE = 5000  # turns of the loop; a timeout would end as soon as the test lets time pass


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    """Two rooms; only the living room can speak."""
    kitchen = room_subentry("Kitchen", {"persona": "basic", "player": "media_player.radio"})
    async with lived_in(house, persona_subentry("basic"), living_room(), kitchen):
        yield house


async def use(hass: HomeAssistant, blueprint: str, **inputs: Any) -> None:
    """Make an automation of a blueprint that a person imported."""
    imported = Path(hass.config.path("blueprints/automation/huxley"))
    await hass.async_add_executor_job(shutil.copytree, FOLDER, imported)
    automation = {"alias": "Test", "use_blueprint": {"path": f"huxley/{blueprint}.yaml", "input": inputs}}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


def said(devices: Devices) -> list[str]:
    """What was announced, in order."""
    return [message for what, message in devices.log.of("satellite") if what == "announce"]


def goes(hass: HomeAssistant, entity_id: str, state: str, **attributes: Any) -> None:
    hass.states.async_set(entity_id, state, attributes)


def idle(hass: HomeAssistant) -> bool:
    """Whether the room has nothing to say at the moment."""
    state = hass.states.get("sensor.living_room_turn")
    return state is not None and state.state == "idle"


async def said_after(hass: HomeAssistant, devices: Devices, **time: float) -> None:
    """Let time pass until the room speaks again, and hear it out.

    Time passes only while nobody speaks, and as often as it takes: the automation may still be on its way to its delay.
    """
    for _ in range(PATIENCE):
        if devices.satellite.speaking.is_set():
            break
        if idle(hass):
            async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**time))
        await asyncio.sleep(0)
    await hear_out(devices)
    await until(lambda: idle(hass))


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_is_one_that_home_assistant_takes(path: Path) -> None:
    blueprint = Blueprint(load_yaml_dict(path), path=path.name, schema=AUTOMATION_BLUEPRINT_SCHEMA)
    assert blueprint.domain == "automation"
    assert blueprint.validate() is None
    assert all(field.get("name") and field.get("selector") for field in blueprint.inputs.values())


def test_there_are_blueprints_to_import() -> None:
    assert [path.stem for path in BLUEPRINTS] == ["doorbell", "fire_alarm", "laundry_done"]


# --- doorbell


async def test_a_bell_that_rings_is_announced_over_music(home: HomeAssistant, devices: Devices) -> None:
    home.states.async_set("event.bell", "unknown", {"device_class": "doorbell", "event_type": None})
    await use(home, "doorbell", bell="event.bell", rooms=ROOMS)
    await start_music(devices)
    goes(home, "event.bell", "2026-11-01T10:00:00", device_class="doorbell", event_type="ring")
    await hear_out(devices)
    assert said(devices) == ["Somebody is at the door."]


@pytest.mark.parametrize(
    ("bell", "before", "after"),
    [
        (
            "event.bell",
            ("unavailable", {}),
            ("2026-11-01T10:00:00", {"event_type": "ring", "device_class": "doorbell"}),
        ),
        ("event.bell", ("unknown", {}), ("2026-11-01T10:00:00", {"event_type": "motion", "device_class": "doorbell"})),
        ("binary_sensor.bell", ("on", {}), ("off", {})),
        ("binary_sensor.bell", ("unavailable", {}), ("on", {})),
        ("binary_sensor.bell", ("on", {}), ("on", {"battery": 80})),
        ("input_button.bell", ("unavailable", {}), ("2026-11-01T10:00:00", {})),
    ],
)
async def test_what_is_no_ring_is_not_announced(
    home: HomeAssistant,
    devices: Devices,
    bell: str,
    before: tuple[str, dict[str, str]],
    after: tuple[str, dict[str, str]],
) -> None:
    home.states.async_set(bell, before[0], before[1])
    await use(home, "doorbell", bell=bell, rooms=ROOMS)
    goes(home, bell, after[0], **after[1])
    await home.async_block_till_done()
    assert said(devices) == []


@pytest.mark.parametrize(
    ("bell", "before", "after"),
    [
        ("binary_sensor.bell", "off", "on"),
        ("binary_sensor.bell", "unknown", "on"),
        ("input_button.bell", "unknown", "2026-11-01T10:00:00"),
        ("event.button", "2026-11-01T09:00:00", "2026-11-01T10:00:00"),
    ],
)
async def test_other_bells_ring_too(home: HomeAssistant, devices: Devices, bell: str, before: str, after: str) -> None:
    home.states.async_set(bell, before)
    await use(home, "doorbell", bell=bell, rooms=ROOMS, message="Ding {{ 1 + 1 }}", priority="preempt")
    goes(home, bell, after)
    await hear_out(devices)
    assert said(devices) == ["Ding 2"]


async def test_a_bell_that_is_rung_again_and_again_is_said_once(home: HomeAssistant, devices: Devices) -> None:
    home.states.async_set("binary_sensor.bell", "off")
    await use(home, "doorbell", bell="binary_sensor.bell", rooms=ROOMS)
    rang = async_capture_events(home, "automation_triggered")
    for rings in range(3):
        goes(home, "binary_sensor.bell", "on")
        await until(lambda rings=rings: len(rang) > rings)
        goes(home, "binary_sensor.bell", "off")
        await devices.satellite.speaking.wait()
    await hear_out(devices)
    await home.async_block_till_done()
    assert said(devices) == ["Somebody is at the door."]


# --- laundry


LAUNDRY = {
    "done": [{"trigger": "state", "entity_id": "sensor.washer", "to": "finished"}],
    "rooms": ROOMS,
    "every": {"minutes": 10},
    "times": 3,
}


async def test_laundry_is_said_again_until_somebody_says_that_it_is_out(home: HomeAssistant, devices: Devices) -> None:
    await use(home, "laundry_done", **LAUNDRY)
    goes(home, "sensor.washer", "finished")
    await hear_out(devices)
    await said_after(home, devices, minutes=11)
    assert said(devices) == ["The washing machine is done."] * 2
    words = {"text": "I have emptied the washing machine", "agent_id": "conversation.home_assistant"}
    await home.services.async_call("conversation", "process", words, blocking=True)
    await pass_time(home, minutes=11)
    assert len(said(devices)) == 2


async def test_laundry_that_was_taken_out_is_said_once(home: HomeAssistant, devices: Devices) -> None:
    seen_to = [{"trigger": "state", "entity_id": "binary_sensor.washer_door", "to": "on"}]
    home.states.async_set("binary_sensor.washer_door", "off")
    await use(home, "laundry_done", **LAUNDRY, seen_to=seen_to)
    goes(home, "sensor.washer", "finished")
    await hear_out(devices)
    goes(home, "binary_sensor.washer_door", "on")
    await pass_time(home, minutes=11)
    assert len(said(devices)) == 1


async def test_laundry_that_nobody_sees_to_is_given_up(home: HomeAssistant, devices: Devices) -> None:
    await use(home, "laundry_done", **LAUNDRY)
    goes(home, "sensor.washer", "finished")
    await hear_out(devices)
    await said_after(home, devices, minutes=11)
    await said_after(home, devices, minutes=11)
    await pass_time(home, minutes=11)
    await pass_time(home, minutes=11)
    assert len(said(devices)) == 3


# --- fire


FIRE = {
    "detectors": ["binary_sensor.smoke", "binary_sensor.heat"],
    "rooms": {"entity_id": [ROOM, "media_player.kitchen"]},
}


@pytest.fixture
def detectors(home: HomeAssistant) -> None:
    for detector in FIRE["detectors"]:
        home.states.async_set(detector, "off", {"friendly_name": "The smoke detector"})


async def alarm(home: HomeAssistant, devices: Devices) -> None:
    await use(home, "fire_alarm", **FIRE)
    goes(home, "binary_sensor.smoke", "on", friendly_name="The smoke detector")
    await hear_out(devices)


async def all_clear(home: HomeAssistant, devices: Devices) -> None:
    for detector in FIRE["detectors"]:
        goes(home, detector, "off")
    await said_after(home, devices, seconds=6)
    assert said(devices)[-1] == "The alarm is over."


async def test_a_fire_is_said_until_the_detector_is_off(home: HomeAssistant, devices: Devices, detectors: None) -> None:
    await alarm(home, devices)
    await said_after(home, devices, seconds=6)
    assert said(devices) == ["Fire! The smoke detector has raised the alarm. Leave the house."] * 2
    await all_clear(home, devices)
    assert len(said(devices)) == 3


async def test_a_fire_is_said_in_a_room_that_is_not_to_be_disturbed(
    home: HomeAssistant, devices: Devices, detectors: None
) -> None:
    switch = {"entity_id": "switch.living_room_do_not_disturb"}
    await home.services.async_call("switch", "turn_on", switch, blocking=True)
    await alarm(home, devices)
    assert len(said(devices)) == 1
    await all_clear(home, devices)


async def test_a_second_detector_keeps_the_alarm_going(home: HomeAssistant, devices: Devices, detectors: None) -> None:
    await alarm(home, devices)
    goes(home, "binary_sensor.heat", "on")
    goes(home, "binary_sensor.smoke", "off")
    await said_after(home, devices, seconds=6)
    assert said(devices)[1].startswith("Fire!")
    await all_clear(home, devices)


async def test_a_detector_that_falls_silent_after_its_alarm_counts_as_burning(
    home: HomeAssistant, devices: Devices, detectors: None
) -> None:
    await alarm(home, devices)
    goes(home, "binary_sensor.smoke", "unavailable")
    await said_after(home, devices, seconds=6)
    assert said(devices)[1].startswith("Fire!")
    await all_clear(home, devices)


async def test_a_satellite_that_fails_once_does_not_end_the_alarm(
    home: HomeAssistant, devices: Devices, detectors: None
) -> None:
    devices.satellite.refuses = RuntimeError("the satellite is on fire")
    await use(home, "fire_alarm", **FIRE)
    goes(home, "binary_sensor.smoke", "on", friendly_name="The smoke detector")
    await until(lambda: said(devices))
    devices.satellite.refuses = None
    await said_after(home, devices, seconds=6)
    assert len(said(devices)) == 2
    await all_clear(home, devices)
