"""A house with devices that somebody lives in: what people and automations do there, for tests to read like a story."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from tests.integration.building import huxley_entry, room_subentry
from tests.integration.devices import Devices, use_agent

ROOM = "media_player.living_room"
DEVICES_OF_ROOM = {"satellite": "assist_satellite.satellite", "player": "media_player.player"}


def living_room(persona: str = "basic", **data: str) -> dict[str, Any]:
    """The room with the satellite and the player."""
    return room_subentry("Living room", DEVICES_OF_ROOM | {"persona": persona} | data)


@asynccontextmanager
async def lived_in(
    hass: HomeAssistant, *subentries: dict[str, Any], agent: str | None = "conversation.huxley"
) -> AsyncGenerator[MockConfigEntry]:
    """Set an entry up, and unload it at the end if the test has not."""
    entry = huxley_entry(*subentries)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    if agent is not None:
        await use_agent(hass, agent)
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


async def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    """Let the house run until `condition` holds."""
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0)


async def pass_time(hass: HomeAssistant, **time: float) -> None:
    """Everything that waits for less than this has waited."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**time))
    await hass.async_block_till_done()


async def say(hass: HomeAssistant, text: str, agent: str = "conversation.huxley", language: str = "en") -> str:
    """Type words to a persona; the answer."""
    response = await hass.services.async_call(
        "conversation",
        "process",
        {"agent_id": agent, "text": text, "language": language},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return response["response"]["speech"]["plain"]["speech"]


async def start_music(devices: Devices) -> None:
    """Ask the satellite for music and hear the answer out."""
    await devices.satellite.say("put on some music")
    await hear_out(devices)
    await until(lambda: devices.log.of("player"))
    devices.log.entries.clear()


async def hear_out(devices: Devices) -> None:
    """The satellite speaks, to the end."""
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: not devices.satellite.speaking.is_set())


async def inject(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Run `huxley.inject_turn` in the room; the response."""
    response = await hass.services.async_call(
        "huxley", "inject_turn", {"entity_id": ROOM, **data}, blocking=True, return_response=True
    )
    assert response is not None
    return response[ROOM]


async def reload(hass: HomeAssistant) -> None:
    """Run `huxley.reload`."""
    await hass.services.async_call("huxley", "reload", {}, blocking=True)
    await hass.async_block_till_done()


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """What Huxley asks people to repair."""
    return {issue_id: issue for (domain, issue_id), issue in ir.async_get(hass).issues.items() if domain == "huxley"}
