"""A whole Home Assistant in this process, with simulated devices in its rooms, and who uses them."""

import asyncio
import sys
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from homeassistant.bootstrap import async_setup_hass
from homeassistant.components import assist_pipeline
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentryData
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.loader import DATA_INTEGRATIONS, Integration
from homeassistant.runner import RuntimeConfig

from benchmarks import simulation
from benchmarks.simulation import simulated_devices
from benchmarks.simulation.simulated_devices.media_player import LEVEL
from benchmarks.simulation.simulated_devices.moments import Devices
from custom_components.huxley.const import (
    CONF_MODEL,
    CONF_PERSONA,
    CONF_PLAYER,
    CONF_SATELLITE,
    DOMAIN,
    MODEL_OFFLINE,
    SUBENTRY_PERSONA,
    SUBENTRY_ROOM,
)
from custom_components.huxley.engine.audio.pcm import RATE, size
from scripts.rig.config import prepare
from scripts.rig.ports import free_port

QUIET = LEVEL * 0.4  # what an automation of people's would set while somebody speaks
MUSIC_MINUTES = 20  # no stream ends while anything is measured
PERSONA = """\
version: 1
name: Bench
voice: coral
language_code: en
transcription_language: en
timezone: Etc/UTC
system_prompt: Be brief.
skills:
  music:
    folder: {folder}
"""


@dataclass(frozen=True, slots=True)
class House:
    """A running Home Assistant, and the devices of its rooms."""

    hass: HomeAssistant
    devices: Devices

    async def act(self, action: str, **data: Any) -> None:
        """Run an action, `domain.name`, to its end."""
        domain, _, name = action.partition(".")
        await self.hass.services.async_call(domain, name, data, blocking=True)


class Resident(Protocol):
    """Who uses the devices."""

    async def move_in(self, house: House) -> None:
        """Be ready for the first wake word."""

    async def announce(self, house: House, room: int, message: str) -> None:
        """Have a room say something; returns when it was heard."""

    async def stop(self, house: House, room: int) -> None:
        """Play no more in a room."""


class Huxley:
    """The integration, set up from an entry with a room for each satellite and its player."""

    async def move_in(self, house: House) -> None:
        rooms = [
            _subentry(SUBENTRY_ROOM, f"Room {number}", _room(number)) for number in range(len(house.devices.players))
        ]
        persona = _subentry(SUBENTRY_PERSONA, "Bench", {CONF_PERSONA: "bench"}, "bench")
        await _add(house.hass, DOMAIN, {CONF_MODEL: MODEL_OFFLINE}, persona, *rooms)
        await _use_agent(house.hass, "conversation.bench")

    async def announce(self, house: House, room: int, message: str) -> None:
        await house.act("huxley.inject_turn", entity_id=f"media_player.room_{room}", message=message, wait=True)

    async def stop(self, house: House, room: int) -> None:
        await house.act("media_player.media_stop", entity_id=f"media_player.room_{room}")


class Automations:
    """Plain Home Assistant: a listener for each satellite that runs the same actions, and knows nothing else."""

    async def move_in(self, house: House) -> None:
        for room in range(len(house.devices.players)):
            self._watch(house, room)

    async def announce(self, house: House, room: int, message: str) -> None:
        await house.act("assist_satellite.announce", entity_id=_room(room)[CONF_SATELLITE], message=message)

    async def stop(self, house: House, room: int) -> None:
        await house.act("media_player.media_stop", entity_id=_room(room)[CONF_PLAYER])

    @staticmethod
    def _watch(house: House, room: int) -> None:
        satellite, player = _room(room)[CONF_SATELLITE], _room(room)[CONF_PLAYER]

        def tell(action: str, **data: Any) -> None:
            call = house.hass.services.async_call("media_player", action, {ATTR_ENTITY_ID: player, **data})
            house.hass.async_create_task(call)

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            old, new = event.data["old_state"], event.data["new_state"]
            if old is None or new is None:
                return
            if new.state == "listening":
                tell("volume_set", volume_level=QUIET)
            elif new.state == "idle":
                if old.state == "responding" and house.hass.states.is_state(player, MediaPlayerState.IDLE):
                    tell("play_media", media_content_id="library:1", media_content_type="music")
                tell("volume_set", volume_level=LEVEL)

        async_track_state_change_event(house.hass, [satellite], changed)


