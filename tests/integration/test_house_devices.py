"""Devices that come, go, change their names, or are wanted by two rooms: said, followed, settled with one click."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

import pytest
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.integration.building import huxley_entry, persona_subentry, room_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import hear_out, inject, issues, lived_in, living_room, reload

SATELLITE = "assist_satellite.satellite"
PLAYER = "media_player.player"
RADIO = "media_player.radio"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


def with_companion(**data: Any) -> dict[str, Any]:
    room = living_room()
    return room | {"data": room["data"] | {"companions": [RADIO]} | data}


def entry_of(hass: HomeAssistant) -> Any:
    return hass.config_entries.async_entries("huxley")[0]


def configs(hass: HomeAssistant) -> dict[str, Any]:
    entries = hass.config_entries.async_loaded_entries("huxley")
    return {room.config.name: room.config for entry in entries for room in entry.runtime_data.rooms.values()}


def told(hass: HomeAssistant) -> list[str | None]:
    return [issue.translation_key for issue in issues(hass).values()]


async def repair(hass: HomeAssistant, client: ClientSessionGenerator) -> None:
    """Click the only issue's button."""
    (issue_id,) = issues(hass)
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    web = await client()
    answer = await web.post("/api/repairs/issues/fix", json={"handler": "huxley", "issue_id": issue_id})
    assert answer.status == HTTPStatus.OK, await answer.text()
    form = await answer.json()
    assert form["description_placeholders"] == issues(hass)[issue_id].translation_placeholders
    answer = await web.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    await hass.async_block_till_done()


async def test_a_renamed_companion_is_followed(house: HomeAssistant, devices: Devices) -> None:
    er.async_get(house).async_get_or_create("media_player", "cast", "x", suggested_object_id="radio")
    async with lived_in(house, persona_subentry("basic"), with_companion()):
        er.async_get(house).async_update_entity(RADIO, new_entity_id="media_player.wireless")
        await house.async_block_till_done()
        assert configs(house)["Living room"].companions == ("media_player.wireless",)
        assert issues(house) == {}


async def test_a_renamed_voice_is_followed(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), with_companion(companions=[], voice="tts.voice")):
        er.async_get(house).async_update_entity("tts.voice", new_entity_id="tts.soft")
        await house.async_block_till_done()
        assert configs(house)["Living room"].voice == "tts.soft"


async def test_a_companion_that_is_gone_is_said_and_taken_out_with_a_click(
    house: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    house.states.async_set(RADIO, "idle")
    room = with_companion(companions=[RADIO, "media_player.tv"])
    house.states.async_set("media_player.tv", "idle")
    async with lived_in(house, persona_subentry("basic"), room):
        assert issues(house) == {}
        house.states.async_remove(RADIO)
        await house.async_block_till_done()
        (issue,) = issues(house).values()
        assert (issue.translation_key, issue.is_fixable) == ("companion_missing", True)
        assert issue.translation_placeholders == {"room": "Living room", "entity": RADIO}
        await repair(house, hass_client)
        assert issues(house) == {}
        assert configs(house)["Living room"].companions == ("media_player.tv",)


async def test_a_voice_that_is_gone_is_said_and_taken_out_with_a_click(
    house: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(voice="tts.gone")):
        assert told(house) == ["voice_missing"]
        await repair(house, hass_client)
        assert issues(house) == {}
        assert configs(house)["Living room"].voice is None


async def test_a_repair_of_what_was_settled_meanwhile_changes_nothing(
    house: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room(voice="tts.gone")) as entry:
        (room,) = (one for one in entry.subentries.values() if one.subentry_type == "room")
        assert await async_setup_component(house, "repairs", {})
        web = await hass_client()
        (issue_id,) = issues(house)
        answer = await web.post("/api/repairs/issues/fix", json={"handler": "huxley", "issue_id": issue_id})
        flow_id = (await answer.json())["flow_id"]
        house.config_entries.async_update_subentry(entry, room, data={**room.data, "voice": "tts.voice"})
        await house.async_block_till_done()
        await web.post(f"/api/repairs/issues/fix/{flow_id}", json={})
        await house.async_block_till_done()
        assert configs(house)["Living room"].voice == "tts.voice"


@pytest.mark.parametrize("key", ["satellite", "player"])
async def test_of_two_rooms_on_one_device_the_first_has_it_and_a_click_settles_it(
    house: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator, key: str
) -> None:
    entity = {"satellite": SATELLITE, "player": PLAYER}[key]
    attic = room_subentry("Attic", {"persona": "basic", key: entity})
    async with lived_in(house, persona_subentry("basic"), living_room(), attic) as entry:
        (issue,) = issues(house).values()
        assert (issue.translation_key, issue.is_fixable) == (f"{key}_shared", True)
        assert issue.translation_placeholders == {"room": "Attic", "first": "Living room", "entity": entity}
        assert getattr(configs(house)["Living room"], key) == entity
        assert getattr(configs(house)["Attic"], key) is None
        await repair(house, hass_client)
        assert issues(house) == {}
        stored = next(one for one in entry.subentries.values() if one.title == "Attic")
        assert key not in stored.data


async def test_a_room_gets_the_device_that_the_first_room_gives_back(house: HomeAssistant, devices: Devices) -> None:
    attic = room_subentry("Attic", {"persona": "basic", "satellite": SATELLITE})
    async with lived_in(house, persona_subentry("basic"), living_room(), attic) as entry:
        first = next(one for one in entry.subentries.values() if one.title == "Living room")
        house.config_entries.async_remove_subentry(entry, first.subentry_id)
        await house.async_block_till_done()
        assert configs(house)["Attic"].satellite == SATELLITE
        assert issues(house) == {}


async def test_rooms_of_two_entries_settle_it_as_well(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room()) as first:
        template = huxley_entry(room_subentry("Attic", {"persona": "basic", "satellite": SATELLITE}))
        second = MockConfigEntry(
            domain="huxley",
            unique_id="second",
            data=dict(template.data),
            subentries_data=[one.as_dict() for one in template.subentries.values()],
        )
        second.add_to_hass(house)
        assert await house.config_entries.async_setup(second.entry_id)
        await house.async_block_till_done()
        assert told(house) == ["satellite_shared"]
        assert configs(house)["Attic"].satellite is None
        room = next(one for one in first.subentries.values() if one.title == "Living room")
        data = {key: value for key, value in room.data.items() if key != "satellite"}
        house.config_entries.async_update_subentry(first, room, data=data)
        await house.async_block_till_done()
        assert configs(house)["Attic"].satellite == SATELLITE
        assert issues(house) == {}
        await house.config_entries.async_unload(second.entry_id)


async def test_a_shared_device_is_said_again_after_a_reload_and_speaks_once(
    house: HomeAssistant, devices: Devices
) -> None:
    attic = room_subentry("Attic", {"persona": "basic", "satellite": SATELLITE})
    async with lived_in(house, persona_subentry("basic"), living_room(), attic):
        await reload(house)
        assert told(house) == ["satellite_shared"]
        assert (await inject(house, message="Hello"))["outcome"] == "queued"
        await hear_out(devices)
        assert [what for what, _ in devices.log.of("satellite")].count("announce") == 1
