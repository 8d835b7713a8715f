"""A media player as a device: commands with readable errors, and ducking that respects a person's hand."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.const import ATTR_ENTITY_ID, ATTR_SUPPORTED_FEATURES, STATE_UNAVAILABLE
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ...engine.errors import SpeakerError
from .loudness import DUCKED_LEVEL, ROUNDING
from .volumes import volume_of

_LOGGER = logging.getLogger(__name__)

COMMAND_LIMIT = timedelta(seconds=10)  # a device that takes longer for one command is as good as gone

STREAM_FORMATS = {"cast": "mp3", "sonos": "mp3", "heos": "mp3", "esphome": "flac", "music_assistant": "mp3"}
"""How a platform wants a live stream; everything else gets WAV, which needs no decoder's warm-up."""


class ClipPlace(StrEnum):
    """Where a clip is heard on a player."""

    BESIDE = "beside"
    """The device makes its content quiet by itself, and goes on with it afterwards."""

    INSTEAD = "instead"
    """In the place of the content, which is gone afterwards."""


class Player:
    """One `media_player` entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self.entity_id = entity_id
        self._hass = hass
        self._volume = volume_of(hass, entity_id)
        self._unlisten: Callable[[], None] | None = None
        self._owed: tuple[float, float] | None = None
        """The level at which it went away, and the one that it gets when it is back at that."""

        self._paying: asyncio.Task[None] | None = None
        self.context = Context()
        """Marks what we tell the device, and what it reports within seconds because of that."""

        self.clip: ClipPlace | None = None
        """Where somebody else's speech is heard on it now."""

        self.speech: str | None = None
        """Address of the speech that we had it play last, until it plays other things of ours."""

        self.clips = 0
        """How many clips took the place of what it played or held: what was paused before must be opened anew."""

    def close(self) -> None:
        """Follow the device no more, and want nothing of its volume."""
        self._volume.unwish(self)
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._paying is not None:
            self._paying.cancel()

    @property
    def state(self) -> State | None:
        """Its state, None when it is not there."""
        state = self._hass.states.get(self.entity_id)
        return None if state is None or state.state == STATE_UNAVAILABLE else state

    @property
    def paused(self) -> bool:
        """Whether the device says that it pauses, by whoever's hand."""
        return self.state is not None and self.state.state == MediaPlayerState.PAUSED

    def can(self, feature: Feature) -> bool:
        """Whether the device offers `feature` now."""
        state = self.state
        return state is not None and bool(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & feature)

    @property
    def platform(self) -> str | None:
        """The integration that provides it now; None when the registry does not know it."""
        entry = er.async_get(self._hass).async_get(self.entity_id)
        return entry.platform if entry else None

    @property
    def stream_format(self) -> str:
        """How it wants a live stream packed."""
        return STREAM_FORMATS.get(self.platform or "", "wav")

    @property
    def level(self) -> float | None:
        """The volume that the person set, 0 to 1, also while ducked."""
        self._reported(self.state)  # whoever asks may have heard of a change before us
        return self._volume.loudness.wanted(_level(self.state))

    @callback
    def listen(self, listener: Callable[[State | None], None]) -> Callable[[], None]:
        """Hear of each change; call the result to stop."""

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            listener(event.data["new_state"])

        return async_track_state_change_event(self._hass, [self.entity_id], changed)

    async def play_media(self, media_id: str, media_type: str, enqueue: str | None = None) -> None:
        """Have it fetch and play something. Raises `SpeakerError`."""
        self.speech = None
        data: dict[str, object] = {"media_content_id": media_id, "media_content_type": media_type}
        if enqueue is not None:
            data["enqueue"] = enqueue
        await self._call("play_media", **data)

    async def play_clip(self, url: str, *, announce: bool) -> None:
        """Have it play speech, beside its content or in its place. Raises `SpeakerError`."""
        self.speech = url
        if announce:
            await self._call("play_media", media_content_id=url, media_content_type="music", announce=True)
        else:
            self.clips += 1
            await self._call("play_media", media_content_id=url, media_content_type="music")

    async def pause(self) -> None:
        """Hold what plays. Raises `SpeakerError`."""
        await self._call("media_pause")

    async def go_on(self) -> None:
        """Play on. Raises `SpeakerError`."""
        await self._call("media_play")

    async def stop(self) -> None:
        """Stop what plays; a device without a stop is paused, one without either starves. Raises `SpeakerError`."""
        if self.can(Feature.STOP):
            await self._call("media_stop")
        elif self.can(Feature.PAUSE):
            await self._call("media_pause")

    async def seek(self, position: timedelta) -> None:
        """Go to `position` in what plays. Raises `SpeakerError`."""
        await self._call("media_seek", seek_position=position.total_seconds())

    async def mute(self, *, muted: bool) -> None:
        """Make it silent, or loud again, by a person's hand. Raises `SpeakerError`."""
        await self._call("volume_mute", is_volume_muted=muted)

    async def set_level(self, level: float) -> None:
        """Set the person's volume, 0 to 1; while ducked, the device is told its share. Raises `SpeakerError`."""
        await self._call("volume_set", volume_level=self._volume.loudness.choose(level))

    async def hush(self) -> None:
        """Go on unheard. Raises `SpeakerError`, also when the device tells no volume."""
        await self.duck(0.0)

    async def duck(self, share: float = DUCKED_LEVEL) -> None:
        """Go on quietly. No effect while it is. Raises `SpeakerError`, also when the device tells no volume."""
        await self._be_at(self._volume.wish(self, share))

    async def unduck(self) -> None:
        """Full volume again, unless somebody else wants it quiet, or set another one meanwhile (Engine A3).

        A device that is away gets it when it is back. Raises `SpeakerError`.
        """
        loudness, share = self._volume.loudness, self._volume.unwish(self)
        if share is not None:
            await self._be_at(share)
        elif (was_at := loudness.share) is not None and (level := loudness.unduck()) is not None:
            self._owed = (level * was_at, level) if self.state is None else None
            await self._call("volume_set", volume_level=level)

    async def _be_at(self, share: float) -> None:
        if self._volume.loudness.share == share:
            return
        level = _level(self.state)
        if level is None:
            raise SpeakerError(f"{self.entity_id} does not tell its volume")
        if self._unlisten is None:
            self._unlisten = self.listen(self._reported)
        await self._call("volume_set", volume_level=self._volume.loudness.duck(level, share))

    @callback
    def _reported(self, state: State | None) -> None:
        if (level := _level(state)) is None:
            return
        self._volume.loudness.reported(level)
        if self._owed is not None:
            (ducked, usual), self._owed = self._owed, None
            if abs(level - ducked) <= ROUNDING and not self._volume.loudness.ducked:
                self._paying = self._hass.async_create_background_task(
                    self._pay(usual), f"huxley volume {self.entity_id}"
                )

    async def _pay(self, level: float) -> None:
        try:
            await self._call("volume_set", volume_level=level)
        except SpeakerError as err:
            _LOGGER.warning("player.unduck_failed entity=%s error=%s", self.entity_id, err)

    async def _call(self, action: str, **data: object) -> None:
        if self.state is None:
            raise SpeakerError(f"{self.entity_id} is not available")
        try:
            async with asyncio.timeout(COMMAND_LIMIT.total_seconds()):
                await self._hass.services.async_call(
                    "media_player",
                    action,
                    {ATTR_ENTITY_ID: self.entity_id, **data},
                    blocking=True,
                    context=self.context,
                )
        except TimeoutError as err:
            raise SpeakerError(f"{self.entity_id} did not answer to {action}") from err
        except Exception as err:  # a device's own library may raise anything
            raise SpeakerError(f"{self.entity_id} refused {action}: {str(err) or type(err).__name__}") from err


def media_position(state: State | None, now: float) -> timedelta | None:
    """Where a player says it is, extrapolated to `now` (a POSIX time); None when it does not say."""
    position = told_span(state, "media_position")
    if state is None or position is None:
        return None
    since = state.attributes.get("media_position_updated_at")
    if not isinstance(since, datetime) or state.state != MediaPlayerState.PLAYING:
        return position
    return position + timedelta(seconds=max(0.0, now - since.timestamp()))


def told_span(state: State | None, attribute: str) -> timedelta | None:
    """The seconds of an attribute; None when a player tells nothing of use. Some tell them as text, as mpd does."""
    told = state.attributes.get(attribute) if state is not None else None
    try:
        return None if told is None else timedelta(seconds=float(told))
    except TypeError, ValueError, OverflowError:
        _LOGGER.debug("player.span_unreadable attribute=%s value=%r", attribute, told)
        return None


def _level(state: State | None) -> float | None:
    level = state.attributes.get("volume_level") if state is not None else None
    return None if level is None else float(level)
