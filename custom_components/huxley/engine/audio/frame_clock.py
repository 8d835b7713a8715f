"""The listener's clock: frame `n` is played at `t0 + n * 20 ms`, without drift (Engine A2)."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil, floor

from .pcm import FRAME

_FRAME_SECONDS = FRAME.total_seconds()
_ROUNDING = 1e-6  # frames; sums of floats are not exact


class FrameClock:
    """Counts frames written and frames heard. A listener that ran dry waits, so its clock stands still meanwhile."""

    __slots__ = ("_lead", "_now", "_t0", "_written")

    def __init__(self, now: Callable[[], float], lead: timedelta) -> None:
        self._now = now
        self._lead = lead // FRAME
        self._t0 = now()
        self._written = 0

    @property
    def written(self) -> int:
        """How many frames were written; the number of the next one."""
        return self._written

    @property
    def heard(self) -> int:
        """How many frames were played to their end."""
        return min(self._written, floor(self._elapsed() + _ROUNDING))

    @property
    def ahead(self) -> int:
        """How many frames were written and not yet heard."""
        return self._written - self.heard

    @property
    def may_write(self) -> bool:
        """Whether the listener has room for one more."""
        return self.ahead < self._lead

    @property
    def next_moment(self) -> float:
        """When the next frame will have been heard, in seconds of the clock."""
        return self._t0 + (self.heard + 1) * _FRAME_SECONDS

    def wrote(self) -> None:
        """One more frame is with the listener."""
        self._written += 1

    def catch_up(self) -> None:
        """Where the listener ran dry, the next frame is played when it comes."""
        self._t0 = max(self._t0, self._now() - self._written * _FRAME_SECONDS)

    def cut(self) -> int:
        """Take back what is not being played yet; returns the number of the first frame taken back."""
        self._written = min(self._written, ceil(self._elapsed() - _ROUNDING))
        return self._written

    def _elapsed(self) -> float:
        """Frames of time since frame 0 began."""
        return (self._now() - self._t0) / _FRAME_SECONDS
