"""A whole development house: its peers, its Home Assistant, its room."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from .config import Development
from .esphome_device import EsphomeSatellite
from .homeassistant import HomeAssistant
from .loudspeaker import Loudspeaker
from .music_player import MusicPlayer
from .page import RoomPage
from .ports import LOOPBACK
from .process import Process
from .satellite import Satellite

SPEECH_SERVERS = {"tts": "espeak_tts", "stt": "sphinx_stt"}
"""Peer and the module that serves it."""


@dataclass(frozen=True, slots=True)
class Room:
    """The peers that Home Assistant finds when it starts."""

    loudspeaker: Loudspeaker
    satellite: Satellite
    page: str
    """URL of the room's page."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs."""

    homeassistant: HomeAssistant
    room: Room
    kitchen: EsphomeSatellite | None = None
    """The second room's only device."""


class Part(Protocol):
    """What can be started and stopped."""

    def start(self) -> Awaitable[object]: ...
    def stop(self) -> Awaitable[None]: ...


@asynccontextmanager
async def running_room(development: Development, *, record: bool = False, host: str = LOOPBACK) -> AsyncIterator[Room]:
    """Run the peers; whatever happens inside, everything that was started is stopped, the last first."""
    ports, state = development.peers, development.path / "rig"
    music = MusicPlayer(ports["player"], state)
    loudspeaker = Loudspeaker(music, record=record)
    satellite = Satellite(ports["satellite"], loudspeaker)
    page = RoomPage(ports["page"], loudspeaker, satellite, host)
    async with AsyncExitStack() as running:
        for part in (music, loudspeaker, satellite, page):
            await _run(part, running)
        async with asyncio.TaskGroup() as starting:
            for name, module in SPEECH_SERVERS.items():
                command = [sys.executable, "-m", f"scripts.rig.{module}", str(ports[name])]
                server = Process(module, command, state / f"{module}.log")
                running.push_async_callback(server.stop)
                starting.create_task(server.start(ports[name]))
        yield Room(loudspeaker, satellite, f"http://localhost:{ports['page']}/")


@asynccontextmanager
async def running_house(
    development: Development,
    *,
    record: bool = False,
    kitchen: bool = False,
    host: str = LOOPBACK,
    env: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda _text: None,
) -> AsyncIterator[House]:
    """Run the peers and a Home Assistant that is set up; `say` hears about the progress.

    With `kitchen` there is an emulated ESPHome device as well.
    """
    async with AsyncExitStack() as running:
        say("starting speech servers, satellite and player")
        room = await running.enter_async_context(running_room(development, record=record, host=host))
        device = EsphomeSatellite(development.peers["kitchen"], record=record) if kitchen else None
        if device is not None:
            await _run(device, running)
        homeassistant = HomeAssistant(development.path, development.port, env=env)
        say(f"starting Home Assistant on {homeassistant.url}")
        await _run(homeassistant, running)
        await homeassistant.initialized()
        yield House(homeassistant, room, device)


async def _run(part: Part, running: AsyncExitStack) -> None:
    running.push_async_callback(part.stop)
    await part.start()
