"""What a room plays now, as one value; whoever shows it needs to look nowhere else."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..engine.skill.catalog import is_media_id
from ..engine.skill.effects import AudioStream, Place, PlayMedia
from ..engine.turn.content import Content
from .playlist import Entry
from .speakers.player import Player, media_position, told_span

_LOGGER = logging.getLogger(__name__)

SAME_PLACE = timedelta(seconds=1)  # a place that moves on by itself is not told again


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """All that a media player shows of what it plays. `position` is None when nobody knows it."""

    state: MediaPlayerState = MediaPlayerState.IDLE
    media_id: str | None = None
    media_type: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    image_url: str | None = None
    duration: timedelta | None = None
    position: timedelta | None = None
    seekable: bool = False


NOTHING = NowPlaying()


def place_of(content: Content, player: State | None, now: datetime) -> tuple[Place | None, timedelta | None]:
    """Where `content` stands: what its stream says of it, and the position, None when the player does not tell."""
    item = content.item
    if isinstance(item, AudioStream):
        heard = content.playback.heard
        place = _told_by_skill(item, heard)
        return place, heard if place is None else place.position
    if isinstance(item, PlayMedia) and not content.started:
        return None, item.start
    return None, media_position(player, now.timestamp())


def _told_by_skill(stream: AudioStream, heard: timedelta) -> Place | None:
    try:
        return stream.place(heard) if stream.place is not None else None
    except Exception:
        _LOGGER.exception("stream.place_failed title=%s", stream.title)
        return None


def length_of(state: State | None) -> timedelta | None:
    """How long the player says that it is, None when it does not say."""
    return told_span(state, "media_duration") or None


def seekable(content: Content, player: Player | None) -> bool:
    """Whether it can be wound: a stream of a catalog is opened anew, media by its id where the player can."""
    item = content.item
    if isinstance(item, AudioStream):
        place, _ = place_of(content, None, dt_util.utcnow())
        return place is not None and is_media_id(place.media_id) and not item.live
    return content.playing and player is not None and player.can(Feature.SEEK)


def now_playing(
    content: Content, entry: Entry | None, player: State | None, seen: State | None, now: datetime
) -> NowPlaying:
    """Put together what the stream, the playlist and the player know, the first of them that knows it.

    `seen` is the last state in which the player told where it is in this content.
    """
    place, position = place_of(content, seen, now)
    item = content.item
    by_player = content.playing and not isinstance(item, AudioStream)
    shown: Mapping[str, Any] = player.attributes if player is not None and by_player else {}
    told = (None, None, None) if isinstance(item, PlayMedia) else (item.artist, item.image_url, item.duration)
    artist, image, duration = told
    return NowPlaying(
        state=_state(content, player),
        media_id=place.media_id if place else entry.media_id if entry else _own_id(content),
        media_type=entry.media_type if entry else "music",
        title=(place and place.title) or (entry and entry.title) or item.title or shown.get("media_title"),
        artist=(place and place.artist) or artist or (entry and entry.artist) or shown.get("media_artist"),
        album=shown.get("media_album_name"),
        image_url=image or (entry and entry.image_url) or shown.get("entity_picture"),
        duration=(place and place.duration)
        or duration
        or (entry and entry.duration)
        or (length_of(player) if shown else None),
        position=position,
    )


def _own_id(content: Content) -> str | None:
    return content.item.media_content_id if isinstance(content.item, PlayMedia) else None


def _state(content: Content, player: State | None) -> MediaPlayerState:
    if not content.playing or (player is not None and player.state == MediaPlayerState.PAUSED):
        return MediaPlayerState.PAUSED
    if player is not None and player.state == MediaPlayerState.BUFFERING:
        return MediaPlayerState.BUFFERING
    return MediaPlayerState.PLAYING


class Progress:
    """The position as a dashboard wants it: told once, and told anew only when it moved otherwise than by itself."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._told: tuple[timedelta, datetime, bool] | None = None

    def tell(self, now: NowPlaying) -> tuple[timedelta, datetime] | None:
        """Return the position and when it was so; None when nobody knows it."""
        if now.position is None:
            self._told = None
            return None
        moves = now.state is MediaPlayerState.PLAYING
        time = self._clock()
        if self._told is not None:
            position, since, moved = self._told
            expected = position + (time - since) if moved else position
            if moved is moves and abs(expected - now.position) <= SAME_PLACE:
                return position, since
        self._told = (now.position, time, moves)
        return now.position, time
