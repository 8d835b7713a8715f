"""Content through the mixer: paused by not being pulled, exact to the sample (Engine T8)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from ..audio.feeder import Feeder
from ..audio.mixer import Mixer
from ..audio.progress import Progress
from ..skill.effects import AudioFactory
from ..speaker import PlaybackEnd

_LOGGER = logging.getLogger(__name__)

GLANCE = timedelta(milliseconds=100)  # between two looks at a stream that stalls when it is time to tell


class StreamPlayback:
    """A `Playback` of one factory's audio. A live one is closed by a pause and opened again after it.

    `progress` hears how much was heard: every 5 s, on a pause and at the end (Engine T10).
    """

    def __init__(
        self,
        mixer: Mixer,
        factory: AudioFactory,
        on_end: Callable[[PlaybackEnd], None],
        *,
        live: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self._mixer = mixer
        self._factory = factory
        self._on_end = on_end
        self._live = live
        self._feeder: Feeder | None = None
        self._ducked = False
        self._before = timedelta(0)
        self._progress = progress or Progress(None)
        self._watch: asyncio.TimerHandle | None = None

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
        self._rest()

    async def resume(self) -> None:
        """Go on with the next sample that was not heard."""
        if self._feeder is None:
            self._open()
        else:
            self._mixer.resume(self._feeder.source)
            self._follow()

    async def stop(self) -> None:
        """Be silent, then end the factory's iterator; its `finally` has run when this returns."""
        await self._close()
        self._rest()
        await self._progress.settle(self.heard)

    def _open(self) -> None:
        self._feeder = Feeder(self._factory(), self._heard_out)
        self._feeder.source.set_ducked(ducked=self._ducked)
        self._mixer.add(self._feeder.source)
        self._follow()

    async def _close(self) -> None:
        feeder = self._feeder
        if feeder is not None:
            heard = self._mixer.remove(feeder.source)
            self._before, self._feeder = self._before + heard, None
            await feeder.close()

    def _heard_out(self, error: BaseException | None) -> None:
        if error is not None:
            _LOGGER.warning("stream.source_raised error=%s", error or type(error).__name__, exc_info=error)
        self._rest()
        self._on_end(PlaybackEnd.FINISHED if error is None else PlaybackEnd.FAILED)

    def _follow(self) -> None:
        """Look again when enough was heard to tell the skill, if it wants to know."""
        self._look_away()
        if self._progress.wanted:
            due = max(self._progress.due_in(self.heard), GLANCE)
            self._watch = asyncio.get_running_loop().call_later(due.total_seconds(), self._look)

    def _look(self) -> None:
        self._progress.note(self.heard)
        self._follow()

    def _rest(self) -> None:
        """It is silent: tell the skill where. Silence does not wait for its bookmark."""
        self._look_away()
        self._progress.mark(self.heard)

    def _look_away(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
