"""The main job, spoken to a real satellite and judged by what the room heard."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from scripts.rig.assist import ask_in_writing
from scripts.rig.espeak import say_to_microphone
from scripts.rig.recording import RATE
from tests.e2e.conftest import Home
from tests.e2e.listening import level, samples_under, sounds, steps

ROOM = "media_player.living_room"
BREATH = 0.6  # seconds of silence at the most between two pieces of music that are one


@pytest.fixture(autouse=True)
async def silence(home: Home) -> AsyncIterator[None]:
    """Begin and end in a silent room at full volume, with the words of the room's own persona."""
    await home.client.action("media_player.volume_set", {"volume_level": 1.0}, target={"entity_id": ROOM})
    yield
    await home.client.action("huxley.interrupt", target={"entity_id": ROOM})
    await quiet(home)


async def quiet(home: Home) -> None:
    """Return when the room has been silent for half a second."""
    async with asyncio.timeout(20):
        while True:
            began = home.room.now
            await home.room.reaches(began + 0.5)
            if not any(np.any(channel) for channel in home.room.recording.channels(began, began + 0.5)):
                return


async def ask_for_music(home: Home) -> tuple[float, float]:
    """Say the sentence; return when the button was pressed and when the music began, in seconds of the recording."""
    began = home.room.now
    await home.satellite.ask(await say_to_microphone("put on some music"))
    started = (await home.room.happened("music starts", began)).at
    return began, started


async def inject(home: Home, **data: object) -> dict[str, object]:
    response = await home.client.action(
        "huxley.inject_turn", {"wait": True, **data}, target={"entity_id": ROOM}, response=True
    )
    outcome: dict[str, object] = response[ROOM]
    return outcome


async def test_music_starts_after_the_answer_and_not_one_sample_lies_under_it(home: Home) -> None:
    began, started = await ask_for_music(home)
    assert home.satellite.transcript == "put on some music"
    assert "Huxley Waltz" in home.satellite.answer
    await home.room.reaches(started + 2)
    speech, music = home.room.recording.channels(began, started + 2)
    (answer,) = sounds(speech)
    (tune,) = sounds(music, pause=BREATH)
    assert samples_under(music, speech) == 0
    assert answer.end <= tune.start < answer.end + 3
    assert level(speech, answer.start, answer.end) > -35
    assert level(music, tune.start, tune.end) > -35
    assert steps(music, tune.start, tune.end) < 0.2


async def test_a_message_ducks_the_music_and_the_music_comes_back(home: Home) -> None:
    _, started = await ask_for_music(home)
    await home.room.reaches(started + 2)
    asked = home.room.now
    outcome = await inject(home, message="Dinner is ready. Please come to the table.")
    assert outcome["outcome"] == "spoken"
    ended = home.room.now
    await home.room.reaches(ended + 2.5)
    speech, music = home.room.recording.channels()
    (message,) = sounds(speech[: int((ended + 1) * RATE)][int(asked * RATE) :])
    start, end = asked + message.start, asked + message.end
    before, under, after = (
        level(music, started, asked),
        level(music, start + 0.2, end),
        level(music, ended + 1, ended + 2.5),
    )
    assert under < before - 10
    assert under > -80, "the music ducks; it does not pause"
    assert abs(after - before) < 6
    assert len(sounds(music[int(started * RATE) : int((ended + 2.5) * RATE)], silence=-80, pause=BREATH)) == 1


async def test_a_normal_message_waits_for_the_music_to_end(home: Home) -> None:
    _, started = await ask_for_music(home)
    waiting = asyncio.create_task(inject(home, message="The parcel came.", priority="normal"))
    await home.room.reaches(started + 3)
    assert not waiting.done()
    assert not np.any(home.room.recording.channels(started)[0])
    stopped = home.room.now
    await home.client.action("media_player.media_stop", target={"entity_id": ROOM})
    assert (await waiting)["outcome"] == "spoken"
    speech, music = home.room.recording.channels(stopped)
    assert len(sounds(speech)) == 1
    assert samples_under(music, speech) == 0


async def test_the_tune_ends_by_itself_and_what_waited_is_spoken_after_it(home: Home) -> None:
    _, started = await ask_for_music(home)
    outcome = await inject(home, message="The parcel came.", priority="normal")
    assert outcome["outcome"] == "spoken"
    speech, music = home.room.recording.channels(started)
    (tune,) = sounds(music, pause=1.0)
    assert 22 < tune.seconds < 26
    assert samples_under(music, speech) == 0


async def test_spoken_stop_ends_the_music(home: Home) -> None:
    _, started = await ask_for_music(home)
    await home.room.reaches(started + 1)
    await home.satellite.ask(await say_to_microphone("stop the music"))
    assert home.satellite.transcript == "stop the music"
    ended = home.room.now
    await home.room.reaches(ended + 1.5)
    _, music = home.room.recording.channels(ended, ended + 1.5)
    assert not np.any(music)
    assert (await home.client.state(ROOM))["state"] == "idle"


async def test_spanish_words_are_answered_in_spanish_and_the_room_plays(home: Home) -> None:
    began = home.room.now
    run = await ask_in_writing(home.client, home.pipelines["abuelos"], "Pon música")
    assert "Huxley Waltz" in run.answer
    assert run.answer != home.satellite.answer
    assert await home.room.happened("music starts", began)


async def test_two_announcements_at_once_are_both_heard_one_after_the_other(home: Home) -> None:
    began = home.room.now
    outcomes = await asyncio.gather(inject(home, message="The first one."), inject(home, message="The second one."))
    assert [outcome["outcome"] for outcome in outcomes] == ["spoken", "spoken"]
    speech, _ = home.room.recording.channels(began)
    assert len(sounds(speech, pause=0.1)) >= 2
