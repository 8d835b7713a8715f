"""The main job, played once in a real house and recorded: music by voice, then a message over it."""

import tempfile
from pathlib import Path

from .client import Client
from .config import prepare
from .entries import conversation_agents, ensure_huxley, ensure_peers, ensure_pipelines
from .espeak import say_to_microphone
from .house import running_house
from .onboarding import access_token
from .ports import free_port

WORDS = "put on some music"
MESSAGE = "Dinner is ready. Please come to the table."
MUSIC_BEFORE = 4.0  # seconds of music before the message
MUSIC_AFTER = 3.5  # seconds of music after it


async def record(wav: Path) -> None:
    """Play the main job and leave its recording in `wav`, with the moments beside it."""
    with tempfile.TemporaryDirectory() as folder:
        development = prepare(Path(folder) / "house", free_port())
        async with running_house(development, record=True) as house:
            token = await access_token(house.homeassistant.url)
            async with Client(house.homeassistant.url, token) as client:
                peers = await ensure_peers(client, development.peers)
                entry_id = await ensure_huxley(client, peers)
                await ensure_pipelines(client, peers, await conversation_agents(client, entry_id))
                room = await client.entity_of(entry_id, "media_player")
                await house.room.satellite.connected()
                speaker = house.room.loudspeaker
                await speaker.reaches(speaker.now + 1)
                began = speaker.now
                await house.room.satellite.ask(await say_to_microphone(WORDS))
                music = await speaker.happened("music starts", began)
                await speaker.reaches(music.at + MUSIC_BEFORE)
                speaker.note("message", text=MESSAGE)
                await client.action(
                    "huxley.inject_turn", {"message": MESSAGE, "wait": True}, target={"entity_id": room}
                )
                await speaker.reaches(speaker.now + MUSIC_AFTER)
                wav.parent.mkdir(parents=True, exist_ok=True)
                speaker.recording.save(wav)
