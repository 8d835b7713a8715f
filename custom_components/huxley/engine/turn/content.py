"""One piece of content on CONTENT: what focus says becomes what its playback does."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from ..errors import SpeakerError
from ..focus import FocusState, MixingBehavior
from ..skill.effects import AudioStream
from ..speaker import OnDeck, Playable, Playback, PlaybackEnd, Speaker
from .tasks import attempt, cancelled_from_outside

_LOGGER = logging.getLogger(__name__)

COMMAND_LIMIT = timedelta(seconds=15)  # a device that takes longer for one command is broken


@dataclass(frozen=True, slots=True)
class Stage:
    """What all content of a room shares: the speaker, one command to it at a time, and who is told."""

    speaker: Speaker
    device: asyncio.Lock
    """Held during a command: what plays next starts only when what played before was stopped."""

    spawn: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
    ended: Callable[[Content, PlaybackEnd], None]
    """Called once, when content is over; `STOPPED` also when focus ended it."""

    changed: Callable[[], None]


type Preparation = Callable[[Callable[[PlaybackEnd], None]], Playback]
"""Makes the playback; it tells its argument once, if it ends by itself."""


class Content:
    """A `FocusObserver` around one playback.

    It starts on its first FOREGROUND, so content that was acquired under speech is never heard under it.
    The newest wish wins: a pause that arrives while the device is still starting is carried out right after.
    """

    def __init__(self, item: OnDeck, stage: Stage, prepare: Preparation) -> None:
        self.item = item
        self._stage = stage
        self._prepare = prepare
        self._playback: Playback = prepare(self._over)
        self._wish = MixingBehavior.MUST_PAUSE
        self._held = False
        self._started = self._paused = self._stopped = False
        self._ducked: bool | None = False
        self._told = False
        self._starter: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, item: Playable, stage: Stage) -> Content:
        """Something that the room's speaker is to play. Raises `SpeakerError` when it cannot."""
        return cls(item, stage, partial(stage.speaker.playback, item))

    @property
    def playing(self) -> bool:
        """Whether it is audible now, ducked or not."""
        return self._started and not self._paused and not self._stopped

    @property
    def started(self) -> bool:
        """Whether it was ever told to play."""
        return self._started

    @property
    def held(self) -> bool:
        """Whether a person paused it by hand."""
        return self._held

    @property
    def playback(self) -> Playback:
        """What plays it."""
        return self._playback

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Follow the focus (Engine F4). Starting may take a device seconds, so nobody waits for it."""
        self._wish = behavior
        if state is FocusState.FOREGROUND:
            if self._starter is None or self._starter.done():
                self._starter = self._stage.spawn(self._comply(), "content start")
            return
        if state is FocusState.NONE:
            if self._starter is not None:
                self._starter.cancel()
            self._over(PlaybackEnd.STOPPED)
        await self._comply()

    async def on_patience_expired(self) -> None:
        """Say goodbye before the eviction (Engine F7)."""
        if isinstance(self.item, AudioStream) and self.item.on_patience_expired is not None:
            await self.item.on_patience_expired()

    def dismiss(self) -> None:
        """A person in the room wants it to stop; it leaves the deck next."""

    async def set_held(self, *, held: bool) -> None:
        """Pause by a person's hand: it stays paused when the focus comes back, until the hand lets go."""
        self._held = held
        await self._comply()

    async def _comply(self) -> None:
        async with self._stage.device:
            if self._stopped:
                return
            try:
                async with asyncio.timeout(COMMAND_LIMIT.total_seconds()):
                    await self._follow(self._wish)
            except asyncio.CancelledError as err:
                if cancelled_from_outside():
                    raise
                await self._give_up(err)
            except Exception as err:  # noqa: BLE001 - logged and said; a device never ends a room
                await self._give_up(err)
        self._stage.changed()

    async def _follow(self, wish: MixingBehavior) -> None:
        if wish is MixingBehavior.MUST_STOP:
            self._stopped = True
            await self._leave()
        elif self._held or wish is MixingBehavior.MUST_PAUSE:
            await self._silence()
        elif wish is MixingBehavior.PRIMARY:
            await self._sound()
        elif self._started:
            await self._go_under()

    async def _leave(self) -> None:
        """It has no place on the deck any more."""
        await self._playback.stop()

    async def _silence(self) -> None:
        if self._started and not self._paused:
            self._paused = True
            await (self._playback.stop() if self._live else self._playback.pause())

    @property
    def _live(self) -> bool:
        """Whether what is missed while it is silent is gone: it is stopped and reopened (Engine T8)."""
        return isinstance(self.item, AudioStream) and self.item.live

    async def _go_under(self) -> None:
        """Go on quietly; an output that cannot is silent instead (Engine A4), and what is closed stays so.

        A device that ducks by itself under its own voice is not told to: it would be quiet twice.
        """
        if self._paused and self._live:
            return
        can = self._stage.speaker.capabilities
        if can.ducks_itself:
            await self._resume()
            return
        if not can.duck:
            await self._silence()
            return
        try:
            await self._duck(ducked=True)
        except SpeakerError as err:
            _LOGGER.warning("content.duck_failed title=%s error=%s", self.item.title, err)
            await self._silence()
        else:
            await self._resume()

    async def _sound(self) -> None:
        await self._duck(ducked=False)
        if self._started:
            await self._resume()
        else:
            self._started = True
            await self._playback.start()

    async def _resume(self) -> None:
        if not self._paused:
            return
        self._paused = False
        if self._live:
            self._playback, self._ducked = self._prepare(self._over), False
            await self._playback.start()
        else:
            await self._playback.resume()

    async def _duck(self, *, ducked: bool) -> None:
        if ducked is not self._ducked:
            self._ducked = ducked
            await self._playback.set_ducked(ducked=ducked)

    async def _give_up(self, err: BaseException) -> None:
        """A device that does not obey is stopped, so that it is not heard where it must not be."""
        expected = isinstance(err, SpeakerError | TimeoutError)
        _LOGGER.warning(
            "content.device_failed title=%s error=%s",
            self.item.title,
            str(err) or type(err).__name__,
            exc_info=None if expected else err,
        )
        if not self._stopped:
            self._stopped = True
            await attempt("stop content", self._leave, COMMAND_LIMIT)
        self._over(PlaybackEnd.FAILED)

    def _over(self, end: PlaybackEnd) -> None:
        if not self._told:
            self._told = True
            self._stage.ended(self, end)
