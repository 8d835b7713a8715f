"""Content that somebody else started at the device: quiet when it must be, given back as it was (Engine T7)."""

from collections.abc import Callable

from ..focus import MixingBehavior
from ..speaker import ForeignMedia, ForeignPlayback, PlaybackEnd
from .content import Content, Stage

type Adoption = Callable[[Callable[[PlaybackEnd], None]], ForeignPlayback]
"""Takes hold of what plays; it tells its argument once, when it is no longer ours to give back."""

type Find = Callable[[], tuple[ForeignMedia, Adoption] | None]
"""Looks what plays at the device now that is not ours."""


class AdoptedContent(Content):
    """Plays already when it comes on the deck, and is never started.

    When it goes, the device is left as it is, unless a person in the room wants silence.
    """

    def __init__(self, media: ForeignMedia, stage: Stage, adopt: Adoption) -> None:
        self._hands: ForeignPlayback | None = None

        def prepare(on_end: Callable[[PlaybackEnd], None]) -> ForeignPlayback:
            self._hands = adopt(on_end)
            return self._hands

        super().__init__(media, stage, prepare)
        self._started = True
        self._ducked = None  # whoever had the device before may have left it ducked
        self._unwanted = False

    def dismiss(self) -> None:
        """A person in the room wants it to stop."""
        self._unwanted = True

    async def hand_back(self) -> None:
        """Undo what focus did to it, as if it were in front again."""
        self._wish = MixingBehavior.PRIMARY
        await self._comply()

    async def _leave(self) -> None:
        if self._unwanted or self._hands is None:
            await self._playback.stop()
        else:
            await self._hands.let_go()
