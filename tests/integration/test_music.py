"""The main job inside Home Assistant: words in, answer out, music after the answer, announcements over it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.integration.building import huxley_entry, persona_subentry, room_subentry
from tests.integration.devices import Devices, devices_in, use_agent

ROOM = "media_player.living_room"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    """A house with one room and two personas; `basic` lives in the room."""
    data = {"satellite": "assist_satellite.satellite", "player": "media_player.player", "persona": "basic"}
    entry = huxley_entry(persona_subentry("basic"), persona_subentry("abuelos"), room_subentry("Living room", data))
    entry.add_to_hass(house)
    assert await house.config_entries.async_setup(entry.entry_id)
    await house.async_block_till_done()
    await use_agent(house, "conversation.huxley")
    yield house
    await house.config_entries.async_unload(entry.entry_id)


async def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    """Let the house run until `condition` holds."""
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0)


async def start_music(devices: Devices) -> None:
    """Ask for music and hear the answer out."""
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: devices.log.of("player"))
    devices.log.entries.clear()


async def inject(home: HomeAssistant, **data: Any) -> dict[str, Any]:
    response = await home.services.async_call(
        "huxley", "inject_turn", {"entity_id": ROOM, **data}, blocking=True, return_response=True
    )
    return response[ROOM]


async def test_music_starts_only_after_the_answer_was_heard_out(home: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await home.async_block_till_done()
    assert devices.log.of("player") == []
    devices.satellite.heard_out()
    await until(lambda: devices.log.of("player"))
    what, url = devices.log.of("player")[0]
    assert what == "play"
    assert "/api/huxley/stream/" in url
    order = [entry[:2] for entry in devices.log.entries]
    assert order == [("satellite", "answer"), ("satellite", "answered"), ("player", "play")]
    state = home.states.get(ROOM)
    assert state.state == MediaPlayerState.PLAYING
    assert state.attributes["media_title"] == "Huxley Waltz"
    assert [held["channel"] for held in state.attributes["focus"]] == ["content"]


async def test_a_message_ducks_the_music_and_the_music_comes_back(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert home.states.get(ROOM).attributes["volume_level"] == 0.5
    devices.satellite.heard_out()
    assert (await outcome)["outcome"] == "spoken"
    await until(lambda: devices.log.of("player")[-1] == ("volume", 0.5))
    assert devices.log.entries == [
        ("player", "volume", 0.2),
        ("satellite", "announce", "Dinner is ready."),
        ("satellite", "announced", "Dinner is ready."),
        ("player", "volume", 0.5),
    ]


async def test_a_normal_message_waits_for_the_music_to_end(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    assert (await inject(home, message="The parcel came.", priority="normal"))["outcome"] == "queued"
    await home.async_block_till_done()
    assert devices.log.entries == []
    await home.services.async_call("media_player", "media_stop", {"entity_id": ROOM}, blocking=True)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: len(devices.log.entries) == 3)
    assert [entry[:2] for entry in devices.log.entries] == [
        ("player", "stop"),
        ("satellite", "announce"),
        ("satellite", "announced"),
    ]


async def test_two_messages_are_spoken_one_after_the_other_and_never_refused_as_busy(
    home: HomeAssistant, devices: Devices
) -> None:
    outcomes = [asyncio.create_task(inject(home, message=text, wait=True)) for text in ("One.", "Two.")]
    for _ in outcomes:
        await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
        devices.satellite.heard_out()
        await until(lambda: not devices.satellite.speaking.is_set())
    assert [(await outcome)["outcome"] for outcome in outcomes] == ["spoken", "spoken"]
    assert devices.log.of("satellite") == [
        ("announce", "One."),
        ("announced", "One."),
        ("announce", "Two."),
        ("announced", "Two."),
    ]


async def test_a_message_waits_for_the_turn_that_is_running(home: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("what time is it")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert (await inject(home, message="Dinner is ready."))["outcome"] == "queued"
    await home.async_block_till_done()
    assert [what for what, _ in devices.log.of("satellite")] == ["answer"]
    devices.satellite.heard_out()
    await until(lambda: ("announce", "Dinner is ready.") in devices.log.of("satellite"))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: ("announced", "Dinner is ready.") in devices.log.of("satellite"))
    assert [what for what, _ in devices.log.of("satellite")] == ["answer", "answered", "announce", "announced"]


async def test_the_wake_word_during_music_ducks_it_and_silence_brings_it_back(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    await devices.satellite.say("")
    await until(lambda: len(devices.log.of("player")) == 2)
    assert devices.log.of("player") == [("volume", 0.2), ("volume", 0.5)]


async def test_stop_ends_the_music_that_was_heard_before_the_wake_word(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    await devices.satellite.say("stop the music")
    await until(lambda: ("stop", None) in devices.log.of("player"))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: home.states.get("assist_satellite.satellite").state == "idle")
    await home.async_block_till_done()
    assert home.states.get(ROOM).state == MediaPlayerState.IDLE
    assert not [value for what, value in devices.log.of("player") if what in ("play", "resume")]


async def test_spanish_words_to_abuelos_are_answered_in_its_own_spanish_words(
    home: HomeAssistant, devices: Devices
) -> None:
    response = await home.services.async_call(
        "conversation",
        "process",
        {"agent_id": "conversation.abuelos", "text": "Pon música", "language": "es"},
        blocking=True,
        return_response=True,
    )
    speech = response["response"]["speech"]["plain"]["speech"]
    assert "Huxley Waltz" in speech
    assert speech != "Playing Huxley Waltz."
    await until(lambda: devices.log.of("player"))
    assert devices.log.of("player")[0][0] == "play"


async def test_words_that_nobody_understands_are_answered_with_what_can_be_said(home: HomeAssistant) -> None:
    response = await home.services.async_call(
        "conversation",
        "process",
        {"agent_id": "conversation.huxley", "text": "paint the moon green", "language": "en"},
        blocking=True,
        return_response=True,
    )
    assert response["response"]["speech"]["plain"]["speech"].startswith("I did not understand. You can say: ")


async def test_interrupt_silences_the_room(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="A very long story.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    assert (await outcome)["outcome"] == "interrupted"
    assert home.states.get(ROOM).state == MediaPlayerState.IDLE
    assert ("stop", None) in devices.log.of("player")


async def test_a_volume_that_a_person_sets_under_speech_stays(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await home.services.async_call(
        "media_player", "volume_set", {"entity_id": "media_player.player", "volume_level": 0.8}, blocking=True
    )
    devices.satellite.heard_out()
    await outcome
    await home.async_block_till_done()
    assert home.states.get("media_player.player").attributes["volume_level"] == 0.8


async def test_a_player_that_refuses_is_spoken_about(home: HomeAssistant, devices: Devices) -> None:
    devices.player.refuses = HomeAssistantError("no power")
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    await until(lambda: any(what == "announce" for what, _ in devices.log.of("satellite")))
    assert ("announce", "The loudspeaker does not answer. Please try again in a moment.") in devices.log.of("satellite")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()


async def test_music_without_a_player_is_refused_in_words_and_nothing_is_promised(
    home: HomeAssistant, devices: Devices
) -> None:
    devices.player.becomes(None, available=False)
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.heard_out()
    response = await home.services.async_call(
        "conversation",
        "process",
        {"agent_id": "conversation.huxley", "text": "put on some music", "language": "en"},
        blocking=True,
        return_response=True,
    )
    assert response["response"]["speech"]["plain"]["speech"] == "This room has nothing to play Huxley Waltz on."
    assert devices.log.of("player") == []


async def test_a_message_and_a_prompt_are_not_both(home: HomeAssistant) -> None:
    for data, key in (({"message": "a", "prompt": "b"}, "prompt_and_message"), ({}, "prompt_or_message")):
        with pytest.raises(ServiceValidationError) as error:
            await inject(home, **data)
        assert error.value.translation_key == key


async def test_each_turn_is_told_on_the_bus(home: HomeAssistant, devices: Devices) -> None:
    told = async_capture_events(home, "huxley_turn")
    await start_music(devices)
    await until(lambda: told and told[-1].data["event"] == "finished")
    assert [event.data["event"] for event in told] == ["started", "committed", "tool", "effect", "finished"]
    assert len({event.data["turn_id"] for event in told}) == 1
    assert told[-1].data | {"heard": 0, "turn_id": ""} == {
        "room": "Living room",
        "room_id": told[-1].data["room_id"],
        "turn_id": "",
        "event": "finished",
        "source": "satellite",
        "persona": "basic",
        "heard": 0,
    }


async def test_diagnostics_tell_the_last_turns_without_what_was_said(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    await start_music(devices)
    entry = home.config_entries.async_entries("huxley")[0]
    assert await async_setup_component(home, "diagnostics", {})
    data = await get_diagnostics_for_config_entry(home, hass_client, entry)
    (room,) = data["rooms"]
    assert room["capabilities"]["duck"] is True
    assert room["turns"][-1]["outcome"] == "finished"
    assert [mark["event"] for mark in room["turns"][-1]["marks"]][:2] == ["ptt_start", "commit"]
    assert "put on some music" not in str(data)
