"""Content through the mixer: paused by not being pulled, exact to the sample (Engine T8)."""

import logging
from collections.abc import Callable
from datetime import timedelta

from ..audio.feeder import Feeder
from ..audio.mixer import Mixer
from ..skill.effects import AudioFactory
from ..speaker import PlaybackEnd

_LOGGER = logging.getLogger(__name__)


class StreamPlayback:
    """A `Playback` of one factory's audio. A live one is closed by a pause and opened again after it."""

    def __init__(
        self, mixer: Mixer, factory: AudioFactory, on_end: Callable[[PlaybackEnd], None], *, live: bool = False
    ) -> None:
        self._mixer = mixer
        self._factory = factory
        self._on_end = on_end
        self._live = live
        self._feeder: Feeder | None = None
        self._ducked = False
        self._before = timedelta(0)

    @property
    def heard(self) -> timedelta:
        """How much of it was heard at the client (Engine T10)."""
        now = self._mixer.heard(self._feeder.source) if self._feeder else timedelta(0)
        return self._before + now

    async def start(self) -> None:
        """Open the factory and let it be heard."""
        if self._feeder is None:
            self._open()

    async def set_ducked(self, *, ducked: bool) -> None:
        """Go on quietly, or at full volume again (Engine A3)."""
        self._ducked = ducked
        if self._feeder is not None:
            self._feeder.source.set_ducked(ducked=ducked)

    async def pause(self) -> None:
        """Be silent; the factory's iterator stays at its `yield`."""
        if self._feeder is None:
            return
        if self._live:
            await self._close()
        else:
            self._mixer.pause(self._feeder.source)

    async def resume(self) -> None:
        """Go on with the next sample that was not heard."""
        if self._feeder is None:
            self._open()
        else:
            self._mixer.resume(self._feeder.source)

    async def stop(self) -> None:
        """Be silent, then end the factory's iterator; its `finally` has run when this returns."""
        await self._close()

    def _open(self) -> None:
        self._feeder = Feeder(self._factory(), self._heard_out)
        self._feeder.source.set_ducked(ducked=self._ducked)
        self._mixer.add(self._feeder.source)

    async def _close(self) -> None:
        feeder = self._feeder
        if feeder is not None:
            heard = self._mixer.remove(feeder.source)
            self._before, self._feeder = self._before + heard, None
            await feeder.close()

    def _heard_out(self, error: BaseException | None) -> None:
        if error is not None:
            _LOGGER.warning("stream.source_raised error=%s", error or type(error).__name__, exc_info=error)
        self._on_end(PlaybackEnd.FINISHED if error is None else PlaybackEnd.FAILED)
