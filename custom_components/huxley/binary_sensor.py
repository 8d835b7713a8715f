"""Whether a call has the room."""

from collections.abc import Callable, Iterator

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.room import Room

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([InCall(room)], config_subentry_id=subentry_id)


class InCall(RoomEntity, BinarySensorEntity):
    """On from the moment a call takes the room, announced or not."""

    def __init__(self, room: Room) -> None:
        super().__init__(room, "in_call")

    def follow(self) -> Iterator[Callable[[], None]]:
        """A call takes COMMS, and gives it back."""
        yield self.room.focus.listen(self.async_write_ha_state)

    @property
    def is_on(self) -> bool:
        """Whether somebody is on the line, or about to be."""
        return self.room.coordinator.in_call
