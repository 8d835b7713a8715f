"""Where a room is in what it plays: followed at the deck and the player, and kept as a bookmark."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ..engine.listeners import Listeners
from ..engine.skill.effects import AudioStream, PlayMedia
from ..engine.speaker import Playable
from ..engine.turn.content import Content
from ..engine.turn.deck import Deck
from .bookmarks import SAVE_EVERY, Bookmark, Bookmarks
from .now_playing import NOTHING, NowPlaying, length_of, now_playing, place_of, seekable
from .playlist import Entry, Playlist
from .speakers.player import Player

_LOGGER = logging.getLogger(__name__)

HEARD = frozenset({MediaPlayerState.PLAYING, MediaPlayerState.PAUSED, MediaPlayerState.BUFFERING})


@dataclass(slots=True)
class _Tracked:
    """Content of the room's own on the deck."""

    content: Content
    seen: State | None = None
    """The last state in which the player told where it is in this content."""

    seek_to: timedelta | None = None
    """Where a person wants it to go on when it is not paused any more."""


class Tracker:
    """Knows the place of the playlist's current entry. `on_adopt` hears of content that a tool put on the deck."""

    def __init__(
        self, hass: HomeAssistant, room_id: str | None, deck: Deck, player: Player | None, playlist: Playlist
    ) -> None:
        self.position = timedelta(0)
        """Where the current entry was, as well as it is known."""

        self.length: timedelta | None = None
        """How long it is, if the player tells that and where it is."""

        self.on_adopt: Callable[[], None] = lambda: None
        self._hass = hass
        self._room_id = room_id
        self._deck = deck
        self._player = player
        self._playlist = playlist
        self._bookmarks: Bookmarks | None = None
        self._tracked: _Tracked | None = None
        self._expected: Playable | None = None
        self._listeners = Listeners[[]]("media")
        self._unsubscribe: list[Callable[[], None]] = []
        self._untick: Callable[[], None] | None = None

    def start(self, bookmarks: Bookmarks) -> Bookmark | None:
        """Follow the deck and the player; returns where the room was, if that is known."""
        self._bookmarks = bookmarks
        self._unsubscribe.append(self._deck.listen(self.catch_up))
        if self._player is not None:
            self._unsubscribe.append(self._player.listen(self._player_changed))
        kept = bookmarks.get(self._room_id) if self._room_id is not None else None
        if kept is None:
            return None
        try:
            self._playlist.load(kept.playlist)
        except (KeyError, TypeError, ValueError) as err:
            _LOGGER.warning("bookmark.unreadable room=%s error=%r", self._room_id, err)
            return None
        self.position = kept.position
        return kept

    def stop(self) -> None:
        """Keep the place, and follow nothing any more. What happens afterwards does not count."""
        if not self._unsubscribe:
            return
        self.keep()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._tick(on=False)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear when something may have changed that is shown; call the result to stop."""
        return self._listeners.add(listener)

    def expect(self, item: Playable | None) -> Playable | None:
        """The room itself puts `item` on the deck, as the playlist's current entry; returns what was expected."""
        before, self._expected = self._expected, item
        return before

    @property
    def content(self) -> Content | None:
        """What is on the deck of the room's own."""
        return self._tracked.content if self._tracked is not None else None

    @property
    def plays(self) -> bool:
        """Whether it is heard, or would be if nobody spoke."""
        paused_there = self._player is not None and self._player.paused
        return self._tracked is not None and not self._tracked.content.held and not paused_there

    @property
    def seek_to(self) -> timedelta | None:
        """Where a paused stream goes on, when a person wanted another place than it has."""
        return self._tracked.seek_to if self._tracked is not None else None

    def seek_later(self, position: timedelta) -> None:
        """Go on at `position` when the pause is over."""
        if self._tracked is not None:
            self._tracked.seek_to = self.position = position

    @property
    def now(self) -> NowPlaying:
        """What plays, or waits, whoever started it."""
        content = self._deck.content
        if content is None:
            return NOTHING
        player = self._player.state if self._player is not None else None
        own = self.content is content
        entry = self._playlist.current if own else None
        seen = self._tracked.seen if own and self._tracked is not None else player
        shown = now_playing(content, entry, player, seen, dt_util.utcnow())
        shown = replace(shown, seekable=seekable(content, self._player))
        return replace(shown, position=self.seek_to) if own and self.seek_to is not None else shown

    def note(self) -> None:
        """Take down the place of what is on the deck."""
        tracked = self._tracked
        if tracked is None or tracked.seek_to is not None:
            return
        place, position = place_of(tracked.content, tracked.seen, dt_util.utcnow())
        if position is not None and tracked.content.started:
            self.position = position
        current = self._playlist.current
        if place is not None and (current is None or current.media_id != place.media_id):
            self._playlist.put_in_place(_entry_of(tracked.content.item, place.media_id))

    def keep(self, *, playing: bool | None = None) -> None:
        """Note the place, and see to it that it survives a restart; `playing` only where it looks otherwise now."""
        self.note()
        if self._bookmarks is not None and self._room_id is not None:
            plays = self.plays if playing is None else playing
            bookmark = Bookmark(self._playlist.as_dict(), self.position, plays, dt_util.utcnow())
            self._bookmarks.put(self._room_id, bookmark)

    def tell(self) -> None:
        """Something that is shown may have changed."""
        self._listeners.tell()

    @callback
    def catch_up(self) -> None:
        """Look at the deck, whether or not it has told of a change yet."""
        content = self._deck.content
        if self._tracked is not None and content is not self._tracked.content:
            self.note()
            self._tracked = None
        if content is not None and self._tracked is None:
            self._take_up(content)
        self.keep()
        self._tick(on=self.plays)

    def _take_up(self, content: Content) -> None:
        """Something new is on the deck: the playlist's, or a tool's, which takes the playlist's place.

        What somebody plays past the room is not followed; the room keeps its own place meanwhile.
        """
        item = content.item
        if not isinstance(item, AudioStream | PlayMedia):
            return
        self._tracked, self.length = _Tracked(content), None
        if item is self._expected:
            return
        place, position = place_of(content, None, dt_util.utcnow())
        media_id = place.media_id if place else item.media_content_id if isinstance(item, PlayMedia) else None
        current = self._playlist.current
        if media_id is None:
            self._playlist.clear()
        elif current is None or current.media_id != media_id:
            self._playlist.set_to([_entry_of(item, media_id)])
        self.position = position or timedelta(0)
        self.on_adopt()

    @callback
    def _player_changed(self, state: State | None) -> None:
        tracked = self._tracked
        if tracked is None:
            return
        if state is None or state.state not in HEARD:
            self.note()
            tracked.seen = None
        elif self._is_about(tracked.content, state):
            tracked.seen = state
            if state.attributes.get("media_position_updated_at") is not None:
                self.length = length_of(state)
        self._tick(on=self.plays)

    def _is_about(self, content: Content, state: State) -> bool:
        """Whether the player speaks of `content`, and not of words or a clip that are heard while it waits."""
        if state.state == MediaPlayerState.PAUSED:
            return True
        return content.playing and (self._player is None or self._player.clip is None)

    def _tick(self, *, on: bool) -> None:
        if on and self._untick is None:
            self._untick = async_track_time_interval(self._hass, self._ticked, SAVE_EVERY)
        elif not on and self._untick is not None:
            self._untick()
            self._untick = None

    @callback
    def _ticked(self, now: datetime) -> None:
        self.keep()
        self.tell()


def _entry_of(item: object, media_id: str) -> Entry:
    if isinstance(item, AudioStream):
        return Entry(media_id, "music", item.title, item.artist, item.image_url, item.duration)
    return Entry(media_id, item.media_content_type, item.title) if isinstance(item, PlayMedia) else Entry(media_id)
