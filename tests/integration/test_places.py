"""Where a room is: over stops, restarts and reboots of its player, on players that report in different ways."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huxley.runtime.reboots import Reboots
from custom_components.huxley.runtime.speakers import playbacks
from custom_components.huxley.runtime.streams import LIVE_STREAMS, LiveStream
from tests.integration.books import PERSONA, opened, write_skill
from tests.integration.building import persona_subentry
from tests.integration.conftest import WritePersona
from tests.integration.devices import Devices, devices_in
from tests.integration.living import ROOM, hear_out, lived_in, living_room, pass_time, reload, until
from tests.integration.test_streams import Clock, fetching

PLAYER = "media_player.player"
BOOK = "huxley://reader/books/prince"
BASIC = Feature.PLAY_MEDIA | Feature.PAUSE | Feature.PLAY | Feature.STOP | Feature.VOLUME_SET
LIKE_MPD = BASIC | Feature.SEEK


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def prepared(house: HomeAssistant, devices: Devices, write_persona: WritePersona) -> HomeAssistant:
    write_skill(house.config.config_dir)
    write_persona("reader", extra=PERSONA)
    assert await async_setup_component(house, "media_source", {})
    return house


@pytest.fixture
async def home(prepared: HomeAssistant) -> AsyncGenerator[HomeAssistant]:
    """A room where nothing starts by itself."""
    async with lived_in(prepared, persona_subentry("reader"), living_room("reader"), agent="conversation.reader"):
        yield prepared


@pytest.fixture
async def eager(prepared: HomeAssistant) -> AsyncGenerator[tuple[HomeAssistant, MockConfigEntry]]:
    """A room that goes on after a restart."""
    room = living_room("reader", resume_after_restart=True)  # type: ignore[arg-type]
    async with lived_in(prepared, persona_subentry("reader"), room, agent="conversation.reader") as entry:
        yield prepared, entry


async def act(home: HomeAssistant, action: str, **data: Any) -> None:
    await home.services.async_call("media_player", action, {"entity_id": ROOM, **data}, blocking=True)


async def start(home: HomeAssistant, media_id: str, **data: Any) -> None:
    await act(home, "play_media", media_content_id=media_id, media_content_type="music", **data)
    await until(lambda: state(home) == home.states.get(PLAYER).state == MediaPlayerState.PLAYING)


def state(home: HomeAssistant) -> str:
    return home.states.get(ROOM).state


def shown(home: HomeAssistant, attribute: str) -> Any:
    return home.states.get(ROOM).attributes.get(attribute)


def told(devices: Devices) -> list[tuple[str, Any]]:
    return [(what, value) for what, value in devices.log.of("player") if what in ("play", "seek", "resume")]


async def complaint(home: HomeAssistant, devices: Devices) -> None:
    """The room says that its player does not answer."""
    await hear_out(devices)
    await settle(home)


async def settle(home: HomeAssistant) -> None:
    await home.async_block_till_done(wait_background_tasks=True)


async def restart(home: HomeAssistant, devices: Devices) -> None:
    """Home Assistant starts again; the player fell silent meanwhile."""
    await reload(home)
    await settle(home)


# What is shown


async def test_a_player_that_tells_its_place_is_believed(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    assert shown(home, "media_position") is None
    devices.player.stands_at(42)
    await until(lambda: shown(home, "media_position") == 42)
    devices.player.becomes(MediaPlayerState.BUFFERING)
    await until(lambda: state(home) == MediaPlayerState.BUFFERING)
    devices.player.becomes(MediaPlayerState.PAUSED)
    await until(lambda: state(home) == MediaPlayerState.PAUSED)


async def test_a_place_that_moves_on_by_itself_is_not_told_again(
    home: HomeAssistant, devices: Devices, freezer: FrozenDateTimeFactory
) -> None:
    await start(home, "http://a")
    devices.player.stands_at(42)
    await settle(home)
    before = shown(home, "media_position_updated_at")
    freezer.tick(30)
    devices.player.at_level(0.6)
    await settle(home)
    devices.player.stands_at(72.6)
    await settle(home)
    assert (shown(home, "media_position"), shown(home, "media_position_updated_at")) == (42, before)
    devices.player.stands_at(72)
    devices.player.becomes(MediaPlayerState.PAUSED)
    await until(lambda: shown(home, "media_position") == 72)
    devices.player.becomes(MediaPlayerState.PLAYING)
    devices.player.stands_at(80)
    await settle(home)
    assert shown(home, "media_position") == 80
    assert shown(home, "media_position_updated_at") > before


@pytest.fixture
def clock(home: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Streams are heard on a clock that the test moves."""
    clock = Clock(home)
    monkeypatch.setattr(playbacks, "LiveStream", partial(LiveStream, clock=clock))
    return clock


