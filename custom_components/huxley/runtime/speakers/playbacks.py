"""Content on a media player: a skill's stream by URL, or media by its id."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util import dt as dt_util

from ...engine.errors import SpeakerError
from ...engine.skill.effects import AudioStream, PlayMedia
from ...engine.speaker import PlaybackEnd
from ..streams import LiveStream
from .clips import is_speech
from .giving_back import identity_of
from .player import ClipPlace, Player, media_position
from .winding import Winding

_LOGGER = logging.getLogger(__name__)

SOUNDING = frozenset({MediaPlayerState.PLAYING, MediaPlayerState.BUFFERING})
SILENT = frozenset({MediaPlayerState.IDLE, MediaPlayerState.OFF})
ANSWER_LIMIT = timedelta(seconds=15)  # how long a device may be away, or take to make a sound
BUFFER_LIMIT = timedelta(minutes=1)  # what buffers for longer makes no sound

type EndCallback = Callable[[PlaybackEnd], None]


class OwnPlayback(ABC):
    """What both kinds share: the device's commands, ducking by its volume, and following what it does by itself."""

    def __init__(self, hass: HomeAssistant, player: Player, on_end: EndCallback) -> None:
        self._hass = hass
        self._player = player
        self._on_end = on_end
        self._started = self._paused = self._over = False
        self._sounded = self._closed_there = self._away = self._buffers = False
        self._unlisten: Callable[[], None] | None = None
        self._doubt: asyncio.TimerHandle | None = None
        self._clips = player.clips
        self._spared = False
        self.was_taken_over = False
        """Whether it ended because somebody put other media in its place."""

    async def start(self) -> None:
        """Have the player play it. Raises `SpeakerError`."""
        self._started = True
        self._unlisten = self._player.listen(self._changed)
        await self._open()
        await self.set_ducked(ducked=False)  # whose place it took may have been ducked

    async def set_ducked(self, *, ducked: bool) -> None:
        """Duck by the device's volume. Raises `SpeakerError` when it must be quiet and does not obey."""
        if ducked:
            await self._player.duck()
            return
        try:
            await self._player.unduck()
        except SpeakerError as err:
            _LOGGER.warning("player.unduck_failed entity=%s error=%s", self._player.entity_id, err)

    async def pause(self) -> None:
        """Silence the device; one that cannot pause is stopped, and one on which somebody speaks is not touched."""
        self._paused, self._clips = True, self._player.clips
        self._trust()
        if self._player.clip is ClipPlace.BESIDE:
            self._spared = True
            return
        await self._hold()
        if self._player.clip is ClipPlace.INSTEAD:
            self._closed_there = True
        elif self._player.can(Feature.PAUSE):
            await self._player.pause()
        else:
            self._closed_there = True
            await self._player.stop()

    async def resume(self) -> None:
        """Go on; a device that stopped opens it anew (Engine A4). Raises `SpeakerError`."""
        self._paused = False
        self._go_on()
        if self._closed_there or self._player.clips != self._clips:
            await self._open()
        elif not self._spared:
            await self._player.go_on()
        self._spared = False

    def taken_over(self) -> None:
        """Somebody put other media in its place: it is over, and the device is left to them."""
        self.was_taken_over = True
        self._end(PlaybackEnd.STOPPED)

    async def stop(self) -> None:
        """Silence the device first, unless it is silent anyway, then let go of everything."""
        silent, self._over = self._over or not self._started, True
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self._trust()
        try:
            if not silent:
                await self._player.stop()
        except SpeakerError as err:
            _LOGGER.warning("player.stop_failed entity=%s error=%s", self._player.entity_id, err)
        finally:
            await self._let_go()
        if self._started:  # else what is quiet on the device is not ours
            await self.set_ducked(ducked=False)

    async def _open(self) -> None:
        self._sounded = self._closed_there = self._buffers = False
        self._doubt_it(self._has_not_sounded)
        await self._play()

    @callback
    def _changed(self, state: State | None) -> None:
        """The device reports: it plays, pauses, fell silent, or is gone."""
        if state is not None and state.state in SOUNDING and self._is_taken_over(state):
            self.taken_over()
            return
        match state.state if state is not None else STATE_UNAVAILABLE:
            case there if there == STATE_UNAVAILABLE:
                if not self._paused and not self._away:
                    self._away = True
                    self._doubt_it(self._stays_away)
            case there if there in SOUNDING:
                self._sounded, self._away = True, False
                self._follow_buffering(there)
                if not self._paused:
                    self._go_on()
            case MediaPlayerState.PAUSED:
                self._away = False
                self._trust()
                if not self._paused:
                    self._held_there()
            case there if there in SILENT and self._sounded:
                self._sounded = False
                if self._paused:
                    self._closed_there = True
                else:
                    self._trust()
                    back = self._away  # it answers again: there is nothing to complain about
                    self._end(PlaybackEnd.STOPPED if back else self._how_it_fell_silent())

    def _follow_buffering(self, there: str) -> None:
        """Trust a device that plays; one that buffers has its time, from when it began to."""
        if there == MediaPlayerState.PLAYING:
            self._buffers = False
            self._trust()
        elif not self._buffers:
            self._buffers = True
            self._doubt_it(self._buffers_on, BUFFER_LIMIT)

    def _buffers_on(self) -> None:
        self._buffers = False
        state = self._player.state
        if not self._paused and state is not None and state.state == MediaPlayerState.BUFFERING:
            _LOGGER.warning("player.buffers_on entity=%s for=%s", self._player.entity_id, BUFFER_LIMIT)
            self._end(PlaybackEnd.FAILED)

    def _has_not_sounded(self) -> None:
        state = self._player.state
        if state is None or state.state in SILENT:
            _LOGGER.warning("player.never_sounded entity=%s within=%s", self._player.entity_id, ANSWER_LIMIT)
            self._end(PlaybackEnd.FAILED)

    def _stays_away(self) -> None:
        if self._player.state is None:
            _LOGGER.warning("player.gone entity=%s for=%s", self._player.entity_id, ANSWER_LIMIT)
            self._end(PlaybackEnd.FAILED)

    def _doubt_it(self, then: Callable[[], None], limit: timedelta = ANSWER_LIMIT) -> None:
        self._trust()
        self._doubt = self._hass.loop.call_later(limit.total_seconds(), then)

    def _trust(self) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None

    def _end(self, end: PlaybackEnd) -> None:
        if not self._over:
            self._over = True
            self._on_end(end)

    @abstractmethod
    async def _play(self) -> None:
        """Tell the device what to play. Raises `SpeakerError`."""

    @abstractmethod
    def _how_it_fell_silent(self) -> PlaybackEnd:
        """Why a device that played plays no more."""

    def _is_taken_over(self, state: State) -> bool:
        """Whether the device says that it plays something else. Albums and playlists change by themselves."""
        return False

    async def _hold(self) -> None:  # noqa: B027 (most need nothing here)
        """Before the device is silenced."""

    def _held_there(self) -> None:  # noqa: B027 (most need nothing here)
        """A person paused it at the device."""

    def _go_on(self) -> None:  # noqa: B027 (most need nothing here)
        """The device sounds, or is about to."""

    async def _let_go(self) -> None:  # noqa: B027 (most need nothing here)
        """After the device was silenced for good."""


