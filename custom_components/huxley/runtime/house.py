"""A config entry at work: its personas, its rooms, and who answers whom."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import time

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started

from ..const import (
    CONF_LANGUAGE,
    CONF_PERSONA,
    CONF_PLAYER,
    CONF_QUIET_FROM,
    CONF_QUIET_TO,
    CONF_SATELLITE,
    DOMAIN,
    SUBENTRY_PERSONA,
    SUBENTRY_ROOM,
)
from ..engine.errors import HuxleyError
from ..engine.persona import Persona, PersonaError, QuietHours
from .persona_files import PersonaFileError, PersonaFiles
from .personas import async_load_persona
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
        self._shelf = SkillShelf(hass)
        self._phrases: dict[str, dict[str, str]] = {}
        self._desks: dict[str, Room] = {}

    async def start(self) -> None:
        """Load the personas, then open the rooms. What is broken is a repair issue; the rest runs."""
        await self._hass.async_add_executor_job(self._shelf.packages.forget_all)
        for subentry in self._subentries(SUBENTRY_PERSONA):
            await self._load_persona(subentry.data[CONF_PERSONA])
        await self._load_phrases()
        for subentry in self._subentries(SUBENTRY_ROOM):
            room = Room(self._hass, _room_config(subentry), self._shelf, self._phrases)
            self.rooms[subentry.subentry_id] = room
            await self._open(room)
        self._entry.async_on_unload(async_at_started(self._hass, self._check_devices))
        self._entry.async_on_unload(
            self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_changed)
        )

    async def stop(self) -> None:
        """Close every room and keep what skills remember."""
        for room in (*self.rooms.values(), *self._desks.values()):
            await room.stop()
        await self._shelf.flush()

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
        except HuxleyError as err:
            _LOGGER.warning("room.persona_failed room=%s error=%s", room.config.name, err)

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

    @callback
    def _registry_changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self._check_devices(self._hass)

    @callback
    def _check_devices(self, hass: HomeAssistant) -> None:
        """A device that is neither there nor known is gone for good: say so, and let the rest of the room work."""
        registry = er.async_get(hass)
        for room in self.rooms.values():
            for key, entity_id in ((CONF_SATELLITE, room.config.satellite), (CONF_PLAYER, room.config.player)):
                issue_id = f"{DEVICE_ISSUES[key]}_{room.config.id}"
                entry = registry.async_get(entity_id) if entity_id else None
                gone = entry.disabled if entry else entity_id is not None and hass.states.get(entity_id) is None
                if not gone or entity_id is None:
                    ir.async_delete_issue(hass, DOMAIN, issue_id)
                    continue
                ir.async_create_issue(
                    hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=False,
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=DEVICE_ISSUES[key],
                    translation_placeholders={"room": room.config.name, "entity": entity_id},
                )


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
    )


__all__ = ["House", "HuxleyConfigEntry"]
