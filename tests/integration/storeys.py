"""More rooms for a house under test: each with a satellite of its own, in an area, on a floor."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.components.assist_satellite import AssistSatelliteEntityFeature
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

from tests.integration.building import room_subentry
from tests.integration.devices import WENT_WELL, Devices, TestSatellite, _Flow

DOMAIN = "test_storeys"


@asynccontextmanager
async def satellites_in(hass: HomeAssistant, devices: Devices, *names: str) -> AsyncGenerator[list[TestSatellite]]:
    """Add satellites, called `assist_satellite.<name>`, that understand what the first one does."""
    found = [_satellite(devices, name) for name in names]

    async def forward(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.ASSIST_SATELLITE])
        return WENT_WELL

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
        assert await hass.config_entries.async_unload_platforms(entry, [Platform.ASSIST_SATELLITE])
        return WENT_WELL

    with mock_config_flow(DOMAIN, _Flow):
        mock_integration(hass, MockModule(DOMAIN, async_setup_entry=forward, async_unload_entry=unload))
        mock_platform(hass, f"{DOMAIN}.config_flow")
        platform = setup_test_component_platform(hass, Platform.ASSIST_SATELLITE, found, from_config_entry=True)
        mock_platform(hass, f"{DOMAIN}.{Platform.ASSIST_SATELLITE}", platform)
        entry = MockConfigEntry(domain=DOMAIN)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield found


def _satellite(devices: Devices, name: str) -> TestSatellite:
    satellite = TestSatellite(devices.log, devices.satellite.recogniser)
    satellite._attr_name, satellite._attr_unique_id = name.capitalize(), name
    satellite._attr_supported_features = (
        AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    )
    return satellite


def room_with(name: str, **data: Any) -> dict[str, Any]:
    """A room with the satellite of that name and nothing else."""
    return room_subentry(
        f"{name.capitalize()} room", {"satellite": f"assist_satellite.{name}", "persona": "basic"} | data
    )


def put(hass: HomeAssistant, satellite: str, area: str, floor: str | None = None) -> None:
    """Place a satellite in an area, and the area on a floor."""
    areas, floors = ar.async_get(hass), fr.async_get(hass)
    place = areas.async_get_or_create(area)
    if floor is not None:
        storey = floors.async_get_floor_by_name(floor) or floors.async_create(floor)
        areas.async_update(place.id, floor_id=storey.floor_id)
    er.async_get(hass).async_update_entity(satellite, area_id=place.id)
