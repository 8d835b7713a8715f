"""Plays music: tracks from a folder, or media that the room's player fetches."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from custom_components.huxley.sdk import (
    AudioStream,
    CancelMedia,
    Catalog,
    CatalogError,
    ContentType,
    HuxleyError,
    Place,
    PlayMedia,
    Skill,
    SkillContext,
    SkillError,
    ToolResult,
    tool,
)

from .catalog import BUNDLED_FOLDER, Entry, FolderMissingError, Media, Track, find, length, media_entries, scan
from .offer import MusicCatalog, rest_id, track_id
from .playback import Playback

PATIENCE = timedelta(minutes=30)  # a long call does not end the evening's music
FRESH_FOR = timedelta(seconds=15)  # how long a look into the folder counts
MOST_TITLES = 5  # titles said in a row; more than this is a recital


class MusicSkill(Skill):
    """Music from `folder` (relative to the persona's data folder), from `media`, or the bundled tune."""

    name = "music"
    config_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "folder": {"type": "string"},
            "media": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "title": {"type": "string"},
                        "media_content_id": {"type": "string"},
                        "media_content_type": {"type": "string"},
                    },
                    "required": ["title", "media_content_id"],
                    "additionalProperties": False,
                },
            },
            "replies": {"type": "object"},
            "i18n": {"type": "object"},
        },
        "additionalProperties": False,
    }

    async def setup(self, ctx: SkillContext) -> None:
        """Look into the folder once. A missing one is a `SkillError`; each `play` looks again and says so."""
        await super().setup(ctx)
        self._tracks: tuple[Track, ...] = ()
        self._looked: datetime | None = None
        self._playback: Playback | None = None
        self._media = media_entries(ctx.config.get("media") or ())
        folder = ctx.config.get("folder")
        self._root = ctx.data_path / folder if folder else BUNDLED_FOLDER
        self._catalog = MusicCatalog(ctx, self._library, self._start_tracks)
        try:
            await self._look()
        except FolderMissingError as error:
            raise SkillError(
                f"The music folder {error} is not there. Create it, or change `folder` of the skill `music` "
                f"in the persona {ctx.persona.id}."
            ) from error

    @tool
    async def play(self, title: str | None = None) -> ToolResult:
        """Play music, once the answer has been heard.

        Args:
            title: What to play, as the person says it; leave it out for all there is.

        """
        try:
            await self._look()
        except FolderMissingError as error:
            if not self._media:
                return ToolResult(self.ctx.text("folder_missing", folder=Path(str(error)).name), is_error=True)
        entries = self._entries
        if not entries:
            return ToolResult(self.ctx.text("no_tracks"), is_error=True)
        if title is None:
            return await self._start(entries)
        entry = find(title, entries)
        if entry is None:
            return ToolResult(self.ctx.text("not_found", title=title, titles=self._titles()), is_error=True)
        return await self._start([entry])

    @tool
    async def stop(self) -> ToolResult:
        """Stop the music."""
        playback, self._playback = self._playback, None
        idle = playback is None or playback.ended
        return ToolResult(self.ctx.text("nothing_playing" if idle else "stopped"), CancelMedia())

    @tool
    async def list_tracks(self) -> ToolResult:
        """Say what music there is."""
        try:
            await self._look()
        except FolderMissingError as error:
            if not self._media:
                return ToolResult(self.ctx.text("folder_missing", folder=Path(str(error)).name), is_error=True)
        return ToolResult(
            self.ctx.text("tracks", titles=self._titles()) if self._entries else self.ctx.text("no_tracks")
        )

    async def lists(self) -> Mapping[str, Sequence[str]]:
        """Return the titles, so that sentences can name them."""
        if self._looked is None or self.ctx.now() - self._looked > FRESH_FOR:
            try:
                await self._look()
            except FolderMissingError:
                self._looked = self.ctx.now()  # `play` says what is missing; until then one look is enough
        return {"title": [entry.title for entry in self._entries]}

    def prompt_context(self) -> str | None:
        """Tell the model the titles."""
        return f"Music: {self._titles()}" if self._entries else None

    def catalog(self) -> Catalog:
        """Offer the folder and the media for browsing."""
        return self._catalog

    @property
    def _entries(self) -> tuple[Entry, ...]:
        return (*self._tracks, *self._media)

    def _titles(self) -> str:
        return ", ".join(entry.title for entry in self._entries[:MOST_TITLES])

    async def _look(self) -> None:
        """Read the folder again. With neither `folder` nor `media` it is the bundled one."""
        self._tracks = ()
        if self.ctx.config.get("folder") or not self._media:
            self._tracks = await self.ctx.home.run_in_executor(scan, self._root)
        self._looked = self.ctx.now()

    async def _library(self) -> tuple[Path, Sequence[Entry]]:
        """Return the folder and what there is to play. Raises `CatalogError` when the folder is missing."""
        if self._looked is None or self.ctx.now() - self._looked > FRESH_FOR or not self._entries:
            try:
                await self._look()
            except FolderMissingError as error:
                if not self._media:
                    name = Path(str(error)).name
                    raise CatalogError(self.ctx.text("folder_missing", folder=name)) from error
        return self._root, self._entries

    async def _start(self, entries: Sequence[Entry]) -> ToolResult:
        first = entries[0]
        words = self.ctx.text("playing", title=first.title)
        if isinstance(first, Media):
            self._playback = Playback(())
            return ToolResult(words, PlayMedia(first.media_content_id, first.media_content_type, title=first.title))
        tracks = [entry for entry in entries if isinstance(entry, Track)]
        return ToolResult(words, await self._start_tracks(tracks))

    async def _start_tracks(self, tracks: Sequence[Track], start: timedelta = timedelta(0)) -> AudioStream:
        alone = len(tracks) == 1
        duration = await self.ctx.home.run_in_executor(length, tracks[0].path) if alone else None
        return self._stream(Playback(tracks, start), duration)

    def _stream(self, playback: Playback, duration: timedelta | None) -> AudioStream:
        """Return the stream of a playback; its place lives in the closure alone."""

        async def on_progress(heard: timedelta) -> None:
            playback.heard = heard

        def resume() -> AudioStream:
            return self._stream(Playback(*playback.rest()), duration)

        def place(heard: timedelta) -> Place:
            rest, into_track = playback.from_place(heard)
            item = track_id(rest[0], self._root) if len(playback.tracks) == 1 else rest_id(rest[0], self._root)
            return Place(self.media_id(item), into_track, rest[0].title, rest[0].artist)

        first = playback.tracks[0]
        return AudioStream(
            factory=lambda: self._produce(playback),
            content_type=ContentType.MIXABLE,
            patience=PATIENCE,
            resume=resume,
            on_progress=on_progress,
            title=first.title,
            artist=first.artist,
            duration=duration,
            place=place,
        )

    async def _produce(self, playback: Playback) -> AsyncIterator[bytes]:
        """Decode one track after the other; one that cannot be read is passed over while others are left."""
        self._playback = playback
        start = playback.start
        for number, track in enumerate(playback.tracks, start=1):
            playback.begin_track()
            try:
                async with aclosing(self.ctx.home.decode_audio(str(track.path), start)) as audio:
                    async for chunk in audio:
                        playback.produced += len(chunk)
                        yield chunk
            except HuxleyError as error:
                if number == len(playback.tracks):
                    raise
                await self.ctx.logger.awarning("track_skipped", track=track.path.name, error=error)
            start = timedelta(0)
        playback.ended = True
