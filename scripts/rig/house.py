"""A whole development house: its peers, its Home Assistant, its room."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .config import Development
from .homeassistant import HomeAssistant
from .loudspeaker import Loudspeaker
from .music_player import MusicPlayer
from .page import RoomPage
from .ports import LOOPBACK
from .process import Process
from .satellite import Satellite

PROGRAMS = ("espeak-ng", "ffmpeg", "mpd")
"""System programs that a house needs."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything of it that runs."""

    config: Path
    homeassistant: HomeAssistant
    loudspeaker: Loudspeaker
    satellite: Satellite
    page: str
    """URL of the room's page."""


def _silent(_text: str) -> None:
    """Say nothing."""


@asynccontextmanager
async def running_house(
    development: Development,
    *,
    record: bool = False,
    host: str = LOOPBACK,
    env: Mapping[str, str] | None = None,
    say: Callable[[str], None] = _silent,
) -> AsyncIterator[House]:
    """Run a house; whatever happens inside, everything that was started is stopped, the last first."""
    ports, state = development.peers, development.path / "rig"
    music = MusicPlayer(ports["player"], state)
    loudspeaker = Loudspeaker(music, record=record)
    satellite = Satellite(ports["satellite"], loudspeaker)
    page = RoomPage(ports["page"], loudspeaker, satellite, host)
    homeassistant = HomeAssistant(development.path, development.port, env=env)
    async with AsyncExitStack() as running:

        async def start(start: Callable[[], Awaitable[object]], stop: Callable[[], Awaitable[None]]) -> None:
            running.push_async_callback(stop)
            await start()

        say("speech servers, satellite, player")
        for part in (music, loudspeaker, satellite, page):
            await start(part.start, part.stop)
        servers = [_server(module, ports[name], state) for name, module in SERVERS.items()]
        async with asyncio.TaskGroup() as group:
            for process, port in servers:
                running.push_async_callback(process.stop)
                group.create_task(process.start(port))
            say(f"Home Assistant on {homeassistant.url}")
            await start(homeassistant.start, homeassistant.stop)
        await homeassistant.initialized()
        yield House(development.path, homeassistant, loudspeaker, satellite, f"http://localhost:{ports['page']}/")


SERVERS = {"tts": "espeak_tts", "stt": "sphinx_stt"}
"""Peer and the module that serves it."""


def _server(module: str, port: int, state: Path) -> tuple[Process, int]:
    command = [sys.executable, "-m", f"scripts.rig.{module}", str(port)]
    return Process(module, command, state / f"{module}.log"), port