class StreamPlayback(OwnPlayback):
    """An `AudioStream` that the player fetches from us, and fetches anew from the heard position after a stop."""

    def __init__(self, hass: HomeAssistant, player: Player, stream: AudioStream, on_end: EndCallback) -> None:
        super().__init__(hass, player, on_end)
        self._live = LiveStream(hass, stream, player.stream_format, self._end)
        self._was_named = False

    @property
    def heard(self) -> timedelta:
        """What was heard, by our own clock (Engine T10)."""
        return self._live.heard

    async def _play(self) -> None:
        self._live.open()
        url = async_process_play_media_url(self._hass, self._live.path)
        await self._player.play_media(url, "music")

    def _how_it_fell_silent(self) -> PlaybackEnd:
        return PlaybackEnd.FINISHED if self._live.exhausted else PlaybackEnd.STOPPED

    def _is_taken_over(self, state: State) -> bool:
        media_id = identity_of(state).media_id
        if media_id is None or is_speech(media_id) or media_id == self._player.speech or self._player.clip is not None:
            return False
        if self._live.name in media_id:
            self._was_named = True
        return self._was_named and self._live.name not in media_id

    def _has_not_sounded(self) -> None:
        """A fetch is proof enough, and the stream itself waits for one."""

    async def _hold(self) -> None:
        await self._live.hold()

    def _held_there(self) -> None:
        self._live.stand_still()

    def _go_on(self) -> None:
        self._live.go_on()

    async def _let_go(self) -> None:
        await self._live.close()


class MediaPlayback(OwnPlayback):
    """Media that the player fetches by itself; where it cannot be wound, it begins anew after a stop."""

    def __init__(self, hass: HomeAssistant, player: Player, media: PlayMedia, on_end: EndCallback) -> None:
        super().__init__(hass, player, on_end)
        self._media = media
        self._start = media.start
        self._winding = Winding(hass, player)

    @property
    def heard(self) -> timedelta:
        """The position that the device reports; zero when it reports none."""
        return media_position(self._player.state, dt_util.utcnow().timestamp()) or timedelta(0)

    async def _play(self) -> None:
        await self._player.play_media(self._media.media_content_id, self._media.media_content_type, self._media.enqueue)
        self._winding.to(self._start)

    async def _hold(self) -> None:
        self._winding.forget()
        self._start = self.heard or self._start

    async def _let_go(self) -> None:
        self._winding.forget()

    def _how_it_fell_silent(self) -> PlaybackEnd:
        return PlaybackEnd.FINISHED
