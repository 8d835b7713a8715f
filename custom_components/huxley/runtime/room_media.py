"""What a room plays on people's behalf: its playlist, and how it goes on after an end, a failure or a reboot."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant, State, callback

from ..engine.errors import HuxleyError
from ..engine.skill.catalog import is_media_id
from ..engine.skill.effects import AudioStream, PlayMedia
from ..engine.speaker import Playable, PlaybackEnd
from ..engine.turn import Coordinator
from ..engine.turn.tasks import ended
from .agents import PersonaAgent
from .bookmarks import Bookmark, Bookmarks
from .catalogs import Catalogs
from .now_playing import seekable
from .playlist import Enqueue, Entry, Playlist
from .reboots import Reboots
from .speakers.player import Player
from .tracker import HEARD, Tracker
from .trouble import MediaTrouble, media_id_of

_LOGGER = logging.getLogger(__name__)

SILENT = frozenset({MediaPlayerState.IDLE, MediaPlayerState.OFF, MediaPlayerState.ON})
BEGINNING = timedelta(seconds=5)  # "previous" within this goes to the one before, later to the beginning
ALMOST = timedelta(seconds=15)  # a player that fell silent this close to the end has played it
MOST_FAILURES = 3  # in a row; then it is not the song


class RoomMedia:
    """One room's playlist on its deck. What is wanted later wins over what is still being opened."""

    def __init__(
        self,
        hass: HomeAssistant,
        room_id: str | None,
        coordinator: Coordinator,
        player: Player | None,
        agents: Callable[[], Mapping[str, PersonaAgent]],
    ) -> None:
        self.playlist = Playlist()
        self.catalogs = Catalogs(agents)
        self.tracker = Tracker(hass, room_id, coordinator.deck, player, self.playlist)
        self._hass = hass
        self._room_id = room_id
        self._coordinator = coordinator
        self._player = player
        self._reboots = Reboots(hass.loop.time)
        self._wishes = 0
        self._stops_before = 0
        self._failures = 0
        self._changing = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._unsubscribe: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, bookmarks: Bookmarks) -> Bookmark | None:
        """Follow the deck and the player; returns where the room was, if that is known."""
        kept = self.tracker.start(bookmarks)
        self.tracker.on_adopt = self.person_decided
        self._unsubscribe.append(self._coordinator.deck.listen_ends(self._ended))
        if self._player is not None:
            self._unsubscribe.append(self._player.listen(self._player_changed))
        return kept

    async def stop(self) -> None:
        """Keep the place, and follow nothing any more. What plays is not touched."""
        self.person_decided()
        self.tracker.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await ended(tasks)

    @property
    def wishes(self) -> tuple[int, int]:
        """How often a person wanted something, and silence; what the room does by itself is off when this changed."""
        return self._wishes, self._coordinator.deck.stops

    def person_decided(self) -> None:
        """A person wanted something: what was cut off does not come back by itself."""
        self._wishes += 1
        self._failures = 0
        self._reboots.forget()

    async def play_entries(self, entries: Sequence[Entry], how: Enqueue) -> None:
        """Play them, or put them into the playlist. Raises `HuxleyError`, and the playlist is what it was."""
        if how.plays:
            self.person_decided()
        wishes = self._wishes
        async with self._changing:  # what fails takes nothing back of what came after it
            self.tracker.note()
            before = self.playlist.as_dict()
            try:
                self.playlist.enqueue(entries, how)
                if how.plays:
                    await self._put_on(timedelta(0), wishes)
            except BaseException:
                self.playlist.load(before)
                raise
        self.playlist_changed()

    async def play(self) -> None:
        """Go on with what waits, else with what was played last, at its place. Raises `HuxleyError`."""
        content = self._coordinator.deck.content
        if (place := self.tracker.seek_to) is not None:
            await self._play_current(place)
        elif content is None:
            await self._play_current(self.tracker.position)
        else:
            self.person_decided()
            await content.set_held(held=False)
            if self._player is not None and content.playing and self._player.paused:
                await self._player.go_on()
        self.playlist_changed()

    async def pause(self) -> None:
        """Hold it by hand."""
        self.person_decided()
        content = self._coordinator.deck.content
        if content is not None:
            await content.set_held(held=True)
        self.playlist_changed()

    async def stop_playing(self) -> None:
        """Clear the deck; the place is kept."""
        self.person_decided()
        self.tracker.note()
        await self._coordinator.stop_content()
        self.playlist_changed()

    async def skip(self) -> None:
        """Go to the next one. No effect when there is none. Raises `HuxleyError`."""
        if self.playlist.go_on() is not None:
            await self._play_current()

    async def skip_back(self) -> None:
        """Go to the beginning, or from there to the one before. Raises `HuxleyError`."""
        self.tracker.note()
        if self.tracker.position <= BEGINNING:
            self.playlist.go_back()
        await self._play_current()

    async def seek(self, position: timedelta) -> None:
        """Go on at `position`. Raises `HuxleyError`."""
        content = self._coordinator.deck.content
        if content is None or not seekable(content, self._player):
            raise MediaTrouble("cannot_wind")
        if isinstance(content.item, AudioStream):
            if content.held:
                self.tracker.seek_later(position)
            else:
                await self._play_current(position)
        elif self._player is not None:
            await self._player.seek(position)
        self.playlist_changed()

    def clear(self) -> None:
        """Forget the playlist; what plays goes on."""
        if self.tracker.content is None:
            self.playlist.clear()
        else:
            self.playlist.keep_current_only()
        self.playlist_changed()

    def playlist_changed(self) -> None:
        """Keep it, and show it."""
        self.tracker.keep()
        self.tracker.tell()

    async def go_on(self, wishes: tuple[int, int]) -> None:
        """Play on at the place without a person's word, unless one wanted something since; failures are logged."""
        if wishes != self.wishes or self._coordinator.deck.content is not None:
            return
        try:
            await self._put_on(self.tracker.position, self._wishes)
        except HuxleyError as err:
            _LOGGER.warning("media.cannot_go_on room=%s error=%s", self._room_id, err)

    async def _play_current(self, start: timedelta = timedelta(0)) -> None:
        self.person_decided()
        await self._put_on(start, self._wishes)

    async def _put_on(self, start: timedelta, wishes: int) -> None:
        """Open the current entry and put it on the deck, unless people want something newer than `wishes`."""
        entry = self.playlist.current
        if entry is None:
            raise MediaTrouble("nothing_to_play")
        async with self._opening:
            item = await self._open(entry, start)
            if wishes != self._wishes:
                return
            before = self.tracker.expect(item)
            try:
                await self._coordinator.play(item)
            except BaseException:
                self.tracker.expect(before)
                raise
            self.tracker.position = start

    async def _open(self, entry: Entry, start: timedelta) -> Playable:
        if not is_media_id(entry.media_id):
            return PlayMedia(entry.media_id, entry.media_type, title=entry.title, start=start)
        item = await self.catalogs.open(media_id_of(entry.media_id), start)
        return item if item.title is not None else replace(item, title=entry.title)

    @callback
    def _player_changed(self, state: State | None) -> None:
        there = state.state if state is not None else None
        if there in HEARD:
            self._reboots.plays()
        elif there in SILENT:
            self._reboots.back()
            self._revive()
        elif self.tracker.plays:
            self._stops_before = self._coordinator.deck.stops
            self._reboots.gone()

    def _ended(self, item: object, end: PlaybackEnd) -> None:
        """What played ended by itself (Engine T9): the playlist goes on, or it was the player that failed."""
        self.tracker.catch_up()
        if not isinstance(item, AudioStream | PlayMedia) or self._coordinator.deck.content is not None:
            return
        if end is not PlaybackEnd.FINISHED and self._reboots.cut_off():
            self.tracker.keep(playing=True)
            self._revive()
        elif end is PlaybackEnd.FINISHED and not self._stopped_there(item):
            self._failures, self.tracker.position = 0, timedelta(0)
            if self.playlist.ended() is not None:
                self._do(self._advance(self._wishes))
            self.playlist_changed()
        elif end is PlaybackEnd.FAILED and self._player is not None and self._player.can(Feature.PLAY_MEDIA):
            self._failed()

    def _stopped_there(self, item: Playable) -> bool:
        """Whether a person stopped media at the player: by an action on it, or long before its end."""
        player = self._player.state if self._player is not None else None
        if isinstance(item, AudioStream) or player is None:
            return False
        length = self.tracker.length
        return player.context.user_id is not None or (length is not None and self.tracker.position + ALMOST < length)

    def _failed(self) -> None:
        self._failures += 1
        if self._failures < MOST_FAILURES and self.playlist.go_on() is not None:
            self._do(self._advance(self._wishes))

    async def _advance(self, wishes: int) -> None:
        if wishes != self._wishes:
            return
        try:
            await self._put_on(timedelta(0), wishes)
        except HuxleyError as err:
            _LOGGER.warning("media.entry_failed room=%s error=%s", self._room_id, err)
            self._failed()

    def _revive(self) -> None:
        if self._stops_before != self._coordinator.deck.stops:
            self._reboots.forget()
        if self._reboots.goes_on():
            _LOGGER.info("media.player_is_back room=%s at=%s", self._room_id, self.tracker.position)
            self._do(self.go_on(self.wishes))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._hass.async_create_background_task(work, f"huxley media {self._room_id}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (err := task.exception()) is not None:
            _LOGGER.error("media.failed room=%s", self._room_id, exc_info=err)
