"""The devices that Huxley shows: one for each room, one for each persona."""

from collections.abc import Callable

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .engine.persona import Persona
from .runtime.room import Room


def persona_device(subentry_id: str, persona: Persona) -> DeviceInfo:
    """The device of a persona."""
    return DeviceInfo(
        identifiers={(DOMAIN, subentry_id)},
        name=persona.name,
        manufacturer="Huxley",
        model="Persona",
        entry_type=DeviceEntryType.SERVICE,
    )


class RoomEntity(Entity):
    """An entity of a room; its state follows the room's turns and content."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, room: Room, key: str) -> None:
        self.room = room
        self._attr_unique_id = f"{room.config.id}_{key}"
        self._attr_translation_key = key
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, room.config.id or "")},
            name=room.config.name,
            manufacturer="Huxley",
            model="Room",
            entry_type=DeviceEntryType.SERVICE,
        )

    async def async_added_to_hass(self) -> None:
        """Follow the room."""
        self.async_on_remove(self.room.trace.listen(lambda record, mark: self.async_write_ha_state()))
        self.async_on_remove(self.room.coordinator.deck.listen(self.async_write_ha_state))
        unlisten: Callable[[], None] | None = (
            self.room.player.listen(lambda state: self.async_write_ha_state()) if self.room.player else None
        )
        if unlisten is not None:
            self.async_on_remove(unlisten)
