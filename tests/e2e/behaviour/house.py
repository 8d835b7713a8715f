"""A house for the matrix: several kitchens and living rooms side by side, so that cells can be played at once."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.rig.client import Client
from scripts.rig.config import Development, prepare
from scripts.rig.entries import conversation_agents
from scripts.rig.esphome_device import EsphomeSatellite
from scripts.rig.homeassistant import HomeAssistant
from scripts.rig.house import SPEECH_SERVERS, Part
from scripts.rig.loudspeaker import Loudspeaker
from scripts.rig.music_player import MusicPlayer
from scripts.rig.onboarding import access_token
from scripts.rig.ports import LOOPBACK, free_port
from scripts.rig.process import Process
from scripts.rig.satellite import Satellite

from .cells import Sentence
from .places import DOORBELL, RUNG, Kitchen, Link, LivingRoom, Place
from .ramps import FOREIGN, OWN

PERSONA = "house"
GOES_ON = "Kitchen that goes on"
"""The room that is set to go on after a restart."""

PERSONA_FILE = f"""\
version: 1
name: House
voice: alloy
language_code: en
transcription_language: en
timezone: Etc/UTC
system_prompt: You are the voice of a house that is tested.
skills:
  music:
    folder: music
    replies:
      tracks: "{Sentence.SHORT_ANSWER}"
  system:
    replies:
      time: "{Sentence.ANSWER}"
"""
AUTOMATION = f"""
automation:
  - alias: Somebody rings
    mode: parallel
    max: 50
    triggers:
      - trigger: event
        event_type: {DOORBELL}
    actions:
      - action: assist_satellite.announce
        continue_on_error: true
        target:
          entity_id: "{{{{ trigger.event.data.satellite }}}}"
        data:
          message: "{{{{ trigger.event.data.message }}}}"
      - event: {RUNG}
        event_data:
          satellite: "{{{{ trigger.event.data.satellite }}}}"
