"""The devices that rooms name: followed to their new names, missed when they are gone, settled when two want one."""

import logging
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigSubentry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from ..const import CONF_COMPANIONS, CONF_PLAYER, CONF_SATELLITE, CONF_VOICE, DOMAIN, SUBENTRY_ROOM
from .issues import Issues
from .room_settings import Named, named_entities, taken_before, with_entity

_LOGGER = logging.getLogger(__name__)

MISSING: Final = MappingProxyType(
    {
        CONF_SATELLITE: "satellite_missing",
        CONF_PLAYER: "player_missing",
        CONF_COMPANIONS: "companion_missing",
        CONF_VOICE: "voice_missing",
    }
)
"""By setting, the issue when its entity is gone."""

DISPENSABLE: Final = frozenset({CONF_COMPANIONS, CONF_VOICE})
"""What a room can do without, so that one click takes it out."""

SHARED: Final = MappingProxyType({CONF_SATELLITE: "satellite_shared", CONF_PLAYER: "player_shared"})
"""By setting, the issue when an earlier room has its entity."""


class HouseDevices:
    """Looks after the devices of one entry's rooms."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, issues: Issues) -> None:
        self._hass = hass
        self._entry = entry
        self._issues = issues
        self._taken = self._now_taken()
        for room in self._rooms():
            for named, first in self._taken[room.subentry_id]:
                self._tell_shared(room, named, first)

    def start(self) -> None:
        """Follow the devices until the entry is unloaded."""
        for unlisten in self._follow():
            self._entry.async_on_unload(unlisten)

    def not_for(self, room: ConfigSubentry) -> frozenset[str]:
        """The settings of a room that an earlier room's claim makes void."""
        return frozenset(named.key for named, _ in self._taken[room.subentry_id])

    def _follow(self) -> Iterator[Callable[[], None]]:
        entities = {named.entity_id for room in self._rooms() for named in named_entities(room)}
        yield async_at_started(self._hass, self._look)
        yield self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_changed)
        yield async_track_state_change_event(self._hass, entities, self._state_changed)
        yield async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)

    def _rooms(self) -> list[ConfigSubentry]:
        return [one for one in self._entry.subentries.values() if one.subentry_type == SUBENTRY_ROOM]

    def _now_taken(self) -> dict[str, tuple[tuple[Named, str], ...]]:
        return {room.subentry_id: tuple(taken_before(self._hass, room).items()) for room in self._rooms()}

    def _fix(self, room: ConfigSubentry, named: Named) -> dict[str, str]:
        """What one click takes out."""
        return {
            "entry_id": self._entry.entry_id,
            "subentry_id": room.subentry_id,
            "key": named.key,
            "entity_id": named.entity_id,
        }

    @callback
    def _registry_changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Follow a device to its new name; look again at one that came, went, or was disabled."""
        old, new = event.data.get("old_entity_id"), event.data["entity_id"]
        for room in self._rooms():
            for named in named_entities(room):
                if named.entity_id == old:
                    _LOGGER.info("room.device_renamed room=%s old=%s new=%s", room.title, old, new)
                    data = with_entity(room, named, new)
                    self._hass.config_entries.async_update_subentry(self._entry, room, data=data)
        if self._hass.is_running and old is None:
            self._look(self._hass)

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        appeared = event.data["old_state"] is None or event.data["new_state"] is None
        if appeared and self._hass.is_running:
            self._look(self._hass)

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """A room of another entry took a device, or gave one back. A change of our own reloads us anyway."""
        if entry.domain != DOMAIN or entry.entry_id == self._entry.entry_id:
            return
        if self._now_taken() != self._taken:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    @callback
    def _look(self, hass: HomeAssistant) -> None:
        """A device that is neither there nor known is gone for good: say so, and let the rest of the room work."""
        registry = er.async_get(hass)
        for room in self._rooms():
            gone: dict[str, Named] = {}
            for named in named_entities(room):
                entry = registry.async_get(named.entity_id)
                if entry.disabled if entry else hass.states.get(named.entity_id) is None:
                    gone.setdefault(named.key, named)
            for key, issue in MISSING.items():
                self._tell(room, f"{issue}_{room.subentry_id}", issue, gone.get(key))

    def _tell_shared(self, room: ConfigSubentry, named: Named, first: str) -> None:
        _LOGGER.warning("room.device_shared room=%s first=%s entity=%s", room.title, first, named.entity_id)
        key, names = SHARED[named.key], {"room": room.title, "first": first, "entity": named.entity_id}
        self._issues.tell(f"{key}_{room.subentry_id}", key, names, self._fix(room, named))

    def _tell(self, room: ConfigSubentry, issue_id: str, key: str, gone: Named | None) -> None:
        if gone is None:
            self._issues.clear(issue_id)
            return
        _LOGGER.debug("room.device_gone room=%s entity=%s", room.title, gone.entity_id)
        fix = self._fix(room, gone) if gone.key in DISPENSABLE else None
        self._issues.tell(issue_id, key, {"room": room.title, "entity": gone.entity_id}, fix)
