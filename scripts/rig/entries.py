"""What the rig adds to a Home Assistant: entries for its peers, Huxley, and Assist pipelines; once each."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .client import Client, CommandError
from .espeak_tts import NAME as TTS_NAME
from .ports import LOOPBACK
from .satellite import NAME as SATELLITE_NAME

STT_NAME = "pocketsphinx"
ROOM = "Living room"
KITCHEN = "Kitchen"
MODEL = "offline"
ROOM_LIMIT = timedelta(seconds=20)  # for Huxley to set a new room up
POLL = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona that the development house gets, with the pipeline that talks to it."""

    id: str
    pipeline: str
    language: str
    speech: str
    """Language of espeak-ng's voice."""

    voice: str


PERSONAS = (
    Persona("basic", "Huxley", "en", "en-US", "en-us"),
    Persona("abuelos", "Huxley en español", "es", "es-ES", "es"),
)
"""The first is the room's."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Entities of the rig's peers in Home Assistant."""

    tts: str
    stt: str
    satellite: str
    player: str


async def ensure_peers(client: Client, ports: Mapping[str, int]) -> Peers:
    """Add the speech servers, the satellite and the player where they are missing."""
    return Peers(
        tts=await client.entity_of(await _wyoming(client, TTS_NAME, ports["tts"]), "tts"),
        stt=await client.entity_of(await _wyoming(client, STT_NAME, ports["stt"]), "stt"),
        satellite=await client.entity_of(
            await _wyoming(client, SATELLITE_NAME, ports["satellite"]), "assist_satellite"
        ),
        player=await client.entity_of(await _player(client, ports["player"]), "media_player"),
    )


async def ensure_huxley(client: Client, peers: Peers) -> str:
    """Go through Huxley's config flow unless it is set up; returns the entry's id."""
    if entries := await client.entries("huxley"):
        return str(entries[0]["entry_id"])
    house = {"model": MODEL, "personas": [persona.id for persona in PERSONAS]}
    room = {"name": ROOM, "satellite": peers.satellite, "player": peers.player, "persona": PERSONAS[0].id}
    return _created(await client.flow("huxley", house, {"next_step_id": "room"}, room))


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Entities of the emulated ESPHome device, and of the room that has nothing else."""

    entry_id: str
    """Config entry of the device."""

    satellite: str
    player: str
    room: str
    """Media player of Huxley's room."""


async def ensure_kitchen(client: Client, port: int, huxley: str) -> Kitchen:
    """Add the ESPHome device and a room for it to the Huxley entry `huxley`, where they are missing."""
    entry_id = await _esphome(client, port)
    satellite = await client.entity_of(entry_id, "assist_satellite")
    player = await client.entity_of(entry_id, "media_player")
    if (room := await _room(client, huxley, KITCHEN)) is None:
        form = {"name": KITCHEN, "satellite": satellite, "player": player, "persona": PERSONAS[0].id}
        step = await client.subentry_flow(huxley, "room", form)
        if step["type"] != "create_entry":
            raise CommandError(f"The room was not added: {step.get('errors') or step.get('reason')} {step}")
        async with asyncio.timeout(ROOM_LIMIT.total_seconds()):
            while (room := await _room(client, huxley, KITCHEN)) is None:  # noqa: ASYNC110  another process makes it
                await asyncio.sleep(POLL)
    return Kitchen(entry_id, satellite, player, room)


async def ensure_pipelines(client: Client, peers: Peers, agents: Mapping[str, str]) -> dict[str, str]:
    """Make an Assist pipeline for each persona in `agents` (id -> entity); returns pipeline ids by persona."""
    existing = (await client.command("assist_pipeline/pipeline/list"))["pipelines"]
    ids = {pipeline["name"]: pipeline["id"] for pipeline in existing}
    for persona in PERSONAS:
        if persona.pipeline in ids or persona.id not in agents:
            continue
        pipeline = await client.command(
            "assist_pipeline/pipeline/create", **_pipeline(persona, peers, agents[persona.id])
        )
        ids[persona.pipeline] = pipeline["id"]
        if persona is PERSONAS[0]:
            await client.command("assist_pipeline/pipeline/set_preferred", pipeline_id=pipeline["id"])
    return {persona.id: ids[persona.pipeline] for persona in PERSONAS if persona.pipeline in ids}


async def conversation_agents(client: Client, entry_id: str) -> dict[str, str]:
    """Return the conversation entity of each of Huxley's personas, by persona id."""
    entry = await client.command("config_entries/subentries/list", entry_id=entry_id)
    by_subentry = {sub["subentry_id"]: sub["unique_id"] for sub in entry if sub["subentry_type"] == "persona"}
    return {
        by_subentry[entity["config_subentry_id"]]: entity["entity_id"]
        for entity in await client.command("config/entity_registry/list")
        if entity["entity_id"].startswith("conversation.") and entity["config_subentry_id"] in by_subentry
    }


def _pipeline(persona: Persona, peers: Peers, agent: str) -> dict[str, Any]:
    hears = persona.language == "en"  # the only language of the local recogniser
    return {
        "name": persona.pipeline,
        "language": persona.language,
        "conversation_engine": agent,
        "conversation_language": persona.language,
        "stt_engine": peers.stt if hears else None,
        "stt_language": "en-US" if hears else None,
        "tts_engine": peers.tts,
        "tts_language": persona.speech,
        "tts_voice": persona.voice,
        "wake_word_entity": None,
        "wake_word_id": None,
    }


async def _wyoming(client: Client, name: str, port: int) -> str:
    for entry in await client.entries("wyoming"):
        if entry["title"] == name:
            return str(entry["entry_id"])
    return _created(await client.flow("wyoming", {"host": LOOPBACK, "port": port}))


async def _esphome(client: Client, port: int) -> str:
    """Add the device; Home Assistant asks nothing more of one that does not encrypt."""
    for entry in await client.entries("esphome"):
        return str(entry["entry_id"])
    return _created(await client.flow("esphome", {"host": LOOPBACK, "port": port}))


async def _room(client: Client, huxley: str, name: str) -> str | None:
    """Return the media player of Huxley's room `name`, None while there is none."""
    subentries = await client.command("config_entries/subentries/list", entry_id=huxley)
    ids = {sub["subentry_id"] for sub in subentries if sub["subentry_type"] == "room" and sub["title"] == name}
    for entity in await client.command("config/entity_registry/list"):
        entity_id: str = entity["entity_id"]
        if entity["config_subentry_id"] in ids and entity_id.startswith("media_player."):
            return entity_id
    return None


async def _player(client: Client, port: int) -> str:
    entries = await client.entries("mpd")
    step = await client.flow("mpd", {"host": LOOPBACK, "port": port})
    if step.get("reason") != "already_configured":
        return _created(step)
    return str(entries[0]["entry_id"])


def _created(step: Mapping[str, Any]) -> str:
    if step["type"] != "create_entry":
        raise CommandError(f"{step.get('handler')} was not added: {step.get('errors') or step.get('reason')} {step}")
    return str(step["result"]["entry_id"])
