"""Buttons of a room: silence, and hanging up."""

from collections.abc import Callable, Iterator

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.room import Room

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add both for each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([Interrupt(room), HangUp(room)], config_subentry_id=subentry_id)


class Interrupt(RoomEntity, ButtonEntity):
    """Silence in this room, now."""

    def __init__(self, room: Room) -> None:
        super().__init__(room, "interrupt")

    def follow(self) -> Iterator[Callable[[], None]]:
        """It is always there."""
        return iter(())

    async def async_press(self) -> None:
        """Stop the answer, the music and the call."""
        await self.room.coordinator.interrupt()


class HangUp(RoomEntity, ButtonEntity):
    """End the call, or refuse the one that is announced."""

    def __init__(self, room: Room) -> None:
        super().__init__(room, "hang_up")

    def follow(self) -> Iterator[Callable[[], None]]:
        """A call takes COMMS, and gives it back."""
        yield self.room.focus.listen(self.async_write_ha_state)

    @property
    def available(self) -> bool:
        """There is nothing to hang up without a call."""
        return self.room.coordinator.in_call

    async def async_press(self) -> None:
        """Hang up."""
        await self.room.coordinator.hang_up()
