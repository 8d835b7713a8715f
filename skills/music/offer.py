"""The music as a catalog: folders as pages, tracks and media as items."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path, PurePosixPath

from custom_components.huxley.sdk import (
    AudioStream,
    CatalogError,
    CatalogItem,
    CatalogPage,
    ItemKind,
    PlayMedia,
    SkillContext,
)

from .catalog import Entry, Media, Track, ranked

FOLDER, TRACK, REST, MEDIA = "folder", "track", "from", "media"
"""The first part of an id; the second is a path below the music folder, or media's own id.

`from` is a track and all those after it: what "put on some music" plays.
"""


def track_id(track: Track, root: Path) -> str:
    """The id of one track."""
    return f"{TRACK}/{_below(track, root)}"


def rest_id(track: Track, root: Path) -> str:
    """The id of a track and those after it."""
    return f"{REST}/{_below(track, root)}"


class MusicCatalog:
    """Implements `sdk.Catalog`. Ids are only compared with those of what is there, so none leads out of the folder."""

    def __init__(
        self,
        ctx: SkillContext,
        look: Callable[[], Awaitable[tuple[Path, Sequence[Entry]]]],
        stream: Callable[[Sequence[Track], timedelta], Awaitable[AudioStream]],
    ) -> None:
        self._ctx = ctx
        self._look = look
        self._stream = stream

    async def browse(self, item_id: str) -> CatalogPage:
        """A folder: its folders, then its tracks; media stand on the first page."""
        root, entries = await self._look()
        tracks = [entry for entry in entries if isinstance(entry, Track)]
        folder = self._folder(item_id, root, tracks)
        inside = [track for track in tracks if folder in PurePosixPath(_below(track, root)).parents]
        here = [track for track in inside if PurePosixPath(_below(track, root)).parent == folder]
        names = sorted(
            {PurePosixPath(_below(track, root)).relative_to(folder).parts[0] for track in inside} - _names(here)
        )
        return CatalogPage(
            self._ctx.text("catalog") if item_id == "" else folder.name,
            [
                *(_folder_item(folder / name) for name in names),
                *(_item(track, root) for track in here),
                *(_item(entry, root) for entry in entries if isinstance(entry, Media) and item_id == ""),
            ],
            ItemKind.PLAYLIST if item_id == "" else ItemKind.ALBUM,
            plays=bool(here),
        )

    async def item(self, item_id: str) -> CatalogItem:
        """A track, media, or a folder."""
        root, entries = await self._look()
        if item_id.startswith(f"{FOLDER}/"):
            return _folder_item(self._folder(item_id, root, [entry for entry in entries if isinstance(entry, Track)]))
        return _item(self._entry(item_id, root, entries), root)

    async def search(self, query: str) -> Sequence[CatalogItem]:
        """What fits by title or artist."""
        root, entries = await self._look()
        return [_item(entry, root) for entry in ranked(query, entries)]

    async def open(self, item_id: str, start: timedelta) -> AudioStream | PlayMedia:
        """One track, or a track and all those after it."""
        root, entries = await self._look()
        entry = self._entry(item_id, root, entries)
        if isinstance(entry, Media):
            return PlayMedia(entry.media_content_id, entry.media_content_type, title=entry.title, start=start)
        if not item_id.startswith(f"{REST}/"):
            return await self._stream([entry], start)
        tracks = [one for one in entries if isinstance(one, Track)]
        return await self._stream(tracks[tracks.index(entry) :], start)

    def _entry(self, item_id: str, root: Path, entries: Sequence[Entry]) -> Entry:
        known = {_id(entry, root): entry for entry in entries}
        known |= {rest_id(entry, root): entry for entry in entries if isinstance(entry, Track)}
        if item_id not in known:
            raise CatalogError(self._ctx.text("gone", title=PurePosixPath(item_id).stem))
        return known[item_id]

    def _folder(self, item_id: str, root: Path, tracks: Sequence[Track]) -> PurePosixPath:
        folders = {folder for track in tracks for folder in PurePosixPath(_below(track, root)).parents}
        folder = PurePosixPath(item_id.removeprefix(f"{FOLDER}/"))
        if item_id and (not item_id.startswith(f"{FOLDER}/") or folder not in folders):
            raise CatalogError(self._ctx.text("gone", title=folder.name))
        return folder


def _below(track: Track, root: Path) -> str:
    return track.path.relative_to(root).as_posix()


def _names(tracks: Sequence[Track]) -> set[str]:
    return {track.path.name for track in tracks}


def _id(entry: Entry, root: Path) -> str:
    return track_id(entry, root) if isinstance(entry, Track) else f"{MEDIA}/{entry.media_content_id}"


def _item(entry: Entry, root: Path) -> CatalogItem:
    if isinstance(entry, Media):
        return CatalogItem(_id(entry, root), entry.title)
    return CatalogItem(_id(entry, root), entry.title, artist=entry.artist)


def _folder_item(folder: PurePosixPath) -> CatalogItem:
    return CatalogItem(f"{FOLDER}/{folder}", folder.name, ItemKind.ALBUM, plays=True, opens=True)
