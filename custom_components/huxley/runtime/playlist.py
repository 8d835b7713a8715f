"""What a room plays one after the other. Decides on values; knows no device."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from ..engine.errors import HuxleyError

MOST_ENTRIES = 500  # a day and a half of songs; more would make the bookmark's file slow to write


class PlaylistFullError(HuxleyError):
    """More entries than a room keeps."""


class Repeat(StrEnum):
    """What comes after the end."""

    OFF = "off"
    """Silence."""

    ONE = "one"
    """The same again."""

    ALL = "all"
    """The first one again."""


class Enqueue(StrEnum):
    """What becomes of the playlist when something is to be played."""

    REPLACE = "replace"
    """It is all there is."""

    PLAY = "play"
    """It is played now, and what was to come comes after it."""

    NEXT = "next"
    """It comes after what plays."""

    ADD = "add"
    """It comes last."""

    @property
    def plays(self) -> bool:
        """Whether it is heard now."""
        return self in (Enqueue.REPLACE, Enqueue.PLAY)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One thing to play; `media_id` is found again after a restart. Each object stands in the list once."""

    media_id: str
    media_type: str = "music"
    title: str | None = None
    artist: str | None = None
    image_url: str | None = None
    duration: timedelta | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept of it: JSON values, the length in seconds."""
        known = {key: value for key, value in asdict(self).items() if value is not None}
        if self.duration is not None:
            known["duration"] = self.duration.total_seconds()
        return known

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Entry:
        """Read what `as_dict` made. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        if not isinstance(kept, Mapping):
            raise TypeError("an entry is no mapping")
        texts = {key: kept.get(key) for key in ("title", "artist", "image_url")}
        if not all(isinstance(text, str | None) for text in (kept["media_id"], kept["media_type"], *texts.values())):
            raise TypeError("a text is no text")
        length = kept.get("duration")
        duration = None if length is None else timedelta(seconds=length)
        return cls(media_id=kept["media_id"], media_type=kept["media_type"], duration=duration, **texts)


