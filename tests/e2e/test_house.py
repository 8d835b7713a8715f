"""The house itself: what Huxley stands on works, and is measured by the same ear."""

import numpy as np
import pytest

from scripts.rig.assist import ask_aloud, ask_in_writing
from scripts.rig.espeak import say_to_microphone
from tests.e2e.conftest import Home
from tests.e2e.listening import level, sounds

CORE_AGENT = "conversation.home_assistant"


@pytest.fixture
async def core_pipeline(home: Home) -> str:
    """A pipeline with Home Assistant's own agent and the house's local speech."""
    pipeline = await home.client.command(
        "assist_pipeline/pipeline/create",
        name="Core",
        language="en",
        conversation_engine=CORE_AGENT,
        conversation_language="en",
        stt_engine=home.peers.stt,
        stt_language="en-US",
        tts_engine=home.peers.tts,
        tts_language="en-US",
        tts_voice="en-us",
        wake_word_entity=None,
        wake_word_id=None,
    )
    identifier: str = pipeline["id"]
    return identifier


async def test_huxley_and_its_peers_are_set_up(home: Home) -> None:
    states = {entry["title"]: entry["state"] for entry in await home.client.command("config_entries/get")}
    assert len(states) >= 5
    assert set(states.values()) == {"loaded"}, states


async def test_local_speech_is_recognised_and_answered_by_core(home: Home, core_pipeline: str) -> None:
    run = await ask_aloud(home.client, core_pipeline, await say_to_microphone("what time is it"))
    assert run.transcript == "what time is it"
    assert run.answer
    assert await home.client.request("GET", run.speech_url)


async def test_silence_is_not_taken_for_a_sentence(home: Home, core_pipeline: str) -> None:
    with pytest.raises(Exception, match="stt-no-text-recognized"):
        await ask_aloud(home.client, core_pipeline, bytes(32_000))


async def test_an_announcement_is_heard_in_the_room(home: Home) -> None:
    began = home.room.now
    await home.client.action(
        "assist_satellite.announce",
        {"message": "Dinner is ready", "preannounce": False},
        target={"entity_id": home.peers.satellite},
    )
    ended = (await home.room.happened("speech ends", began)).at
    speech, music = home.room.recording.channels(began, ended)
    (announcement,) = sounds(speech)
    assert 0.5 < announcement.seconds < 3
    assert level(speech, announcement.start, announcement.end) > -30
    assert not np.any(music)


async def test_the_player_is_heard_and_ducks_by_its_volume(home: Home) -> None:
    """Half of mpd's volume is 18 dB: it turns its knob the way ears hear."""
    player = {"entity_id": home.peers.player}
    tune = {"media_content_id": "media-source://media_source/local/tone.wav", "media_content_type": "music"}
    await home.client.action("media_player.volume_set", {"volume_level": 1.0}, target=player)
    began = home.room.now
    await home.client.action("media_player.play_media", tune, target=player)
    started = (await home.room.happened("music starts", began)).at
    await home.room.reaches(started + 1)
    ducked = home.room.now
    await home.client.action("media_player.volume_set", {"volume_level": 0.51}, target=player)
    await home.room.reaches(home.room.now + 1)
    stopped = home.room.now
    await home.client.action("media_player.media_stop", target=player)
    await home.room.happened("music stops", stopped)
    speech, music = home.room.recording.channels()
    before, after = level(music, started, ducked), level(music, ducked + 0.3, stopped)
    assert before == pytest.approx(-12, abs=1)
    assert before - after == pytest.approx(18, abs=1)
    assert not np.any(speech[int(started * 48_000) : int(stopped * 48_000)])


async def test_text_in_spanish_reaches_the_spanish_persona(home: Home) -> None:
    run = await ask_in_writing(home.client, home.pipelines["abuelos"], "¿Qué hora es?")
    assert run.answer
    assert "tts-end" in run.events
