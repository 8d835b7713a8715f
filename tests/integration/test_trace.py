"""Engine T2: what the diagnostics tell of a turn on real devices."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import hear_out, inject, lived_in, living_room, pass_time, say, until


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    assert await async_setup_component(house, "diagnostics", {})
    async with lived_in(house, persona_subentry("basic"), living_room()):
        yield house


async def turns(home: HomeAssistant, hass_client: ClientSessionGenerator) -> list[dict[str, Any]]:
    """The turns in the diagnostics, oldest first."""
    (entry,) = home.config_entries.async_entries("huxley")
    diagnostics = await get_diagnostics_for_config_entry(home, hass_client, entry)
    return diagnostics["rooms"][0]["turns"]  # type: ignore[index, return-value, call-overload]


def events(turn: dict[str, Any]) -> list[str]:
    return [mark["event"] for mark in turn["marks"]]


def at_ms(turn: dict[str, Any], event: str) -> int:
    return next(mark["at_ms"] for mark in turn["marks"] if mark["event"] == event)


async def test_an_announcement_sounds_when_its_satellite_responds(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    told = asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await asyncio.sleep(0.05)
    devices.satellite.heard_out()
    outcome = await told
    (turn,) = await turns(home, hass_client)
    assert events(turn) == ["inject", "response_done", "first_sound", "heard_out", "barrier", "finished"]
    assert at_ms(turn, "heard_out") - at_ms(turn, "first_sound") >= 45
    assert outcome["heard"] == pytest.approx(turn["heard_ms"] / 1000, abs=0.01)
    assert turn["heard_ms"] == pytest.approx(at_ms(turn, "heard_out") - at_ms(turn, "first_sound"), abs=20)


async def their_words(home: HomeAssistant, devices: Devices) -> asyncio.Task[Any]:
    """Somebody else speaks on the satellite."""
    data = {"entity_id": "assist_satellite.satellite", "message": "Not ours", "preannounce": False}
    theirs = asyncio.create_task(home.services.async_call("assist_satellite", "announce", data, blocking=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    return theirs


async def test_an_announcement_that_waits_for_somebody_elses_speech_does_not_sound_with_it(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    theirs = await their_words(home, devices)
    told = asyncio.create_task(inject(home, message="Fire!", priority="preempt", wait=True))
    await asyncio.sleep(0.1)
    devices.satellite.heard_out()
    await theirs
    await hear_out(devices)
    await told
    ours = (await turns(home, hass_client))[-1]
    assert events(ours).count("first_sound") == 1
    assert at_ms(ours, "first_sound") >= 90


def their_answer_is(home: HomeAssistant, state: str) -> None:
    """Another agent's answer, as the satellite's state tells of it."""
    now = home.states.get("assist_satellite.satellite")
    assert now is not None
    home.states.async_set(now.entity_id, state, now.attributes)


async def test_an_announcement_does_not_sound_with_the_answer_that_it_waits_for(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    their_answer_is(home, "processing")
    told = asyncio.create_task(inject(home, message="Fire!", priority="preempt", wait=True))
    await asyncio.sleep(0.05)
    their_answer_is(home, "responding")
    await asyncio.sleep(0.05)
    their_answer_is(home, "idle")
    await hear_out(devices)
    await told
    ours = (await turns(home, hass_client))[-1]
    assert at_ms(ours, "first_sound") >= 90


async def test_an_answer_sounds_when_its_satellite_responds(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    await devices.satellite.say("put on some music")
    await hear_out(devices)
    await until(lambda: devices.log.of("player"))
    (turn,) = await turns(home, hass_client)
    assert events(turn) == [
        "ptt_start",
        "commit",
        "response",
        "tool_dispatch",
        "tool_done",
        "follow_up",
        "response",
        "response_done",
        "first_sound",
        "heard_out",
        "barrier",
        "effect_start",
        "finished",
    ]


async def test_an_answer_that_is_read_makes_no_sound(home: HomeAssistant, hass_client: ClientSessionGenerator) -> None:
    await say(home, "paint the moon green")
    (turn,) = await turns(home, hass_client)
    assert "heard_out" in events(turn)
    assert "first_sound" not in events(turn)


async def test_an_answer_in_a_browser_sounds_a_little_after_its_speech_was_made(
    home: HomeAssistant,
    devices: Devices,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    told = async_capture_events(home, "huxley_turn")
    client = await hass_ws_client(home)
    run = {"type": "assist_pipeline/run", "start_stage": "intent", "end_stage": "tts", "input": {"text": "paint it"}}
    await client.send_json_auto_id(run)
    while (await client.receive_json()).get("event", {}).get("type") != "run-end":
        pass
    await pass_time(home, seconds=2)
    await until(lambda: [event.data["event"] for event in told][-1:] == ["finished"])
    (turn,) = await turns(home, hass_client)
    assert events(turn)[-4:] == ["first_sound", "heard_out", "barrier", "finished"]
