"""A room's devices: commands that fail, volumes that people touch, pauses by hand, ends that nobody announced."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.speaker import PLAIN, Reply
from custom_components.huxley.runtime.speakers.player_voice import PlayerReply
from custom_components.huxley.runtime.speakers.replies import AnnounceReply
from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import (
    ROOM,
    hear_out,
    inject,
    lived_in,
    living_room,
    pass_time,
    say,
    start_music,
    until,
)

PLAYER, SATELLITE = "media_player.player", "assist_satellite.satellite"
NO_PAUSE = Feature.PLAY_MEDIA | Feature.STOP | Feature.PLAY
SORRY = "The loudspeaker does not answer. Please try again in a moment."


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    async with lived_in(house, persona_subentry("basic"), living_room()):
        yield house


async def announce(home: HomeAssistant) -> asyncio.Task[dict[str, object]]:
    """A message begins to be spoken."""
    return asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))


async def play(home: HomeAssistant, media_id: str = "http://radio/one") -> None:
    data = {"entity_id": ROOM, "media_content_id": media_id, "media_content_type": "music"}
    await home.services.async_call("media_player", "play_media", data, blocking=True)
    await home.async_block_till_done()


async def at_room(home: HomeAssistant, action: str, **data: object) -> None:
    await home.services.async_call("media_player", action, {"entity_id": ROOM, **data}, blocking=True)


def volume(home: HomeAssistant, entity_id: str = PLAYER) -> float:
    state = home.states.get(entity_id)
    assert state is not None
    return state.attributes["volume_level"]


def playing(home: HomeAssistant) -> str:
    state = home.states.get(ROOM)
    assert state is not None
    return state.state


# --- the volume and people's hands


@pytest.mark.parametrize("steps", [100, 16, 10, 8])
async def test_a_device_with_few_steps_of_volume_comes_back_to_where_it_was(
    home: HomeAssistant, devices: Devices, steps: int
) -> None:
    devices.player.steps = steps
    devices.player.at_level(0.5)
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert volume(home) < 0.3
    devices.satellite.heard_out()
    assert (await outcome)["outcome"] == "spoken"
    await until(lambda: volume(home) == 0.5)


async def test_a_volume_set_before_the_speech_is_the_one_that_comes_back(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    devices.player.at_level(0.7)
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    await until(lambda: volume(home) == 0.7)


async def test_a_hand_on_the_device_under_speech_is_believed(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.player.at_level(0.3)
    assert volume(home, ROOM) == 0.3
    await hear_out(devices)
    await outcome
    await home.async_block_till_done()
    assert volume(home) == 0.3
    assert devices.log.of("player") == [("volume", 0.2)]


async def test_a_hand_on_the_room_under_speech_counts_when_the_speech_is_over(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await at_room(home, "volume_set", volume_level=0.8)
    assert volume(home) == pytest.approx(0.32)
    assert volume(home, ROOM) == 0.8
    await hear_out(devices)
    await outcome
    await until(lambda: volume(home) == 0.8)


async def test_a_hand_on_the_device_after_the_speech_is_believed(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    await until(lambda: volume(home) == 0.5)
    devices.player.at_level(0.3)
    assert volume(home, ROOM) == 0.3
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    await until(lambda: volume(home) == 0.3)


async def test_a_device_that_reports_late_does_not_grow_quieter_with_each_speech(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    devices.player.late = True
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    devices.player.at_level(0.2)  # only now the device says that it was ducked
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    assert [value for what, value in devices.log.of("player") if what == "volume"] == [0.2, 0.5, 0.2, 0.5]
    devices.player.at_level(0.5)
    assert volume(home, ROOM) == 0.5


async def test_a_device_that_fades_is_not_taken_for_a_hand(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    devices.player.late = True
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    for level in (0.4, 0.3, 0.2):
        devices.player.at_level(level)
    assert volume(home, ROOM) == 0.5
    await hear_out(devices)
    await outcome
    await until(lambda: devices.log.of("player")[-1] == ("volume", 0.5))


async def test_music_on_a_device_that_cannot_duck_pauses_under_speech(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(Feature.PLAY_MEDIA | Feature.STOP | Feature.PLAY | Feature.PAUSE)
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert devices.log.of("player") == [("pause", None)]
    await hear_out(devices)
    await outcome
    await until(lambda: devices.log.of("player")[-1] == ("resume", None))


async def test_music_on_a_device_that_hides_its_volume_pauses_under_speech(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    devices.player.at_level(None)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert devices.log.of("player") == [("pause", None)]
    await hear_out(devices)
    await outcome
    await until(lambda: devices.log.of("player")[-1] == ("resume", None))


async def test_a_volume_that_could_not_be_given_back_is_given_back_after_the_next_speech(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.player.refuses = HomeAssistantError("busy")
    await hear_out(devices)
    await outcome
    await until(lambda: "player.unduck_failed" in caplog.text)
    devices.player.refuses = None
    outcome = await announce(home)
    await hear_out(devices)
    await outcome
    await until(lambda: volume(home) == 0.5)


@pytest.mark.parametrize(("there", "then"), [(None, 0.5), (0.3, 0.3)], ids=["as we left it", "by hand"])
async def test_a_player_that_was_away_when_the_speech_ended_is_as_loud_as_a_person_wants_it(
    home: HomeAssistant, devices: Devices, there: float | None, then: float
) -> None:
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert volume(home) == 0.2
    devices.player.becomes(MediaPlayerState.PLAYING, available=False)
    await hear_out(devices)
    await outcome
    await home.async_block_till_done(wait_background_tasks=False)
    if there is not None:
        devices.player._attr_volume_level = there
    devices.player.becomes(MediaPlayerState.PLAYING)
    await until(lambda: volume(home) == then)
    await home.async_block_till_done()
    assert volume(home) == then


async def test_a_volume_that_the_device_refuses_is_an_error_in_words(home: HomeAssistant, devices: Devices) -> None:
    devices.player.refuses = ConnectionResetError("cable")
    with pytest.raises(HomeAssistantError) as error:
        await at_room(home, "volume_set", volume_level=0.8)
    assert error.value.translation_key == "player_refused"
    assert "cable" in (error.value.translation_placeholders or {})["error"]


# --- pauses


async def test_a_device_that_cannot_pause_stops_and_fetches_anew(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(NO_PAUSE)
    await start_music(devices)
    outcome = await announce(home)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert devices.log.of("player") == [("stop", None)]
    assert playing(home) == MediaPlayerState.PAUSED
    await hear_out(devices)
    await outcome
    await until(lambda: len(devices.log.of("player")) == 2)
    what, url = devices.log.of("player")[-1]
    assert what == "play"
    assert "/api/huxley/stream/" in url
    assert playing(home) == MediaPlayerState.PLAYING


async def test_a_device_that_gives_a_long_pause_up_fetches_anew(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    await at_room(home, "media_pause")
    devices.player.becomes(MediaPlayerState.IDLE)
    await home.async_block_till_done()
    assert playing(home) == MediaPlayerState.PAUSED
    await at_room(home, "media_play")
    assert [what for what, _ in devices.log.of("player")] == ["pause", "play"]


async def test_a_persons_pause_at_the_device_is_shown_and_lasts_until_somebody_lets_go(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    devices.player.becomes(MediaPlayerState.PAUSED)
    assert playing(home) == MediaPlayerState.PAUSED
    devices.player.becomes(MediaPlayerState.PLAYING)
    assert playing(home) == MediaPlayerState.PLAYING
    devices.player.becomes(MediaPlayerState.PAUSED)
    await pass_time(home, minutes=5)
    assert playing(home) == MediaPlayerState.PAUSED
    await at_room(home, "media_play")
    assert playing(home) == MediaPlayerState.PLAYING
    assert devices.log.of("player") == [("resume", None)]


async def test_a_player_that_does_not_go_on_says_so(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    devices.player.becomes(MediaPlayerState.PAUSED)
    devices.player.offers(Feature.PLAY_MEDIA | Feature.STOP)
    with pytest.raises(HomeAssistantError) as error:
        await at_room(home, "media_play")
    assert error.value.translation_key == "player_refused"


# --- ends


async def test_a_player_stopped_by_hand_ends_the_music_and_what_waited_is_spoken(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    assert (await inject(home, message="The parcel came.", priority="normal"))["outcome"] == "queued"
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: devices.log.of("satellite"))
    assert devices.log.of("satellite")[0] == ("announce", "The parcel came.")
    await hear_out(devices)
    assert playing(home) == MediaPlayerState.IDLE
    assert devices.log.of("player") == []


async def test_media_that_ends_at_the_device_ends_in_the_room(home: HomeAssistant, devices: Devices) -> None:
    await play(home)
    assert playing(home) == MediaPlayerState.PLAYING
    devices.player.becomes(MediaPlayerState.BUFFERING)
    devices.player.becomes(MediaPlayerState.PLAYING)
    assert playing(home) == MediaPlayerState.PLAYING
    devices.player.becomes(MediaPlayerState.IDLE)
    await home.async_block_till_done()
    assert playing(home) == MediaPlayerState.IDLE
    assert devices.log.of("player") == [("play", "http://radio/one")]


async def test_media_on_a_device_that_cannot_pause_begins_anew(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(NO_PAUSE)
    await play(home)
    await at_room(home, "media_pause")
    await at_room(home, "media_play")
    assert devices.log.of("player") == [("play", "http://radio/one"), ("stop", None), ("play", "http://radio/one")]


async def test_media_that_never_sounds_fails(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    devices.player.silently = True
    await play(home)
    await pass_time(home, seconds=14)
    assert playing(home) == MediaPlayerState.PLAYING
    await pass_time(home, seconds=16)
    await until(lambda: ("announce", SORRY) in devices.log.of("satellite"))
    await hear_out(devices)
    assert playing(home) == MediaPlayerState.IDLE
    assert caplog.text.count("player.never_sounded") == 1


async def test_media_tells_where_it_is(home: HomeAssistant, devices: Devices) -> None:
    devices.player.stands_at(65)
    await play(home)
    content = home.config_entries.async_entries("huxley")[0].runtime_data.rooms
    (room,) = content.values()
    assert room.coordinator.deck.content.playback.heard.total_seconds() == pytest.approx(65, abs=2)


# --- players that are not there


async def test_a_player_that_is_away_at_the_start_plays_once_it_comes(home: HomeAssistant, devices: Devices) -> None:
    devices.player.becomes(None, available=False)
    assert await say(home, "put on some music") == "This room has nothing to play Huxley Waltz on."
    with pytest.raises(HomeAssistantError) as error:
        await play(home)
    assert error.value.translation_key == "service_not_supported"
    devices.player.becomes(MediaPlayerState.IDLE)
    await start_music(devices)
    assert playing(home) == MediaPlayerState.PLAYING


async def test_a_player_whose_state_nobody_knows_is_there(home: HomeAssistant, devices: Devices) -> None:
    devices.player.becomes(None)
    await start_music(devices)
    assert playing(home) == MediaPlayerState.PLAYING


async def test_a_player_that_vanishes_while_it_plays_is_spoken_about(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    await play(home)
    devices.player.becomes(None, available=False)
    await pass_time(home, seconds=16)
    await until(lambda: ("announce", SORRY) in devices.log.of("satellite"))
    await hear_out(devices)
    assert playing(home) == MediaPlayerState.IDLE
    assert caplog.text.count("player.gone") == 1
    devices.player.becomes(MediaPlayerState.IDLE)
    await play(home)
    await until(lambda: playing(home) == MediaPlayerState.PLAYING)


async def test_a_player_that_is_away_for_a_moment_plays_on(home: HomeAssistant, devices: Devices) -> None:
    await play(home)
    devices.player.becomes(None, available=False)
    devices.player.becomes(MediaPlayerState.PLAYING)
    await pass_time(home, seconds=60)
    assert playing(home) == MediaPlayerState.PLAYING
    assert devices.log.of("satellite") == []


async def test_a_player_that_comes_back_silent_plays_on_without_a_word(home: HomeAssistant, devices: Devices) -> None:
    await play(home)
    devices.player.becomes(None, available=False)
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: [what for what, _ in devices.log.of("player")].count("play") == 2)
    await home.async_block_till_done()
    assert devices.log.of("satellite") == []


async def test_a_player_that_never_fetches_is_spoken_about(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    await pass_time(home, seconds=16)
    await until(lambda: ("announce", SORRY) in devices.log.of("satellite"))
    await hear_out(devices)
    assert playing(home) == MediaPlayerState.IDLE


async def test_a_player_that_hangs_holds_nobody_up(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    await play(home)
    devices.player.hangs = True
    stopping = asyncio.create_task(at_room(home, "media_stop"))
    await until(lambda: ("stop", None) in devices.log.of("player"))
    await pass_time(home, seconds=11)
    await asyncio.wait_for(stopping, 5)
    assert playing(home) == MediaPlayerState.IDLE
    await until(lambda: "did not answer to media_stop" in caplog.text)


async def test_a_player_with_neither_stop_nor_pause_starves_in_peace(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    devices.player.offers(Feature.PLAY_MEDIA)
    await start_music(devices)
    await at_room(home, "media_stop")
    await home.async_block_till_done()
    assert playing(home) == MediaPlayerState.IDLE
    assert "stop_failed" not in caplog.text


async def test_a_stream_is_packed_as_the_platform_of_the_player_wants_it(home: HomeAssistant, devices: Devices) -> None:
    registry = er.async_get(home)
    registry.async_remove(PLAYER)
    registry.async_get_or_create("media_player", "sonos", "x", suggested_object_id="player")
    await home.async_block_till_done()
    features = int(NO_PAUSE)
    home.states.async_set(PLAYER, "idle", {"supported_features": features, "volume_level": 0.4})
    (room,) = home.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    assert room.speaker.capabilities.stream_format == "mp3"


class Deserter:
    """A satellite, and a player's voice, that goes away while it speaks."""

    entity_id = "assist_satellite.deserter"

    def __init__(self) -> None:
        self.goes = asyncio.Event()

    def listen(self, listener: object) -> Callable[[], None]:
        return lambda: None

    async def announce(self, *_: object, **__: object) -> None:
        await self.clips()

    async def clips(self, *_: object) -> list[object]:
        await self.goes.wait()
        raise SpeakerError("it went away while it announced")


@pytest.mark.parametrize("kind", [AnnounceReply, PlayerReply])
async def test_speech_that_fails_after_nobody_waits_for_it_any_more_is_no_error_of_the_loop(
    home: HomeAssistant, kind: Callable[..., Reply]
) -> None:
    told: list[dict[str, object]] = []
    home.loop.set_exception_handler(lambda loop, context: told.append(context))
    device = Deserter()
    reply = kind(home, device, PLAIN)
    await reply.write("Dinner is ready.")
    await reply.finish()
    waiting = asyncio.create_task(reply.heard_out())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    device.goes.set()
    await asyncio.sleep(0.01)
    await reply.abort()
    del reply, waiting
    gc.collect()
    assert told == []


async def test_a_refusal_without_words_is_told_by_its_name(home: HomeAssistant, devices: Devices) -> None:
    devices.satellite.refuses = TimeoutError()
    told = await inject(home, message="Dinner is ready.", wait=True)
    assert told["reason"] == f"{SATELLITE} did not announce: TimeoutError"
    await home.async_block_till_done(wait_background_tasks=True)
