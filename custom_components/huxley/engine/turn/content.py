"""One piece of content on CONTENT: what focus says becomes what its playback does."""

import asyncio
import logging
from collections.abc import Callable

from ..errors import SpeakerError
from ..focus import FocusState, MixingBehavior
from ..skill.effects import AudioStream
from ..speaker import Playable, Playback, PlaybackEnd, Speaker

_LOGGER = logging.getLogger(__name__)


class Content:
    """A `FocusObserver` around one playback.

    It starts on its first FOREGROUND, so content that was acquired under speech is never heard under it.
    The newest wish wins: a pause that arrives while the device is still starting is carried out right after.
    """

    def __init__(self, item: Playable, speaker: Speaker, on_end: Callable[[Content, PlaybackEnd], None]) -> None:
        self.item = item
        self._can_duck = speaker.capabilities.duck
        self._playback: Playback = speaker.playback(item, self._ended)
        self._on_end = on_end
        self._wish = MixingBehavior.MUST_PAUSE
        self._held = False
        self._started = self._paused = self._ducked = self._stopped = False
        self._lock = asyncio.Lock()
        self._starter: asyncio.Task[None] | None = None

    @property
    def playing(self) -> bool:
        """Whether it is audible now, ducked or not."""
        return self._started and not self._paused and not self._stopped

    @property
    def playback(self) -> Playback:
        """What plays it."""
        return self._playback

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Follow the focus (Engine F4). Starting may take a device seconds, so nobody waits for it."""
        self._wish = behavior
        if state is FocusState.FOREGROUND:
            if self._starter is None or self._starter.done():
                self._starter = asyncio.create_task(self._comply(), name="huxley content start")
        else:
            await self._comply()

    async def on_patience_expired(self) -> None:
        """Say goodbye before the eviction (Engine F7)."""
        if isinstance(self.item, AudioStream) and self.item.on_patience_expired is not None:
            await self.item.on_patience_expired()

    async def set_held(self, *, held: bool) -> None:
        """Pause by a person's hand: it stays paused when the focus comes back, until the hand lets go."""
        self._held = held
        await self._comply()

    async def _comply(self) -> None:
        async with self._lock:
            try:
                await self._follow(self._wish)
            except SpeakerError as err:
                _LOGGER.warning("content.device_failed title=%s error=%s", self.item.title, err)
                if self._wish is MixingBehavior.PRIMARY:
                    self._ended(PlaybackEnd.FAILED)

    async def _follow(self, wish: MixingBehavior) -> None:
        if self._stopped:
            return
        if wish is MixingBehavior.MUST_STOP:
            self._stopped = True
            await self._playback.stop()
        elif (
            wish is MixingBehavior.MUST_PAUSE or (wish is MixingBehavior.MAY_DUCK and not self._can_duck) or self._held
        ):
            await self._silence()
        elif self._started or wish is MixingBehavior.PRIMARY:
            await self._sound(ducked=wish is MixingBehavior.MAY_DUCK)

    async def _silence(self) -> None:
        if self._started and not self._paused:
            self._paused = True
            await self._playback.pause()

    async def _sound(self, *, ducked: bool) -> None:
        if ducked != self._ducked:
            self._ducked = ducked
            await self._playback.set_ducked(ducked=ducked)
        if not self._started:
            self._started = True
            await self._playback.start()
        elif self._paused:
            self._paused = False
            await self._playback.resume()

    def _ended(self, end: PlaybackEnd) -> None:
        if not self._stopped:
            self._on_end(self, end)
