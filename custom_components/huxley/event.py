"""What a room's turns came to, as an event entity."""

from collections.abc import Callable, Iterator

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .engine.turn import Mark, TurnRecord
from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.outcomes import OUTCOMES, outcome_of
from .runtime.room import Room

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([TurnEvents(room)], config_subentry_id=subentry_id)


class TurnEvents(RoomEntity, EventEntity):
    """Each turn that came to an end."""

    def __init__(self, room: Room) -> None:
        super().__init__(room, "turn")
        self._attr_event_types = list(OUTCOMES)

    def follow(self) -> Iterator[Callable[[], None]]:
        """A turn tells how it ended."""
        yield self.room.trace.listen(self._noted)

    @callback
    def _noted(self, record: TurnRecord, mark: Mark) -> None:
        if (outcome := outcome_of(record.source, mark.event)) is None:
            return
        attributes = {
            "turn_id": record.turn_id,
            "source": record.source,
            "persona": record.persona,
            "heard": round(record.heard.total_seconds(), 2),
        }
        self._trigger_event(outcome, attributes)
        self.async_write_ha_state()