async def test_the_place_of_a_clip_is_not_that_of_the_song_that_waits(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    await act(home, "media_pause")
    devices.player.becomes(MediaPlayerState.PLAYING)
    devices.player.stands_at(3)
    await settle(home)
    assert shown(home, "media_position") in (90, 91)
    await restart(home, devices)
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: len(told(devices)) == 2)
    assert told(devices)[1] == ("seek", pytest.approx(90, abs=1))


async def test_the_place_of_a_book_is_where_it_was_heard(home: HomeAssistant, devices: Devices, clock: Clock) -> None:
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    await until(lambda: len(told(devices)) == 2)
    fetch = await fetching(list(home.data[LIVE_STREAMS].values())[-1])
    await clock.passes(timedelta(seconds=3))
    await act(home, "media_pause")
    assert shown(home, "media_position") == 603
    await clock.passes(timedelta(seconds=3))
    await act(home, "media_stop")
    assert shown(home, "media_position") is None
    await act(home, "media_play")
    assert opened()[-1] == ("prince", pytest.approx(603))
    await fetch.hang_up()


async def test_a_book_goes_on_where_the_wake_word_cut_it_off(
    home: HomeAssistant, devices: Devices, clock: Clock
) -> None:
    await start(home, BOOK)
    first = await fetching(list(home.data[LIVE_STREAMS].values())[-1])
    await clock.passes(timedelta(seconds=3))
    await devices.satellite.say("what books are there")
    await hear_out(devices)
    await until(lambda: len(told(devices)) == 2)
    assert shown(home, "media_position") == 3
    again = await fetching(list(home.data[LIVE_STREAMS].values())[-1])
    assert opened()[1:] == [("prince", pytest.approx(3))]
    await first.hang_up()
    await again.hang_up()


# Over a restart


async def test_a_book_is_at_its_place_after_a_restart_and_nothing_starts_by_itself(
    home: HomeAssistant, devices: Devices
) -> None:
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    await restart(home, devices)
    await pass_time(home, minutes=3)
    assert (state(home), opened()) == (MediaPlayerState.IDLE, [])
    await act(home, "media_play")
    assert opened() == [("prince", 600)]
    await until(lambda: shown(home, "media_position") == 600)
    assert shown(home, "media_title") == "The Little Prince"


async def test_the_whole_playlist_is_there_after_a_restart(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await start(home, "http://b", enqueue="play")
    await act(home, "play_media", media_content_id="http://c", media_content_type="music", enqueue="add")
    await act(home, "repeat_set", repeat="all")
    await restart(home, devices)
    assert shown(home, "repeat") == "all"
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: told(devices) == [("play", "http://b")])
    await act(home, "media_next_track")
    await until(lambda: told(devices)[1:] == [("play", "http://c")])


async def test_music_by_voice_is_found_again(home: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("put on some music")
    await hear_out(devices)
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await restart(home, devices)
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: len(told(devices)) == 1)
    assert shown(home, "media_title") == "Huxley Waltz"


async def test_media_by_its_id_goes_on_at_its_place_on_a_player_like_mpd(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    await act(home, "media_stop")
    await restart(home, devices)
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: len(told(devices)) == 2)
    assert told(devices)[0] == ("play", "http://a")
    assert told(devices)[1] == ("seek", pytest.approx(90, abs=1))


async def test_a_restart_in_the_middle_of_a_song_costs_nothing_of_it(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    await restart(home, devices)
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: told(devices) == [("play", "http://a"), ("seek", pytest.approx(90, abs=1))])


