"""What people see and press on a room's page: its entities."""

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.huxley.engine.errors import SkillError
from tests.integration.building import persona_subentry
from tests.integration.calling import a_microphone_to_lend, rings, room_of
from tests.integration.devices import Devices, devices_in
from tests.integration.living import (
    ROOM,
    hear_out,
    inject,
    lived_in,
    living_room,
    reload,
    say,
    start_music,
    until,
)

TURN, FOREGROUND, OUTCOME = "sensor.living_room_turn", "sensor.living_room_foreground", "event.living_room_turn"
IN_CALL, INTERRUPT, HANG_UP = (
    "binary_sensor.living_room_in_a_call",
    "button.living_room_interrupt",
    "button.living_room_hang_up",
)
DND, PERSONA = "switch.living_room_do_not_disturb", "select.living_room_persona"
LATENCIES = [f"sensor.living_room_latency_{part}" for part in ("listening", "thinking", "speaking", "total")]


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    async with lived_in(house, persona_subentry("basic"), persona_subentry("abuelos"), living_room()):
        yield house


@pytest.fixture
def line() -> Generator[None]:
    with a_microphone_to_lend():
        yield


def value(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


def history(hass: HomeAssistant, entity_id: str) -> list[str]:
    """The states that an entity goes through from now on."""
    states: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        assert event.data["new_state"] is not None
        states.append(event.data["new_state"].state)

    async_track_state_change_event(hass, entity_id, changed)
    return states


async def act(hass: HomeAssistant, action: str, entity_id: str, **data: Any) -> None:
    domain, _, service = action.partition(".")
    await hass.services.async_call(domain, service, {"entity_id": entity_id, **data}, blocking=True)


# --- what a room shows


async def test_a_turn_is_followed_through_its_states(home: HomeAssistant, devices: Devices) -> None:
    assert value(home, TURN) == "idle"
    states = history(home, TURN)
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: value(home, TURN) == "idle")
    await home.async_block_till_done()
    assert [state for index, state in enumerate(states) if state not in states[index - 1 : index]] == [
        "listening",
        "committing",
        "in_response",
        "awaiting_next_response",
        "in_response",
        "applying_factories",
        "idle",
    ]


async def test_the_foreground_is_who_is_meant_to_be_heard(home: HomeAssistant, devices: Devices) -> None:
    assert value(home, FOREGROUND) == "none"
    await start_music(devices)
    await until(lambda: value(home, FOREGROUND) == "content")
    await inject(home, message="Dinner is ready.")
    await until(lambda: value(home, FOREGROUND) == "dialog")
    await hear_out(devices)
    await until(lambda: value(home, FOREGROUND) == "content")
    await act(home, "media_player.media_stop", ROOM)
    assert value(home, FOREGROUND) == "none"


async def test_content_that_ends_by_itself_leaves_nobody_in_the_foreground(
    home: HomeAssistant, devices: Devices
) -> None:
    await start_music(devices)
    await until(lambda: value(home, FOREGROUND) == "content")
    devices.player.becomes(MediaPlayerState.IDLE)
    await until(lambda: value(home, FOREGROUND) == "none")


async def test_an_answer_that_was_heard_is_an_event(home: HomeAssistant, devices: Devices) -> None:
    assert value(home, OUTCOME) == "unknown"
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: value(home, OUTCOME) != "unknown")
    state = home.states.get(OUTCOME)
    assert state is not None
    told = {key: state.attributes[key] for key in ("event_type", "source", "persona")}
    assert told == {"event_type": "finished", "source": "satellite", "persona": "basic"}
    assert state.attributes["turn_id"].startswith("t-")
    assert state.attributes["heard"] >= 0


async def test_a_message_that_was_heard_is_another_event_than_an_answer(home: HomeAssistant, devices: Devices) -> None:
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: value(home, OUTCOME) != "unknown")
    state = home.states.get(OUTCOME)
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["source"]) == ("injected", "inject")


async def test_a_message_that_was_cut_off_and_one_that_failed_are_told(home: HomeAssistant, devices: Devices) -> None:
    await inject(home, message="Dinner is ready.")
    await devices.satellite.speaking.wait()
    await act(home, "button.press", INTERRUPT)
    assert home.states.get(OUTCOME).attributes["event_type"] == "interrupted"
    devices.satellite.heard_out()
    devices.satellite.refuses = RuntimeError("no")
    await inject(home, message="Dinner is cold.", wait=True)
    assert home.states.get(OUTCOME).attributes["event_type"] == "failed"
    await home.async_block_till_done(wait_background_tasks=True)  # the voice that nobody hears is still being made


