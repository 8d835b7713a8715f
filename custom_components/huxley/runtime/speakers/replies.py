"""Where words go: to a pipeline that asked for them, or to the satellite that announces them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from homeassistant.components import tts
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.core import HomeAssistant

from ...engine.errors import SpeakerError
from ...engine.speaker import PLAIN, Manner
from ..decoding import audio_length
from .own_words import OwnWords
from .satellite import Satellite

_LOGGER = logging.getLogger(__name__)

SPEECH_LIMIT = timedelta(seconds=30)  # how long a pipeline may take to make speech of our words
BROWSER_DELAY = timedelta(milliseconds=500)  # a browser fetches and buffers before it plays

LET_GO = timedelta(milliseconds=500)  # a device that was silenced says soon that it is


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears what a pipeline speaks."""

    heard_out: Callable[[Callable[[], None]], Awaitable[None]]
    """Returns when the speech was heard to its end; calls what it is given when its sound begins, if there is one."""

    hush: Callable[[], Awaitable[object]] | None = None
    """Silences what is being heard; None where nobody can."""


class PipelineReply:
    """Words for an Assist pipeline, which speaks them itself; `listener` knows when they were heard."""

    def __init__(self, hass: HomeAssistant, listener: Listener) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        self._clock = hass.loop.time
        self._listener = listener
        self._deltas: asyncio.Queue[str | None] = asyncio.Queue()
        self._finished = self._over = self._sounded = False
        self._began: float | None = None

    async def deltas(self) -> AsyncGenerator[str]:
        """The words as they come, until `finish` or `abort`."""
        while (text := await self._deltas.get()) is not None:
            yield text

    async def write(self, text: str) -> None:
        """Say a piece of text."""
        if text and not self._finished:
            self._began = self._began or self._clock()
            self._deltas.put_nowait(text)

    async def finish(self) -> None:
        """No more words: the pipeline goes on to its text-to-speech."""
        if not self._finished:
            self._finished = True
            self._deltas.put_nowait(None)

    async def heard_out(self) -> timedelta:
        """Return when the pipeline's listener has heard everything."""
        if self._began is not None:
            await self._listener.heard_out(self._sounds)
        self._over = True
        return self._since_began()

    async def abort(self) -> timedelta:
        """Send no more words, and silence those that are being heard where that can be done."""
        heard = self._since_began()
        await self.finish()
        if self._began is not None and not self._over and self._listener.hush is not None:
            await self._listener.hush()
        self._over = True
        return heard

    def _sounds(self) -> None:
        if self.on_first_sound is not None and not self._over and not self._sounded:
            self._sounded = True
            self.on_first_sound()

    def _since_began(self) -> timedelta:
        return timedelta(0) if self._began is None else timedelta(seconds=self._clock() - self._began)


class AnnounceReply(OwnWords):
    """Words that the room starts by itself, announced on its satellite.

    Their sound begins when the satellite turns to *responding*: Home Assistant has made the speech by then and hands
    it to the device, which needs a moment more to fetch it.
    """

    def __init__(self, hass: HomeAssistant, satellite: Satellite, manner: Manner = PLAIN) -> None:
        super().__init__(hass, manner)
        self._satellite = satellite
        self._on_air = False

    async def _speak(self, text: str) -> None:
        unlisten = self._satellite.listen(self._satellite_changed)
        try:
            await self._satellite.announce(text, self._manner, on_air=self._goes_on_air)
        finally:
            unlisten()

    async def _silence(self, speaking: asyncio.Task[None]) -> None:
        if self._on_air and await self._satellite.stop_speech():
            await asyncio.wait([speaking], timeout=LET_GO.total_seconds())
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)

    def _goes_on_air(self) -> None:
        self._on_air = True

    def _satellite_changed(self, state: str) -> None:
        """Somebody else may still speak on it before our own announcement has its turn."""
        responding = state == AssistSatelliteState.RESPONDING
        if responding and self._on_air and self._sounds_since is None and self._heard is None:
            self._sounds()


class OthersReply:
    """What somebody else says on the satellite: not ours to write, but a person may want it silent."""

    def __init__(self, satellite: Satellite) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        self._satellite = satellite

    async def write(self, text: str) -> None:
        """Raise `SpeakerError`: these are not our words."""
        raise SpeakerError(f"somebody else speaks on {self._satellite.entity_id}")

    async def finish(self) -> None:
        """Nothing to do: they end by themselves."""

    async def heard_out(self) -> timedelta:
        """Return when the satellite rests."""
        await self._satellite.at_rest()
        return timedelta(0)

    async def abort(self) -> timedelta:
        """Silence them where the device permits it; nothing of ours was heard."""
        await self._satellite.stop_speech()
        return timedelta(0)


async def _at_once(sounds: Callable[[], None]) -> None:
    """Nothing to wait for, and no sound."""


read = Listener(_at_once)
"""A reply that is read on a screen is heard out at once."""


def heard_on(satellite: Satellite) -> Listener:
    """A pipeline's reply on a satellite is heard out when the satellite rests again.

    Its sound begins when the satellite turns to *responding*: the answer is complete then. A voice that streams may
    be heard before that, while the satellite is still *processing*, and nobody tells.
    """

    async def wait(sounds: Callable[[], None]) -> None:
        unlisten = satellite.listen(lambda state: sounds() if state == AssistSatelliteState.RESPONDING else None)
        try:
            await satellite.at_rest()
        finally:
            unlisten()

    return Listener(wait, satellite.stop_speech)


def heard_in_browser(hass: HomeAssistant, token: str) -> Listener:
    """A pipeline's reply in a browser: nobody tells us, but its speech can be measured.

    Its sound is taken to begin `BROWSER_DELAY` after the whole speech was made; a browser may begin sooner.
    """

    async def wait(sounds: Callable[[], None]) -> None:
        stream = tts.async_get_stream(hass, token)
        if stream is None:
            return
        try:
            async with asyncio.timeout(SPEECH_LIMIT.total_seconds()):
                audio = b"".join([chunk async for chunk in stream.async_stream_result()])
                length = await audio_length(hass, audio)
        except Exception as err:  # noqa: BLE001 (whatever a voice raises, the words were there to read)
            _LOGGER.warning("reply.speech_unknown error=%r", err)
            return
        await asyncio.sleep(BROWSER_DELAY.total_seconds())
        sounds()
        await asyncio.sleep(length.total_seconds())

    return Listener(wait)
