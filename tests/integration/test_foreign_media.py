"""What people start on the room's player makes way for the room, and is given back exactly as it was (Engine T7)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState as State
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er

from custom_components.huxley.engine.focus import Activity, Channel
from custom_components.huxley.engine.skill.effects import PlayMedia
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.runtime.speakers.foreign import ForeignPlayback
from custom_components.huxley.runtime.speakers.player import Player
from custom_components.huxley.runtime.speakers.watch import Watch
from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.jukebox import CAST, ESPHOME, KINDS, MPD, SONOS, Jukebox, Kind
from tests.integration.living import (
    ROOM,
    hear_out,
    inject,
    lived_in,
    living_room,
    pass_time,
    start_music,
    until,
)

PLAYER = "media_player.player"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
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


def room(hass: HomeAssistant) -> Any:
    (room,) = hass.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    return room


def shown(hass: HomeAssistant) -> tuple[str, str | None]:
    state = hass.states.get(ROOM)
    assert state is not None
    return state.state, state.attributes.get("media_title")


class Line:
    """A call's place in the focus."""

    async def on_focus_changed(self, state: object, behavior: object) -> None:
        return

    async def on_patience_expired(self) -> None:
        return


@asynccontextmanager
async def call(hass: HomeAssistant) -> AsyncGenerator[None]:
    """A call has the room."""
    focus = room(hass).focus
    line = Activity(Channel.COMMS, "call", Line())
    await focus.acquire(line)
    await focus.settled()
    await hass.async_block_till_done()
    yield
    await focus.release(line)
    await focus.settled()
    await hass.async_block_till_done()