async def test_what_others_say_on_the_satellite_is_no_event_of_the_room(home: HomeAssistant, devices: Devices) -> None:
    home.states.async_set("assist_satellite.satellite", "responding")
    await until(lambda: value(home, TURN) == "in_response")
    home.states.async_set("assist_satellite.satellite", "idle")
    await until(lambda: value(home, TURN) == "idle")
    assert value(home, OUTCOME) == "unknown"


async def test_latency_is_there_for_who_wants_it(home: HomeAssistant, devices: Devices) -> None:
    registry = er.async_get(home)
    for entity_id in LATENCIES:
        entry = registry.async_get(entity_id)
        assert entry is not None
        assert (entry.disabled_by, entry.entity_category) == (er.RegistryEntryDisabler.INTEGRATION, "diagnostic")
        registry.async_update_entity(entity_id, disabled_by=None)
    await reload(home)
    assert {value(home, entity_id) for entity_id in LATENCIES} == {"unknown"}
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: value(home, LATENCIES[1]) != "unknown")
    listening, thinking = (float(value(home, entity_id)) for entity_id in LATENCIES[:2])
    assert 0 <= listening < 5000
    assert 0 <= thinking < 5000
    await say(home, "what time is it")
    assert value(home, LATENCIES[0]) == "unknown", "nobody listens to words in writing"


async def test_a_message_leaves_the_latency_of_the_last_answer_alone(home: HomeAssistant, devices: Devices) -> None:
    er.async_get(home).async_update_entity(LATENCIES[1], disabled_by=None)
    await reload(home)
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: value(home, LATENCIES[1]) != "unknown")
    before = value(home, LATENCIES[1])
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: home.states.get(OUTCOME).attributes["event_type"] == "injected")
    assert value(home, LATENCIES[1]) == before


# --- calls


async def test_a_call_is_shown_and_can_be_hung_up(home: HomeAssistant, line: None) -> None:
    assert (value(home, IN_CALL), value(home, HANG_UP)) == ("off", "unavailable")
    call = await rings(home)
    assert value(home, IN_CALL) == "on"
    assert value(home, HANG_UP) != "unavailable"
    await act(home, "button.press", HANG_UP)
    assert await call.wait_end() == "user_ptt"
    await until(lambda: value(home, IN_CALL) == "off")
    assert value(home, HANG_UP) == "unavailable"


async def test_end_call_hangs_up_and_does_nothing_without_a_call(home: HomeAssistant, line: None) -> None:
    await act(home, "huxley.end_call", ROOM)
    call = await rings(home)
    await act(home, "huxley.end_call", ROOM)
    assert await call.wait_end() == "user_ptt"


# --- do not disturb


async def test_do_not_disturb_refuses_what_can_wait_and_lets_the_rest_through(
    home: HomeAssistant, devices: Devices
) -> None:
    assert value(home, DND) == "off"
    await act(home, "switch.turn_on", DND)
    assert value(home, DND) == "on"
    refused = await inject(home, message="Post is here.", priority="normal")
    assert (refused["outcome"], refused["reason"]) == ("refused", "quiet hours")
    for priority in ("block_behind_comms", "preempt"):
        assert (await inject(home, message="Smoke!", priority=priority))["outcome"] == "queued"
        await hear_out(devices)
    await act(home, "switch.turn_off", DND)
    assert (await inject(home, message="Post is here.", priority="normal"))["outcome"] == "queued"
    await hear_out(devices)


@pytest.mark.parametrize("action", ["turn_on", "turn_off"])
async def test_do_not_disturb_survives_a_reload(home: HomeAssistant, action: str) -> None:
    await act(home, f"switch.{action}", DND)
    before = room_of(home)
    await reload(home)
    assert room_of(home) is not before
    assert room_of(home).quiet is (action == "turn_on")
    assert value(home, DND) == action.removeprefix("turn_")


# --- who answers


async def test_the_chosen_persona_answers_on_the_room_s_satellite(home: HomeAssistant, devices: Devices) -> None:
    state = home.states.get(PERSONA)
    assert state is not None
    assert (state.state, sorted(state.attributes["options"])) == ("Huxley", ["Abuelos", "Huxley"])
    await act(home, "select.select_option", PERSONA, option="Abuelos")
    assert value(home, PERSONA) == "Abuelos"
    assert home.states.get(ROOM).attributes["persona"] == "abuelos"
    assert await persona_of_the_answer(home, devices) == "abuelos"
    await act(home, "select.select_option", PERSONA, option="Huxley")
    assert await persona_of_the_answer(home, devices) == "basic"


async def test_who_is_asked_in_writing_answers_in_person(home: HomeAssistant, devices: Devices) -> None:
    await act(home, "select.select_option", PERSONA, option="Abuelos")
    await say(home, "what time is it")
    await until(lambda: value(home, OUTCOME) != "unknown")
    assert home.states.get(OUTCOME).attributes["persona"] == "basic"


