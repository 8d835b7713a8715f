"""Each kind of satellite brings words as well as it can, says what it cannot, and falls silent if it may."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.assist_satellite import AssistSatelliteEntityFeature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.speaker import Manner, Reply
from tests.integration.building import persona_subentry
from tests.integration.devices import (
    Devices,
    EsphomeTestSatellite,
    TestSatellite,
    TestTelephone,
    WyomingTestSatellite,
    devices_in,
    use_agent,
)
from tests.integration.living import (
    ROOM,
    hear_out,
    inject,
    lived_in,
    living_room,
    pass_time,
    reload,
    say,
    start_music,
    until,
)

SATELLITE = "assist_satellite.satellite"
BELL = "http://house/bell.mp3"
MOTHER = "http://house/mother.mp3"
KINDS = (TestSatellite, EsphomeTestSatellite, WyomingTestSatellite, TestTelephone)


@pytest.fixture
async def devices(house: HomeAssistant, request: pytest.FixtureRequest) -> AsyncGenerator[Devices]:
    kind: type[TestSatellite] = getattr(request, "param", EsphomeTestSatellite)
    async with devices_in(house, kind) as devices, lived_in(house, persona_subentry("basic"), living_room()):
        yield devices


def of(*kinds: type[TestSatellite]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("devices", kinds, indirect=True, ids=lambda kind: kind.platform_of_device)


def room(hass: HomeAssistant) -> Any:
    (room,) = hass.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    return room


async def bring(hass: HomeAssistant, words: str, manner: Manner) -> Reply:
    reply: Reply = room(hass).speaker.reply(manner)
    await reply.write(words)
    await reply.finish()
    return reply


async def brought(hass: HomeAssistant, devices: Devices, words: str, manner: Manner) -> None:
    """Bring the words, and hear them out."""
    reply = await bring(hass, words, manner)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    if isinstance(devices.satellite, TestTelephone):
        devices.satellite.hang_up()
    await asyncio.wait_for(reply.heard_out(), 5)


# --- the manner of the words


@of(*KINDS)
async def test_plain_words_come_without_a_chime(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "Dinner.", Manner())
    (heard,) = devices.satellite.announcements
    assert (heard.message, heard.preannounce_media_id) == ("Dinner.", None)
    assert devices.log.of("satellite")[0] == ("announce", "Dinner.")


@of(TestSatellite, EsphomeTestSatellite)
@pytest.mark.parametrize(("chime", "sounds"), [(BELL, BELL), ("", "preannounce.mp3")])
async def test_a_chime_comes_before_the_words(house: HomeAssistant, devices: Devices, chime: str, sounds: str) -> None:
    await brought(house, devices, "Dinner.", Manner(chime=chime))
    (heard,) = devices.satellite.announcements
    assert (heard.preannounce_media_id or "").endswith(sounds)


@of(WyomingTestSatellite, TestTelephone)
async def test_a_chime_that_the_device_ignores_is_left_out(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "Dinner.", Manner(chime=BELL))
    assert devices.satellite.announcements[0].preannounce_media_id is None
    assert not room(house).speaker.capabilities.chime


@of(TestSatellite, EsphomeTestSatellite, WyomingTestSatellite)
async def test_a_recording_is_heard_in_place_of_the_words(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "", Manner(recording=MOTHER))
    assert devices.satellite.announcements[0].media_id == MOTHER


@of(TestTelephone)
async def test_the_telephone_speaks_the_words_in_place_of_a_recording(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "Mother says hello.", Manner(recording=MOTHER))
    assert devices.satellite.announcements[0].media_id_source == "tts"
    reply = await bring(house, "", Manner(recording=MOTHER))
    with pytest.raises(SpeakerError, match="no recordings"):
        await reply.heard_out()


@of(EsphomeTestSatellite, TestTelephone)
async def test_the_microphone_opens_after_a_question(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "Shall I?", Manner(listen=True, chime="", brief="It is about the door."))
    assert devices.log.of("satellite")[0] == ("start_conversation", "Shall I?")
    assert room(house).speaker.capabilities.listen


@of(TestSatellite, WyomingTestSatellite)
async def test_a_question_is_announced_where_the_microphone_cannot_be_opened(
    house: HomeAssistant, devices: Devices
) -> None:
    await brought(house, devices, "Shall I?", Manner(listen=True))
    assert devices.log.of("satellite")[0] == ("announce", "Shall I?")
    assert not room(house).speaker.capabilities.listen


async def test_a_question_is_announced_where_home_assistant_itself_answers(
    house: HomeAssistant, devices: Devices
) -> None:
    await use_agent(house, "conversation.home_assistant")
    await brought(house, devices, "Shall I?", Manner(listen=True))
    assert devices.log.of("satellite")[0] == ("announce", "Shall I?")


async def test_the_answer_to_a_question_knows_what_it_was_about(house: HomeAssistant, devices: Devices) -> None:
    await brought(house, devices, "Shall I?", Manner(listen=True, brief="It is about the door."))
    told = async_capture_events(house, "huxley_turn")
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: "finished" in [event.data["event"] for event in told])


# --- silence


async def test_a_wake_word_in_an_announcement_silences_it_and_is_heard_at_once(
    house: HomeAssistant, devices: Devices, hass_client_no_auth: ClientSessionGenerator
) -> None:
    told = async_capture_events(house, "huxley_turn")
    outcome = asyncio.create_task(inject(house, message="A very long story.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await devices.satellite.say("what time is it")
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"
    (what, url), *_ = devices.log.of("player")
    assert what == "announce"
    client = await hass_client_no_auth()
    silence = await (await client.get(url.partition("8123")[2])).read()
    assert silence.startswith(b"RIFF")
    assert set(silence[44:]) == {0}
    await hear_out(devices)
    await until(lambda: told[-1].data["event"] == "finished")
    assert [what for what, _ in devices.log.of("satellite")] == ["announce", "announced", "answer", "answered"]


@pytest.mark.parametrize("how", ["wake word", "interrupt"])
async def test_an_announcement_of_somebody_else_is_silenced_as_well(
    house: HomeAssistant, devices: Devices, how: str
) -> None:
    told = async_capture_events(house, "huxley_turn")
    data = {"entity_id": SATELLITE, "message": "A very long story.", "preannounce": False}
    theirs = asyncio.create_task(house.services.async_call("assist_satellite", "announce", data, blocking=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await until(lambda: room(house).coordinator.turn is not None)
    if how == "interrupt":
        await house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    else:
        await devices.satellite.say("what time is it")
    await asyncio.wait_for(theirs, 5)
    assert [what for what, _ in devices.log.of("player")] == ["announce"]
    if how == "wake word":
        await hear_out(devices)
        await until(lambda: told[-1].data["event"] == "finished")


async def test_an_interrupt_silences_an_answer(house: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("what time is it")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    await until(lambda: not devices.satellite.speaking.is_set())
    assert [what for what, _ in devices.log.of("player")] == ["announce"]
    assert room(house).speaker.capabilities.stop_speech


async def test_an_answer_that_was_heard_is_not_silenced(house: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert devices.log.of("player") == []


async def test_a_wake_word_over_music_sends_no_silence(house: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    assert "announce" not in [what for what, _ in devices.log.of("player")]


@pytest.mark.parametrize("how", ["refuses", "hangs"])
async def test_a_device_that_does_not_fall_silent_holds_nobody_up(
    house: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    outcome = asyncio.create_task(inject(house, message="A very long story.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    if how == "hangs":
        devices.player.hangs = True
    else:
        devices.player.refuses = ConnectionResetError("cable")
    stopping = house.async_create_task(
        house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    )
    if how == "hangs":
        await pass_time(house, seconds=1)
    await asyncio.wait_for(stopping, 5)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"
    assert caplog.text.count("satellite.not_silenced") == 1


@of(TestSatellite, WyomingTestSatellite, TestTelephone)
async def test_a_device_that_cannot_be_silenced_says_so_and_the_next_words_wait_for_nobody(
    house: HomeAssistant, devices: Devices
) -> None:
    assert not room(house).speaker.capabilities.stop_speech
    outcome = asyncio.create_task(inject(house, message="A very long story.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"
    assert devices.log.of("player") == []


async def test_a_satellite_without_a_player_beside_it_cannot_be_silenced(
    house: HomeAssistant, devices: Devices
) -> None:
    er.async_get(house).async_remove("media_player.player")
    await house.async_block_till_done()
    assert not room(house).speaker.capabilities.stop_speech
    outcome = asyncio.create_task(inject(house, message="A very long story.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await house.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "interrupted"


# --- the telephone


@of(TestTelephone)
async def test_a_person_answers_within_the_call(house: HomeAssistant, devices: Devices) -> None:
    assert isinstance(devices.satellite, TestTelephone)
    told = async_capture_events(house, "huxley_turn")
    reply = await bring(house, "Shall I?", Manner(listen=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: not devices.satellite.speaking.is_set())
    await devices.satellite.say("what time is it")
    await reply.abort()
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert ("hung up", None) not in devices.log.of("satellite")
    devices.satellite.heard_out()
    await until(lambda: told and told[-1].data["event"] == "finished")
    devices.satellite.hang_up()
    await until(lambda: devices.log.of("satellite")[-1] == ("hung up", None))


@of(TestTelephone)
async def test_a_call_that_nobody_ends_holds_up_no_reload(house: HomeAssistant, devices: Devices) -> None:
    reply = await bring(house, "Shall I?", Manner(listen=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: not devices.satellite.speaking.is_set())
    await devices.satellite.say("what time is it")
    await reply.abort()
    await hear_out(devices)
    await reload(house)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == f"huxley announce {SATELLITE}"]


# --- who ducks


@of(*KINDS)
async def test_a_device_that_ducks_itself_says_so(house: HomeAssistant, devices: Devices) -> None:
    ducks = isinstance(devices.satellite, EsphomeTestSatellite)
    assert room(house).speaker.capabilities.ducks_itself is ducks


async def test_a_satellite_that_moved_to_another_integration_is_known_by_it(
    house: HomeAssistant, devices: Devices
) -> None:
    registry = er.async_get(house)
    assert room(house).speaker.speaks_through == "esphome satellite"
    registry.async_remove(SATELLITE)
    registry.async_get_or_create("assist_satellite", "wyoming", "new", suggested_object_id="satellite")
    await house.async_block_till_done()
    house.states.async_set(SATELLITE, "idle", {"supported_features": int(AssistSatelliteEntityFeature.ANNOUNCE)})
    assert room(house).speaker.speaks_through == "wyoming satellite"
    assert not room(house).speaker.capabilities.chime


async def test_media_keeps_playing_at_the_device_while_it_speaks(house: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(house, message="Dinner.", wait=True))
    await hear_out(devices)
    assert (await outcome)["outcome"] == "spoken"
    assert house.states.is_state("media_player.player", MediaPlayerState.PLAYING)
    assert await say(house, "what time is it")
