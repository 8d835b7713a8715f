"""The devices that Huxley shows: one for each room, one for each persona."""

from collections.abc import Callable, Iterator

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
    """An entity of a room; its state follows what happens there."""

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
        await super().async_added_to_hass()
        for unlisten in self.follow():
            self.async_on_remove(unlisten)

    def follow(self) -> Iterator[Callable[[], None]]:
        """Subscribe to what the state is made of; yield how to stop each."""
        yield self.room.trace.listen(lambda record, mark: self.async_write_ha_state())
        yield self.room.coordinator.deck.listen(self.async_write_ha_state)
        yield self.room.choices.listen(self.async_write_ha_state)
        if self.room.player is not None:
            yield self.room.player.listen(lambda state: self.async_write_ha_state())
