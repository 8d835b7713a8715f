"""A media player as a device: commands with readable errors, and ducking that respects a person's hand."""

import logging
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.const import ATTR_ENTITY_ID, ATTR_SUPPORTED_FEATURES, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ...engine.errors import SpeakerError

_LOGGER = logging.getLogger(__name__)

DUCKED_LEVEL = 0.4
"""Share of the volume level that is left under speech. Players scale their level by ear, not by voltage:
40 % is about -18 to -24 dB on most (Engine A3)."""

SAME_LEVEL = 0.02  # devices round the level that they are told

STREAM_FORMATS = {"cast": "mp3", "sonos": "mp3", "heos": "mp3", "esphome": "flac", "music_assistant": "mp3"}
"""How a platform wants a live stream; everything else gets WAV, which needs no decoder's warm-up."""


class Player:
    """One `media_player` entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self.entity_id = entity_id
        self._hass = hass
        self._level_before: float | None = None
        self._level_told: float | None = None

    @property
    def state(self) -> State | None:
        """Its state, None when it is gone."""
        state = self._hass.states.get(self.entity_id)
        return None if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN) else state

    def can(self, feature: Feature) -> bool:
        """Whether the device offers `feature` now."""
        state = self.state
        return state is not None and bool(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & feature)

    @property
    def stream_format(self) -> str:
        """How it wants a live stream packed."""
        entry = er.async_get(self._hass).async_get(self.entity_id)
        return STREAM_FORMATS.get(entry.platform, "wav") if entry else "wav"

    @property
    def level(self) -> float | None:
        """The volume that the person set, 0 to 1, also while ducked."""
        return self._level_now() if self._changed_by_hand() else self._level_before

    @callback
    def listen(self, listener: Callable[[State | None], None]) -> Callable[[], None]:
        """Hear of each change; call the result to stop."""

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            listener(event.data["new_state"])

        return async_track_state_change_event(self._hass, [self.entity_id], changed)

    async def play_media(self, media_id: str, media_type: str, enqueue: str | None = None) -> None:
        """Have it fetch and play something. Raises `SpeakerError`."""
        data: dict[str, object] = {"media_content_id": media_id, "media_content_type": media_type}
        if enqueue is not None:
            data["enqueue"] = enqueue
        await self._call("play_media", **data)

    async def pause(self) -> None:
        """Hold what plays. Raises `SpeakerError`."""
        await self._call("media_pause")

    async def go_on(self) -> None:
        """Play on. Raises `SpeakerError`."""
        await self._call("media_play")

    async def stop(self) -> None:
        """Stop what plays; a device without a stop is paused."""
        if self.state is not None:
            await self._call("media_stop" if self.can(Feature.STOP) else "media_pause")

    async def set_level(self, level: float) -> None:
        """Set the person's volume, 0 to 1; while ducked, the device is told its share. Raises `SpeakerError`."""
        if self._level_told is None:
            await self._call("volume_set", volume_level=level)
        else:
            self._level_before = level
            await self._tell(level * DUCKED_LEVEL)

    async def duck(self) -> None:
        """Go on quietly. Raises `SpeakerError`."""
        now = self._level_now()
        if now is not None and self._level_told is None:
            self._level_before = now
            await self._tell(now * DUCKED_LEVEL)

    async def unduck(self) -> None:
        """Full volume again, unless somebody set another one meanwhile: that one stays (Engine A3)."""
        before, by_hand = self._level_before, self._changed_by_hand()
        self._level_before = self._level_told = None
        if before is not None and not by_hand:
            await self._call("volume_set", volume_level=before)

    def _level_now(self) -> float | None:
        state = self.state
        level = state.attributes.get("volume_level") if state else None
        return float(level) if level is not None else None

    def _changed_by_hand(self) -> bool:
        """Whether the device is at a level that is neither what we told it nor, reported late, what it was before."""
        now = self._level_now()
        known = [level for level in (self._level_told, self._level_before) if level is not None]
        return now is not None and not any(abs(now - level) <= SAME_LEVEL for level in known)

    async def _tell(self, level: float) -> None:
        self._level_told = level
        await self._call("volume_set", volume_level=level)

    async def _call(self, action: str, **data: object) -> None:
        if self.state is None:
            raise SpeakerError(f"{self.entity_id} is not available")
        try:
            await self._hass.services.async_call(
                "media_player", action, {ATTR_ENTITY_ID: self.entity_id, **data}, blocking=True
            )
        except HomeAssistantError as err:
            raise SpeakerError(f"{self.entity_id} refused {action}: {err}") from err


def media_position(state: State | None, now: float) -> timedelta | None:
    """Where a player says it is, extrapolated to `now` (a POSIX time); None when it does not say."""
    if state is None or (position := state.attributes.get("media_position")) is None:
        return None
    since = state.attributes.get("media_position_updated_at")
    moved = now - since.timestamp() if since is not None and state.state == "playing" else 0.0
    return timedelta(seconds=float(position) + max(0.0, moved))
