"""Somebody's speech on the room's player is never taken for content; the room waits until it is over."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerState as State
from homeassistant.core import HomeAssistant

from custom_components.huxley.runtime.speakers.clips import is_our_stream, is_speech
from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, EsphomeTestSatellite, devices_in
from tests.integration.jukebox import CAST, ESPHOME, MPD, SONOS, Jukebox, Kind
from tests.integration.living import ROOM, hear_out, inject, lived_in, living_room, pass_time, start_music, until

PLAYER = "media_player.player"
SPEECH = "http://house/api/tts_proxy/abc.mp3"


@pytest.fixture
async def devices(house: HomeAssistant, request: pytest.FixtureRequest) -> AsyncGenerator[Devices]:
    async with devices_in(house, *getattr(request, "param", ())) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    async with lived_in(house, persona_subentry("basic"), living_room()):
        yield house


@pytest.fixture
def jukebox(home: HomeAssistant, devices: Devices, request: pytest.FixtureRequest) -> Jukebox:
    return Jukebox(devices, getattr(request, "param", CAST))


def on(*kinds: Kind) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("jukebox", kinds, indirect=True, ids=lambda kind: kind.name)


OWN_BOX = pytest.mark.parametrize("devices", [(EsphomeTestSatellite,)], indirect=True, ids=["own box"])


def room(hass: HomeAssistant) -> Any:
    (room,) = hass.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    return room


def content(hass: HomeAssistant) -> str | None:
    on_deck = room(hass).coordinator.deck.content
    return on_deck.item.title if on_deck else None


async def speak(hass: HomeAssistant, **data: Any) -> None:
    await hass.services.async_call("tts", "speak", data, blocking=True, target={"entity_id": "tts.voice"})


async def by_tts_speak(hass: HomeAssistant) -> None:
    await speak(hass, media_player_entity_id=PLAYER, message="Somebody is at the door")


async def by_announcement(hass: HomeAssistant) -> None:
    data = {"entity_id": PLAYER, "media_content_id": "http://house/bell.mp3", "media_content_type": "music"}
    await hass.services.async_call("media_player", "play_media", data | {"announce": True}, blocking=True)


async def by_media_field(hass: HomeAssistant) -> None:
    media = {"media_content_id": "media-source://tts/tts.voice?message=Hello", "media_content_type": "music"}
    await hass.services.async_call("media_player", "play_media", {"entity_id": PLAYER, "media": media}, blocking=True)


type Speak = Callable[[HomeAssistant], Awaitable[None]]

SPEAKERS: tuple[Speak, ...] = (by_tts_speak, by_announcement, by_media_field)


@pytest.mark.parametrize(
    ("media_id", "speech", "ours"),
    [
        ("media-source://tts/tts.voice?message=Hello", True, False),
        ("http://house/api/tts_proxy/abc.mp3", True, False),
        ("http://house/api/assist_satellite/static/preannounce.mp3", True, False),
        ("http://house/api/huxley/stream/abc.mp3?authSig=x", False, True),
        ("media-source://radio_browser/1", False, False),
        ("spotify:track:1", False, False),
        (None, False, False),
    ],
)
def test_what_an_id_says(media_id: str | None, speech: bool, ours: bool) -> None:
    assert (is_speech(media_id), is_our_stream(media_id)) == (speech, ours)


@on(CAST, MPD, SONOS, ESPHOME)
@pytest.mark.parametrize("speaks", SPEAKERS, ids=lambda one: one.__name__)
async def test_a_clip_is_never_content_and_words_wait_for_its_end(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox, speaks: Speak
) -> None:
    await speaks(home)
    jukebox.plays("speech", media_id=SPEECH)
    await home.async_block_till_done()
    assert content(home) is None
    assert (await inject(home, message="The parcel came.", priority="normal"))["outcome"] == "queued"
    await home.async_block_till_done()
    assert devices.log.of("satellite") == []
    jukebox.says(State.IDLE)
    await pass_time(home, seconds=1)
    await hear_out(devices)
    assert content(home) is None


async def test_speech_that_only_the_player_tells_of_is_no_content(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays("speech", media_id=SPEECH)
    await home.async_block_till_done()
    assert content(home) is None
    assert room(home).coordinator.turn is not None
    jukebox.says(State.IDLE)
    await pass_time(home, seconds=1)
    assert room(home).coordinator.turn is None


@on(SONOS, ESPHOME)
async def test_a_clip_that_nobody_reports_is_over_after_a_while(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await by_announcement(home)
    await home.async_block_till_done()
    assert room(home).coordinator.turn is not None
    await pass_time(home, seconds=11)
    assert room(home).coordinator.turn is None
    assert jukebox.told == ["announce"]
    assert jukebox.volumes == []
    assert room(home).coordinator.deck.content.playing


async def test_a_clip_that_never_ends_is_over_after_two_minutes(
    home: HomeAssistant, jukebox: Jukebox, caplog: pytest.LogCaptureFixture
) -> None:
    jukebox.plays("speech", media_id=SPEECH)
    await pass_time(home, seconds=11)
    assert room(home).coordinator.turn is not None
    await pass_time(home, seconds=121)
    assert room(home).coordinator.turn is None
    assert caplog.text.count("player.clip_never_ends") == 1


@on(SONOS)
async def test_a_player_that_pauses_its_music_for_a_clip_is_not_a_person(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await by_announcement(home)
    jukebox.says(State.PAUSED)
    await home.async_block_till_done()
    assert content(home) == "Jazz"
    jukebox.plays()
    await pass_time(home, seconds=1)
    assert content(home) == "Jazz"
    assert room(home).coordinator.turn is None
    assert (jukebox.told, jukebox.volumes) == (["announce"], [])


async def test_music_whose_place_a_clip_took_is_gone(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await by_tts_speak(home)
    jukebox.plays("speech", media_id=SPEECH)
    jukebox.says(State.IDLE)
    await pass_time(home, seconds=1)
    assert content(home) is None
    assert "resume" not in jukebox.told
    assert "pause" not in jukebox.told
    assert jukebox.volumes == []


async def test_our_stream_whose_place_a_clip_took_goes_on_after_it(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    await start_music(devices)
    await by_tts_speak(home)
    jukebox.plays("speech", media_id=SPEECH)
    await home.async_block_till_done()
    assert jukebox.told == ["announce"]
    jukebox.says(State.IDLE)
    await pass_time(home, seconds=1)
    assert content(home) == "Huxley Waltz"
    assert jukebox.told == ["announce", "play"]
    assert "/api/huxley/stream/" in devices.log.of("player")[-1][1]


@on(SONOS)
async def test_our_stream_beside_a_clip_is_not_touched(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    await start_music(devices)
    await by_announcement(home)
    await home.async_block_till_done()
    assert room(home).coordinator.turn is not None
    await pass_time(home, seconds=11)
    assert (jukebox.told, jukebox.volumes) == (["announce"], [])


async def test_a_person_who_says_nothing_does_not_make_a_clip_longer(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays("speech", media_id=SPEECH)
    jukebox.says(State.IDLE)
    await devices.satellite.say("")
    await pass_time(home, seconds=2)
    jukebox.plays()
    await home.async_block_till_done()
    assert content(home) == "Jazz"


async def test_a_person_is_heard_while_a_clip_plays(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    await by_tts_speak(home)
    jukebox.plays("speech", media_id=SPEECH)
    await home.async_block_till_done()
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    jukebox.says(State.IDLE)
    await pass_time(home, seconds=1)
    assert room(home).coordinator.turn is None


async def test_a_clip_on_another_player_is_no_business_of_ours(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    data = {"media_content_id": SPEECH, "media_content_type": "music", "announce": True}
    target = {"entity_id": "media_player.elsewhere"}
    await home.services.async_call("media_player", "play_media", data | target, blocking=True)
    await home.async_block_till_done()
    assert room(home).coordinator.turn is None


@OWN_BOX
@on(ESPHOME)
async def test_a_box_that_reports_its_own_voice_as_playing_plays_nothing(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    await devices.satellite.say("what time is it")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    jukebox.says(State.PLAYING)
    await until(lambda: home.states.get(PLAYER).state == State.PLAYING)
    assert content(home) is None
    await hear_out(devices)
    jukebox.says(State.IDLE)
    await until(lambda: home.states.get("assist_satellite.satellite").state == "idle")
    await pass_time(home, seconds=1)
    assert home.states.get(ROOM).state == State.IDLE


@OWN_BOX
@on(ESPHOME)
async def test_a_box_that_plays_on_after_its_voice_has_content(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    await devices.satellite.say("what time is it")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    jukebox.says(State.PLAYING)
    await hear_out(devices)
    await until(lambda: home.states.get("assist_satellite.satellite").state == "idle")
    await pass_time(home, seconds=1)
    assert home.states.get(ROOM).state == State.PLAYING


@OWN_BOX
@on(ESPHOME)
async def test_a_box_that_ducks_by_itself_is_not_ducked_twice(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    outcome = asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))
    await hear_out(devices)
    await outcome
    assert jukebox.volumes == []
    assert room(home).speaker.capabilities.ducks_itself
