"""Content on a media player: a skill's stream by URL, or media by its id."""

import logging
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util import dt as dt_util

from ...engine.errors import SpeakerError
from ...engine.skill.effects import AudioStream, PlayMedia
from ...engine.speaker import PlaybackEnd
from ..streams import LiveStream
from .player import Player, media_position

_LOGGER = logging.getLogger(__name__)

SOUNDING = frozenset({MediaPlayerState.PLAYING, MediaPlayerState.BUFFERING})
SILENT = frozenset({MediaPlayerState.IDLE, MediaPlayerState.OFF})

type EndCallback = Callable[[PlaybackEnd], None]


class _OnPlayer:
    """What both kinds share: ducking by the device's volume, and noticing that the device fell silent."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._sounded = False
        self._unlisten: Callable[[], None] | None = None

    async def set_ducked(self, *, ducked: bool) -> None:
        """Duck by the device's volume; a device without one goes on as it is."""
        try:
            await (self._player.duck() if ducked else self._player.unduck())
        except SpeakerError as err:
            _LOGGER.warning("player.duck_failed entity=%s error=%s", self._player.entity_id, err)

    def _watch(self) -> None:
        if self._unlisten is None:
            self._unlisten = self._player.listen(self._changed)

    def _unwatch(self) -> None:
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None

    @callback
    def _changed(self, state: State | None) -> None:
        if state is not None and state.state in SOUNDING:
            self._sounded = True
        elif state is not None and state.state in SILENT and self._sounded:
            self._sounded = False
            self._fell_silent()

    def _fell_silent(self) -> None:
        """The device played, and plays no more."""


class StreamPlayback(_OnPlayer):
    """An `AudioStream` that the player fetches from us. Paused by the device, or by stopping and opening anew."""

    def __init__(self, hass: HomeAssistant, player: Player, stream: AudioStream, on_end: EndCallback) -> None:
        super().__init__(player)
        self._hass = hass
        self._stream = stream
        self._live = LiveStream(hass, stream, player.stream_format, self._ended)
        self._on_end = on_end
        self._over = self._started = self._stopped_device = False

    @property
    def heard(self) -> timedelta:
        """What was heard, by our own clock (Engine T10)."""
        return self._live.heard

    async def start(self) -> None:
        """Have the player fetch the stream. Raises `SpeakerError`."""
        self._started = True
        self._watch()
        self._live.open()
        await self._fetch()

    async def pause(self) -> None:
        """Pull no more, and silence the device."""
        await self._live.hold()
        self._stopped_device = not self._player.can(Feature.PAUSE)
        if self._stopped_device:
            self._sounded = False
            await self._player.stop()
        else:
            await self._player.pause()

    async def resume(self) -> None:
        """Go on; a device that had to be stopped fetches anew from the heard position (Engine A4)."""
        self._live.go_on()
        await (self._fetch() if self._stopped_device else self._player.go_on())

    async def stop(self) -> None:
        """Silence the device first, then let the factory clean up."""
        self._unwatch()
        if self._started and not self._over:
            self._over = True
            try:
                await self._player.stop()
            except SpeakerError as err:
                _LOGGER.warning("player.stop_failed entity=%s error=%s", self._player.entity_id, err)
        await self.set_ducked(ducked=False)
        await self._live.close()

    async def _fetch(self) -> None:
        url = async_process_play_media_url(self._hass, self._live.path)
        await self._player.play_media(url, "music")

    def _fell_silent(self) -> None:
        self._live.device_stopped()

    def _ended(self, end: PlaybackEnd) -> None:
        if not self._over:
            self._over = True
            self._on_end(end)


class MediaPlayback(_OnPlayer):
    """Media that the player fetches by itself."""

    def __init__(self, player: Player, media: PlayMedia, on_end: EndCallback) -> None:
        super().__init__(player)
        self._media = media
        self._on_end = on_end
        self._paused = self._over = self._started = False

    @property
    def heard(self) -> timedelta:
        """The position that the device reports; zero when it reports none."""
        return media_position(self._player.state, dt_util.utcnow().timestamp()) or timedelta(0)

    async def start(self) -> None:
        """Have the player play it. Raises `SpeakerError`."""
        self._started = True
        self._watch()
        await self._player.play_media(self._media.media_content_id, self._media.media_content_type, self._media.enqueue)

    async def pause(self) -> None:
        """Hold it; a device that cannot pause is stopped."""
        self._paused = True
        await (self._player.pause() if self._player.can(Feature.PAUSE) else self._player.stop())

    async def resume(self) -> None:
        """Go on, from the start on a device that could only be stopped."""
        self._paused = False
        await (self._player.go_on() if self._player.can(Feature.PAUSE) else self.start())

    async def stop(self) -> None:
        """Silence the device, unless the media is over anyway."""
        self._unwatch()
        if self._started and not self._over:
            self._over = True
            try:
                await self._player.stop()
            except SpeakerError as err:
                _LOGGER.warning("player.stop_failed entity=%s error=%s", self._player.entity_id, err)
        await self.set_ducked(ducked=False)

    def _fell_silent(self) -> None:
        if not self._paused and not self._over:
            self._over = True
            self._on_end(PlaybackEnd.FINISHED)
