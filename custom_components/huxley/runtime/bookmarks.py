"""Where each room was: kept in one file, so that music and books go on after a restart."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

VERSION = 1
SAVE_EVERY = timedelta(seconds=5)  # how much of a book a power cut may cost (Engine T10)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a room was `at` a time, in UTC. `playlist` is what `Playlist.as_dict` returned."""

    playlist: Mapping[str, Any]
    position: timedelta
    playing: bool
    at: datetime


class Bookmarks:
    """The bookmarks of one entry's rooms, by room id. Writes at most once in `SAVE_EVERY`."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._store: Store[dict[str, dict[str, Any]]] = _store(hass, entry_id)
        self._kept: dict[str, dict[str, Any]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._saved_at: float | None = None
        self._saving: asyncio.Task[None] | None = None
        self._changed = False

    async def load(self, room_ids: Iterable[str]) -> None:
        """Read the file, and forget rooms that are not there any more."""
        rooms = set(room_ids)
        kept = await self._store.async_load() or {}
        self._kept = {room_id: bookmark for room_id, bookmark in kept.items() if room_id in rooms}

    def get(self, room_id: str) -> Bookmark | None:
        """Where the room was, if anywhere."""
        kept = self._kept.get(room_id)
        if kept is None:
            return None
        try:
            at = dt_util.parse_datetime(kept["at"], raise_on_error=True)
            position = timedelta(seconds=max(0.0, kept["position"]))
            return Bookmark(kept["playlist"], position, bool(kept["playing"]), at)
        except (KeyError, TypeError, ValueError) as err:
            _LOGGER.warning("bookmark.unreadable room=%s error=%r", room_id, err)
            return None

    def put(self, room_id: str, bookmark: Bookmark) -> None:
        """Keep it; it is on disk within `SAVE_EVERY`, or at `flush`."""
        self._kept[room_id] = {
            "playlist": dict(bookmark.playlist),
            "position": round(bookmark.position.total_seconds(), 2),
            "playing": bookmark.playing,
            "at": bookmark.at.isoformat(),
        }
        self._changed = True
        if self._timer is None:
            now, every = self._hass.loop.time(), SAVE_EVERY.total_seconds()
            due = now if self._saved_at is None else self._saved_at + every
            self._timer = self._hass.loop.call_at(max(now, due), self._save_soon)

    async def flush(self) -> None:
        """Write what is not on disk yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._saving is not None:
            await asyncio.wait([self._saving])
        await self._save()

    def _save_soon(self) -> None:
        self._timer = None
        self._saved_at = self._hass.loop.time()
        self._saving = self._hass.async_create_background_task(self._save(), "huxley bookmarks")

    async def _save(self) -> None:
        if self._changed:
            self._changed = False
            await self._store.async_save(dict(self._kept))


async def async_forget_bookmarks(hass: HomeAssistant, entry_id: str) -> None:
    """The entry is gone."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, dict[str, Any]]]:
    return Store(hass, VERSION, f"{DOMAIN}.bookmarks.{entry_id}")
