"""Automations that wait for a room, or ask it: triggers, conditions, and the logbook's lines."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import condition, trigger
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.huxley.condition import CONDITIONS
from custom_components.huxley.const import EVENT_CALL, EVENT_TURN
from custom_components.huxley.logbook import async_describe_events
from custom_components.huxley.runtime.turns_told import TOLD
from custom_components.huxley.trigger import TRIGGERS
from tests.integration.building import persona_subentry, room_subentry
from tests.integration.calling import a_microphone_to_lend, rings, room_of
from tests.integration.devices import Devices, devices_in
from tests.integration.living import ROOM, hear_out, inject, lived_in, living_room, start_music, until
from tests.packaging.repository import PACKAGE, read_json, read_yaml, translations

KITCHEN = "media_player.kitchen"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    """Two rooms; only the living room has devices that work."""
    kitchen = room_subentry("Kitchen", {"persona": "basic", "player": "media_player.radio"})
    async with lived_in(house, persona_subentry("basic"), living_room(), kitchen):
        yield house


@pytest.fixture
def line() -> Generator[None]:
    with a_microphone_to_lend():
        yield


async def automate(hass: HomeAssistant, **config: Any) -> list[Event]:
    """Set an automation up that fires `ran` with what triggered it; the events."""
    action = {
        "event": "ran",
        "event_data": {"trigger": "{{ trigger.platform }}", "room": "{{ trigger.room }}"}
        | {key: f"{{{{ trigger.{key} }}}}" for key in ("entity_id", "event", "source", "title", "reason")},
    }
    ran = async_capture_events(hass, "ran")
    automation = {"alias": "Test", "actions": [action], **config}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"
    return ran


def when(name: str, **target: Any) -> dict[str, Any]:
    return {"trigger": f"huxley.{name}", "target": target or {"entity_id": ROOM}}


async def ask(devices: Devices) -> None:
    await devices.satellite.say("what time is it")


async def test_an_automation_hears_that_somebody_talks_with_a_room(home: HomeAssistant, devices: Devices) -> None:
    ran = await automate(home, triggers=[when("turn_started")])
    await ask(devices)
    await hear_out(devices)
    await until(lambda: ran)
    assert [event.data["room"] for event in ran] == ["Living room"]
    assert ran[0].data["entity_id"] == ROOM


async def test_an_automation_hears_that_an_answer_was_heard_out(home: HomeAssistant, devices: Devices) -> None:
    ran = await automate(home, triggers=[when("turn_finished")])
    await ask(devices)
    await home.async_block_till_done()
    assert ran == []
    await hear_out(devices)
    await until(lambda: ran)
    assert (ran[0].data["event"], ran[0].data["source"]) == ("finished", "satellite")


async def test_an_automation_hears_that_a_room_was_interrupted(home: HomeAssistant, devices: Devices) -> None:
    ran = await automate(home, triggers=[when("turn_interrupted")])
    await ask(devices)
    await devices.satellite.speaking.wait()
    await home.services.async_call("huxley", "interrupt", {"entity_id": ROOM}, blocking=True)
    await until(lambda: ran)
    devices.satellite.heard_out()


async def test_a_message_is_told_as_a_message_only(home: HomeAssistant, devices: Devices) -> None:
    triggers = [when("message_spoken"), when("turn_started"), when("turn_finished")]
    ran = await automate(home, triggers=triggers)
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: ran)
    await home.async_block_till_done()
    assert [event.data["source"] for event in ran] == ["inject"]


async def test_an_answer_is_not_told_as_a_message(home: HomeAssistant, devices: Devices) -> None:
    ran = await automate(home, triggers=[when("message_spoken")])
    finished = async_capture_events(home, EVENT_TURN)
    await ask(devices)
    await hear_out(devices)
    await until(lambda: any(event.data["event"] == "finished" for event in finished))
    await home.async_block_till_done()
    assert ran == []


async def test_an_automation_hears_of_calls(home: HomeAssistant, line: None) -> None:
    ran = await automate(home, triggers=[when("call_started"), when("call_ended")])
    call = await rings(home, title="Grandma")
    await until(lambda: len(ran) == 1)
    assert (ran[0].data["event"], ran[0].data["title"]) == ("started", "Grandma")
    await call.cancel()
    await until(lambda: len(ran) == 2)
    assert (ran[1].data["event"], ran[1].data["reason"]) == ("ended", "natural")


async def test_each_call_is_told_once(home: HomeAssistant, line: None) -> None:
    told = async_capture_events(home, EVENT_CALL)
    for _ in range(2):
        call = await rings(home)
        await call.cancel()
        await call.wait_end()
    await home.async_block_till_done()
    assert [event.data["event"] for event in told] == ["started", "ended"] * 2
    assert len({event.data["call_id"] for event in told}) == 2


async def test_a_call_that_was_refused_while_it_was_announced_neither_started_nor_ended(
    home: HomeAssistant, devices: Devices, line: None
) -> None:
    ran = await automate(home, triggers=[when("call_started"), when("call_ended")])
    told = async_capture_events(home, EVENT_CALL)
    call = await rings(home, announce="María calls.")
    await devices.satellite.speaking.wait()
    await home.services.async_call("huxley", "end_call", {"entity_id": ROOM}, blocking=True)
    devices.satellite.heard_out()
    assert await call.wait_end() == "user_ptt"
    await home.async_block_till_done()
    assert [event.data["event"] for event in told] == ["announced", "refused"]
    assert ran == []


async def test_a_call_ends_when_its_room_is_unloaded(home: HomeAssistant, line: None) -> None:
    told = async_capture_events(home, EVENT_CALL)
    await rings(home)
    entry = home.config_entries.async_entries("huxley")[0]
    await home.config_entries.async_unload(entry.entry_id)
    await home.async_block_till_done()
    assert [event.data["event"] for event in told] == ["started", "ended"]


async def test_another_room_s_turns_are_not_told(home: HomeAssistant, devices: Devices) -> None:
    ran = await automate(home, triggers=[when("turn_started", entity_id=KITCHEN)])
    await ask(devices)
    await hear_out(devices)
    await home.async_block_till_done()
    assert ran == []


async def test_a_room_can_be_named_by_any_entity_its_device_or_its_area(home: HomeAssistant, devices: Devices) -> None:
    device_id = er.async_get(home).async_get(ROOM).device_id
    area = ar.async_get(home).async_create("Downstairs")
    dr.async_get(home).async_update_device(device_id, area_id=area.id)
    targets = ({"entity_id": "sensor.living_room_turn"}, {"device_id": device_id}, {"area_id": area.id})
    ran = await automate(home, triggers=[when("turn_started", **target) for target in targets])
    await ask(devices)
    await hear_out(devices)
    await until(lambda: len(ran) == len(targets))


async def test_a_room_that_moves_into_the_area_is_heard_from_then_on(home: HomeAssistant, devices: Devices) -> None:
    device_id = er.async_get(home).async_get(ROOM).device_id
    area = ar.async_get(home).async_create("Downstairs")
    ran = await automate(home, triggers=[when("message_spoken", area_id=area.id)])
    dr.async_get(home).async_update_device(device_id, area_id=area.id)
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: ran)


async def test_a_trigger_needs_a_target(home: HomeAssistant) -> None:
    with pytest.raises(vol.Invalid, match="target"):
        await trigger.async_validate_trigger_config(home, [{"platform": "huxley.turn_started"}])


# --- conditions


async def holds(hass: HomeAssistant, name: str, behavior: str = "any", **target: Any) -> bool | None:
    config = {
        "condition": f"huxley.{name}",
        "target": target or {"entity_id": ROOM},
        "options": {"behavior": behavior},
    }
    checked = await condition.async_validate_condition_config(hass, config)
    checker = await condition.async_from_config(hass, checked)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_a_room_is_speaking_while_it_is_heard(home: HomeAssistant, devices: Devices) -> None:
    assert await holds(home, "is_speaking") is False
    await inject(home, message="Dinner is ready.")
    await devices.satellite.speaking.wait()
    assert await holds(home, "is_speaking") is True
    await hear_out(devices)
    await until(lambda: home.states.get("sensor.living_room_turn").state == "idle")
    assert await holds(home, "is_speaking") is False


async def test_music_is_not_speech(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    assert await holds(home, "is_speaking") is False


async def test_a_room_that_listens_is_not_speaking(home: HomeAssistant) -> None:
    home.states.async_set("assist_satellite.satellite", "listening")
    await until(lambda: home.states.get("sensor.living_room_turn").state == "listening")
    assert await holds(home, "is_speaking") is False


async def test_a_room_is_in_a_call_until_it_is_over(home: HomeAssistant, line: None) -> None:
    assert await holds(home, "is_in_call") is False
    call = await rings(home)
    assert await holds(home, "is_in_call") is True
    await call.cancel()
    await call.wait_end()
    assert await holds(home, "is_in_call") is False


async def test_any_room_or_all_of_them(home: HomeAssistant) -> None:
    both = [ROOM, KITCHEN]
    room_of(home, "Kitchen").choices.set_do_not_disturb(on=True)
    assert await holds(home, "is_quiet", entity_id=both) is True
    assert await holds(home, "is_quiet", "all", entity_id=both) is False
    room_of(home).choices.set_do_not_disturb(on=True)
    assert await holds(home, "is_quiet", "all", entity_id=both) is True


async def test_no_room_and_a_room_that_does_not_run_meet_no_condition(home: HomeAssistant) -> None:
    room_of(home).choices.set_do_not_disturb(on=True)
    assert await holds(home, "is_quiet", "all", entity_id="media_player.player") is False
    entry = home.config_entries.async_entries("huxley")[0]
    await home.config_entries.async_unload(entry.entry_id)
    assert await holds(home, "is_quiet") is False


async def test_an_automation_asks_a_condition(home: HomeAssistant, devices: Devices) -> None:
    quiet = {"condition": "huxley.is_quiet", "target": {"entity_id": ROOM}}
    ran = await automate(home, triggers=[{"trigger": "event", "event_type": "go"}], conditions=[quiet])
    home.bus.async_fire("go")
    await home.async_block_till_done()
    assert ran == []
    room_of(home).choices.set_do_not_disturb(on=True)
    home.bus.async_fire("go")
    await until(lambda: ran)


# --- described


async def test_each_trigger_and_condition_is_described_for_the_editor(home: HomeAssistant) -> None:
    for described, defined in (
        (await trigger.async_get_all_descriptions(home), TRIGGERS),
        (await condition.async_get_all_descriptions(home), CONDITIONS),
    ):
        ours = {key.removeprefix("huxley."): value for key, value in described.items() if key.startswith("huxley.")}
        assert ours.keys() == defined.keys()
        for description in ours.values():
            assert description["target"]["entity"] == [{"integration": "huxley", "domain": ["media_player"]}]


@pytest.mark.parametrize(("kind", "defined"), [("triggers", TRIGGERS), ("conditions", CONDITIONS)])
def test_each_trigger_and_condition_is_named_and_drawn(kind: str, defined: dict[str, Any]) -> None:
    described = read_yaml(PACKAGE / f"{kind}.yaml")
    assert {key for key in described if not key.startswith(".")} == defined.keys()
    assert read_json(PACKAGE / "icons.json")[kind].keys() == defined.keys()
    for language in ("en", "es"):
        texts = translations(language)[kind]
        assert texts.keys() == defined.keys()
        for key, text in texts.items():
            assert text["name"]
            assert text["description"]
            assert text.get("fields", {}).keys() == (described[key].get("fields") or {}).keys()


# --- the logbook


def lines(hass: HomeAssistant, event_type: str, **data: Any) -> dict[str, Any]:
    """The line that the logbook shows for an event."""
    describers = {}
    async_describe_events(hass, lambda domain, kind, describe: describers.update({kind: describe}))
    return describers[event_type](Event(event_type, data))


async def test_the_logbook_has_a_line_for_each_thing_that_a_turn_tells(home: HomeAssistant, devices: Devices) -> None:
    told = async_capture_events(home, EVENT_TURN)
    await start_music(devices)
    await inject(home, message="Dinner is ready.")
    await hear_out(devices)
    await until(lambda: told[-1].data["event"] == "finished")
    read = [lines(home, EVENT_TURN, **event.data) for event in told]
    assert {(line["name"], line["entity_id"]) for line in read} == {("Living room", ROOM)}
    assert [line["message"] for line in read] == [
        "began to listen",
        "understood the words",
        "used the tool play",
        f"began {told[3].data['title']}",
        "answered",
        "spoke up by itself",
        "said a message to its end",
    ]


async def test_every_event_has_a_text_of_its_own(home: HomeAssistant) -> None:
    for event in set(TOLD.values()):
        assert lines(home, EVENT_TURN, room="Living room", event=event)["message"] != event
    for event in ("started", "ended"):
        assert "Grandma" in lines(home, EVENT_CALL, room="Living room", event=event, title="Grandma")["message"]


async def test_an_event_that_lacks_something_is_told_all_the_same(home: HomeAssistant) -> None:
    assert lines(home, EVENT_CALL, room="Living room", event="started", title=None)["message"] == "started the call ?"
    assert lines(home, EVENT_TURN, event="sneezed") == {"name": "Huxley", "message": "sneezed", "entity_id": None}


async def test_the_logbook_speaks_the_language_of_the_house(home: HomeAssistant) -> None:
    await home.config.async_update(language="es")
    await home.async_block_till_done()
    assert lines(home, EVENT_TURN, room="Salón", event="finished")["message"] == "respondió"