async def test_a_message_is_the_chosen_persona_s(home: HomeAssistant, devices: Devices) -> None:
    await act(home, "huxley.set_persona", ROOM, persona="abuelos")
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: value(home, OUTCOME) != "unknown")
    assert home.states.get(OUTCOME).attributes["persona"] == "abuelos"


async def test_set_persona_takes_an_id_or_a_name_and_says_who_is_there(home: HomeAssistant) -> None:
    await act(home, "huxley.set_persona", ROOM, persona="abuelos")
    assert value(home, PERSONA) == "Abuelos"
    await act(home, "huxley.set_persona", ROOM, persona="huxley")
    assert value(home, PERSONA) == "Huxley"
    with pytest.raises(ServiceValidationError, match=r"no persona Jeeves in this house\. There are: abuelos, basic"):
        await act(home, "huxley.set_persona", ROOM, persona="Jeeves")


async def test_a_choice_survives_a_reload(home: HomeAssistant, devices: Devices) -> None:
    await act(home, "select.select_option", PERSONA, option="Abuelos")
    await reload(home)
    assert value(home, PERSONA) == "Abuelos"
    assert await persona_of_the_answer(home, devices) == "abuelos"


async def test_a_room_that_was_set_up_anew_forgets_the_choice(
    house: HomeAssistant, devices: Devices, write_persona: Callable[..., str]
) -> None:
    write_persona("ana")
    personas = (persona_subentry("basic"), persona_subentry("abuelos"), persona_subentry("ana"))
    async with lived_in(house, *personas, living_room()) as entry:
        await act(house, "select.select_option", PERSONA, option="Abuelos")
        room = next(one for one in entry.subentries.values() if one.title == "Living room")
        house.config_entries.async_update_subentry(entry, room, data={**room.data, "persona": "ana"})
        await house.async_block_till_done()
        assert value(house, PERSONA) == "Ana"


async def test_a_persona_whose_skills_cannot_work_does_not_move_in(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: Any) -> None:
        raise SkillError("no strings left")

    monkeypatch.setattr("custom_components.huxley.runtime.room.async_make_agent", broken)
    with pytest.raises(Exception, match="Abuelos cannot work in the room Living room: no strings left"):
        await act(home, "select.select_option", PERSONA, option="Abuelos")
    assert value(home, PERSONA) == "Huxley"


async def test_namesakes_can_be_told_apart(
    house: HomeAssistant, devices: Devices, write_persona: Callable[..., str]
) -> None:
    write_persona("ana", name="Ana")
    write_persona("anna", name="Ana")
    personas = (persona_subentry("ana"), persona_subentry("anna"))
    async with lived_in(house, *personas, living_room("ana"), agent=None):
        assert house.states.get(PERSONA).attributes["options"] == ["Ana (ana)", "Ana (anna)"]
        with pytest.raises(ServiceValidationError, match="ana, anna"):
            await act(house, "huxley.set_persona", ROOM, persona="Ana")


# --- buttons


async def test_interrupt_silences_the_room(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    await act(home, "button.press", INTERRUPT)
    await until(lambda: ("stop", None) in devices.log.of("player"))
    assert value(home, FOREGROUND) == "none"


# --- as a whole


async def test_every_entity_of_a_room_is_on_its_device_and_goes_with_it(home: HomeAssistant) -> None:
    registry = er.async_get(home)
    player = registry.async_get(ROOM)
    assert player is not None
    assert player.device_id is not None
    entries = er.async_entries_for_device(registry, player.device_id, include_disabled_entities=True)
    assert {entry.entity_id for entry in entries} == {
        ROOM,
        "assist_satellite.living_room",
        TURN,
        FOREGROUND,
        OUTCOME,
        IN_CALL,
        INTERRUPT,
        HANG_UP,
        DND,
        PERSONA,
        *LATENCIES,
    }
    assert {entry.config_subentry_id for entry in entries} == {player.config_subentry_id}
    entry = home.config_entries.async_entries("huxley")[0]
    home.config_entries.async_remove_subentry(entry, player.config_subentry_id)
    await home.async_block_till_done()
    assert home.states.async_entity_ids_count(("sensor", "event", "binary_sensor", "button", "switch", "select")) == 0


async def test_entities_are_unavailable_while_the_entry_is_unloaded(home: HomeAssistant) -> None:
    entry = home.config_entries.async_entries("huxley")[0]
    await home.config_entries.async_unload(entry.entry_id)
    assert {value(home, entity_id) for entity_id in (TURN, FOREGROUND, IN_CALL, DND, PERSONA)} == {"unavailable"}


async def persona_of_the_answer(home: HomeAssistant, devices: Devices) -> str:
    before = value(home, OUTCOME)
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: value(home, OUTCOME) != before)
    state = home.states.get(OUTCOME)
    assert state is not None
    return str(state.attributes["persona"])
