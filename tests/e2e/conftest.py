"""One real house for the whole session."""

import re
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from scripts.rig.client import Client
from scripts.rig.config import prepare
from scripts.rig.entries import (
    Kitchen,
    Peers,
    conversation_agents,
    ensure_huxley,
    ensure_kitchen,
    ensure_peers,
    ensure_pipelines,
)
from scripts.rig.esphome_device import EsphomeSatellite
from scripts.rig.house import House, running_house
from scripts.rig.loudspeaker import Loudspeaker
from scripts.rig.onboarding import access_token
from scripts.rig.ports import free_port
from scripts.rig.process import ROOT
from scripts.rig.recording import RATE
from scripts.rig.satellite import Satellite

ARTIFACTS = ROOT / "build" / "e2e"
OURS = re.compile(r"^.* ERROR .*huxley.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Home:
    """What a test may use."""

    client: Client
    satellite: Satellite
    room: Loudspeaker
    peers: Peers
    house: House
    entry_id: str
    speaker: str
    """Media player of Huxley's room."""

    agents: dict[str, str]
    """Conversation entity of each persona."""

    pipelines: dict[str, str]
    """Assist pipeline of each persona."""

    device: EsphomeSatellite
    """What the kitchen has: satellite and player in one."""

    kitchen: Kitchen
    """Its entities in Home Assistant."""


@pytest_asyncio.fixture(scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A real Home Assistant with real speech, a satellite, a player and Huxley set up by its config flow.

    Two rooms: the living room has a Wyoming satellite and mpd, the kitchen an emulated ESPHome device.

    No error of ours may be in its log at the end; the recording of the room is left in build/e2e.
    """
    development = prepare(tmp_path_factory.mktemp("house"), free_port(), level="debug")
    _write_tone(development.path / "media" / "tone.wav")
    async with running_house(development, record=True, kitchen=True) as house:
        assert house.kitchen is not None
        token = await access_token(house.homeassistant.url)
        async with Client(house.homeassistant.url, token) as client:
            peers = await ensure_peers(client, development.peers)
            entry_id = await ensure_huxley(client, peers)
            speaker = await client.entity_of(entry_id, "media_player")
            agents = await conversation_agents(client, entry_id)
            pipelines = await ensure_pipelines(client, peers, agents)
            kitchen = await ensure_kitchen(client, development.peers["kitchen"], entry_id)
            await house.room.satellite.connected()
            await house.kitchen.connected()
            try:
                yield Home(
                    client=client,
                    satellite=house.room.satellite,
                    room=house.room.loudspeaker,
                    peers=peers,
                    house=house,
                    entry_id=entry_id,
                    speaker=speaker,
                    agents=agents,
                    pipelines=pipelines,
                    device=house.kitchen,
                    kitchen=kitchen,
                )
            finally:
                _keep(house)
    ours = OURS.findall(house.homeassistant.console)
    assert not ours, ours


def _write_tone(file: Path) -> None:
    """Write ten seconds of a tone at -12 dBFS."""
    time = np.arange(10 * RATE) / RATE
    tone = 32768 * 2**0.5 * 10 ** (-12 / 20) * np.sin(2 * np.pi * 440 * time)
    with wave.open(str(file), "wb") as wav:
        wav.setparams((1, 2, RATE, 0, "NONE", ""))
        wav.writeframes(tone.astype(np.int16).tobytes())


def _keep(house: House) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    house.room.loudspeaker.recording.save(ARTIFACTS / "room.wav")
    if house.kitchen is not None:
        house.kitchen.room.recording.save(ARTIFACTS / "kitchen.wav")
    Path(ARTIFACTS / "homeassistant.log").write_text(house.homeassistant.console)
