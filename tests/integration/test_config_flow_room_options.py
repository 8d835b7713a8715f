"""The folded half of a room's form: what it stores, what it refuses, what it shows again."""

from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huxley.runtime.room_settings import room_config
from tests.integration.building import huxley_entry, persona_subentry, room_subentry

pytestmark = pytest.mark.usefixtures("house", "entry_setup")

type WritePersona = Callable[..., str]

HALL = {"name": "Hall", "player": "media_player.hall", "persona": "ana"}


@pytest.fixture
async def entry(hass: HomeAssistant, write_persona: WritePersona) -> MockConfigEntry:
    """A set-up entry with a kitchen, in a house with a few more devices."""
    write_persona("ana")
    for entity_id in (
        "media_player.kitchen",
        "media_player.hall",
        "media_player.radio",
        "media_player.tv",
        "tts.cloud",
    ):
        hass.states.async_set(entity_id, "idle")
    kitchen = {"player": "media_player.kitchen", "persona": "ana"}
    entry = huxley_entry(persona_subentry("ana"), room_subentry("Kitchen", kitchen))
    entry.add_to_hass(hass)
    return entry


def room(entry: MockConfigEntry, title: str) -> ConfigSubentry:
    return next(one for one in entry.subentries.values() if one.title == title)


async def add(hass: HomeAssistant, entry: MockConfigEntry, **more: object) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_init((entry.entry_id, "room"), context={"source": SOURCE_USER})
    return await hass.config_entries.subentries.async_configure(result["flow_id"], {**HALL, "more": more})


async def change(hass: HomeAssistant, entry: MockConfigEntry, **more: object) -> SubentryFlowResult:
    result = await entry.start_subentry_reconfigure_flow(hass, room(entry, "Hall").subentry_id)
    return await hass.config_entries.subentries.async_configure(result["flow_id"], {**HALL, "more": more})


def folded(result: SubentryFlowResult) -> section:
    part = result["data_schema"].schema["more"]
    assert isinstance(part, section)
    return part


def suggested(result: SubentryFlowResult) -> dict[str, Any]:
    return {
        str(one.schema): one.description["suggested_value"] for one in folded(result).schema.schema if one.description
    }


async def test_everything_that_was_chosen_is_stored_and_shown_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    kitchen = room(entry, "Kitchen").subentry_id
    more = {
        "companions": ["media_player.radio", "media_player.tv"],
        "voice": "tts.cloud",
        "linked_rooms": [kitchen],
        "resume_after_restart": True,
        "quiet_volume": 35,
    }
    assert (await add(hass, entry, **more))["type"] is FlowResultType.CREATE_ENTRY
    hall = room(entry, "Hall")
    assert {key: hall.data[key] for key in more} == more
    config = room_config(hall)
    assert (config.companions, config.voice) == (("media_player.radio", "media_player.tv"), "tts.cloud")
    assert (config.linked, config.resume_after_restart, config.quiet_volume) == ((kitchen,), True, 35)
    result = await entry.start_subentry_reconfigure_flow(hass, hall.subentry_id)
    assert suggested(result) == more
    assert folded(result).options["collapsed"] is True


async def test_a_room_without_any_of_it_is_a_room(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    nothing = {"companions": [], "linked_rooms": [], "resume_after_restart": False}
    assert (await add(hass, entry, **nothing))["type"] is FlowResultType.CREATE_ENTRY
    hall = room(entry, "Hall")
    assert dict(hall.data) == {"player": "media_player.hall", "persona": "ana"}
    config = room_config(hall)
    assert (config.companions, config.voice, config.linked) == ((), None, ())
    assert (config.resume_after_restart, config.quiet_volume) == (False, 20)


async def test_an_option_that_is_cleared_is_forgotten(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add(hass, entry, companions=["media_player.radio"], voice="tts.cloud", resume_after_restart=True)
    assert (await change(hass, entry, companions=[]))["reason"] == "reconfigure_successful"
    assert dict(room(entry, "Hall").data) == {"player": "media_player.hall", "persona": "ana"}


@pytest.mark.parametrize(
    ("more", "error", "entity"),
    [
        ({"companions": ["media_player.hall"]}, "companion_is_player", "media_player.hall"),
        ({"companions": ["media_player.radio", "media_player.gone"]}, "companion_missing", "media_player.gone"),
        ({"voice": "tts.gone"}, "voice_missing", "tts.gone"),
    ],
)
async def test_what_cannot_be_is_told_above_the_open_section(
    hass: HomeAssistant, entry: MockConfigEntry, more: dict[str, Any], error: str, entity: str
) -> None:
    result = await add(hass, entry, **more)
    assert result["errors"] == {"more": error}
    assert result["description_placeholders"]["entity"] == entity
    assert folded(result).options["collapsed"] is False
    assert suggested(result) == more
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], HALL)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_room_of_ours_is_no_companion(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    ours = registry.async_get_or_create("media_player", "huxley", "kitchen", suggested_object_id="room_kitchen")
    with pytest.raises(InvalidData):
        await add(hass, entry, companions=["media_player.room_kitchen"])
    assert (await add(hass, entry, companions=[ours.id]))["errors"] == {"more": "companion_is_ours"}


async def test_a_companion_may_be_named_by_its_registry_id_and_twice(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    lamp = er.async_get(hass).async_get_or_create("media_player", "cast", "x", suggested_object_id="cast")
    await add(hass, entry, companions=[lamp.id, "media_player.cast"])
    assert room(entry, "Hall").data["companions"] == ["media_player.cast"]


async def test_rooms_that_are_gone_are_not_offered_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add(hass, entry, linked_rooms=[room(entry, "Kitchen").subentry_id])
    hass.config_entries.async_remove_subentry(entry, room(entry, "Kitchen").subentry_id)
    result = await entry.start_subentry_reconfigure_flow(hass, room(entry, "Hall").subentry_id)
    assert "linked_rooms" not in [str(one.schema) for one in folded(result).schema.schema]
    assert (await change(hass, entry))["reason"] == "reconfigure_successful"


async def test_a_room_is_not_its_own_neighbour(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add(hass, entry)
    result = await entry.start_subentry_reconfigure_flow(hass, room(entry, "Hall").subentry_id)
    offered = folded(result).schema.schema["linked_rooms"].config["options"]
    assert [one["label"] for one in offered] == ["Kitchen"]
