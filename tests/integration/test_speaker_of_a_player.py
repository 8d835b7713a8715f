"""A room without a satellite speaks through its player: beside what plays, or in its place; heard out; cut off."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.skill.inject import InjectOutcome, InjectPriority
from custom_components.huxley.engine.speaker import Manner, Reply, SpeakerCapabilities
from custom_components.huxley.engine.turn import Injection
from custom_components.huxley.runtime.speakers.fallbacks import FALLBACKS, fallbacks
from tests.integration.building import persona_subentry, room_subentry
from tests.integration.devices import PLAYS, Devices, devices_in
from tests.integration.living import ROOM, inject, lived_in, pass_time, say, until

PLAYER = "media_player.player"
ANNOUNCES = PLAYS | Feature.MEDIA_ANNOUNCE


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    room = room_subentry("Living room", {"persona": "basic", "player": PLAYER})
    async with lived_in(house, persona_subentry("basic"), room):
        yield house


def speaker(hass: HomeAssistant) -> Any:
    (room,) = hass.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    return room.speaker


async def speak(home: HomeAssistant, message: str = "Dinner is ready.") -> asyncio.Task[dict[str, Any]]:
    """A message begins to be spoken."""
    told = asyncio.create_task(inject(home, message=message, wait=True))
    await asyncio.sleep(0)
    return told


async def bring(home: HomeAssistant, words: str, manner: Manner) -> Reply:
    reply: Reply = speaker(home).reply(manner)
    await reply.write(words)
    await reply.finish()
    return reply


async def play(home: HomeAssistant, media_id: str = "http://radio/one") -> None:
    data = {"entity_id": ROOM, "media_content_id": media_id, "media_content_type": "music"}
    await home.services.async_call("media_player", "play_media", data, blocking=True)
    await home.async_block_till_done()


async def remind(home: HomeAssistant, manner: Manner) -> asyncio.Task[InjectOutcome]:
    """A reminder begins to be spoken in that manner."""
    (room,) = home.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    reminder = Injection(None, message="Hello", priority=InjectPriority.BLOCK_BEHIND_COMMS, manner=manner)
    return asyncio.create_task(room.coordinator.inject(reminder, wait=True))


def told(devices: Devices) -> list[str]:
    return [what for what, _ in devices.log.of("player")]


async def until_told(devices: Devices, *what: str) -> None:
    await until(lambda: told(devices) == list(what))


# --- heard out


async def test_words_are_played_and_heard_out_when_the_player_falls_silent(
    home: HomeAssistant, devices: Devices
) -> None:
    outcome = await speak(home)
    await until_told(devices, "play")
    assert "/api/tts_proxy/" in devices.log.of("player")[0][1]
    for _ in range(100):
        await asyncio.sleep(0)
    assert not outcome.done()
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    assert told(devices) == ["play"]


async def test_a_player_that_never_says_that_it_plays_is_believed(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    devices.player.silently = True
    outcome = await speak(home)
    await until_told(devices, "play")
    await pass_time(home, seconds=6)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    assert caplog.text.count("player.clip_unseen") == 1


async def test_a_player_that_never_leaves_buffering_is_stopped(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = await speak(home)
    await until_told(devices, "play")
    devices.player.becomes(MediaPlayerState.BUFFERING)
    for _ in range(3):
        await pass_time(home, seconds=6)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    assert told(devices) == ["play", "stop"]
    assert caplog.text.count("player.clip_never_ends") == 1


async def test_a_player_that_goes_away_fails_the_words(home: HomeAssistant, devices: Devices) -> None:
    outcome = await speak(home)
    await until_told(devices, "play")
    devices.player.becomes(None, available=False)
    await home.async_block_till_done()
    await pass_time(home, seconds=3)
    result = await asyncio.wait_for(outcome, 5)
    assert result["outcome"] == "failed"
    assert "went away" in result["reason"]


async def test_a_player_that_hangs_fails_the_words(home: HomeAssistant, devices: Devices) -> None:
    devices.player.hangs = True
    outcome = await speak(home)
    await asyncio.sleep(0.5)  # the voice is made and measured by another process
    await pass_time(home, seconds=11)
    result = await asyncio.wait_for(outcome, 5)
    assert "did not answer to play_media" in result["reason"]


async def test_a_voice_that_fails_leaves_the_player_alone(home: HomeAssistant, devices: Devices) -> None:
    devices.voice.fails = OSError("no voice")
    result = await (await speak(home))
    assert result["outcome"] == "failed"
    assert "tts.voice did not speak" in result["reason"]
    assert told(devices) == []


# --- beside content, and in its place


async def test_content_pauses_for_words_in_its_place_and_is_opened_anew(home: HomeAssistant, devices: Devices) -> None:
    await play(home)
    outcome = await speak(home)
    await until_told(devices, "play", "pause", "play")
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    await until(lambda: told(devices)[-2:] == ["play", "play"])
    urls = [value for what, value in devices.log.of("player") if what == "play"]
    assert urls[0] == urls[2] == "http://radio/one"
    assert not speaker(home).capabilities.duck


async def test_content_is_opened_anew_although_the_player_says_nothing_of_the_words(
    home: HomeAssistant, devices: Devices
) -> None:
    await play(home)
    devices.player.silently = True
    outcome = await speak(home)
    await until_told(devices, "play", "pause", "play")
    await pass_time(home, seconds=6)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    await until_told(devices, "play", "pause", "play", "play")


async def test_a_recording_in_the_place_of_words_takes_nothing_over(home: HomeAssistant, devices: Devices) -> None:
    devices.player.names_media = True
    await say(home, "put on some music")
    await until_told(devices, "play")
    outcome = await remind(home, Manner(recording="http://127.0.0.1:1/mother.mp3"))
    await until_told(devices, "play", "pause", "play")
    assert home.states.get(PLAYER).attributes["media_content_id"].endswith("mother.mp3")
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await asyncio.wait_for(outcome, 5)).status == "spoken"
    await until_told(devices, "play", "pause", "play", "play")
    assert "/api/huxley/stream/" in devices.log.of("player")[-1][1]


async def test_a_recording_in_the_place_of_words_is_no_content(home: HomeAssistant, devices: Devices) -> None:
    devices.player.names_media = True
    outcome = await remind(home, Manner(recording="http://127.0.0.1:1/mother.mp3"))
    await until_told(devices, "play")
    await pass_time(home, seconds=3)
    (room,) = home.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    assert room.coordinator.deck.content is None
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await asyncio.wait_for(outcome, 5)).status == "spoken"


async def test_content_that_never_leaves_buffering_is_given_up(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    await play(home)
    devices.player.becomes(MediaPlayerState.BUFFERING)
    await pass_time(home, seconds=40)
    devices.player.becomes(MediaPlayerState.PLAYING)
    await pass_time(home, seconds=40)
    devices.player.becomes(MediaPlayerState.BUFFERING)
    await pass_time(home, seconds=40)
    assert home.states.is_state(ROOM, MediaPlayerState.PLAYING) or home.states.is_state(ROOM, "buffering")
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(seconds=62))
    await until(lambda: "player.buffers_on" in caplog.text)
    await until(lambda: told(devices)[-1] == "play" and len(told(devices)) > 1)
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: home.states.is_state(ROOM, MediaPlayerState.IDLE))


async def test_words_beside_content_are_announced_and_the_device_ducks(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(ANNOUNCES)
    await play(home)
    outcome = await speak(home)
    await until_told(devices, "play", "announce")
    await pass_time(home, seconds=1)
    await pass_time(home, seconds=2)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"
    assert speaker(home).capabilities.ducks_itself
    assert home.states.is_state(ROOM, MediaPlayerState.PLAYING)
    await home.async_block_till_done()
    assert told(devices) == ["play", "announce"]


# --- cut off


async def test_words_in_the_place_of_content_are_cut_off(home: HomeAssistant, devices: Devices) -> None:
    outcome = await speak(home)
    await until_told(devices, "play")
    await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"
    assert told(devices) == ["play", "stop"]
    assert speaker(home).capabilities.stop_speech


async def test_words_beside_content_are_not_cut_off_with_the_content(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(ANNOUNCES)
    outcome = await speak(home)
    await until_told(devices, "announce")
    await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"
    assert told(devices) == ["announce"]
    assert not speaker(home).capabilities.stop_speech


# --- the manner


async def test_a_chime_and_a_recording_are_played_one_after_the_other(home: HomeAssistant, devices: Devices) -> None:
    manner = Manner(chime="http://127.0.0.1:1/bell.mp3", recording="http://127.0.0.1:1/mother.mp3")
    reply = await bring(home, "", manner)
    for clip in ("bell.mp3", "mother.mp3"):
        await until(lambda clip=clip: devices.log.entries and devices.log.entries[-1][2].endswith(clip))
        devices.player.becomes(MediaPlayerState.IDLE)
        await home.async_block_till_done()
    await asyncio.wait_for(reply.heard_out(), 5)
    assert told(devices) == ["play", "play"]


async def test_the_chime_of_a_device_without_one_is_that_of_home_assistant(
    home: HomeAssistant, devices: Devices
) -> None:
    reply = await bring(home, "Dinner.", Manner(chime=""))
    await until_told(devices, "play")
    assert "preannounce.mp3" in devices.log.of("player")[0][1]
    await reply.abort()


async def test_a_recording_that_does_not_exist_fails_with_its_reason(home: HomeAssistant, devices: Devices) -> None:
    reply = await bring(home, "", Manner(recording="media-source://nowhere/at/all"))
    with pytest.raises(SpeakerError, match="cannot be found"):
        await reply.heard_out()


# --- whose voice


async def test_a_rooms_own_voice_speaks_without_a_preferred_one(house: HomeAssistant, devices: Devices) -> None:
    room = room_subentry("Living room", {"persona": "basic", "player": PLAYER, "voice": "tts.voice"})
    async with lived_in(house, persona_subentry("basic"), room, agent=None):
        outcome = await speak(house)
        await until_told(devices, "play")
        devices.player.becomes(MediaPlayerState.IDLE)
        assert (await asyncio.wait_for(outcome, 5))["outcome"] == "spoken"


async def test_a_room_without_any_voice_says_why_it_is_silent(home: HomeAssistant, devices: Devices) -> None:
    er.async_get(home).async_remove("tts.voice")
    await home.async_block_till_done()
    assert not speaker(home).capabilities.speak
    with pytest.raises(SpeakerError, match="no player with a voice"):
        speaker(home).reply()


# --- groups


async def test_a_group_of_players_is_one_player(house: HomeAssistant, devices: Devices) -> None:
    members = {"left": 0.3, "right": 0.3}
    for name, level in members.items():
        house.states.async_set(
            f"media_player.{name}", "idle", {"volume_level": level, "supported_features": int(PLAYS)}
        )
    entities = [f"media_player.{name}" for name in members]
    options = {"group_type": "media_player", "name": "both", "entities": entities, "hide_members": False}
    group = MockConfigEntry(domain="group", title="both", options=options)
    group.add_to_hass(house)
    assert await house.config_entries.async_setup(group.entry_id)
    await house.async_block_till_done()
    room = room_subentry("Living room", {"persona": "basic", "player": "media_player.both"})
    async with lived_in(house, persona_subentry("basic"), room):
        assert speaker(house).capabilities.play
        assert speaker(house).capabilities.speak


async def test_a_group_at_several_volumes_pauses_rather_than_comes_back_at_one(
    home: HomeAssistant, devices: Devices
) -> None:
    devices.player.offers(ANNOUNCES)
    members = ["media_player.left", "media_player.right"]
    state = home.states.get(PLAYER)
    assert state is not None
    for levels, ducks in (((0.3, 0.3), True), ((0.3, 0.6), False)):
        for member, level in zip(members, levels, strict=True):
            home.states.async_set(member, "playing", {"volume_level": level})
        home.states.async_set(PLAYER, "playing", {**state.attributes, "entity_id": members})
        assert speaker(home).capabilities.duck is ducks


# --- what is stated


def test_everything_that_a_speaker_may_lack_has_its_fallback() -> None:
    lacks = fallbacks(SpeakerCapabilities())
    assert lacks == dict(FALLBACKS)
    able = SpeakerCapabilities.__dataclass_fields__.keys()
    assert able - FALLBACKS.keys() == {"ducks_itself", "stream_format"}


def test_the_page_about_devices_states_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    stated = {row[0].strip("`"): row[-1] for row in rows if row[0].strip("`") in FALLBACKS}
    assert stated == dict(FALLBACKS)


async def test_diagnostics_say_what_speaks_and_what_happens_instead(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(home, "diagnostics", {})
    entry = home.config_entries.async_entries("huxley")[0]
    shown: Any = await get_diagnostics_for_config_entry(home, hass_client, entry)
    (room,) = shown["rooms"]
    assert room["speaks_through"] == "player"
    assert room["instead"]["listen"] == FALLBACKS["listen"]
    assert "speak" not in room["instead"]


# --- the volume of the words


async def test_a_volume_for_the_words_is_given_back_exactly(home: HomeAssistant, devices: Devices) -> None:
    devices.player.steps = 1000
    devices.player.at_level(0.337)
    (room,) = home.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    injection = Injection(None, message="Dinner is ready.", volume=20)
    outcome = asyncio.create_task(room.coordinator.inject(injection, wait=True))
    await until_told(devices, "volume", "play")
    assert home.states.get(PLAYER).attributes["volume_level"] == 0.2
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await asyncio.wait_for(outcome, 5)).status == "spoken"
    await until_told(devices, "volume", "play", "volume")
    assert home.states.get(PLAYER).attributes["volume_level"] == 0.337
