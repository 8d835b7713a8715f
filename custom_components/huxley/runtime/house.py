"""A config entry at work: its personas, its rooms, and who answers whom."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import time

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from ..const import (
    CONF_LANGUAGE,
    CONF_PERSONA,
    CONF_PLAYER,
    CONF_QUIET_FROM,
    CONF_QUIET_TO,
    CONF_QUIET_VOLUME,
    CONF_SATELLITE,
    DEFAULT_QUIET_VOLUME,
    DOMAIN,
    SUBENTRY_PERSONA,
    SUBENTRY_ROOM,
)
from ..engine.persona import Persona, PersonaError, QuietHours
from .issues import Issues, async_forget_issues
from .persona_files import PersonaFileError, PersonaFiles
from .personas import async_forget_persona, async_load_persona
from .room import Room, RoomConfig
from .skills import SkillShelf
from .texts import async_phrases

_LOGGER = logging.getLogger(__name__)

DEVICE_ISSUES = {CONF_SATELLITE: "satellite_missing", CONF_PLAYER: "player_missing"}

type HuxleyConfigEntry = ConfigEntry[House]


class House:
    """Everything that one entry runs."""

    def __init__(self, hass: HomeAssistant, entry: HuxleyConfigEntry) -> None:
        self.personas: dict[str, Persona] = {}
        """By id; those whose file could be loaded, now or before."""

        self.rooms: dict[str, Room] = {}
        """By subentry id."""

        self._hass = hass
        self._entry = entry
        self._issues = Issues(hass, entry.entry_id)
        self._shelf = SkillShelf(hass, self._issues)
        self._phrases: dict[str, dict[str, str]] = {}
        self._desks: dict[str, Room] = {}
        self._persona_ids: set[str] = set()

    async def start(self) -> None:
        """Load the personas, then open the rooms. What is broken is a repair issue; the rest runs."""
        await self._hass.async_add_executor_job(self._shelf.packages.forget_all)
        for subentry in self._subentries(SUBENTRY_PERSONA):
            self._persona_ids.add(subentry.data[CONF_PERSONA])
            await self._load_persona(subentry.data[CONF_PERSONA])
        await self._load_phrases()
        for subentry in self._subentries(SUBENTRY_ROOM):
            room = Room(self._hass, _room_config(subentry), self._shelf, self._phrases)
            self.rooms[subentry.subentry_id] = room
            await self._open(room)
        self._follow_devices()
        # Home Assistant does not unload entries when it stops; bookmarks and volumes must not suffer for it.
        self._entry.async_on_unload(self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._house_stops))
        self._issues.clear_old()

    async def stop(self) -> None:
        """Close every room and keep what skills remember."""
        for room in (*self.rooms.values(), *self._desks.values()):
            try:
                await room.stop()
            except Exception:
                _LOGGER.exception("room.stop_failed room=%s", room.config.name)
        await self._shelf.flush()

    async def _house_stops(self, event: Event) -> None:
        await self.stop()

    async def forget_removed(self) -> None:
        """Drop what is kept for personas that were taken out of the entry."""
        await _forget_unused(self._hass, self._persona_ids)

    async def room_for(self, persona_id: str, satellite_id: str | None, device_id: str | None) -> Room:
        """Where a persona answers: where the satellite is, else the device's area, else a room of its own, else any.

        A persona in a house without rooms answers at a desk: it has no speaker, and says so when one is wanted.
        """
        rooms = list(self.rooms.values())
        area = self._area_of(device_id)
        for fits in (
            lambda room: satellite_id is not None and room.config.satellite == satellite_id,
            lambda room: area is not None and self.area_of(room) == area,
            lambda room: room.config.persona_id == persona_id,
            lambda room: True,
        ):
            if found := next(filter(fits, rooms), None):
                return found
        if persona_id not in self._desks:
            desk = Room(self._hass, RoomConfig(None, persona_id, persona_id), self._shelf, self._phrases)
            self._desks[persona_id] = desk
            await self._open(desk)
        return self._desks[persona_id]

    def area_of(self, room: Room) -> str | None:
        """The area id of a room: that of its own device, else of its satellite or player."""
        devices = dr.async_get(self._hass)
        identifier = (DOMAIN, room.config.id or "")
        own = devices.async_get_device_by_identifier(identifier, self._entry.entry_id) if room.config.id else None
        if own is not None and own.area_id is not None:
            return own.area_id
        for entity_id in filter(None, (room.config.satellite, room.config.player)):
            entry = er.async_get(self._hass).async_get(entity_id)
            if entry is not None and (area := entry.area_id or self._area_of(entry.device_id)):
                return area
        return None

    async def _open(self, room: Room) -> None:
        persona = self.personas.get(room.config.persona_id) or next(iter(self.personas.values()), None)
        try:
            await room.start(persona)
        except Exception:
            _LOGGER.exception("room.persona_failed room=%s", room.config.name)

    async def _load_persona(self, persona_id: str) -> None:
        try:
            loaded = await async_load_persona(self._hass, persona_id)
        except (PersonaError, PersonaFileError) as err:
            _LOGGER.warning("persona.not_loaded persona=%s error=%s", persona_id, err)
            return
        file = await self._hass.async_add_executor_job(PersonaFiles(self._hass.config.config_dir).find, persona_id)
        ships = file is not None and not file.own
        # A persona that ships was written for no house in particular; it goes by the clock of this one.
        self.personas[persona_id] = (
            replace(loaded.persona, timezone=self._hass.config.time_zone) if ships else loaded.persona
        )

    async def _load_phrases(self) -> None:
        for language in {language for persona in self.personas.values() for language in persona.languages} | {"en"}:
            self._phrases[language] = await async_phrases(self._hass, language)

    def _subentries(self, kind: str) -> Iterator[ConfigSubentry]:
        return (subentry for subentry in self._entry.subentries.values() if subentry.subentry_type == kind)

    def _area_of(self, device_id: str | None) -> str | None:
        device = dr.async_get(self._hass).async_get(device_id) if device_id else None
        return device.area_id if device is not None else None

    def _follow_devices(self) -> None:
        entities = [entity_id for _, _, entity_id in self._devices()]
        for unlisten in (
            async_at_started(self._hass, self._check_devices),
            self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_changed),
            async_track_state_change_event(self._hass, entities, self._state_changed),
        ):
            self._entry.async_on_unload(unlisten)

    def _devices(self) -> Iterator[tuple[Room, str, str]]:
        """Each device of each room: the room, its key in the room's settings, its entity id."""
        for room in self.rooms.values():
            for key, entity_id in ((CONF_SATELLITE, room.config.satellite), (CONF_PLAYER, room.config.player)):
                if entity_id is not None:
                    yield room, key, entity_id

    @callback
    def _registry_changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Follow a device to its new name; look again at one that came, went, or was disabled."""
        old, new = event.data.get("old_entity_id"), event.data["entity_id"]
        for room, key, entity_id in tuple(self._devices()):
            if entity_id == old and room.config.id is not None:
                subentry = self._entry.subentries[room.config.id]
                self._hass.config_entries.async_update_subentry(self._entry, subentry, data={**subentry.data, key: new})
                return
        if self._hass.is_running and new in {entity_id for _, _, entity_id in self._devices()}:
            self._check_devices(self._hass)

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        appeared = event.data["old_state"] is None or event.data["new_state"] is None
        if appeared and self._hass.is_running:
            self._check_devices(self._hass)

    @callback
    def _check_devices(self, hass: HomeAssistant) -> None:
        """A device that is neither there nor known is gone for good: say so, and let the rest of the room work."""
        registry = er.async_get(hass)
        for room, key, entity_id in self._devices():
            issue_id = f"{DEVICE_ISSUES[key]}_{room.config.id}"
            entry = registry.async_get(entity_id)
            gone = entry.disabled if entry else hass.states.get(entity_id) is None
            if gone:
                _LOGGER.debug("room.device_gone room=%s entity=%s", room.config.name, entity_id)
                names = {"room": room.config.name, "entity": entity_id}
                self._issues.tell(issue_id, DEVICE_ISSUES[key], names)
            else:
                self._issues.clear(issue_id)


async def async_forget_house(hass: HomeAssistant, entry: HuxleyConfigEntry) -> None:
    """The entry was removed: drop what is kept for it, but no file of a person's."""
    async_forget_issues(hass, entry.entry_id)
    subentries = entry.subentries.values()
    await _forget_unused(hass, {s.data[CONF_PERSONA] for s in subentries if s.subentry_type == SUBENTRY_PERSONA})


async def _forget_unused(hass: HomeAssistant, persona_ids: set[str]) -> None:
    """Forget those of the personas that no entry uses."""
    used = {
        subentry.data[CONF_PERSONA]
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_PERSONA
    }
    for persona_id in persona_ids - used:
        await async_forget_persona(hass, persona_id)


def _room_config(subentry: ConfigSubentry) -> RoomConfig:
    data = subentry.data
    start, end = data.get(CONF_QUIET_FROM), data.get(CONF_QUIET_TO)
    return RoomConfig(
        id=subentry.subentry_id,
        name=subentry.title,
        persona_id=data[CONF_PERSONA],
        satellite=data.get(CONF_SATELLITE),
        player=data.get(CONF_PLAYER),
        language=data.get(CONF_LANGUAGE),
        quiet_hours=QuietHours(time.fromisoformat(start), time.fromisoformat(end)) if start and end else None,
        quiet_volume=data.get(CONF_QUIET_VOLUME, DEFAULT_QUIET_VOLUME),
    )


__all__ = ["House", "HuxleyConfigEntry", "async_forget_house"]
