"""Do not disturb: quiet hours by hand."""

from collections.abc import Callable, Iterator
from typing import Any

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.room import Room

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([DoNotDisturb(room)], config_subentry_id=subentry_id)


class DoNotDisturb(RoomEntity, SwitchEntity, RestoreEntity):
    """While it is on, the room behaves as in its quiet hours (Engine I10)."""

    def __init__(self, room: Room) -> None:
        super().__init__(room, "do_not_disturb")

    async def async_added_to_hass(self) -> None:
        """Take up what was chosen before the restart."""
        await super().async_added_to_hass()
        last = await self.async_get_last_state()
        if last is not None and last.state == STATE_ON:
            self.room.choices.set_do_not_disturb(on=True)

    def follow(self) -> Iterator[Callable[[], None]]:
        """A choice may come from elsewhere."""
        yield self.room.choices.listen(self.async_write_ha_state)

    @property
    def is_on(self) -> bool:
        """Whether the room is left in peace."""
        return self.room.choices.do_not_disturb

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Leave the room in peace."""
        self.room.choices.set_do_not_disturb(on=True)

    async def async_turn_off(self, **kwargs: Any) -> None:
        """Back to the room's own hours."""
        self.room.choices.set_do_not_disturb(on=False)
