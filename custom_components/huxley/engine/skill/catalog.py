"""What a skill has to offer for browsing and searching, and the ids by which a house finds it again."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import quote, unquote

from ..audio.pcm import frames, size
from ..errors import HuxleyError
from .effects import AudioFactory, AudioStream, PlayMedia

SCHEME = "huxley://"
LONGEST_ITEM = 1024  # characters; an id is kept in a file and passed in a URL

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class CatalogError(HuxleyError):
    """A catalog does not have what was asked for, or cannot be read now; the message is for people."""


class ItemKind(StrEnum):
    """What an item is; decides on its picture in the media browser."""

    TRACK = "track"
    """A piece of music."""

    ALBUM = "album"
    """Pieces that belong together."""

    PLAYLIST = "playlist"
    """Pieces that somebody put together."""

    BOOK = "book"
    """Somebody reads it out."""

    EPISODE = "episode"
    """One part of a podcast or a series."""

    PODCAST = "podcast"
    """A series of episodes."""

    STATION = "station"
    """A radio station: no beginning, no end."""

    FOLDER = "folder"
    """Holds other items."""


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One line of a catalog. `id` is the catalog's own, of up to 1024 characters, and the same after a restart.

    An item that `opens` has a page of its own (`Catalog.browse`). One that opens and `plays` is played as all the
    playable items on its page, in their order.
    """

    id: str
    title: str
    kind: ItemKind = ItemKind.TRACK
    plays: bool = True
    opens: bool = False
    artist: str | None = None
    image_url: str | None = None
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """What an item holds. `left_out` says how many items are not listed."""

    title: str
    items: Sequence[CatalogItem]
    kind: ItemKind = ItemKind.FOLDER
    plays: bool = False
    """Whether the whole page can be played."""

    left_out: int = 0


class Catalog(Protocol):
    """What a skill offers in the media browser. Ids come back from outside: look them up, never build a path of one.

    Every method raises `CatalogError` for an id that it does not know.
    """

    async def browse(self, item_id: str) -> CatalogPage:
        """Return the page of an item; the first page for an empty id."""

    async def item(self, item_id: str) -> CatalogItem:
        """Return what a page says of one item."""

    async def search(self, query: str) -> Sequence[CatalogItem]:
        """Return what fits the words, the best first; nothing is no error."""

    async def open(self, item_id: str, start: timedelta) -> AudioStream | PlayMedia:
        """Return the sound of an item from `start` on. A stream is played once; it is opened anew to seek."""


@dataclass(frozen=True, slots=True)
class MediaId:
    """Where an item is: `huxley://<persona>/<skill>/<item>`, the item percent-encoded. The first page has no item."""

    persona: str
    skill: str
    item: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}{self.persona}/{self.skill}/{quote(self.item, safe='')}"

    @classmethod
    def parse(cls, text: str) -> MediaId:
        """Read one. Raises `CatalogError` for anything else."""
        persona, _, rest = text.removeprefix(SCHEME).partition("/")
        skill, _, quoted = rest.partition("/")
        item = unquote(quoted, errors="replace")
        sound = _NAME.fullmatch(persona) and _NAME.fullmatch(skill) and "/" not in quoted
        if not text.startswith(SCHEME) or not sound or len(item) > LONGEST_ITEM or _CONTROL.search(item):
            raise CatalogError(f"{text[:100]!r} is not the id of anything in a catalog.")
        return cls(persona, skill, item)


def is_media_id(text: str) -> bool:
    """Whether it looks like an id of ours."""
    return text.startswith(SCHEME)


def skip(factory: AudioFactory, start: timedelta) -> AudioFactory:
    """Make audio that begins `start` later, for a source that can only begin at its beginning."""

    async def skipped() -> AsyncIterator[bytes]:
        left = size(start)
        async with aclosing(frames(factory())) as audio:
            async for frame in audio:
                if len(frame) > left:
                    yield frame[left:]
                left = max(0, left - len(frame))

    return skipped
