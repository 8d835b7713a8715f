"""Where a real room is, on a real mpd: winding, stopping, and Huxley loaded anew, judged by how much is heard."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from tests.e2e.conftest import Home
from tests.e2e.listening import sounds

ROOM = "media_player.living_room"
WALTZ = "huxley://basic/music/track%2Fhuxley_waltz.wav"
LENGTH = 24.0  # seconds of the waltz
BREATH = 1.0  # seconds of silence at the most between two pieces of music that are one
SLACK = 1.5  # seconds that a player and its connection may cost


@pytest.fixture(autouse=True)
async def silence(home: Home) -> AsyncIterator[None]:
    """Begin and end in a silent room."""
    await act(home, "media_player.volume_set", volume_level=1.0)
    yield
    await act(home, "huxley.interrupt")
    await act(home, "media_player.clear_playlist")
    async with asyncio.timeout(20):
        while np.any(home.room.recording.channels(home.room.now - 0.5)[1]):
            await home.room.reaches(home.room.now + 0.5)


async def act(home: Home, action: str, **data: Any) -> None:
    await home.client.action(action, data, target={"entity_id": ROOM})


async def state(home: Home) -> dict[str, Any]:
    found = await home.client.state(ROOM)
    assert found is not None
    return found


async def starts(home: Home, since: float) -> float:
    """When music was first heard after `since`, in seconds of the recording."""
    return (await home.room.happened("music starts", since)).at


async def heard_until_silence(home: Home, since: float) -> float:
    """How long the music was heard, to its own end."""
    async with asyncio.timeout(40):
        while (await state(home))["state"] != "idle":
            await home.room.reaches(home.room.now + 0.5)
    await home.room.reaches(home.room.now + BREATH)
    _, music = home.room.recording.channels(since)
    (tune,) = sounds(music, pause=BREATH)
    return tune.seconds


async def test_a_tune_of_the_catalog_is_found_played_and_wound(home: Home) -> None:
    page = await home.client.command("media_player/browse_media", entity_id=ROOM)
    (shelf,) = [line for line in page["children"] if line["title"] == "Music"]
    at = {"media_content_id": shelf["media_content_id"], "media_content_type": shelf["media_content_type"]}
    tunes = await home.client.command("media_player/browse_media", entity_id=ROOM, **at)
    assert [line["media_content_id"] for line in tunes["children"]] == [WALTZ]
    began = home.room.now
    await act(home, "media_player.play_media", media_content_id=WALTZ, media_content_type="music")
    started = await starts(home, began)
    await home.room.reaches(started + 2)
    await act(home, "media_player.media_seek", seek_position=16)
    wound = home.room.now
    assert (await state(home))["attributes"]["media_position"] in (16, 17)
    assert LENGTH - 16 - SLACK < await heard_until_silence(home, wound + SLACK) <= LENGTH - 16 + SLACK


async def test_what_was_stopped_goes_on_at_its_place_after_huxley_was_loaded_anew(home: Home) -> None:
    began = home.room.now
    await act(home, "media_player.play_media", media_content_id=WALTZ, media_content_type="music")
    started = await starts(home, began)
    await home.room.reaches(started + 8)
    await act(home, "media_player.media_stop")
    stopped = home.room.now
    await home.client.action("huxley.reload")
    await home.room.reaches(stopped + 3)
    assert (await state(home))["state"] == "idle"
    assert not np.any(home.room.recording.channels(stopped + SLACK)[1])
    resumed = home.room.now
    await act(home, "media_player.media_play")
    assert LENGTH - 8 - SLACK < await heard_until_silence(home, resumed) < LENGTH - 8 + SLACK


async def test_two_entries_are_heard_one_after_the_other(home: Home) -> None:
    began = home.room.now
    await act(home, "media_player.play_media", media_content_id=WALTZ, media_content_type="music")
    await act(home, "media_player.play_media", media_content_id=WALTZ, media_content_type="music", enqueue="add")
    started = await starts(home, began)
    await act(home, "media_player.media_seek", seek_position=20)
    await home.room.reaches(started + 8)
    assert (await state(home))["state"] == "playing"
    assert (await state(home))["attributes"]["media_position"] <= 1
