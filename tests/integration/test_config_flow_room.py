"""Adding rooms later, and changing them."""

from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.building import huxley_entry, persona_subentry, room_subentry

pytestmark = pytest.mark.usefixtures("house", "entry_setup")

type WritePersona = Callable[..., str]

KITCHEN = {"satellite": "assist_satellite.kitchen", "player": "media_player.kitchen", "persona": "ana"}


@pytest.fixture
async def entry(hass: HomeAssistant, write_persona: WritePersona) -> MockConfigEntry:
    """A set-up entry with two personas and a kitchen, in a house with two more devices."""
    write_persona("ana")
    write_persona("luz", language="es", extra="i18n: {fr: {system_prompt: Soyez brève.}}\n")
    for entity_id in (KITCHEN["satellite"], KITCHEN["player"], "assist_satellite.hall", "media_player.hall"):
        hass.states.async_set(entity_id, "idle")
    entry = huxley_entry(persona_subentry("ana"), persona_subentry("luz"), room_subentry("Kitchen", KITCHEN))
    entry.add_to_hass(hass)
    return entry


async def _add(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init((entry.entry_id, "room"), context={"source": SOURCE_USER})


async def _answer(hass: HomeAssistant, result: SubentryFlowResult, **answer: object) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_configure(result["flow_id"], answer)


async def _change_kitchen(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    kitchen = next(one for one in entry.subentries.values() if one.subentry_type == "room")
    return await entry.start_subentry_reconfigure_flow(hass, kitchen.subentry_id)


def _suggested(result: SubentryFlowResult) -> dict[str, str]:
    markers = result["data_schema"].schema
    given = {str(one.schema): (one.description or {}).get("suggested_value") for one in markers}
    return {field: value for field, value in given.items() if value is not None}


def _device(hass: HomeAssistant, name: str, *, area: str | None = None) -> tuple[er.RegistryEntry, er.RegistryEntry]:
    """A device with a satellite and a loudspeaker of its own."""
    owner = MockConfigEntry(domain="esphome")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=owner.entry_id, identifiers={("esphome", name)})
    if area is not None:
        area_id = ar.async_get(hass).async_get_or_create(area).id
        dr.async_get(hass).async_update_device(device.id, area_id=area_id)
    satellite, player = (
        er.async_get(hass).async_get_or_create(
            domain, "esphome", name, suggested_object_id=name, device_id=device.id, config_entry=owner
        )
        for domain in ("assist_satellite", "media_player")
    )
    for one in (satellite, player):
        hass.states.async_set(one.entity_id, "idle")
    return satellite, player


async def test_room_is_added(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await _add(hass, entry)
    options = result["data_schema"].schema["persona"].config["options"]
    assert options == [{"value": "ana", "label": "Ana (en)"}, {"value": "luz", "label": "Luz (es, fr)"}]
    assert result["data_schema"].schema["language"].config["languages"] == ["en", "es", "fr"]
    result = await _answer(hass, result, name="Hall", satellite="assist_satellite.hall", persona="luz", language="fr")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    hall = list(entry.subentries.values())[-1]
    assert (hall.subentry_type, hall.title) == ("room", "Hall")
    assert dict(hall.data) == {"satellite": "assist_satellite.hall", "persona": "luz", "language": "fr"}


async def test_room_without_a_satellite_is_a_room(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await _answer(hass, await _add(hass, entry), name="Hall", player="media_player.hall", persona="ana")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_room_needs_somebody_to_answer(hass: HomeAssistant) -> None:
    entry = huxley_entry()
    entry.add_to_hass(hass)
    result = await _add(hass, entry)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_personas")


@pytest.mark.parametrize(
    ("answer", "errors", "placeholders"),
    [
        ({"satellite": None}, {"base": "device_required"}, {}),
        ({"name": "  "}, {"name": "name_empty"}, {}),
        ({"name": "KITCHEN"}, {"name": "name_taken"}, {}),
        (
            {"satellite": "assist_satellite.kitchen"},
            {"satellite": "satellite_taken"},
            {"satellite_room": "Kitchen"},
        ),
        ({"player": "media_player.kitchen"}, {"player": "player_taken"}, {"player_room": "Kitchen"}),
        (
            {"satellite": "assist_satellite.gone", "player": "media_player.gone"},
            {"satellite": "satellite_missing", "player": "player_missing"},
            {"satellite": "assist_satellite.gone", "player": "media_player.gone"},
        ),
        ({"language": "fr"}, {"language": "language_not_spoken"}, {"persona": "Ana", "languages": "en"}),
        ({"quiet_from": "22:00:00"}, {"quiet_to": "quiet_hours_half"}, {}),
        ({"quiet_to": "07:00:00"}, {"quiet_from": "quiet_hours_half"}, {}),
        ({"quiet_from": "22:00", "quiet_to": "22:00:00"}, {"quiet_to": "quiet_hours_empty"}, {}),
        (
            {"name": "kitchen", "satellite": None, "quiet_to": "07:00:00"},
            {"name": "name_taken", "base": "device_required", "quiet_from": "quiet_hours_half"},
            {},
        ),
    ],
)
async def test_everything_wrong_is_told_and_can_be_corrected(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    answer: dict[str, Any],
    errors: dict[str, str],
    placeholders: dict[str, str],
) -> None:
    sound = {"name": "Hall", "satellite": "assist_satellite.hall", "persona": "ana"}
    given = {key: value for key, value in (sound | answer).items() if value is not None}
    result = await _answer(hass, await _add(hass, entry), **given)
    assert result["errors"] == errors
    assert placeholders.items() <= result["description_placeholders"].items()
    assert _suggested(result).keys() == given.keys()
    result = await _answer(hass, result, **sound)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_regional_form_of_a_language_is_spoken(
    hass: HomeAssistant, entry: MockConfigEntry, write_persona: WritePersona
) -> None:
    write_persona("luz", language="es")
    write_persona("ana", language="es-MX")
    answer = {"name": "Hall", "satellite": "assist_satellite.hall", "persona": "luz", "language": "es-MX"}
    assert (await _answer(hass, await _add(hass, entry), **answer))["type"] is FlowResultType.CREATE_ENTRY


async def test_room_cannot_play_on_itself(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    er.async_get(hass).async_get_or_create("media_player", "huxley", "kitchen", suggested_object_id="room_kitchen")
    with pytest.raises(InvalidData):
        await _answer(hass, await _add(hass, entry), name="Hall", player="media_player.room_kitchen", persona="ana")


async def test_only_free_satellite_is_proposed_with_its_area_and_loudspeaker(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_remove("assist_satellite.hall")
    _device(hass, "box", area="Bedroom")
    result = await _add(hass, entry)
    assert _suggested(result) == {
        "name": "Bedroom",
        "satellite": "assist_satellite.box",
        "player": "media_player.box",
        "persona": "ana",
    }
    result = await _answer(hass, result, **_suggested(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_rooms_that_are_satellites_themselves_are_not_in_the_way(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    own = registry.async_get_or_create("assist_satellite", "huxley", "kitchen", config_entry=entry)
    hass.states.async_set(own.entity_id, "idle")
    result = await _add(hass, entry)
    assert _suggested(result)["satellite"] == "assist_satellite.hall"


async def test_proposed_loudspeaker_may_be_cleared(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.states.async_remove("assist_satellite.hall")
    _device(hass, "box")
    result = await _add(hass, entry)
    assert "name" not in _suggested(result)
    result = await _answer(hass, result, name="Bedroom", satellite="assist_satellite.box", persona="ana")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "player" not in list(entry.subentries.values())[-1].data


async def test_satellites_own_loudspeaker_is_proposed_once(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    _device(hass, "box")
    answer = {"name": "Bedroom", "satellite": "assist_satellite.box", "persona": "ana"}
    result = await _answer(hass, await _add(hass, entry), **answer)
    assert result["errors"] == {"player": "player_proposed"}
    assert _suggested(result)["player"] == "media_player.box"
    result = await _answer(hass, result, **answer)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "player" not in list(entry.subentries.values())[-1].data


async def test_loudspeaker_of_another_room_is_not_proposed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    _device(hass, "box")
    result = await _answer(hass, await _add(hass, entry), name="Den", player="media_player.box", persona="ana")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    answer = {"name": "Bedroom", "satellite": "assist_satellite.box", "persona": "ana"}
    assert (await _answer(hass, await _add(hass, entry), **answer))["type"] is FlowResultType.CREATE_ENTRY


async def test_disabled_satellite_is_refused(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    satellite, _ = _device(hass, "box")
    er.async_get(hass).async_update_entity(satellite.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    hass.states.async_remove(satellite.entity_id)
    answer = {"name": "Bedroom", "satellite": satellite.entity_id, "persona": "ana"}
    result = await _answer(hass, await _add(hass, entry), **answer)
    assert result["errors"] == {"satellite": "satellite_missing"}


async def test_satellite_may_be_named_by_its_registry_id(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    satellite, player = _device(hass, "box")
    answer = {"name": "Bedroom", "satellite": satellite.id, "player": player.id, "persona": "ana"}
    await _answer(hass, await _add(hass, entry), **answer)
    assert list(entry.subentries.values())[-1].data["satellite"] == "assist_satellite.box"


async def test_room_is_changed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await _change_kitchen(hass, entry)
    assert _suggested(result) == {"name": "Kitchen", **KITCHEN}
    answer = {"name": "Cocina", "player": "media_player.hall", "persona": "luz", "language": "es"}
    result = await _answer(hass, result, **answer)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    kitchen = list(entry.subentries.values())[-1]
    assert kitchen.title == "Cocina"
    assert dict(kitchen.data) == {"player": "media_player.hall", "persona": "luz", "language": "es"}


async def test_room_keeps_its_own_devices_without_complaint(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await _answer(hass, await _change_kitchen(hass, entry), name="Kitchen", **KITCHEN)
    assert result["reason"] == "reconfigure_successful"


async def test_room_whose_satellite_is_gone_says_so(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.states.async_remove("assist_satellite.kitchen")
    result = await _answer(hass, await _change_kitchen(hass, entry), name="Kitchen", **KITCHEN)
    assert result["errors"] == {"satellite": "satellite_missing"}
    assert result["description_placeholders"]["satellite"] == "assist_satellite.kitchen"


async def test_persona_with_a_broken_file_can_still_be_kept(
    hass: HomeAssistant, entry: MockConfigEntry, write_persona: WritePersona
) -> None:
    write_persona("ana", extra="colour: blue\n")
    result = await _change_kitchen(hass, entry)
    assert result["data_schema"].schema["persona"].config["options"][0] == {"value": "ana", "label": "ana ⚠"}
    result = await _answer(hass, result, name="Kitchen", **KITCHEN, language="es")
    assert result["reason"] == "reconfigure_successful"
