"""What plays, as a media player shows it."""

from datetime import datetime
from functools import cached_property

from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerState
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .runtime.now_playing import NowPlaying, Progress


class ShowsNowPlaying(MediaPlayerEntity):
    """A media player that shows one `NowPlaying`, whatever made it."""

    _seen: NowPlaying | None = None

    def look(self) -> NowPlaying:
        """Find out what plays."""
        raise NotImplementedError

    @property
    def now(self) -> NowPlaying:
        """What plays."""
        return self.look() if self._seen is None else self._seen

    @callback
    def _async_write_ha_state(self) -> None:
        """Look once for the whole state: each of its dozen parts is read several times."""
        self._seen = self.look()
        try:
            super()._async_write_ha_state()
        finally:
            self._seen = None

    @cached_property
    def _progress(self) -> Progress:
        return Progress(dt_util.utcnow)

    @property
    def state(self) -> MediaPlayerState:
        """Whether content is heard, waits, or is not there."""
        return self.now.state

    @property
    def media_content_id(self) -> str | None:
        """The id under which it can be played again."""
        return self.now.media_id

    @property
    def media_content_type(self) -> str | None:
        """What kind of thing plays."""
        return self.now.media_type

    @property
    def media_title(self) -> str | None:
        """What plays."""
        return self.now.title

    @property
    def media_artist(self) -> str | None:
        """Who plays it."""
        return self.now.artist

    @property
    def media_album_name(self) -> str | None:
        """Where it belongs."""
        return self.now.album

    @property
    def media_image_url(self) -> str | None:
        """Its picture; Home Assistant fetches it for whoever looks."""
        return self.now.image_url

    @property
    def media_duration(self) -> int | None:
        """How long it is, in seconds."""
        length = self.now.duration
        return round(length.total_seconds()) if length else None

    @property
    def media_position(self) -> int | None:
        """Where it was at `media_position_updated_at`, in seconds (Engine T10)."""
        told = self._progress.tell(self.now)
        return round(told[0].total_seconds()) if told else None

    @property
    def media_position_updated_at(self) -> datetime | None:
        """When it was there; it moves on from then while it plays."""
        told = self._progress.tell(self.now)
        return told[1] if told else None