class Playlist:
    """The entries in the order in which they are played, and which of them it is."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.repeat = Repeat.OFF
        self._chance = chance or random.Random()  # noqa: S311 (songs, not secrets)
        self._entries: list[Entry] = []
        self._as_added: list[Entry] | None = None
        self._index = 0

    @property
    def entries(self) -> Sequence[Entry]:
        """In the order of playing."""
        return tuple(self._entries)

    @property
    def index(self) -> int:
        """The place of the current one, from 0."""
        return self._index

    @property
    def current(self) -> Entry | None:
        """What plays, or would if somebody pressed play."""
        return self._entries[self._index] if self._entries else None

    @property
    def shuffle(self) -> bool:
        """Whether the order is by chance."""
        return self._as_added is not None

    @property
    def has_next(self) -> bool:
        """Whether there is something to skip to."""
        return self._index + 1 < len(self._entries) or (self.repeat is Repeat.ALL and len(self._entries) > 1)

    def enqueue(self, entries: Iterable[Entry], how: Enqueue) -> None:
        """Take them in. Raises `PlaylistFullError`."""
        ways = {
            Enqueue.ADD: self.add,
            Enqueue.NEXT: self.add_next,
            Enqueue.PLAY: self.play_now,
            Enqueue.REPLACE: self.set_to,
        }
        ways[how](entries)

    def set_to(self, entries: Iterable[Entry]) -> None:
        """Forget what there was. Raises `PlaylistFullError`."""
        wanted = list(entries)
        _check(len(wanted))
        shuffled = self.shuffle
        self._entries, self._index, self._as_added = wanted, 0, None
        if shuffled:
            self._as_added = list(wanted)
            self._chance.shuffle(self._entries)

    def add(self, entries: Iterable[Entry]) -> None:
        """Put them at the end. Raises `PlaylistFullError`."""
        self._insert(len(self._entries), entries)

    def add_next(self, entries: Iterable[Entry]) -> None:
        """Put them after the current one. Raises `PlaylistFullError`."""
        self._insert(self._index + 1, entries)

    def play_now(self, entries: Iterable[Entry]) -> None:
        """Put them after the current one and go there; what was to come still comes. Raises `PlaylistFullError`."""
        was_empty = not self._entries
        wanted = list(entries)
        self._insert(self._index + 1, wanted)
        if wanted and not was_empty:
            self._index += 1

    def go_on(self) -> Entry | None:
        """Skip to the next one, by hand; None and no change when there is none."""
        if not self.has_next:
            return None
        self._step()
        return self.current

    def go_back(self) -> Entry | None:
        """Skip to the one before; the current one when there is none."""
        if self._index > 0:
            self._index -= 1
        elif self.repeat is Repeat.ALL and self._entries:
            self._index = len(self._entries) - 1
        return self.current

    def ended(self) -> Entry | None:
        """The current one was played to its end: what comes now. After the last one it is back at the first."""
        if self.repeat is Repeat.ONE:
            return self.current
        over = self._index + 1 >= len(self._entries)
        self._step()
        return None if over and self.repeat is Repeat.OFF else self.current

    def clear(self) -> None:
        """Forget everything but how it is played."""
        self.set_to(())

    def keep_current_only(self) -> None:
        """Forget all but what plays."""
        self.set_to(self._entries[self._index : self._index + 1])

    def put_in_place(self, entry: Entry) -> None:
        """What plays turned into `entry`: a stream of many songs came to the next."""
        if not self._entries:
            self.set_to([entry])
            return
        before = self._entries[self._index]
        for entries in (self._entries, self._as_added or []):
            entries[:] = [entry if one is before else one for one in entries]

    def set_shuffle(self, *, on: bool) -> None:
        """Mix what is to come, or go back to the order in which it was added; what plays goes on."""
        if on is self.shuffle:
            return
        current = self.current
        if self._as_added is None:
            self._as_added = list(self._entries)
            rest = [entry for entry in self._entries if entry is not current]
            self._chance.shuffle(rest)
            self._entries = [*([current] if current else ()), *rest]
        else:
            self._entries, self._as_added = self._as_added, None
        self._index = next((at for at, entry in enumerate(self._entries) if entry is current), 0)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        order = {id(entry): at for at, entry in enumerate(self._entries)}
        return {
            "entries": [entry.as_dict() for entry in self._entries],
            "index": self._index,
            "repeat": self.repeat.value,
            "as_added": None if self._as_added is None else [order[id(entry)] for entry in self._as_added],
        }

    def load(self, kept: Mapping[str, Any]) -> None:
        """Be what `as_dict` returned. Raises `KeyError`, `TypeError` or `ValueError`, and changes nothing then."""
        entries = [Entry.from_dict(entry) for entry in kept["entries"]][:MOST_ENTRIES]
        repeat, index, as_added = Repeat(kept["repeat"]), int(kept["index"]), kept["as_added"]
        if as_added is not None and sorted(as_added) != list(range(len(entries))):
            raise ValueError("the order of adding does not fit the entries")
        self.repeat, self._entries = repeat, entries
        self._index = index if 0 <= index < len(entries) else 0
        self._as_added = None if as_added is None else [entries[at] for at in as_added]

    def _insert(self, at: int, entries: Iterable[Entry]) -> None:
        wanted = [replace(entry) for entry in entries]
        _check(len(self._entries) + len(wanted))
        self._entries[at:at] = wanted
        if self._as_added is not None:
            self._as_added += wanted

    def _step(self) -> None:
        self._index += 1
        if self._index >= len(self._entries):
            self._index = 0


def _check(count: int) -> None:
    if count > MOST_ENTRIES:
        raise PlaylistFullError(f"A room keeps {MOST_ENTRIES} entries, not {count}.")