def configured(folder: Path) -> Path:
    """Return a configuration directory in `folder`, with logging at INFO and a persona that plays long music."""
    path = folder.resolve()
    prepare(path, free_port())
    configuration = path / "configuration.yaml"
    configuration.write_text(configuration.read_text().replace("default: warning", "default: info"))
    music = path / "music"
    music.mkdir()
    with wave.open(str(music / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(MUSIC_MINUTES):
            file.writeframes(bytes(size(timedelta(minutes=1))))
    persona = path / DOMAIN / "personas" / "bench.yaml"
    persona.parent.mkdir(parents=True)
    persona.write_text(PERSONA.format(folder=music))
    return path


@asynccontextmanager
async def running_house(config: Path, rooms: int) -> AsyncGenerator[House]:
    """Start Home Assistant with its default integrations and the devices; stop it at the end."""
    hass = await async_setup_hass(RuntimeConfig(str(config), skip_pip=True, verbose=True))
    if hass is None:
        raise RuntimeError("Home Assistant did not start")
    async with _fetching() as fetcher:
        try:
            yield await _furnished(hass, rooms, fetcher)
        finally:
            await hass.async_stop(force=True)


async def _furnished(hass: HomeAssistant, rooms: int, fetcher: asyncio.StreamWriter) -> House:
    integration = await hass.async_add_executor_job(
        Integration.resolve_from_root, hass, simulation, simulated_devices.DOMAIN
    )
    if integration is None:
        raise RuntimeError("The simulated devices are not there")
    hass.data[DATA_INTEGRATIONS][simulated_devices.DOMAIN] = integration
    await hass.async_start()
    entry = await _add(hass, simulated_devices.DOMAIN, {simulated_devices.CONF_ROOMS: rooms})
    devices: Devices = entry.runtime_data

    def fetch(player: str, url: str | None) -> None:
        fetchable = url if url is not None and url.startswith("http") else ""
        fetcher.write(f"{player} {fetchable}\n".encode())

    devices.fetch = fetch
    await _use_agent(hass, "conversation.home_assistant")
    return House(hass, devices)


@asynccontextmanager
async def _fetching() -> AsyncGenerator[asyncio.StreamWriter]:
    """Run the process that fetches what players play."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.simulation.fetcher", stdin=asyncio.subprocess.PIPE
    )
    if process.stdin is None:
        raise RuntimeError("The fetcher has no ears")
    try:
        yield process.stdin
    finally:
        process.stdin.close()
        await process.wait()


async def _add(hass: HomeAssistant, domain: str, data: dict[str, Any], *subentries: ConfigSubentryData) -> ConfigEntry:
    """Set up an entry as the user interface would."""
    entry = ConfigEntry(
        version=1,
        minor_version=1,
        domain=domain,
        title=domain,
        data=data,
        options=None,
        source="user",
        unique_id=None,
        discovery_keys=MappingProxyType({}),
        subentries_data=subentries,
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"{domain} is {entry.state}: {entry.reason}")
    return entry


async def _use_agent(hass: HomeAssistant, agent: str) -> None:
    """Have every satellite talk to `agent`."""
    await assist_pipeline.async_update_pipeline(
        hass,
        assist_pipeline.async_get_pipeline(hass),
        conversation_engine=agent,
        conversation_language="en",
        stt_engine="stt.recogniser",
        stt_language="en",
        tts_engine="tts.voice",
        tts_language="en",
    )


def _subentry(kind: str, title: str, data: dict[str, str], unique_id: str | None = None) -> ConfigSubentryData:
    return ConfigSubentryData(data=data, subentry_type=kind, title=title, unique_id=unique_id)


def _room(number: int) -> dict[str, str]:
    """The devices of a room, and who answers there, as an entry holds them."""
    return {
        CONF_SATELLITE: f"assist_satellite.satellite_{number}",
        CONF_PLAYER: f"media_player.player_{number}",
        CONF_PERSONA: "bench",
    }
