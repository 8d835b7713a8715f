"""Foreign media: what somebody started on the room's player, past the room (Engine T7)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ...engine.errors import SpeakerError
from ...engine.speaker import PlaybackEnd
from .giving_back import SOUND_OF, GiveBack, Grip, Sound, identity_of
from .player import Player, media_position
from .watch import Watch

_LOGGER = logging.getLogger(__name__)

ANSWER_LIMIT = timedelta(seconds=15)  # how long a device may be away, or take to play on
BUFFER_LIMIT = timedelta(minutes=1)  # what buffers for longer makes no sound


class ForeignPlayback:
    """Implements `engine.speaker.ForeignPlayback` on a player; a person's hand on it wins, always.

    It pauses where the player can. Where it cannot, its volume goes to nothing, and what it plays goes on unheard;
    where that cannot be either, it is stopped, and not given back. `on_played` is called when a person plays what
    we paused.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        watch: Watch,
        on_end: Callable[[PlaybackEnd], None],
        on_played: Callable[[], None] = lambda: None,
    ) -> None:
        self._hass = hass
        self._watch = watch
        self._player: Player = watch.player
        self._on_end = on_end
        self._on_played = on_played
        self._hold = GiveBack()
        self._hushed = self._ducked = self._over = False
        self._clips = self._player.clips
        self._doubt: asyncio.TimerHandle | None = None
        self._away = self._buffers = False
        self._unfollow = watch.follow(self)

    @property
    def heard(self) -> timedelta:
        """The position that the device reports; zero when it reports none."""
        return media_position(self._player.state, dt_util.utcnow().timestamp()) or timedelta(0)

    async def start(self) -> None:
        """It plays already."""

    async def set_ducked(self, *, ducked: bool) -> None:
        """Duck by the device's volume. Raises `SpeakerError` when it must be quiet and does not obey."""
        if ducked and (self._hold.grip is Grip.THEIRS or self._player.clip is not None):
            return
        self._ducked = ducked
        if ducked:
            await self._player.duck()
        else:
            await self._loud_again()

    async def pause(self) -> None:
        """Be silent in the way that can be undone best. Raises `SpeakerError`."""
        if self._player.clip is not None:
            return
        self._clips = self._player.clips
        if self._player.can(Feature.PAUSE):
            if self._hold.pause():
                self._doubt_it(ANSWER_LIMIT, self._hold.late)
                await self._player.pause()
        elif self._player.can(Feature.VOLUME_SET) and self._player.level is not None:
            self._hushed = True
            await self._player.hush()
        else:
            _LOGGER.warning("player.not_given_back entity=%s why=it cannot pause", self._player.entity_id)
            await self._player.stop()

    async def resume(self) -> None:
        """Undo our own pause, if it is still ours to undo. Raises `SpeakerError`."""
        if self._hushed:
            self._hushed = False
            await (self._player.duck() if self._ducked else self._loud_again())
        if self._player.clips != self._clips and self._hold.grip is not Grip.FREE:
            _LOGGER.info("player.not_given_back entity=%s why=speech took its place", self._player.entity_id)
            self._end()
        elif self._hold.resume():
            self._doubt_it(ANSWER_LIMIT, self._has_answered)
            await self._player.go_on()

    async def stop(self) -> None:
        """A person in the room wants silence."""
        sounds = not self._over and self._player.state is not None
        self._close()
        try:
            if sounds:
                await self._player.stop()
        except SpeakerError as err:
            _LOGGER.warning("player.stop_failed entity=%s error=%s", self._player.entity_id, err)
        await self._loud_again()

    async def let_go(self) -> None:
        """Leave the device as it is. The level comes back where that makes nothing loud that must be quiet."""
        over = self._over
        self._close()
        if over:
            await self._loud_again()

    def asked(self, action: str) -> None:
        """Somebody asked the player for something through Home Assistant."""
        before = self._hold.grip
        self._hold.asked(action)
        self._judge(before)

    def reported(self, state: State | None) -> None:
        """The player reports."""
        if state is None or state.state == STATE_UNAVAILABLE:
            if not self._away:
                self._away = True
                self._doubt_it(ANSWER_LIMIT, self._has_come_back)
            return
        if self._away:
            self._away = False
            self._trust()
        self._watch_buffer(state)
        if (sound := SOUND_OF.get(state.state)) is not None:
            answers = state.context.id == self._player.context.id
            before = self._hold.grip
            self._hold.reported(sound, identity_of(state), answers=answers)
            self._judge(before)

    def _judge(self, before: Grip) -> None:
        if not self._hold.is_ours:
            self._end()
        elif self._hold.grip is Grip.THEIRS and before is not Grip.THEIRS:
            self._on_played()

    def _watch_buffer(self, state: State) -> None:
        buffers = state.state == MediaPlayerState.BUFFERING
        if buffers and not self._buffers:
            self._doubt_it(BUFFER_LIMIT, self._has_loaded)
        elif self._buffers and not buffers:
            self._trust()
        self._buffers = buffers

    def _has_answered(self) -> None:
        state = self._player.state
        if state is not None and SOUND_OF.get(state.state) is Sound.SOUNDS:
            self._hold.reported(Sound.SOUNDS, identity_of(state), answers=True)
        self._hold.late()
        self._give_up("player.did_not_play_on", ANSWER_LIMIT)

    def _has_come_back(self) -> None:
        self._hold.lose()
        self._give_up("player.gone", ANSWER_LIMIT)

    def _has_loaded(self) -> None:
        self._hold.lose()
        self._give_up("player.never_loaded", BUFFER_LIMIT)

    def _give_up(self, event: str, after: timedelta) -> None:
        if not self._over and not self._hold.is_ours:
            _LOGGER.warning("%s entity=%s after=%s", event, self._player.entity_id, after)
            self._end(PlaybackEnd.FAILED)

    async def _loud_again(self) -> None:
        try:
            await self._player.unduck()
        except SpeakerError as err:
            _LOGGER.warning("player.unduck_failed entity=%s error=%s", self._player.entity_id, err)

    def _doubt_it(self, limit: timedelta, then: Callable[[], None]) -> None:
        self._trust()
        self._doubt = self._hass.loop.call_later(limit.total_seconds(), then)

    def _trust(self) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None

    def _close(self) -> None:
        self._over = True
        self._trust()
        self._unfollow()

    def _end(self, end: PlaybackEnd = PlaybackEnd.STOPPED) -> None:
        """It is not ours any more: a person paused it, stopped it, or it ended."""
        if not self._over:
            self._close()
            self._on_end(end)
