"""What there is to play, and finding it by what a person calls it."""

import difflib
import re
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from custom_components.huxley.sdk import fold

BUNDLED_FOLDER = Path(__file__).parent / "sounds"

_SUFFIXES = frozenset({".aac", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wma"})
_TRACK_NUMBER = re.compile(r"^\d{1,3}[\s._-]+(?=\D)")
_CLOSE_ENOUGH = 0.6  # of 1: "huxly walz" finds "Huxley Waltz", "hotel" does not


@dataclass(frozen=True, slots=True)
class Track:
    """A file that we decode ourselves."""

    title: str
    path: Path
    artist: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """Something that the room's player fetches itself."""

    title: str
    media_content_id: str
    media_content_type: str


type Entry = Track | Media


class FolderMissingError(Exception):
    """The configured folder is not there, or cannot be read."""


def scan(folder: Path) -> tuple[Track, ...]:
    """Return the tracks of a folder and its subfolders, in the order of their paths. Blocks."""
    if not folder.is_dir():
        raise FolderMissingError(str(folder))
    try:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    except OSError as error:
        raise FolderMissingError(str(folder)) from error
    return tuple(_track(path) for path in paths if not path.name.startswith("."))


def media_entries(config: Sequence[Mapping[str, Any]]) -> tuple[Media, ...]:
    """Return the `media` of the persona's config."""
    return tuple(
        Media(item["title"], item["media_content_id"], item.get("media_content_type", "music")) for item in config
    )


def find(title: str, entries: Sequence[Entry]) -> Entry | None:
    """Return what a person means by `title`: the same words, else some of them, else something that sounds close."""
    wanted = fold(title)
    names = {fold(entry.title): entry for entry in reversed(entries)}
    if wanted in names:
        return names[wanted]
    words = set(wanted.split())
    if partly := [name for name in names if words and words <= set(name.split())]:
        return names[min(partly, key=len)]
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=_CLOSE_ENOUGH)
    return names[close[0]] if close else None


def ranked(query: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return what a search for `query` shows: what is called so, then what has all its words, artists included."""
    words = set(fold(query).split())
    if not words:
        return ()
    called = [entry for entry in entries if fold(entry.title) == fold(query)]
    partly = [entry for entry in entries if entry not in called and all(_has(entry, word) for word in words)]
    close = () if called or partly else (find(query, entries),)
    return (*called, *partly, *(entry for entry in close if entry is not None))


def _has(entry: Entry, word: str) -> bool:
    artist = entry.artist if isinstance(entry, Track) else None
    return any(part.startswith(word) for part in fold(f"{entry.title} {artist or ''}").split())


def length(path: Path) -> timedelta | None:
    """Return how long a WAV file plays, None for other formats or a broken file. Blocks."""
    if path.suffix.lower() != ".wav":
        return None
    try:
        with wave.open(str(path)) as file:
            return timedelta(seconds=file.getnframes() / file.getframerate())
    except OSError, EOFError, wave.Error, ZeroDivisionError:
        return None


def _track(path: Path) -> Track:
    """Read `07 - Artist - Title.mp3` and `some_title.wav`."""
    name = _TRACK_NUMBER.sub("", path.stem).replace("_", " ").strip() or path.stem
    artist, dash, title = name.partition(" - ")
    if not dash:
        artist, title = "", name
    return Track(title.title() if title.islower() else title, path, artist or None)
