"""The kitchen: a real Home Assistant and Huxley on an emulated ESPHome device, judged by what the device let hear."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aioesphomeapi import MediaPlayerState

from scripts.rig.espeak import say_to_microphone
from scripts.rig.esphome_device import EsphomeSatellite
from tests.e2e.conftest import Home
from tests.e2e.listening import level, samples_under, sounds, steps

TONE = {"media_content_id": "media-source://media_source/local/tone.wav", "media_content_type": "music"}
TONE_LEVEL = -15  # dBFS; the tone has -12, and the proxy's way from mono to stereo takes 3


@pytest.fixture
async def device(home: Home) -> AsyncIterator[EsphomeSatellite]:
    """The device at full volume, silent before and after, without faults."""
    kitchen = {"entity_id": home.kitchen.player}
    await home.client.action("media_player.volume_set", {"volume_level": 1.0}, target=kitchen)
    yield home.device
    home.device.recover()
    await home.client.action("huxley.interrupt", target={"entity_id": home.kitchen.room})
    await home.client.action("media_player.media_stop", target=kitchen)
    home.device.player.stop(announcement=True)
    await asyncio.wait_for(home.device.voice.until_idle(), 20)
    await home.client.wait_state(home.kitchen.satellite, lambda state: bool(state["state"] == "idle"))


async def play_tone(home: Home) -> float:
    """Play the tone past Huxley as soon as the device ducks no more; return when it began."""
    async with asyncio.timeout(5):
        while home.device.room.ducking:
            await home.device.room.reaches(home.device.room.now + 0.02)
    began = home.device.room.now
    await home.client.action("media_player.play_media", TONE, target={"entity_id": home.kitchen.player})
    return (await home.device.room.happened("music starts", began)).at


async def test_a_spoken_question_is_answered_aloud(home: Home, device: EsphomeSatellite) -> None:
    began = device.room.now
    await device.ask(await say_to_microphone("what time is it"))
    assert device.voice.transcript == "what time is it"
    assert device.voice.answer
    speech, media = device.room.recording.channels(began)
    assert sounds(speech)
    assert not np.any(media)


async def test_music_starts_after_the_answer_on_the_same_device(home: Home, device: EsphomeSatellite) -> None:
    began = device.room.now
    await device.ask(await say_to_microphone("put on some music"))
    assert "Huxley Waltz" in device.voice.answer
    started = (await device.room.happened("music starts", began)).at
    await device.room.reaches(started + 3)
    speech, media = device.room.recording.channels(began, started + 3)
    assert samples_under(media, speech) == 0
    (answer,) = sounds(speech)
    tune = sounds(media, pause=0.6)
    assert len(tune) == 1
    assert answer.end <= tune[0].start < answer.end + 3


async def test_an_announcement_is_heard_and_returns_when_it_was(home: Home, device: EsphomeSatellite) -> None:
    began = device.room.now
    await home.client.action(
        "assist_satellite.announce", {"message": "Dinner is ready"}, target={"entity_id": home.kitchen.satellite}
    )
    returned = device.room.now
    chime, words = device.room.heard_since(began, "speech")
    (told,) = device.commands_since(began, "VoiceAssistantAnnounce")
    assert (chime.url, words.url) == (told.data["preannounce_media_id"], told.data["media_id"])
    assert words.end is not None
    assert chime.end <= words.start < words.end <= returned < words.end + 1


async def test_start_conversation_listens_after_its_words_and_takes_the_reply(
    home: Home, device: EsphomeSatellite
) -> None:
    device.voice.replies.append(await say_to_microphone("what time is it"))
    began = device.room.now
    await home.client.action(
        "assist_satellite.start_conversation",
        {"start_message": "Do you want to know something?", "preannounce": False},
        target={"entity_id": home.kitchen.satellite},
    )
    await device.room.happened("stt end", began)
    await asyncio.wait_for(device.voice.until_idle(), 30)
    assert device.voice.transcript == "what time is it"
    assert len(device.room.heard_since(began, "speech")) == 2


async def test_a_wake_word_while_it_speaks_ends_the_speech_and_nobody_listens(
    home: Home, device: EsphomeSatellite
) -> None:
    began = device.room.now
    announcing = asyncio.create_task(
        home.client.action(
            "assist_satellite.announce",
            {"message": "This is a long announcement, which nobody wants to hear to its end.", "preannounce": False},
            target={"entity_id": home.kitchen.satellite},
        )
    )
    await device.room.happened("speech starts", began)
    await device.room.reaches(device.room.now + 0.5)
    woken = device.room.now
    assert not device.wake()
    await announcing
    await device.room.reaches(woken + 1)
    speech, _ = device.room.recording.channels(woken + 0.1)
    assert not np.any(speech)
    assert device.voice.state == "idle"
    assert not device.commands_since(woken, "VoiceAssistant")


async def test_media_goes_down_by_itself_under_an_announcement_and_comes_back(
    home: Home, device: EsphomeSatellite
) -> None:
    started = await play_tone(home)
    await device.room.reaches(started + 0.5)
    asked = device.room.now
    await home.client.action(
        "assist_satellite.announce",
        {"message": "Dinner is ready", "preannounce": False},
        target={"entity_id": home.kitchen.satellite},
    )
    ended = device.room.now
    await device.room.reaches(ended + 2)
    (words,) = device.room.heard_since(asked, "speech")
    _, media = device.room.recording.channels()
    before, under, after = (
        level(media, started + 0.1, asked),
        level(media, words.start + 0.1, words.end or ended),
        level(media, ended + 1.2, ended + 2),
    )
    assert before == pytest.approx(TONE_LEVEL, abs=1)
    assert before - under == pytest.approx(20, abs=0.5)
    assert after == pytest.approx(before, abs=0.5)
    assert len(device.room.heard_since(started, "media")) == 1


async def test_an_announced_clip_replaces_the_speech_and_stop_ends_media_only(
    home: Home, device: EsphomeSatellite
) -> None:
    player = {"entity_id": home.kitchen.player}
    await play_tone(home)
    began = device.room.now
    speaking = asyncio.create_task(
        home.client.action(
            "assist_satellite.announce",
            {"message": "This is a long announcement, which will be cut short.", "preannounce": False},
            target={"entity_id": home.kitchen.satellite},
        )
    )
    words = await device.room.happened("speech starts", began)
    await home.client.action("media_player.play_media", {**TONE, "announce": True}, target=player)
    clip = await device.room.happened("speech starts", words.at + 0.02)
    await home.client.action("media_player.media_stop", target=player)
    stopped = (await device.room.happened("music stops", clip.at)).at
    await device.room.reaches(stopped + 0.5)
    assert device.room.heard_since(stopped + 0.4, "speech")
    assert not device.room.heard_since(stopped + 0.4, "media")
    assert [one.data.get("command") for one in device.commands_since(clip.at, "MediaPlayerCommand")] == ["stop"]
    device.player.stop(announcement=True)
    await speaking


async def test_a_pause_holds_and_play_goes_on_with_the_very_next_sample(home: Home, device: EsphomeSatellite) -> None:
    player = {"entity_id": home.kitchen.player}
    started = await play_tone(home)
    await home.client.action("media_player.media_pause", target=player)
    paused = (await device.room.happened("music stops", started)).at
    await home.client.wait_state(home.kitchen.player, lambda state: bool(state["state"] == "paused"))
    await device.room.reaches(paused + 0.4)
    await home.client.action("media_player.media_play", target=player)
    resumed = (await device.room.happened("music starts", paused)).at
    await device.room.reaches(resumed + 0.4)
    _, before = device.room.recording.channels(started, paused)
    _, between = device.room.recording.channels(paused, resumed)
    _, after = device.room.recording.channels(resumed, resumed + 0.4)
    assert not np.any(between)
    assert steps(np.concatenate((before, after)), 0, 1) == pytest.approx(steps(before, 0, 1), rel=0.05)


async def test_volume_turns_half_a_decibel_for_each_percent(home: Home, device: EsphomeSatellite) -> None:
    started = await play_tone(home)
    await device.room.reaches(started + 0.5)
    turned = device.room.now
    await home.client.action(
        "media_player.volume_set", {"volume_level": 0.6}, target={"entity_id": home.kitchen.player}
    )
    await device.room.reaches(turned + 0.6)
    _, media = device.room.recording.channels()
    drop = level(media, started + 0.1, turned) - level(media, turned + 0.1, turned + 0.6)
    assert drop == pytest.approx(19.8, abs=0.5)


async def test_media_plays_on_while_the_connection_is_lost_for_a_moment(home: Home, device: EsphomeSatellite) -> None:
    started = await play_tone(home)
    device.drop()
    await device.connected()
    await home.client.wait_state(home.kitchen.player, lambda state: bool(state["state"] == "playing"))
    assert [one.end for one in device.room.heard_since(started)] == [None]


async def test_a_device_without_power_is_unavailable_until_it_is_back(home: Home, device: EsphomeSatellite) -> None:
    await device.unplug()
    await home.client.wait_state(home.kitchen.satellite, lambda state: bool(state["state"] == "unavailable"))
    await device.plug_in()
    await device.connected()
    await home.client.wait_state(home.kitchen.satellite, lambda state: bool(state["state"] == "idle"))


async def test_a_player_that_lies_is_believed_by_home_assistant(home: Home, device: EsphomeSatellite) -> None:
    device.player.claimed = MediaPlayerState.PLAYING
    await home.client.wait_state(home.kitchen.player, lambda state: bool(state["state"] == "playing"))
    device.recover()
    await home.client.wait_state(home.kitchen.player, lambda state: bool(state["state"] == "idle"))


async def test_a_stuck_player_fetches_and_is_never_heard(home: Home, device: EsphomeSatellite) -> None:
    device.player.media.stuck = True
    began = device.room.now
    await home.client.action("media_player.play_media", TONE, target={"entity_id": home.kitchen.player})
    await home.client.wait_state(home.kitchen.player, lambda state: bool(state["state"] == "playing"))
    await device.room.reaches(began + 1.5)
    assert not device.room.heard_since(began)


async def test_an_announcement_that_never_finishes_keeps_its_caller_waiting(
    home: Home, device: EsphomeSatellite
) -> None:
    device.voice.never_finishes = True
    began = device.room.now
    announcing = asyncio.create_task(
        home.client.action(
            "assist_satellite.announce",
            {"message": "Hello", "preannounce": False},
            target={"entity_id": home.kitchen.satellite},
        )
    )
    ended = (await device.room.happened("speech ends", began)).at
    await device.room.reaches(ended + 1.5)
    assert not announcing.done()
    device.voice.finish()
    await announcing