async def test_what_was_heard_to_its_end_begins_anew(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.lasts(200)
    devices.player.stands_at(198)
    devices.player.becomes(MediaPlayerState.IDLE)
    await settle(home)
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await settle(home)
    assert told(devices) == [("play", "http://a")]


async def test_a_player_like_cast_is_wound_when_it_plays(home: HomeAssistant, devices: Devices) -> None:
    """It buffers first, and says only while it plays that it can be wound."""
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    await act(home, "media_stop")
    devices.player.offers(BASIC)
    devices.player.silently = True
    devices.log.entries.clear()
    await act(home, "media_play")
    await until(lambda: told(devices) == [("play", "http://a")])
    devices.player.becomes(MediaPlayerState.PLAYING)
    await settle(home)
    assert told(devices) == [("play", "http://a")]
    devices.player.becomes(MediaPlayerState.BUFFERING)
    devices.player.offers(LIKE_MPD)
    await settle(home)
    assert told(devices) == [("play", "http://a")]
    devices.player.becomes(MediaPlayerState.PLAYING)
    await until(lambda: told(devices)[1:] == [("seek", pytest.approx(90, abs=1))])
    devices.player.becomes(MediaPlayerState.PLAYING)
    await settle(home)
    assert len(told(devices)) == 2


async def test_a_player_that_cannot_be_wound_begins_anew_and_the_log_says_so(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    await start(home, "http://a")
    devices.player.stands_at(90)
    await act(home, "media_stop")
    await act(home, "media_play")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await pass_time(home, seconds=16)
    assert f"player.plays_from_the_beginning entity={PLAYER}" in caplog.text
    assert "seek" not in [what for what, _ in told(devices)]


async def test_a_room_goes_on_by_itself_where_people_asked_for_that(
    eager: tuple[HomeAssistant, MockConfigEntry], devices: Devices
) -> None:
    home, _ = eager
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    await restart(home, devices)
    await until(lambda: opened() == [("prince", 600)])
    await until(lambda: state(home) == MediaPlayerState.PLAYING)


@pytest.mark.parametrize("action", ["media_pause", "media_stop"])
async def test_what_a_person_stopped_does_not_go_on_by_itself(
    eager: tuple[HomeAssistant, MockConfigEntry], devices: Devices, action: str
) -> None:
    home, _ = eager
    await start(home, BOOK)
    await act(home, action)
    await restart(home, devices)
    await pass_time(home, minutes=3)
    assert (state(home), opened()) == (MediaPlayerState.IDLE, [])


async def test_a_long_time_later_nothing_goes_on_by_itself(
    eager: tuple[HomeAssistant, MockConfigEntry], devices: Devices, freezer: FrozenDateTimeFactory
) -> None:
    home, entry = eager
    await start(home, BOOK)
    await home.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(minutes=11))
    await home.config_entries.async_setup(entry.entry_id)
    await settle(home)
    assert (state(home), opened()) == (MediaPlayerState.IDLE, [])


async def test_going_on_waits_for_a_player_that_is_late(
    eager: tuple[HomeAssistant, MockConfigEntry], devices: Devices
) -> None:
    home, entry = eager
    await start(home, BOOK)
    await home.config_entries.async_unload(entry.entry_id)
    devices.player.becomes(None, available=False)
    await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    assert opened() == []
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: opened() == [("prince", 0)])


async def test_a_person_who_is_faster_than_the_player_decides(
    eager: tuple[HomeAssistant, MockConfigEntry], devices: Devices
) -> None:
    home, entry = eager
    await start(home, BOOK)
    await home.config_entries.async_unload(entry.entry_id)
    devices.player.becomes(None, available=False)
    await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    devices.player.becomes(MediaPlayerState.IDLE)
    await settle(home)
    assert (state(home), opened()) == (MediaPlayerState.IDLE, [])


async def test_a_place_is_kept_while_it_plays_and_goes_with_its_room(
    home: HomeAssistant, devices: Devices, hass_storage: dict[str, Any]
) -> None:
    key = f"huxley.bookmarks.{home.config_entries.async_entries('huxley')[0].entry_id}"
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    await pass_time(home, seconds=6)
    await settle(home)
    (kept,) = hass_storage[key]["data"].values()
    assert (kept["position"], kept["playing"]) == (pytest.approx(90, abs=1), True)
    entry = home.config_entries.async_entries("huxley")[0]
    await home.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage


async def test_a_bookmark_that_cannot_be_read_costs_nobody_a_room(
    prepared: HomeAssistant, devices: Devices, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with lived_in(prepared, persona_subentry("reader"), living_room("reader"), agent=None) as entry:
        await start(prepared, "http://a")
        await prepared.config_entries.async_unload(entry.entry_id)
        for kept in hass_storage[f"huxley.bookmarks.{entry.entry_id}"]["data"].values():
            kept["playlist"] = {"entries": "none"}
        await prepared.config_entries.async_setup(entry.entry_id)
        assert "bookmark.unreadable" in caplog.text
        await start(prepared, "http://b")


# A player that reboots


async def test_a_book_goes_on_after_its_player_rebooted(home: HomeAssistant, devices: Devices) -> None:
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    await until(lambda: len(told(devices)) == 2)
    devices.player.becomes(None, available=False)
    await pass_time(home, seconds=16)
    assert state(home) != MediaPlayerState.PLAYING
    await complaint(home, devices)
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: opened()[2:] == [("prince", 600)])
    await until(lambda: state(home) == MediaPlayerState.PLAYING)


async def test_media_goes_on_after_a_reboot_that_took_no_time(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    devices.player.stands_at(90)
    devices.log.entries.clear()
    devices.player.becomes(None, available=False)
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: told(devices) == [("play", "http://a"), ("seek", pytest.approx(90, abs=1))])
    assert devices.log.of("satellite") == []


@pytest.mark.parametrize("how", ["room", "voice", "interrupt"])
async def test_what_a_person_stops_while_the_player_is_away_stays_silent(
    home: HomeAssistant, devices: Devices, how: str
) -> None:
    await start(home, "http://a")
    devices.player.becomes(None, available=False)
    await home.async_block_till_done()
    if how == "room":
        await act(home, "media_stop")
    elif how == "interrupt":
        await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    else:
        await pass_time(home, seconds=16)
        await complaint(home, devices)
        await devices.satellite.say("stop the music")
        await hear_out(devices)
    devices.log.entries.clear()
    devices.player.becomes(MediaPlayerState.IDLE)
    await settle(home)
    assert told(devices) == []


async def test_a_paused_book_stays_paused_over_a_reboot(home: HomeAssistant, devices: Devices) -> None:
    await start(home, BOOK)
    await act(home, "media_pause")
    devices.log.entries.clear()
    devices.player.becomes(None, available=False)
    await home.async_block_till_done()
    devices.player.becomes(MediaPlayerState.IDLE)
    await settle(home)
    assert told(devices) == []


class TestReboots:
    """The decision, on a clock of its own."""

    @pytest.fixture
    def clock(self) -> list[float]:
        return [100.0]

    @pytest.fixture
    def reboots(self, clock: list[float]) -> Reboots:
        return Reboots(lambda: clock[0])

    def away(self, reboots: Reboots, clock: list[float], seconds: float) -> bool:
        reboots.gone()
        reboots.cut_off()
        clock[0] += seconds
        reboots.back()
        return reboots.goes_on()

    def test_it_goes_on_once(self, reboots: Reboots, clock: list[float]) -> None:
        assert self.away(reboots, clock, 60)
        assert not reboots.goes_on()

    def test_two_minutes_are_the_limit(self, reboots: Reboots, clock: list[float]) -> None:
        assert not self.away(reboots, clock, 121)
        assert self.away(reboots, clock, 119)

    def test_a_player_that_is_gone_again_at_once_is_left_alone(self, reboots: Reboots, clock: list[float]) -> None:
        assert self.away(reboots, clock, 10)
        clock[0] += 30
        assert not self.away(reboots, clock, 10)
        clock[0] += 300
        assert self.away(reboots, clock, 10)

    def test_what_a_person_decided_holds(self, reboots: Reboots, clock: list[float]) -> None:
        reboots.gone()
        reboots.cut_off()
        reboots.forget()
        reboots.back()
        assert not reboots.goes_on()

    def test_the_end_and_the_return_come_in_any_order(self, reboots: Reboots) -> None:
        reboots.gone()
        reboots.back()
        assert not reboots.goes_on()
        assert reboots.cut_off()
        assert reboots.goes_on()

    def test_a_stop_at_a_player_that_was_always_there_is_no_reboot(self, reboots: Reboots) -> None:
        assert not reboots.cut_off()
        reboots.back()
        assert not reboots.goes_on()