"""


@dataclass(slots=True)
class MatrixHouse:
    """Everything that runs."""

    homeassistant: HomeAssistant
    link: Link
    token: str
    kitchens: list[Kitchen] = field(default_factory=list)
    """The last of them goes on after a restart."""

    living_rooms: list[LivingRoom] = field(default_factory=list)
    console: str = ""
    """What Home Assistant printed before it was restarted."""

    async def stop(self) -> None:
        """Stop Home Assistant as its supervisor does; the devices stay as they are."""
        await self.link.client.__aexit__()
        await self.homeassistant.stop()
        self.console += self.homeassistant.console

    async def start(self) -> None:
        """Start it again; returns when everything is set up."""
        await self.homeassistant.start()
        await self.homeassistant.initialized()
        self.link.client = await Client(self.homeassistant.url, self.token).__aenter__()


@dataclass(frozen=True, slots=True)
class _Bodies:
    """The devices of one room."""

    place: type[Place]
    parts: tuple[Any, ...]
    ports: tuple[int, ...]


@asynccontextmanager
async def matrix_house(folder: Path, kitchens: int, living_rooms: int) -> AsyncIterator[MatrixHouse]:
    """Run a house with so many rooms of each kind; everything that was started is stopped."""
    development = _prepare(folder)
    async with AsyncExitStack() as running:
        kitchen_bodies = [await _kitchen_body(number, running) for number in range(1, kitchens + 1)]
        living_bodies = [await _living_body(folder / f"mpd{number}", running) for number in range(living_rooms)]
        for name, module in SPEECH_SERVERS.items():
            command = [sys.executable, "-m", f"scripts.rig.{module}", str(development.peers[name])]
            server = Process(module, command, folder / "rig" / f"{module}.log")
            running.push_async_callback(server.stop)
            await server.start(development.peers[name])
        homeassistant = HomeAssistant(folder, development.port)
        await _run(homeassistant, running)
        await homeassistant.initialized()
        token = await access_token(homeassistant.url)
        link = Link(await Client(homeassistant.url, token).__aenter__())
        house = MatrixHouse(homeassistant, link, token)
        try:
            await _furnish(house, development, kitchen_bodies, living_bodies, folder)
            yield house
        finally:
            await link.client.__aexit__()


def _prepare(folder: Path) -> Development:
    development = prepare(folder, free_port(), level="debug")
    with (folder / "configuration.yaml").open("a") as configuration:
        configuration.write(AUTOMATION)
    personas = folder / "huxley" / "personas"
    personas.mkdir(parents=True)
    (personas / f"{PERSONA}.yaml").write_text(PERSONA_FILE)
    OWN.write(folder / "huxley" / "data" / PERSONA / "music" / "own_ramp.wav")
    FOREIGN.write(folder / "media" / "foreign.wav")
    return development


async def _kitchen_body(number: int, running: AsyncExitStack) -> tuple[EsphomeSatellite, int]:
    port = free_port()
    body = EsphomeSatellite(port, number=number)
    await _run(body, running)
    return body, port


async def _living_body(
    folder: Path, running: AsyncExitStack
) -> tuple[Loudspeaker, Satellite, MusicPlayer, tuple[int, int]]:
    ports = free_port(), free_port()
    music = MusicPlayer(ports[1], folder)
    loudspeaker = Loudspeaker(music, record=True)
    satellite = Satellite(ports[0], loudspeaker)
    for part in (music, loudspeaker, satellite):
        await _run(part, running)
    return loudspeaker, satellite, music, ports


async def _furnish(
    house: MatrixHouse,
    development: Development,
    kitchens: list[tuple[EsphomeSatellite, int]],
    living_rooms: list[tuple[Loudspeaker, Satellite, MusicPlayer, tuple[int, int]]],
    folder: Path,
) -> None:
    """Go through the config flows of everything, and make the rooms."""
    client = house.link.client
    tts = await _entity(client, "wyoming", development.peers["tts"], "tts")
    stt = await _entity(client, "wyoming", development.peers["stt"], "stt")
    entry_id = await _huxley(client)
    await _pipeline(client, tts, stt, (await conversation_agents(client, entry_id))[PERSONA])
    for number, (body, port) in enumerate(kitchens, start=1):
        device = (await client.flow("esphome", {"host": LOOPBACK, "port": port}))["result"]["entry_id"]
        satellite = await client.entity_of(device, "assist_satellite")
        player = await client.entity_of(device, "media_player")
        last = number == len(kitchens)
        name = GOES_ON if last else f"Kitchen {number}"
        room = await _room(client, entry_id, name, satellite, player, resume_after_restart=last)
        house.kitchens.append(Kitchen(house.link, body, satellite, player, room))
        house.kitchens[-1].foreign = (folder / "media" / "foreign.wav").as_uri()
    for number, (ear, mouth, music, ports) in enumerate(living_rooms, start=1):
        satellite = await _entity(client, "wyoming", ports[0], "assist_satellite")
        player = await _entity(client, "mpd", ports[1], "media_player")
        room = await _room(client, entry_id, f"Living room {number}", satellite, player)
        house.living_rooms.append(LivingRoom(house.link, ear, mouth, music, satellite, player, room))
        house.living_rooms[-1].foreign = "media-source://media_source/local/foreign.wav"
    await asyncio.gather(*(body.connected() for body, _ in kitchens))
    await asyncio.gather(*(mouth.connected() for _, mouth, _, _ in living_rooms))


async def _huxley(client: Client) -> str:
    """Add Huxley with the persona and a desk, by its config flow; rooms come later."""
    step = await client.flow("huxley", {"model": "offline", "personas": [PERSONA]}, {"next_step_id": "later"})
    entry_id: str = step["result"]["entry_id"]
    return entry_id


async def _room(
    client: Client, entry_id: str, name: str, satellite: str, player: str, *, resume_after_restart: bool = False
) -> str:
    """Add a room; returns its media player."""
    form = {
        "name": name,
        "satellite": satellite,
        "player": player,
        "persona": PERSONA,
        "more": {"resume_after_restart": resume_after_restart},
    }
    step = await client.subentry_flow(entry_id, "room", form)
    if step["type"] != "create_entry":
        raise RuntimeError(f"The room {name} was not added: {step}")
    async with asyncio.timeout(20):
        while True:
            subentries = await client.command("config_entries/subentries/list", entry_id=entry_id)
            ids = {one["subentry_id"] for one in subentries if one["title"] == name}
            for entity in await client.command("config/entity_registry/list"):
                entity_id: str = entity["entity_id"]
                if entity["config_subentry_id"] in ids and entity_id.startswith("media_player."):
                    return entity_id
            await asyncio.sleep(0.05)


async def _entity(client: Client, domain: str, port: int, kind: str) -> str:
    """Add a peer and return its entity of a kind."""
    step = await client.flow(domain, {"host": LOOPBACK, "port": port})
    return await client.entity_of(step["result"]["entry_id"], kind)


async def _pipeline(client: Client, tts: str, stt: str, agent: str) -> None:
    pipeline = await client.command(
        "assist_pipeline/pipeline/create",
        name="House",
        language="en",
        conversation_engine=agent,
        conversation_language="en",
        stt_engine=stt,
        stt_language="en-US",
        tts_engine=tts,
        tts_language="en-US",
        tts_voice="en-us",
        wake_word_entity=None,
        wake_word_id=None,
    )
    await client.command("assist_pipeline/pipeline/set_preferred", pipeline_id=pipeline["id"])


async def _run(part: Part, running: AsyncExitStack) -> None:
    running.push_async_callback(part.stop)
    await part.start()
