"""The main job inside Home Assistant: words in, answer out, music after the answer, announcements over it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant

from tests.integration.building import huxley_entry, persona_subentry, room_subentry
from tests.integration.devices import Devices, devices_in, use_agent

ROOM = "media_player.living_room"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    """A house with one room and two personas; `basic` lives in the room."""
    data = {"satellite": "assist_satellite.satellite", "player": "media_player.player", "persona": "basic"}
    entry = huxley_entry(persona_subentry("basic"), persona_subentry("abuelos"), room_subentry("Living room", data))
    entry.add_to_hass(house)
    assert await house.config_entries.async_setup(entry.entry_id)
    await house.async_block_till_done()
    await use_agent(house, "conversation.huxley")
    yield house
    await house.config_entries.async_unload(entry.entry_id)


async def until(condition, limit: float = 5.0) -> None:
    """Let the house run until `condition` holds."""
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0)


async def test_music_starts_only_after_the_answer_was_heard_out(home: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert devices.log.of("player") == []
    devices.satellite.heard_out()
    await until(lambda: devices.log.of("player"))
    (what, url) = devices.log.of("player")[0]
    assert what == "play"
    assert "/api/huxley/stream/" in url
    assert devices.log.entries.index(("satellite", "answered", None)) < devices.log.entries.index(
        ("player", "play", url)
    )
    assert home.states.get(ROOM).state == MediaPlayerState.PLAYING
