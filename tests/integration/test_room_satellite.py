"""A room as an Assist satellite: what core's actions do on it, when, and what comes back."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.assist_satellite import AssistSatelliteEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent
from homeassistant.helpers.entity_component import async_update_entity
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, EsphomeTestSatellite, TestSatellite, devices_in, use_agent
from tests.integration.living import hear_out, lived_in, living_room, start_music, until

ROOM = "assist_satellite.living_room"
SATELLITE = "assist_satellite.satellite"
BELL = "http://house/bell.mp3"


@pytest.fixture
async def devices(house: HomeAssistant, request: pytest.FixtureRequest) -> AsyncGenerator[Devices]:
    kind: type[TestSatellite] = getattr(request, "param", EsphomeTestSatellite)
    async with devices_in(house, kind) as devices, lived_in(house, persona_subentry("basic"), living_room()):
        yield devices


only_announces = pytest.mark.parametrize("devices", [TestSatellite], indirect=True, ids=["only announces"])


def act(hass: HomeAssistant, action: str, entity_id: Any = ROOM, **data: Any) -> asyncio.Task[Any]:
    """Run one of core's satellite actions."""
    call = hass.services.async_call(
        "assist_satellite",
        action,
        {"entity_id": entity_id, **data},
        blocking=True,
        return_response=action == "ask_question",
    )
    return hass.async_create_task(call)


def state(hass: HomeAssistant, entity_id: str = ROOM) -> str:
    found = hass.states.get(entity_id)
    assert found is not None
    return found.state


def features(hass: HomeAssistant) -> Feature:
    found = hass.states.get(ROOM)
    assert found is not None
    return Feature(found.attributes["supported_features"])


def said(devices: Devices) -> list[tuple[str, Any]]:
    return [entry for entry in devices.log.of("satellite") if entry[0] in ("announce", "start_conversation", "answer")]


async def test_an_announcement_returns_when_it_was_heard(house: HomeAssistant, devices: Devices) -> None:
    done = act(house, "announce", message="Dinner is ready.")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert not done.done()
    assert state(house) == "responding"
    await hear_out(devices)
    await done
    assert state(house) == "idle"
    assert said(devices) == [("announce", "Dinner is ready.")]


async def test_two_announcements_at_once_are_never_busy(house: HomeAssistant, devices: Devices) -> None:
    first, second = act(house, "announce", message="One."), act(house, "announce", message="Two.")
    await hear_out(devices)
    await hear_out(devices)
    await asyncio.gather(first, second)
    assert said(devices) == [("announce", "One."), ("announce", "Two.")]


async def test_an_announcement_waits_for_the_answer_to_a_person(house: HomeAssistant, devices: Devices) -> None:
    await devices.satellite.say("what time is it")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    done = act(house, "announce", message="Dinner is ready.")
    await asyncio.sleep(0.05)
    assert said(devices) == [("answer", None)]
    await hear_out(devices)
    await hear_out(devices)
    await done
    assert said(devices) == [("answer", None), ("announce", "Dinner is ready.")]


@pytest.mark.parametrize(
    ("options", "chime"),
    [
        ({}, "preannounce.mp3"),
        ({"preannounce": False}, None),
        ({"preannounce_media_id": BELL}, BELL),
    ],
    ids=["the device's own", "none", "ours"],
)
async def test_a_chime_comes_before_the_words(
    house: HomeAssistant, devices: Devices, options: dict[str, Any], chime: str | None
) -> None:
    done = act(house, "announce", message="Dinner.", **options)
    await hear_out(devices)
    await done
    (announcement,) = devices.satellite.announcements
    heard = announcement.preannounce_media_id
    assert heard is None if chime is None else heard is not None and heard.partition("?")[0].endswith(chime)


async def test_a_recording_is_heard_in_place_of_words(house: HomeAssistant, devices: Devices) -> None:
    done = act(house, "announce", media_id=BELL)
    await hear_out(devices)
    await done
    (announcement,) = devices.satellite.announcements
    assert announcement.original_media_id == BELL


