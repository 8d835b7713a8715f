"""A room as a person set it up, read from its subentry; and which rooms want the same device."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_COMPANIONS,
    CONF_LANGUAGE,
    CONF_LINKED_ROOMS,
    CONF_PERSONA,
    CONF_PLAYER,
    CONF_QUIET_FROM,
    CONF_QUIET_TO,
    CONF_QUIET_VOLUME,
    CONF_RESUME_AFTER_RESTART,
    CONF_SATELLITE,
    CONF_VOICE,
    DEFAULT_QUIET_VOLUME,
    DOMAIN,
    SUBENTRY_ROOM,
)
from ..engine.persona import QuietHours

EXCLUSIVE: Final = (CONF_SATELLITE, CONF_PLAYER)
"""What belongs to one room: two on one would talk over each other."""

DEVICES: Final = (*EXCLUSIVE, CONF_COMPANIONS, CONF_VOICE)
"""The settings that name entities, one or several."""


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """What a person set up for a room. `id` is the subentry's, None for the desk of a persona without a room."""

    id: str | None
    name: str
    persona_id: str
    satellite: str | None = None
    player: str | None = None
    language: str | None = None
    quiet_hours: QuietHours | None = None
    companions: tuple[str, ...] = ()
    """Other players that make way for the room's speech."""

    voice: str | None = None
    """The `tts` entity that speaks in a room without a satellite."""

    linked: tuple[str, ...] = ()
    """Ids of rooms that hear the same wake word."""

    quiet_volume: int = DEFAULT_QUIET_VOLUME
    """How loud a reminder may be in quiet hours, 1 to 100 (Engine I10)."""

    resume_after_restart: bool = False
    """Whether what played goes on by itself when Home Assistant was restarted."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entity that a room's settings name, and under which key."""

    key: str
    entity_id: str


def named_entities(subentry: ConfigSubentry) -> Iterator[Named]:
    """Every entity that a room's settings name."""
    for key in DEVICES:
        value = subentry.data.get(key) or ()
        yield from (Named(key, entity_id) for entity_id in ([value] if isinstance(value, str) else value))


def with_entity(subentry: ConfigSubentry, named: Named, new: str | None) -> MappingProxyType[str, Any]:
    """The settings with another entity in the place of `named`, or with none."""
    data = dict(subentry.data)
    if isinstance(data[named.key], str):
        rest: Any = new
    else:
        rest = [new if one == named.entity_id else one for one in data[named.key] if one != named.entity_id or new]
    if rest:
        data[named.key] = rest
    else:
        del data[named.key]
    return MappingProxyType(data)


def taken_before(hass: HomeAssistant, subentry: ConfigSubentry) -> dict[Named, str]:
    """Which of the room's devices an earlier room has, and its name. The form refuses that; files may still say so."""
    mine = {one for one in named_entities(subentry) if one.key in EXCLUSIVE}
    taken: dict[Named, str] = {}
    for other in _all_rooms(hass):
        if other.subentry_id == subentry.subentry_id:
            break
        for one in mine & set(named_entities(other)):
            taken.setdefault(one, other.title)
    return taken


def room_config(subentry: ConfigSubentry, without: AbstractSet[str] = frozenset()) -> RoomConfig:
    """The room's settings, less those `without`."""
    data = {key: value for key, value in subentry.data.items() if key not in without}
    start, end = data.get(CONF_QUIET_FROM), data.get(CONF_QUIET_TO)
    return RoomConfig(
        id=subentry.subentry_id,
        name=subentry.title,
        persona_id=data[CONF_PERSONA],
        satellite=data.get(CONF_SATELLITE),
        player=data.get(CONF_PLAYER),
        language=data.get(CONF_LANGUAGE),
        quiet_hours=QuietHours(time.fromisoformat(start), time.fromisoformat(end)) if start and end else None,
        companions=tuple(data.get(CONF_COMPANIONS, ())),
        voice=data.get(CONF_VOICE),
        linked=tuple(data.get(CONF_LINKED_ROOMS, ())),
        resume_after_restart=data.get(CONF_RESUME_AFTER_RESTART, False),
        quiet_volume=data.get(CONF_QUIET_VOLUME, DEFAULT_QUIET_VOLUME),
    )


def _all_rooms(hass: HomeAssistant) -> Iterator[ConfigSubentry]:
    """The rooms of every entry, the oldest first."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        yield from (one for one in entry.subentries.values() if one.subentry_type == SUBENTRY_ROOM)