@asynccontextmanager
async def words(hass: HomeAssistant, devices: Devices) -> AsyncGenerator[None]:
    """The room speaks."""
    outcome = asyncio.create_task(inject(hass, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    yield
    await hear_out(devices)
    assert (await outcome)["outcome"] == "spoken"
    await hass.async_block_till_done()


async def act(hass: HomeAssistant, action: str, entity: str = PLAYER, **data: Any) -> None:
    await hass.services.async_call("media_player", action, {"entity_id": entity, **data}, blocking=True)
    await hass.async_block_till_done()


# --- it is content


@on(*KINDS)
async def test_music_that_somebody_starts_is_shown_and_not_touched(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home) == (State.PLAYING, "Jazz" if jukebox.kind.titles else None)
    assert jukebox.told == []
    assert [held["channel"] for held in home.states.get(ROOM).attributes["focus"]] == ["content"]


async def test_it_is_shown_with_all_that_the_player_tells(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    devices.player._attr_media_artist = "Trio"
    devices.player._attr_media_duration = 180
    jukebox.plays()
    devices.player.stands_at(30)
    await home.async_block_till_done()
    attributes = home.states.get(ROOM).attributes
    assert (attributes["media_artist"], attributes["media_duration"]) == ("Trio", 180)
    jukebox.plays("Blues")
    await home.async_block_till_done()
    assert shown(home) == (State.PLAYING, "Blues")


@on(*KINDS)
async def test_words_duck_it_and_give_it_back(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with words(home, devices):
        assert jukebox.volumes == [0.2]
    assert jukebox.volumes == [0.2, 0.5]
    assert jukebox.told == []


@on(*KINDS)
async def test_a_call_pauses_it_and_gives_it_back(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with call(home):
        assert jukebox.told == ["pause"]
        jukebox.look()
        assert shown(home)[0] == State.PAUSED
    jukebox.look()
    assert jukebox.told == ["pause", "resume"]
    assert shown(home)[0] == State.PLAYING
    assert jukebox.volumes == []


async def test_a_call_that_ends_before_a_late_player_told_anything(home: HomeAssistant, devices: Devices) -> None:
    jukebox = Jukebox(devices, MPD)
    jukebox.plays()
    async with call(home):
        pass
    assert jukebox.told == ["pause", "resume"]
    jukebox.look()
    await pass_time(home, seconds=20)
    assert shown(home)[0] == State.PLAYING


@on(CAST, ESPHOME)
async def test_nothing_is_started_that_did_not_play(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    for state in (State.IDLE, State.PAUSED, State.BUFFERING, State.OFF):
        jukebox.says(state)
        async with words(home, devices):
            pass
        async with call(home):
            pass
    assert jukebox.told == []
    assert jukebox.volumes == []


# --- a person's hand


@on(*KINDS)
@pytest.mark.parametrize("does", ["pauses", "stops"])
async def test_a_hand_on_the_player_takes_it_off_the_deck_in_silence(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox, does: str
) -> None:
    jukebox.plays()
    jukebox.says(State.PAUSED if does == "pauses" else State.IDLE)
    await home.async_block_till_done()
    assert room(home).coordinator.deck.content is None
    assert devices.log.of("satellite") == []
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home)[0] == State.PLAYING
    assert jukebox.told == []


@on(*KINDS)
async def test_what_was_stopped_in_a_call_is_not_started_after_it(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with call(home):
        jukebox.look()
        jukebox.says(State.IDLE)
        await home.async_block_till_done()
    assert jukebox.told == ["pause"]


@on(MPD, CAST, SONOS)
async def test_what_was_changed_in_a_call_is_not_started_after_it(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with call(home):
        jukebox.look()
        jukebox.is_at("Techno")
        jukebox.says(State.PAUSED)
        await home.async_block_till_done()
    assert jukebox.told == ["pause"]


@on(*KINDS)
@pytest.mark.parametrize("action", ["media_pause", "media_stop"])
async def test_what_an_action_silenced_in_a_call_is_not_started_after_it(
    home: HomeAssistant, jukebox: Jukebox, action: str
) -> None:
    jukebox.plays()
    async with call(home):
        await act(home, action)
        jukebox.look()
    assert "resume" not in jukebox.told


async def test_an_action_on_the_whole_area_is_a_hand_as_well(home: HomeAssistant, jukebox: Jukebox) -> None:
    area = ar.async_get(home).async_create("Parlour")
    er.async_get(home).async_update_entity(PLAYER, area_id=area.id)
    jukebox.plays()
    async with call(home):
        await home.services.async_call("media_player", "media_pause", {"area_id": area.id}, blocking=True)
    assert jukebox.told == ["pause", "pause"]


@on(*KINDS)
async def test_what_a_hand_plays_in_a_call_is_left_to_it(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with call(home):
        jukebox.look()
        jukebox.plays()
        await home.async_block_till_done()
        assert jukebox.told == ["pause"]
    assert jukebox.told == ["pause"]
    async with call(home):
        assert jukebox.told == ["pause", "pause"]


@on(CAST, MPD)
async def test_a_pause_before_the_player_told_of_it_is_believed(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await act(home, "media_pause")
    async with call(home):
        jukebox.look()
    assert jukebox.told == ["pause"]


async def test_a_volume_that_was_set_meanwhile_stays(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with words(home, devices):
        devices.player.at_level(0.3)
    assert jukebox.volumes == [0.2]
    assert home.states.get(PLAYER).attributes["volume_level"] == 0.3


async def test_a_volume_that_is_reported_late_is_not_a_hand(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    devices.player.late = True
    async with words(home, devices):
        pass
    devices.player.at_level(0.2)
    async with words(home, devices):
        pass
    assert jukebox.volumes == [0.2, 0.5, 0.2, 0.5]


async def test_a_pause_under_words_gives_the_volume_back(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    async with words(home, devices):
        jukebox.says(State.PAUSED)
        await until(lambda: jukebox.volumes == [0.2, 0.5])
    assert jukebox.volumes == [0.2, 0.5]
    assert jukebox.told == []


# --- the room's own controls


async def test_the_rooms_buttons_act_on_it(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    await act(home, "media_pause", ROOM)
    assert shown(home)[0] == State.PAUSED
    await act(home, "media_play", ROOM)
    assert shown(home)[0] == State.PLAYING
    await act(home, "media_stop", ROOM)
    assert shown(home)[0] == State.IDLE
    assert jukebox.told == ["pause", "resume", "stop"]


async def test_a_bare_stop_stops_it(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    await devices.satellite.say("stop the music")
    await hear_out(devices)
    await home.async_block_till_done()
    assert jukebox.told == ["stop"]
    assert shown(home)[0] == State.IDLE


async def test_what_the_room_paused_another_hand_may_play(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    await act(home, "media_pause", ROOM)
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home)[0] == State.PLAYING
    await act(home, "media_pause", ROOM)
    assert jukebox.told == ["pause", "pause"]


async def test_words_that_can_wait_wait_for_it(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    assert (await inject(home, message="The parcel came.", priority="normal"))["outcome"] == "queued"
    await home.async_block_till_done()
    assert devices.log.of("satellite") == []
    jukebox.says(State.PAUSED)
    await hear_out(devices)


# --- beside the room's own content


@on(*KINDS)
async def test_own_music_takes_its_place_without_a_stray_command(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    await home.async_block_till_done()
    await devices.satellite.say("put on some music")
    await hear_out(devices)
    await until(lambda: "play" in jukebox.told)
    await home.async_block_till_done()
    jukebox.look()
    assert jukebox.told == ["play"]
    assert jukebox.volumes == [0.2, 0.5]
    assert shown(home) == (State.PLAYING, "Huxley Waltz")


@on(*KINDS)
async def test_own_music_that_never_began_leaves_it_as_it_was(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    coordinator = room(home).coordinator
    async with words(home, devices):
        await coordinator.play(PlayMedia("app:album", "music", title="An album"))
        await coordinator.stop_content()
    await until(lambda: jukebox.volumes == [0.2, 0.5])
    assert jukebox.told == []
    assert not coordinator.deck.content.held
    assert shown(home)[0] == State.PLAYING


@on(MPD, CAST, SONOS)
async def test_other_music_ends_ours_without_a_word(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    await devices.satellite.say("put on some music")
    await hear_out(devices)
    await until(lambda: "play" in jukebox.told)
    url = next(value for what, value in devices.log.of("player") if what == "play")
    jukebox.plays("Huxley Waltz", media_id=url)
    await home.async_block_till_done()
    devices.log.entries.clear()
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home) == (State.PLAYING, "Jazz")
    assert devices.log.entries == []


@on(CAST)
async def test_a_playlist_that_goes_on_is_still_ours(home: HomeAssistant, devices: Devices, jukebox: Jukebox) -> None:
    await room(home).coordinator.play(PlayMedia("app:album", "music", title="An album"))
    await home.async_block_till_done()
    for title in ("Side A", "Side B"):
        jukebox.plays(title)
        await home.async_block_till_done()
    assert room(home).coordinator.deck.content.item.title == "An album"


@on(CAST)
async def test_other_media_in_the_place_of_our_playlist_is_seen(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    await room(home).coordinator.play(PlayMedia("app:album", "music", title="An album"))
    jukebox.plays("Side A")
    await act(home, "play_media", media_content_id="app:jazz", media_content_type="music")
    devices.log.entries.clear()
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home) == (State.PLAYING, "Jazz")
    assert devices.log.entries == []


@on(*KINDS)
async def test_a_player_that_is_late_to_stop_is_not_taken_for_somebody_elses(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    await start_music(devices)
    jukebox.says(State.PLAYING)
    devices.player.becomes = lambda state, **_: None  # type: ignore[method-assign]
    await act(home, "media_stop", ROOM)
    devices.player.at_level(0.4)
    await home.async_block_till_done()
    assert shown(home)[0] == State.IDLE
    await pass_time(home, seconds=16)
    assert shown(home)[0] == State.PLAYING


# --- beginnings and ends


async def test_what_plays_already_is_adopted_at_the_start(house: HomeAssistant, devices: Devices) -> None:
    jukebox = Jukebox(devices)
    jukebox.plays()
    async with lived_in(house, persona_subentry("basic"), living_room()):
        assert shown(house) == (State.PLAYING, "Jazz")
    assert jukebox.told == []


async def test_a_stream_of_ours_from_before_is_not(house: HomeAssistant, devices: Devices) -> None:
    Jukebox(devices).plays("Huxley Waltz", media_id="http://house/api/huxley/stream/old.mp3?authSig=x")
    async with lived_in(house, persona_subentry("basic"), living_room()):
        assert shown(house)[0] == State.IDLE


async def test_a_room_that_is_closed_in_a_call_gives_it_back_and_stops_nothing(
    house: HomeAssistant, devices: Devices
) -> None:
    jukebox = Jukebox(devices)
    jukebox.plays()
    async with lived_in(house, persona_subentry("basic"), living_room()) as entry, call(house):
        assert jukebox.told == ["pause"]
        await house.config_entries.async_unload(entry.entry_id)
    assert jukebox.told == ["pause", "resume"]


async def test_a_player_that_comes_back_playing_is_adopted(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.says(None, available=False)
    jukebox.plays()
    await home.async_block_till_done()
    assert shown(home) == (State.PLAYING, "Jazz")


async def test_a_player_that_is_away_for_a_moment_goes_on(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    jukebox.says(State.PLAYING, available=False)
    await pass_time(home, seconds=10)
    jukebox.plays()
    await pass_time(home, seconds=20)
    assert shown(home) == (State.PLAYING, "Jazz")


async def test_a_player_that_stays_away_is_given_up_with_one_line(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox, caplog: pytest.LogCaptureFixture
) -> None:
    jukebox.plays()
    async with call(home):
        jukebox.says(State.PAUSED)
        jukebox.says(None, available=False)
        await pass_time(home, seconds=16)
        assert room(home).coordinator.deck.content is None
        jukebox.says(State.PAUSED)
    assert jukebox.told == ["pause"]
    assert caplog.text.count("player.gone") == 1
    assert devices.log.of("satellite") == []


async def test_a_player_that_loads_for_ever_is_given_up_with_one_line(
    home: HomeAssistant, jukebox: Jukebox, caplog: pytest.LogCaptureFixture
) -> None:
    jukebox.plays()
    jukebox.says(State.BUFFERING)
    await pass_time(home, seconds=61)
    assert room(home).coordinator.deck.content is None
    assert caplog.text.count("player.never_loaded") == 1


async def test_a_player_that_does_not_play_on_is_given_up_with_one_line(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox, caplog: pytest.LogCaptureFixture
) -> None:
    jukebox.plays()
    async with call(home):
        devices.player.becomes = lambda state, **_: None  # type: ignore[method-assign]
    await pass_time(home, seconds=16)
    assert room(home).coordinator.deck.content is None
    assert jukebox.told == ["pause", "resume"]
    assert caplog.text.count("player.did_not_play_on") == 1


async def test_a_player_that_refuses_is_given_up_without_a_spoken_word(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuses() -> None:
        raise HomeAssistantError("no")

    jukebox.plays()
    devices.player.async_media_pause = refuses  # type: ignore[method-assign]
    async with call(home):
        assert room(home).coordinator.deck.content is None
    assert jukebox.told == []
    assert caplog.text.count("content.device_failed") == 1
    assert devices.log.of("satellite") == []


async def test_after_five_minutes_it_stays_as_it_is(home: HomeAssistant, jukebox: Jukebox) -> None:
    jukebox.plays()
    async with call(home):
        await pass_time(home, seconds=301)
        assert room(home).coordinator.deck.content is None
    assert jukebox.told == ["pause"]


async def test_a_player_that_stops_when_it_is_told_to_pause_is_told_to_play_on(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    async def stops() -> None:
        jukebox.says(State.IDLE)

    jukebox.plays()
    devices.player.async_media_pause = stops  # type: ignore[method-assign]
    async with call(home):
        assert home.states.get(PLAYER).state == State.IDLE
    assert jukebox.told == ["resume"]
    assert shown(home)[0] == State.PLAYING


async def test_what_our_own_speech_took_the_place_of_is_not_played_on(
    house: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    jukebox = Jukebox(devices)
    jukebox.plays()
    player = Player(house, PLAYER)
    watch = Watch(house, player)
    watch.start()
    ends: list[PlaybackEnd] = []
    music = ForeignPlayback(house, watch, ends.append)
    await music.pause()
    await player.play_clip("http://house/api/tts_proxy/abc.mp3", announce=False)
    await music.resume()
    assert jukebox.told == ["pause", "play"]
    assert ends == [PlaybackEnd.STOPPED]
    assert caplog.text.count("player.not_given_back") == 1
    watch.stop()


async def test_a_player_that_cannot_pause_goes_on_unheard(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    devices.player.offers(jukebox.kind.features & ~Feature.PAUSE)
    async with call(home):
        assert jukebox.volumes == [0.0]
    assert jukebox.volumes == [0.0, 0.5]
    assert jukebox.told == []


async def test_a_player_that_can_do_nothing_of_that_is_stopped_and_stays_so(
    home: HomeAssistant, devices: Devices, jukebox: Jukebox
) -> None:
    jukebox.plays()
    devices.player.offers(Feature.PLAY_MEDIA | Feature.STOP | Feature.PLAY)
    async with call(home):
        assert jukebox.told == ["stop"]
    assert jukebox.told == ["stop"]


@pytest.mark.parametrize(
    ("told", "shown"), [("212.4", 212), ("1:32", None), (float("nan"), None), (float("inf"), None), ([], None)], ids=str
)
async def test_music_of_a_player_that_tells_nonsense_makes_way_all_the_same(
    home: HomeAssistant, jukebox: Jukebox, devices: Devices, told: Any, shown: int | None
) -> None:
    devices.player.lasts(told)
    devices.player.stands_at(told)
    jukebox.plays()
    await until(lambda: home.states.get(ROOM).state == State.PLAYING)
    attributes = home.states.get(ROOM).attributes
    assert (attributes.get("media_duration"), attributes.get("media_position")) == (shown, shown)
    async with call(home):
        assert jukebox.told == ["pause"]
    assert jukebox.told == ["pause", "resume"]
