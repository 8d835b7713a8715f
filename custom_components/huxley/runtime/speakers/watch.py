"""A player seen without the clips on it: what may be believed of its reports, and what people ask of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from homeassistant.const import (
    ATTR_AREA_ID,
    ATTR_DEVICE_ID,
    ATTR_DOMAIN,
    ATTR_ENTITY_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    ENTITY_MATCH_ALL,
    EVENT_CALL_SERVICE,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util

from .clips import CLIP_ACTIONS, CLIP_LIMIT, SETTLE, UNSEEN_LIMIT, Clip, is_speech, place_of
from .giving_back import ACTIONS, SOUND_OF, Identity, Sound, identity_of
from .player import ClipPlace, Player
from .satellite import Satellite
from .silence import SILENCE_PATH

_LOGGER = logging.getLogger(__name__)

INDIRECTLY = frozenset({ATTR_AREA_ID, ATTR_DEVICE_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID})
"""What names a player by where it is or what it belongs to."""

WATCHED = frozenset({*CLIP_ACTIONS, *(("media_player", action) for action in ACTIONS)})


class Follower(Protocol):
    """Somebody who wants to know what a player does."""

    def reported(self, state: State | None) -> None:
        """The player's state, None when it is gone. It is never that of a clip."""

    def asked(self, action: str) -> None:
        """Somebody else asked for `action` of `media_player` at this player."""


class Watch:
    """Follows one player. `speaks` and `done` hear of other people's clips on it."""

    def __init__(
        self,
        hass: HomeAssistant,
        player: Player,
        satellite: Satellite | None = None,
        *,
        speaks: Callable[[], None] = lambda: None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.player = player
        self._hass = hass
        self._satellite = satellite
        self._speaks = speaks
        self._done = done
        self._followers: list[Follower] = []
        self._unlisten: list[Callable[[], None]] = []
        self._clip: Clip | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        self._unlisten += [
            self.player.listen(self._reported),
            self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._called, event_filter=_is_watched),
        ]
        if self._satellite is not None:
            self._unlisten.append(
                async_track_state_change_event(self._hass, [self._satellite.entity_id], self._satellite_changed)
            )

    def stop(self) -> None:
        """Look no more."""
        for unlisten in self._unlisten:
            unlisten()
        self._unlisten.clear()
        self._cancel()
        self._clip = self.player.clip = None

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Tell `follower` what happens; call the result to stop."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower) if follower in self._followers else None

    @property
    def state(self) -> State | None:
        """The player's state as far as it can be believed: None when it is gone, or shows a clip."""
        state = self.player.state
        hidden = self.veiled or state is None or self._is_speech(identity_of(state).media_id)
        return None if hidden else state

    @property
    def veiled(self) -> bool:
        """Whether a clip, or the device's own voice, hides what the player plays."""
        return self._clip is not None or self._device_speaks

    @property
    def _device_speaks(self) -> bool:
        """Whether the satellite of the same device speaks or listens: such a player reports its voice as playing."""
        satellite = self._satellite
        if satellite is None or satellite.state in (None, "idle") or not satellite.kind.ducks(self.player.entity_id):
            return False
        state = self._hass.states.get(satellite.entity_id)
        return state is not None and dt_util.utcnow() - state.last_changed < CLIP_LIMIT

    @callback
    def _reported(self, state: State | None) -> None:
        if self._clip is None and state is not None and self._is_speech(identity_of(state).media_id):
            if SOUND_OF.get(state.state) is not Sound.SOUNDS:
                return
            self._begin(announced=False, ours=False, seen=identity_of(state))
        elif self._clip is not None and state is not None:
            if not self._clip.shows(state):
                self._unsettle()
            elif self._settling is None:
                self._settle()
        elif not self.veiled:
            self._tell(state)

    @callback
    def _satellite_changed(self, event: Event[EventStateChangedData]) -> None:
        """When the device has spoken, its player says again what it plays."""
        if self._clip is not None or self._satellite is None or not self._satellite.kind.ducks(self.player.entity_id):
            return
        self._unsettle()
        if not self.veiled:
            self._settle()

    @callback
    def _called(self, event: Event) -> None:
        data = event.data
        action: tuple[str, str] = data[ATTR_DOMAIN], data[ATTR_SERVICE]
        fields: Mapping[str, Any] = data[ATTR_SERVICE_DATA] or {}
        if not self._is_for_us(fields):
            return
        ours = event.context.id == self.player.context.id
        speaks = CLIP_ACTIONS.get(action)
        if speaks is not None and (speaks(fields) or (ours and self._is_speech(fields.get("media_content_id")))):
            announced = fields.get("announce") is True or action[0] != "media_player"
            self._begin(announced=announced, ours=ours or SILENCE_PATH in str(fields.get("media_content_id")))
        elif not ours:
            for follower in tuple(self._followers):
                follower.asked(action[1])

    def _is_speech(self, media_id: str | None) -> bool:
        """Whether it is speech: by its address, or because it is a recording that the room plays in place of words."""
        return is_speech(media_id) or (media_id is not None and media_id == self.player.speech)

    def _is_for_us(self, fields: Mapping[str, Any]) -> bool:
        named = fields.get(ATTR_ENTITY_ID) or ()
        if named == ENTITY_MATCH_ALL or self.player.entity_id in ((named,) if isinstance(named, str) else named):
            return True
        if not fields.keys() & INDIRECTLY and "group." not in str(named):
            return False  # looking into the registries for each room of a house takes longer than the action
        chosen = async_extract_referenced_entity_ids(self._hass, TargetSelection(dict(fields)))
        return self.player.entity_id in chosen.referenced | chosen.indirectly_referenced

    def _begin(self, *, announced: bool, ours: bool, seen: Identity | None = None) -> None:
        self._cancel()
        self._limit = self._hass.loop.call_later(UNSEEN_LIMIT.total_seconds(), self._unseen)
        if self._clip is not None:
            return
        state = self.player.state
        before = None if state is None or seen is not None else SOUND_OF.get(state.state)
        self._clip = Clip(ours, before, Identity() if state is None else identity_of(state), seen)
        if not ours:
            self.player.clip = place_of(self.player, announced=announced)
            if self.player.clip is ClipPlace.INSTEAD:
                self.player.clips += 1
            _LOGGER.info("player.others_speak entity=%s where=%s", self.player.entity_id, self.player.clip)
            self._speaks()

    def _unseen(self) -> None:
        """A clip that is not reported is over by now; one that is, has its limit."""
        if self._clip is not None and self._clip.own is None:
            self._over()
        else:
            self._limit = self._hass.loop.call_later((CLIP_LIMIT - UNSEEN_LIMIT).total_seconds(), self._endless)

    def _endless(self) -> None:
        _LOGGER.warning("player.clip_never_ends entity=%s after=%s", self.player.entity_id, CLIP_LIMIT)
        self._over()

    def _settle(self) -> None:
        self._settling = self._hass.loop.call_later(SETTLE.total_seconds(), self._over)

    def _unsettle(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def _over(self) -> None:
        """Nobody speaks on it any more: what it says now counts."""
        self._cancel()
        clip, self._clip, self.player.clip = self._clip, None, None
        if not self.veiled:
            self._tell(self.player.state)
        if clip is not None and not clip.ours:
            self._done()

    def _cancel(self) -> None:
        self._unsettle()
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _tell(self, state: State | None) -> None:
        for follower in tuple(self._followers):
            follower.reported(state)


@callback
def _is_watched(data: Mapping[str, Any]) -> bool:
    return (data[ATTR_DOMAIN], data[ATTR_SERVICE]) in WATCHED
