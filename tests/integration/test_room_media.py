"""The room as a media player: playlist, catalogs, announcements, places."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.integration.books import PERSONA, broken, opened, slow, write_skill
from tests.integration.building import persona_subentry
from tests.integration.conftest import WritePersona
from tests.integration.devices import Devices, devices_in
from tests.integration.living import ROOM, hear_out, inject, lived_in, living_room, start_music, until

PLAYER = "media_player.player"
BOOK = "huxley://reader/books/prince"
BASIC = Feature.PLAY_MEDIA | Feature.PAUSE | Feature.PLAY | Feature.STOP | Feature.VOLUME_SET
LIKE_MPD = BASIC | Feature.SEEK


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices, write_persona: WritePersona) -> AsyncGenerator[HomeAssistant]:
    """A room with a persona that has books and music."""
    write_skill(house.config.config_dir)
    write_persona("reader", extra=PERSONA)
    assert await async_setup_component(house, "media_source", {})
    async with lived_in(house, persona_subentry("reader"), living_room("reader"), agent="conversation.reader"):
        yield house


async def act(home: HomeAssistant, action: str, entity: str = ROOM, **data: Any) -> None:
    await home.services.async_call("media_player", action, {"entity_id": entity, **data}, blocking=True)


async def play(home: HomeAssistant, media_id: str, **data: Any) -> None:
    await act(home, "play_media", media_content_id=media_id, media_content_type="music", **data)


async def start(home: HomeAssistant, media_id: str, **data: Any) -> None:
    """Play, and hear it."""
    await play(home, media_id, **data)
    await until(lambda: state(home) == home.states.get(PLAYER).state == MediaPlayerState.PLAYING)


def played(devices: Devices) -> list[str]:
    """What the player was told to play; a stream of ours is just that."""
    urls = [value for what, value in devices.log.of("player") if what == "play"]
    return ["stream" if "/api/huxley/stream/" in url else url for url in urls]


def told(devices: Devices) -> list[str]:
    return [what for what, _ in devices.log.of("player")]


def state(home: HomeAssistant) -> str:
    return home.states.get(ROOM).state


def shown(home: HomeAssistant, attribute: str) -> Any:
    return home.states.get(ROOM).attributes.get(attribute)


def features(home: HomeAssistant) -> Feature:
    return Feature(shown(home, "supported_features"))


async def end(home: HomeAssistant, devices: Devices, times: int = 1) -> None:
    """What plays comes to its end."""
    for _ in range(times):
        await until(lambda: home.states.get(PLAYER).state == state(home) == MediaPlayerState.PLAYING)
        devices.player.becomes(MediaPlayerState.IDLE)
        await home.async_block_till_done(wait_background_tasks=True)


# The playlist


async def test_an_address_is_played_under_a_name_that_people_can_read(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://nas/My%20Songs/Blue%20Moon.mp3?token=secret")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    assert played(devices) == ["http://nas/My%20Songs/Blue%20Moon.mp3?token=secret"]
    assert shown(home, "media_title") == "Blue Moon"


@pytest.mark.parametrize(
    ("told", "length"), [(200, 200), ("200", 200), (199.7, 200), ("live", None), (0, None), (float("inf"), None)]
)
async def test_a_player_says_what_nobody_else_knows(
    home: HomeAssistant, devices: Devices, told: Any, length: int | None
) -> None:
    """mpd tells seconds as text."""
    await start(home, "http://a")
    devices.player.lasts(told)
    devices.player.stands_at(3)
    await until(lambda: shown(home, "media_position") == 3)
    assert shown(home, "media_duration") == length


async def test_what_the_caller_says_of_it_is_shown(home: HomeAssistant, devices: Devices) -> None:
    metadata = {"title": "Blue Moon", "artist": "Ella"}
    await play(home, "http://nas/1.mp3", extra={"metadata": metadata, "thumb": "/local/moon.jpg"})
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    assert (shown(home, "media_title"), shown(home, "media_artist")) == ("Blue Moon", "Ella")
    assert shown(home, "entity_picture").startswith("/api/media_player_proxy/media_player.living_room")


async def test_what_the_caller_says_of_it_may_be_nonsense(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://nas/Blue%20Moon.mp3", extra={"metadata": ["Ella"]})
    assert shown(home, "media_title") == "Blue Moon"


async def test_the_playlist_goes_on_by_itself_to_its_end(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://c", enqueue="add")
    await play(home, "http://b", enqueue="next")
    await end(home, devices, 2)
    assert played(devices) == ["http://a", "http://b", "http://c"]
    await end(home, devices)
    assert (played(devices)[3:], state(home)) == ([], MediaPlayerState.IDLE)


async def test_what_fails_late_takes_nothing_from_what_was_added_meanwhile(
    home: HomeAssistant, devices: Devices
) -> None:
    await start(home, "http://a")
    slow()["quijote"] = gate = asyncio.Event()
    broken().add("quijote")
    torn = asyncio.create_task(play(home, "huxley://reader/books/quijote"))
    await asyncio.sleep(0.05)
    added = asyncio.create_task(play(home, "http://b", enqueue="add"))
    await asyncio.sleep(0.05)
    gate.set()
    with pytest.raises(HomeAssistantError):
        await torn
    await added
    assert shown(home, "media_content_id") == "http://a"
    await end(home, devices)
    assert played(devices) == ["http://a", "http://b"]


async def test_what_fails_late_takes_nothing_from_what_is_wanted_instead(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    slow()["quijote"] = gate = asyncio.Event()
    broken().add("quijote")
    torn = asyncio.create_task(play(home, "huxley://reader/books/quijote"))
    await asyncio.sleep(0.05)
    instead = asyncio.create_task(play(home, "http://b"))
    await asyncio.sleep(0.05)
    gate.set()
    with pytest.raises(HomeAssistantError):
        await torn
    await instead
    await until(lambda: played(devices) == ["http://a", "http://b"])
    assert shown(home, "media_content_id") == "http://b"


async def test_play_now_keeps_what_was_to_come_and_replace_does_not(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await start(home, "http://now", enqueue="play")
    await end(home, devices)
    await play(home, "http://c", enqueue="add")
    await start(home, "http://only", enqueue="replace")
    await end(home, devices)
    assert played(devices) == ["http://a", "http://now", "http://b", "http://only"]


async def test_what_is_added_to_a_silent_room_waits_for_play(home: HomeAssistant, devices: Devices) -> None:
    await play(home, "http://a", enqueue="add")
    assert (played(devices), state(home)) == ([], MediaPlayerState.IDLE)
    await act(home, "media_play")
    await until(lambda: played(devices) == ["http://a"])


@pytest.mark.parametrize(("repeat", "sound"), [("off", "ab"), ("one", "aaa"), ("all", "aba")])
async def test_repeat(home: HomeAssistant, devices: Devices, repeat: str, sound: str) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await act(home, "repeat_set", repeat=repeat)
    assert shown(home, "repeat") == repeat
    await end(home, devices, 2)
    assert played(devices) == [f"http://{song}" for song in sound]


async def test_skipping_forth_and_back(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await act(home, "media_next_track")
    await until(lambda: played(devices) == ["http://a", "http://b"])
    devices.player.stands_at(20)
    await act(home, "media_previous_track")
    await until(lambda: played(devices)[2:] == ["http://b"])
    devices.player.stands_at(2)
    await act(home, "media_previous_track")
    await until(lambda: played(devices)[3:] == ["http://a"])


async def test_shuffle_is_shown_and_can_be_taken_back(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await act(home, "shuffle_set", shuffle=True)
    assert shown(home, "shuffle") is True
    await act(home, "shuffle_set", shuffle=False)
    assert shown(home, "shuffle") is False


async def test_clearing_the_playlist_lets_what_plays_go_on(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await act(home, "clear_playlist")
    assert state(home) == MediaPlayerState.PLAYING
    await end(home, devices)
    assert played(devices) == ["http://a"]


async def test_a_song_that_a_person_stops_at_the_player_is_not_followed_by_the_next(
    home: HomeAssistant, devices: Devices, hass_admin_user: Any
) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await home.services.async_call(
        "media_player", "media_stop", {"entity_id": PLAYER}, blocking=True, context=Context(user_id=hass_admin_user.id)
    )
    await home.async_block_till_done(wait_background_tasks=True)
    assert (played(devices), state(home)) == (["http://a"], MediaPlayerState.IDLE)


@pytest.mark.parametrize(("place", "follows"), [(90, False), (195, True)], ids=["in the middle", "at its end"])
async def test_a_player_that_tells_its_place_tells_a_stop_from_an_end(
    home: HomeAssistant, devices: Devices, place: int, follows: bool
) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    devices.player.lasts(200)
    devices.player.stands_at(place)
    await end(home, devices)
    assert played(devices) == ["http://a", *(["http://b"] if follows else [])]


@pytest.mark.parametrize(("torn", "goes_on"), [(2, True), (3, False)])
async def test_after_three_torn_books_in_a_row_the_room_stays_silent(
    home: HomeAssistant, devices: Devices, torn: int, goes_on: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await start(home, "http://a")
    for _ in range(torn):
        await play(home, "huxley://reader/books/quijote", enqueue="add")
    await play(home, "http://c", enqueue="add")
    broken().add("quijote")
    await end(home, devices)
    await until(lambda: caplog.text.count("quijote is torn.") >= torn)
    await home.async_block_till_done(wait_background_tasks=True)
    assert played(devices) == ["http://a", *(["http://c"] if goes_on else [])]


async def test_a_torn_book_is_passed_over(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "huxley://reader/books/quijote", enqueue="add")
    await play(home, "http://c", enqueue="add")
    broken().add("quijote")
    await end(home, devices)
    await until(lambda: played(devices) == ["http://a", "http://c"])


async def test_a_playlist_has_an_end(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "huxley://reader/books/all")
    for _ in range(249):
        await play(home, "huxley://reader/books/all", enqueue="add")
    with pytest.raises(HomeAssistantError) as error:
        await play(home, "http://one-more", enqueue="add")
    assert error.value.translation_key == "playlist_full"
    assert state(home) == MediaPlayerState.PLAYING


async def test_what_cannot_be_opened_leaves_the_playlist_as_it_was(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    broken().add("prince")
    with pytest.raises(HomeAssistantError) as error:
        await play(home, BOOK)
    assert error.value.translation_key == "catalog_failed"
    assert "prince is torn." in str(error.value)
    await end(home, devices)
    assert played(devices) == ["http://a", "http://b"]


@pytest.mark.parametrize(
    ("media_id", "key"),
    [
        (" ", "media_id_wrong"),
        ("media-source://nowhere/1", "media_unknown"),
        ("huxley://reader/books/gone", "catalog_failed"),
        ("huxley://reader/books/shelf", "item_not_playable"),
        ("huxley://reader/nothing/1", "catalog_gone"),
        ("huxley://nobody/books/prince", "catalog_gone"),
        ("huxley://reader/books/a/b", "media_id_wrong"),
    ],
)
async def test_what_is_not_there_is_said_to_whoever_asked(
    home: HomeAssistant, devices: Devices, media_id: str, key: str
) -> None:
    with pytest.raises(HomeAssistantError) as error:
        await play(home, media_id)
    assert error.value.translation_key == key
    assert played(devices) == []


async def test_music_by_voice_takes_the_place_of_the_playlist(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    devices.log.entries.clear()
    await start_music(devices)
    waltz = "huxley://reader/music/track%2Fhuxley_waltz.wav"
    await until(lambda: shown(home, "media_content_id") == waltz)
    assert not features(home) & Feature.NEXT_TRACK


# What is offered


async def test_a_room_offers_what_it_can_do_at_every_moment(home: HomeAssistant, devices: Devices) -> None:
    always = (
        *(Feature.PLAY_MEDIA, Feature.MEDIA_ENQUEUE, Feature.MEDIA_ANNOUNCE, Feature.BROWSE_MEDIA),
        *(Feature.SEARCH_MEDIA, Feature.REPEAT_SET, Feature.SHUFFLE_SET, Feature.VOLUME_SET, Feature.VOLUME_STEP),
    )
    idle = Feature(sum(always))
    content = Feature.STOP | Feature.PLAY | Feature.PAUSE | Feature.CLEAR_PLAYLIST | Feature.PREVIOUS_TRACK
    assert features(home) == idle
    await start(home, "http://a")
    assert features(home) == idle | content
    await play(home, "http://b", enqueue="add")
    assert features(home) == idle | content | Feature.NEXT_TRACK
    devices.player.offers(LIKE_MPD | Feature.VOLUME_MUTE)
    await home.async_block_till_done()
    assert features(home) == idle | content | Feature.NEXT_TRACK | Feature.SEEK | Feature.VOLUME_MUTE
    devices.player.offers(BASIC)
    await act(home, "media_stop")
    assert features(home) == idle | Feature.PLAY | Feature.CLEAR_PLAYLIST | Feature.NEXT_TRACK
    await start(home, BOOK)
    assert features(home) == idle | content | Feature.SEEK
    devices.player.becomes(None, available=False)
    await home.async_block_till_done()
    assert not features(home) & (Feature.PLAY_MEDIA | Feature.VOLUME_SET | Feature.BROWSE_MEDIA)


async def test_mute_is_the_players_and_leaves_the_volume_alone(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(BASIC | Feature.VOLUME_MUTE)
    await act(home, "volume_mute", is_volume_muted=True)
    assert (shown(home, "is_volume_muted"), shown(home, "volume_level")) == (True, 0.5)
    assert devices.log.of("player") == [("mute", True)]


async def test_a_volume_set_while_ducked_is_the_persons(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await act(home, "volume_set", volume_level=0.8)
    assert shown(home, "volume_level") == 0.8
    devices.satellite.heard_out()
    await outcome
    await until(lambda: devices.log.of("player")[-1] == ("volume", 0.8))
    assert devices.log.of("player") == [("volume", 0.2), ("volume", 0.32), ("volume", 0.8)]


# Announcements


async def test_a_clip_is_announced_over_the_music_which_comes_back(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    devices.log.entries.clear()
    await play(home, "http://nas/doorbell.mp3", announce=True)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert devices.log.of("player") == [("volume", 0.2)]
    await hear_out(devices)
    await until(lambda: devices.log.of("player")[1:] == [("volume", 0.5)])
    assert [what for what, _ in devices.log.of("satellite")] == ["announce", "announced"]
    assert state(home) == MediaPlayerState.PLAYING


async def test_a_clip_is_not_content(home: HomeAssistant, devices: Devices) -> None:
    await play(home, "http://nas/doorbell.mp3", announce=True)
    await hear_out(devices)
    await home.async_block_till_done()
    assert (played(devices), state(home)) == ([], MediaPlayerState.IDLE)
    assert not features(home) & Feature.PLAY


async def test_what_cannot_be_announced_is_said(home: HomeAssistant, devices: Devices) -> None:
    for media_id, key in ((BOOK, "clip_is_a_stream"), ("media-source://nowhere/1", "media_unknown")):
        with pytest.raises(HomeAssistantError) as error:
            await play(home, media_id, announce=True)
        assert error.value.translation_key == key
    assert devices.log.of("satellite") == []


# Catalogs


async def ask(home: HomeAssistant, sockets: WebSocketGenerator, kind: str, **data: Any) -> dict[str, Any]:
    client = await sockets(home)
    await client.send_json_auto_id({"type": f"media_player/{kind}", "entity_id": ROOM, **data})
    return await client.receive_json()


def at(media_id: str) -> dict[str, str]:
    return {"media_content_id": media_id, "media_content_type": "music"}


async def test_the_first_page_shows_the_skills_beside_the_media_of_the_house(
    home: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    page = (await ask(home, hass_ws_client, "browse_media"))["result"]
    assert page["title"] == "Living room"
    shelves = [(line["title"], line["media_content_id"]) for line in page["children"]]
    assert shelves[:2] == [("Library", "huxley://reader/books/"), ("Music", "huxley://reader/music/")]
    assert any(media_id.startswith("media-source://") for _, media_id in shelves[2:])


async def test_a_page_of_a_catalog(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    page = (await ask(home, hass_ws_client, "browse_media", **at("huxley://reader/books/")))["result"]
    lines = {line["media_content_id"]: line for line in page["children"]}
    book = lines[BOOK]
    assert book["title"] == "The Little Prince · Saint-Exupery (1:30:00)"
    assert (book["can_play"], book["can_expand"], book["thumbnail"]) == (True, False, "/local/prince.jpg")
    everything = lines["huxley://reader/books/all"]
    assert (everything["can_play"], everything["can_expand"]) == (True, True)
    assert lines["huxley://reader/books/news"]["media_class"] == "channel"


async def test_search_looks_into_all_catalogs_or_one(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    async def found(query: str, **where: str) -> list[str]:
        answer = await ask(home, hass_ws_client, "search_media", search_query=query, **where)
        return [line["media_content_id"] for line in answer["result"]["result"]]

    waltz = "huxley://reader/music/track%2Fhuxley_waltz.wav"
    assert await found("prince") == [BOOK]
    assert await found("waltz") == [waltz]
    assert await found("waltz", **at("huxley://reader/books/")) == []
    assert await found("nothing of the kind") == []
    broken().add("search")
    assert await found("waltz") == [waltz]


async def test_errors_of_catalogs_can_be_read(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    gone = await ask(home, hass_ws_client, "browse_media", **at("huxley://reader/books/gone"))
    assert "There is no shelf gone." in gone["error"]["message"]
    broken().update({"browse", "search"})
    burned = await ask(home, hass_ws_client, "browse_media", **at("huxley://reader/books/"))
    assert "the library burned down" in burned["error"]["message"]
    search = await ask(home, hass_ws_client, "search_media", search_query="x", **at("huxley://reader/books/"))
    assert "no index" in search["error"]["message"]
    first = await ask(home, hass_ws_client, "browse_media")
    assert first["result"]["children"][0]["title"] == "Books"


async def test_a_shelf_that_plays_is_a_playlist(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "huxley://reader/books/all")
    assert shown(home, "media_title") == "The Little Prince"
    assert (shown(home, "media_artist"), shown(home, "media_duration")) == ("Saint-Exupery", 5400)
    await act(home, "media_next_track")
    assert shown(home, "media_title") == "Don Quijote"
    assert opened() == [("prince", 0), ("quijote", 0)]


async def test_what_a_catalog_leaves_to_the_player_keeps_its_own_id(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "huxley://reader/books/news")
    await until(lambda: played(devices) == ["http://radio/news.mp3"])
    assert shown(home, "media_content_id") == "huxley://reader/books/news"


# Places


async def test_a_book_can_be_wound_while_it_plays(home: HomeAssistant, devices: Devices) -> None:
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    assert opened() == [("prince", 0), ("prince", 600)]
    await until(lambda: played(devices) == ["stream", "stream"])
    assert (shown(home, "media_position"), state(home)) == (600, MediaPlayerState.PLAYING)


async def test_a_paused_book_that_is_wound_stays_paused(home: HomeAssistant, devices: Devices) -> None:
    await start(home, BOOK)
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await act(home, "media_pause")
    await act(home, "media_seek", seek_position=600)
    assert (shown(home, "media_position"), state(home)) == (600, MediaPlayerState.PAUSED)
    assert opened() == [("prince", 0)]
    await act(home, "media_play")
    assert opened() == [("prince", 0), ("prince", 600)]
    await until(lambda: state(home) == MediaPlayerState.PLAYING)


async def test_media_by_its_id_is_wound_by_the_player(home: HomeAssistant, devices: Devices) -> None:
    devices.player.offers(LIKE_MPD)
    await start(home, "http://a")
    await until(lambda: state(home) == MediaPlayerState.PLAYING)
    await act(home, "media_seek", seek_position=90)
    assert devices.log.of("player")[-1] == ("seek", 90)
    await until(lambda: shown(home, "media_position") == 90)


async def test_a_book_that_the_wake_word_stopped_goes_on_and_keeps_its_playlist(
    home: HomeAssistant, devices: Devices
) -> None:
    await start(home, "huxley://reader/books/all")
    await act(home, "media_seek", seek_position=600)
    await until(lambda: played(devices) == ["stream", "stream"])
    await devices.satellite.say("what books are there")
    await hear_out(devices)
    await until(lambda: len(played(devices)) == 3)
    assert (shown(home, "media_title"), shown(home, "media_position")) == ("The Little Prince", 600)
    assert features(home) & Feature.NEXT_TRACK


async def test_play_in_a_silent_room_goes_on_at_the_place(home: HomeAssistant, devices: Devices) -> None:
    await start(home, BOOK)
    await act(home, "media_seek", seek_position=600)
    await act(home, "media_stop")
    assert state(home) == MediaPlayerState.IDLE
    await act(home, "media_play")
    assert opened()[-1] == ("prince", 600)
    await until(lambda: shown(home, "media_position") == 600)


async def test_after_the_last_one_play_begins_with_the_first(home: HomeAssistant, devices: Devices) -> None:
    await start(home, "http://a")
    await play(home, "http://b", enqueue="add")
    await end(home, devices, 2)
    await act(home, "media_play")
    await until(lambda: played(devices) == ["http://a", "http://b", "http://a"])


async def test_a_room_that_has_nothing_to_play_offers_no_button_for_it(home: HomeAssistant) -> None:
    player = home.states.get(ROOM)
    assert not Feature(player.attributes["supported_features"]) & Feature.PLAY
