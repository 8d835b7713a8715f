"""The devices that Huxley shows: one for each room, one for each persona."""

from asyncio import Handle
from collections.abc import Callable, Iterator

from homeassistant.core import callback
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
        self._write: Handle | None = None
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
        yield self.room.trace.listen(lambda record, mark: self.write_soon())
        yield self.room.coordinator.deck.listen(self.async_write_ha_state)
        yield self.room.choices.listen(self.async_write_ha_state)
        if self.room.player is not None:
            yield self.room.player.listen(lambda state: self.async_write_ha_state())

    @callback
    def write_soon(self) -> None:
        """Write the state once for a burst of marks, when whoever makes them is done: speech does not wait for it."""
        if self._write is None:
            self._write = self.hass.loop.call_soon(self._write_now)

    @callback
    def _write_now(self) -> None:
        self._write = None
        self.async_write_ha_state()

    async def async_will_remove_from_hass(self) -> None:
        """Write no more."""
        await super().async_will_remove_from_hass()
        if self._write is not None:
            self._write.cancel()
