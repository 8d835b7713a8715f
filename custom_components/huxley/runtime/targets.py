"""From what people name in an automation (entities, devices, areas, floors, labels) to rooms."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import DOMAIN
from .house import House
from .room import Room


@callback
def async_targeted_rooms(hass: HomeAssistant, target: Mapping[str, Any]) -> set[str]:
    """The ids of the rooms that `target` means: any entity of a room stands for it. They need not be running."""
    found = async_extract_referenced_entity_ids(hass, TargetSelection(dict(target)))
    registry = er.async_get(hass)
    entries = (registry.async_get(entity_id) for entity_id in found.referenced | found.indirectly_referenced)
    return {
        entry.config_subentry_id
        for entry in entries
        if entry is not None and entry.platform == DOMAIN and entry.config_subentry_id is not None
    }


@callback
def async_running_rooms(hass: HomeAssistant, target: Mapping[str, Any]) -> list[Room]:
    """The rooms that `target` means, as far as they run."""
    wanted = async_targeted_rooms(hass, target)
    entries: list[ConfigEntry[House]] = hass.config_entries.async_loaded_entries(DOMAIN)
    return [room for entry in entries for room_id, room in entry.runtime_data.rooms.items() if room_id in wanted]


@callback
def async_player_of(hass: HomeAssistant, room_id: str | None) -> str | None:
    """The entity id of a room's own media player: what stands for the room in actions and in the logbook."""
    return er.async_get(hass).async_get_entity_id(MEDIA_PLAYER, DOMAIN, f"{room_id}_room")
