"""A config entry at work: its personas, its rooms, and who answers whom."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_PERSONA,
    DOMAIN,
    SUBENTRY_PERSONA,
    SUBENTRY_ROOM,
)
from ..engine.persona import Persona, PersonaError
from .after_restart import async_go_on, is_recent
from .bookmarks import Bookmarks, async_forget_bookmarks
from .house_devices import HouseDevices
from .issues import Issues, async_forget_issues
from .persona_files import PersonaFileError, PersonaFiles
from .personas import async_forget_persona, async_load_persona
from .room import Room
from .room_settings import RoomConfig, room_config
from .skills import SkillShelf
from .texts import async_phrases
from .wake_group import Place, async_wake_words

_LOGGER = logging.getLogger(__name__)

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
        self._bookmarks = Bookmarks(hass, entry.entry_id)
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
        await self._bookmarks.load(subentry.subentry_id for subentry in self._subentries(SUBENTRY_ROOM))
        devices = HouseDevices(self._hass, self._entry, self._issues)
        for subentry in self._subentries(SUBENTRY_ROOM):
            config = room_config(subentry, devices.not_for(subentry))
            room = Room(self._hass, config, self._shelf, self._phrases)
            self.rooms[subentry.subentry_id] = room
            if room.ears is not None:
                room.ears.is_first = partial(self._is_first, room)
            await self._open(room)
        devices.start()
        # Home Assistant does not unload entries when it stops; bookmarks and volumes must not suffer for it.
        self._entry.async_on_unload(self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._house_stops))
        self._issues.clear_old()

    async def stop(self) -> None:
        """Close every room and keep what skills remember.

        Every room's place is taken down before any of them is silent: players fall silent by themselves as well when
        Home Assistant stops, and that must not look as if a person had stopped them.
        """
        rooms = (*self.rooms.values(), *self._desks.values())
        for room in rooms:
            await _carefully(room, room.media.stop)
        await asyncio.gather(*(_carefully(room, room.stop) for room in rooms))
        await self._bookmarks.flush()
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

    def _is_first(self, room: Room) -> bool:
        """Whether no room within earshot heard the same wake word a moment before; asked once for each."""
        area_id = self.area_of(room)
        area = ar.async_get(self._hass).async_get_area(area_id) if area_id else None
        floor = area.floor_id if area else None
        place = Place(room.config.id or "", area_id, floor, frozenset(room.config.linked))
        winner = async_wake_words(self._hass).heard(place)
        if winner is not None:
            _LOGGER.info("room.heard_second room=%s first=%s", room.config.name, winner.room_id)
        return winner is None

    async def _open(self, room: Room) -> None:
        persona = self.personas.get(room.config.persona_id) or next(iter(self.personas.values()), None)
        try:
            await room.start(persona)
        except Exception:
            _LOGGER.exception("room.persona_failed room=%s", room.config.name)
        kept = room.media.start(self._bookmarks)
        wanted = room.config.resume_after_restart and kept is not None and is_recent(kept, dt_util.utcnow())
        if wanted and room.player is not None:
            work = async_go_on(self._hass, room.media, room.player)
            self._entry.async_create_background_task(self._hass, work, f"huxley goes on in {room.config.name}")

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


async def _carefully(room: Room, step: Callable[[], Awaitable[None]]) -> None:
    """One room that cannot be closed properly keeps no other from it."""
    try:
        await step()
    except Exception:
        _LOGGER.exception("room.stop_failed room=%s", room.config.name)


async def async_forget_house(hass: HomeAssistant, entry: HuxleyConfigEntry) -> None:
    """The entry was removed: drop what is kept for it, but no file of a person's."""
    async_forget_issues(hass, entry.entry_id)
    await async_forget_bookmarks(hass, entry.entry_id)
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


__all__ = ["House", "HuxleyConfigEntry", "async_forget_house"]