async def test_music_makes_way_for_a_recording(house: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    done = act(house, "announce", media_id=BELL)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    content = house.states.get("media_player.living_room")
    assert content is not None
    assert [held["behavior"] for held in content.attributes["focus"]] == ["primary", "may_duck"]
    await hear_out(devices)
    await done


async def test_a_conversation_opens_the_microphone_and_briefs_the_agent(house: HomeAssistant, devices: Devices) -> None:
    done = act(house, "start_conversation", start_message="Shall I?", extra_system_prompt="About the lights.")
    await hear_out(devices)
    await done
    assert said(devices) == [("start_conversation", "Shall I?")]


async def test_what_the_room_can_do_is_what_its_satellite_can(house: HomeAssistant, devices: Devices) -> None:
    await async_update_entity(house, ROOM)
    assert features(house) == Feature.ANNOUNCE | Feature.START_CONVERSATION


@only_announces
async def test_a_room_whose_satellite_opens_no_microphone_says_so(house: HomeAssistant, devices: Devices) -> None:
    assert features(house) == Feature.ANNOUNCE
    with pytest.raises(HomeAssistantError):
        await act(house, "start_conversation", start_message="Shall I?")


async def test_a_room_whose_devices_are_away_is_away(house: HomeAssistant, devices: Devices) -> None:
    devices.satellite.there(False)
    devices.player.becomes(MediaPlayerState.IDLE, available=False)
    await until(lambda: state(house) == "unavailable")
    devices.satellite.there(True)
    await until(lambda: state(house) == "idle")


async def test_an_announcement_that_fails_says_why(house: HomeAssistant, devices: Devices) -> None:
    devices.satellite.refuses = HomeAssistantError("the cable is loose")
    with pytest.raises(HomeAssistantError) as raised:
        await act(house, "announce", message="Dinner.")
    assert raised.value.translation_key == "not_announced"
    await house.async_block_till_done(wait_background_tasks=True)
    assert "the cable is loose" in (raised.value.translation_placeholders or {})["reason"]


async def test_an_announcement_that_a_person_cuts_off_is_no_error(house: HomeAssistant, devices: Devices) -> None:
    done = act(house, "announce", message="Dinner.")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await house.services.async_call("huxley", "interrupt", {"entity_id": "media_player.living_room"}, blocking=True)
    await done


async def test_an_automation_that_is_stopped_takes_back_what_was_not_said(
    house: HomeAssistant, devices: Devices
) -> None:
    first = act(house, "announce", message="One.")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    second = act(house, "announce", message="Two.")
    await asyncio.sleep(0.01)
    second.cancel()
    await hear_out(devices)
    await first
    await house.async_block_till_done()
    assert said(devices) == [("announce", "One.")]


async def test_an_action_for_both_the_room_and_its_satellite_is_heard_once(
    house: HomeAssistant, devices: Devices
) -> None:
    for targets in ([ROOM, SATELLITE], [SATELLITE, ROOM]):
        devices.log.entries.clear()
        done = act(house, "announce", targets, message="Dinner.")
        await asyncio.sleep(0.05)
        await hear_out(devices)
        await done
        await house.async_block_till_done()
        assert said(devices) == [("announce", "Dinner.")]


async def test_an_action_for_the_area_is_heard_once(house: HomeAssistant, devices: Devices) -> None:
    area = ar.async_get(house).async_get_or_create("Lounge")
    for entity_id in (ROOM, SATELLITE):
        entry = er.async_get(house).async_get(entity_id)
        assert entry is not None
        assert entry.device_id is not None
        dr.async_get(house).async_update_device(entry.device_id, area_id=area.id)
    done = house.async_create_task(
        house.services.async_call(
            "assist_satellite", "announce", {"message": "Dinner."}, target={"area_id": area.id}, blocking=True
        )
    )
    await hear_out(devices)
    await done
    assert said(devices) == [("announce", "Dinner.")]


async def test_a_broadcast_is_heard_once(house: HomeAssistant, devices: Devices) -> None:
    broadcast = house.async_create_task(
        intent.async_handle(house, "test", intent.INTENT_BROADCAST, {"message": {"value": "Dinner."}})
    )
    await hear_out(devices)
    await broadcast
    assert said(devices) == [("announce", "Dinner.")]


async def test_the_state_follows_the_room(house: HomeAssistant, devices: Devices) -> None:
    events = async_capture_events(house, "state_changed")
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    await until(lambda: state(house) == "idle")
    states = [event.data["new_state"].state for event in events if event.data["entity_id"] == ROOM]
    assert list(dict.fromkeys(states)) == ["listening", "processing", "responding", "idle"]


async def test_wake_words_are_left_to_the_satellite(
    house: HomeAssistant, devices: Devices, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(house)
    await client.send_json_auto_id({"type": "assist_satellite/get_configuration", "entity_id": ROOM})
    answer = await client.receive_json()
    assert answer["result"]["available_wake_words"] == []
    await client.send_json_auto_id({"type": "assist_satellite/intercept_wake_word", "entity_id": ROOM})
    assert (await client.receive_json())["error"]["code"] == "home_assistant_error"


# --- a tool and its own turn

SKILL = '''\
from custom_components.huxley.sdk import InjectPriority, Skill, SkillContext, ToolResult, tool


ROOM = {"entity_id": "assist_satellite.living_room"}


class Juggling(Skill):
    name = "juggling"

    async def setup(self, ctx: SkillContext) -> None:
        self.ctx = ctx

    @tool
    async def juggle(self) -> ToolResult:
        """Throw balls."""
        BODY
        return ToolResult("Three balls.")
'''


@pytest.mark.parametrize(
    "body",
    [
        'await self.ctx.home.call_action("assist_satellite", "announce", {"message": "Hear me."}, ROOM)',
        'await self.ctx.inject_turn(message="Hear me.", priority=InjectPriority.BLOCK_BEHIND_COMMS, wait=True)',
    ],
    ids=["the action", "the context"],
)
async def test_an_announcement_from_inside_a_turn_waits_for_its_end(
    house: HomeAssistant, write_persona: Callable[..., str], body: str
) -> None:
    folder = Path(house.config.config_dir) / "huxley" / "skills" / "juggling"
    (folder / "sentences").mkdir(parents=True)
    (folder / "__init__.py").write_text(SKILL.replace("BODY", body), encoding="utf-8")
    (folder / "skill.yaml").write_text("name: juggling\nversion: 1.0.0\ndescription: Balls\n", encoding="utf-8")
    (folder / "sentences" / "en.yaml").write_text(
        "examples: [juggle, juggle now]\ntools:\n  juggle:\n    - juggle [now]\n", encoding="utf-8"
    )
    write_persona("clown", extra="skills:\n  juggling: {}\n")
    async with (
        devices_in(house, EsphomeTestSatellite) as devices,
        lived_in(house, persona_subentry("clown"), living_room("clown"), agent="conversation.clown"),
    ):
        await asyncio.wait_for(devices.satellite.say("juggle"), 5)
        await hear_out(devices)
        await hear_out(devices)
        await house.async_block_till_done()
        assert said(devices) == [("answer", None), ("announce", "Hear me.")]


async def test_a_broadcast_spoken_into_the_rooms_own_satellite_does_not_wait_for_itself(
    house: HomeAssistant, devices: Devices
) -> None:
    await use_agent(house, "conversation.home_assistant")
    await asyncio.wait_for(devices.satellite.say("broadcast dinner is ready"), 5)
    await hear_out(devices)
    await hear_out(devices)
    assert said(devices) == [("answer", None), ("announce", "dinner is ready")]
    await until(lambda: state(house) == "idle")
