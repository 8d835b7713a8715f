"""Sensors of a room: where its turn stands, who is heard, and how long the last answer took."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .engine.focus import Channel
from .engine.turn import Mark, TurnRecord, TurnState
from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.latency import PARTS, latencies, tells_latency
from .runtime.room import Room

PARALLEL_UPDATES = 0

NOBODY = "none"  # the foreground when nothing is to be heard


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        sensors = [TurnSensor(room), ForegroundSensor(room), *(LatencySensor(room, part) for part in PARTS)]
        async_add_entities(sensors, config_subentry_id=subentry_id)


class TurnSensor(RoomEntity, SensorEntity):
    """Where the room's turn stands."""

    _attr_device_class = SensorDeviceClass.ENUM

    def __init__(self, room: Room) -> None:
        super().__init__(room, "turn")
        self._attr_options = [state.value for state in TurnState]

    def follow(self) -> Iterator[Callable[[], None]]:
        """A turn tells each step of its state."""
        yield self.room.trace.listen(lambda record, mark: self.async_write_ha_state())

    @property
    def native_value(self) -> str:
        """One of the seven states."""
        return self.room.coordinator.state.value


class ForegroundSensor(RoomEntity, SensorEntity):
    """Which channel is meant to be heard."""

    _attr_device_class = SensorDeviceClass.ENUM

    def __init__(self, room: Room) -> None:
        super().__init__(room, "foreground")
        self._attr_options = [NOBODY, *(channel.value for channel in Channel)]

    def follow(self) -> Iterator[Callable[[], None]]:
        """Focus tells each change."""
        yield self.room.focus.listen(self.async_write_ha_state)

    @property
    def native_value(self) -> str:
        """A channel, or `none`."""
        foreground = self.room.focus.foreground
        return foreground.channel.value if foreground else NOBODY


class LatencySensor(RoomEntity, SensorEntity):
    """One part of the last turn's latency."""

    _attr_device_class = SensorDeviceClass.DURATION
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_native_unit_of_measurement = UnitOfTime.MILLISECONDS
    _attr_suggested_display_precision = 0
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False

    def __init__(self, room: Room, part: str) -> None:
        super().__init__(room, part)
        self._part = part

    def follow(self) -> Iterator[Callable[[], None]]:
        """Look at each turn when it is over."""
        yield self.room.trace.listen(self._noted)

    @callback
    def _noted(self, record: TurnRecord, mark: Mark) -> None:
        if tells_latency(record):
            span = latencies(record)[self._part]
            self._attr_native_value = None if span is None else round(span / timedelta(milliseconds=1))
            self.async_write_ha_state()
