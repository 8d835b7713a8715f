"""The main job: "Put on some music", spoken to a satellite, on a real Home Assistant."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from scripts.rig.espeak import say_to_microphone
from tests.e2e.conftest import Home
from tests.e2e.listening import level, samples_under, sounds

DUCKED = 10.0  # dB; less than this under speech is not ducking


@pytest.fixture
async def quiet_room(home: Home) -> AsyncIterator[Home]:
    """The house, and silence in it afterwards."""
    yield home
    await home.client.action("media_player.media_stop", target={"entity_id": home.speaker})


async def put_on_some_music(home: Home) -> tuple[float, float]:
    """Ask for music aloud; returns when the button was pressed and when the music began."""
    pressed = home.room.now
    await home.satellite.ask(await say_to_microphone("put on some music"))
    started = await home.room.happened("music starts", pressed)
    return pressed, started.at


async def inject(home: Home, **data: Any) -> Any:
    return await home.client.action(
        "huxley.inject_turn", {"wait": True, **data}, target={"entity_id": home.speaker}, response=True
    )


async def test_music_starts_when_the_answer_has_been_heard_and_not_a_sample_earlier(quiet_room: Home) -> None:
    home = quiet_room
    async with home.client.subscribe("subscribe_events", event_type="huxley_turn") as told:
        pressed, started = await put_on_some_music(home)
        turns = [told.get_nowait()["data"] for _ in range(told.qsize())]
    # One turn from the button to the end of the answer: had it let go of the floor earlier, the rest of the answer
    # would have been somebody else's, who silences music that a slow player had not begun yet.
    assert {turn["turn_id"] for turn in turns} == {turns[0]["turn_id"]}, turns
    assert turns[-1]["event"] == "finished"
    assert home.satellite.transcript == "put on some music"
    assert "Waltz" in home.satellite.answer
    await home.room.reaches(started + 2)
    speech, music = home.room.recording.channels(pressed, started + 2)
    (answer,) = sounds(speech)
    tune = sounds(music)[0]
    assert samples_under(music, speech) == 0
    assert 0 < tune.start - answer.end < 3
    assert level(music, tune.start, tune.start + 1) > -40


async def test_an_injected_message_ducks_the_music_which_comes_back(quiet_room: Home) -> None:
    home = quiet_room
    _, started = await put_on_some_music(home)
    await home.room.reaches(started + 1.5)
    injected = home.room.now
    await inject(home, message="Dinner is ready", priority="block_behind_comms")
    spoken = await home.room.happened("speech ends", injected)
    await home.room.reaches(spoken.at + 2)
    speech, music = home.room.recording.channels(started, spoken.at + 2)
    message = next(sound for sound in sounds(speech) if sound.end > injected - started)
    before = level(music, 0.5, injected - started)
    under = level(music, message.start, message.end)
    after = level(music, message.end + 1.2, message.end + 1.8)
    assert before - under > DUCKED
    assert after == pytest.approx(before, abs=6)
