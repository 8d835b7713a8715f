"""Whether content goes on after its player was away: decides on values; knows no device."""

from collections.abc import Callable
from datetime import timedelta

AWAY_LIMIT = timedelta(minutes=2)  # a device that takes longer did not reboot; by then nobody expects the music
SETTLED = timedelta(minutes=2)  # a player that is gone again sooner is broken, and is not tried again


class Reboots:
    """Hears of a player that comes and goes, and of content that ends. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._gone_at: float | None = None
        self._back = self._cut_off = False
        self._revived_at: float | None = None

    def gone(self) -> None:
        """The player is not there any more, and it was playing."""
        if self._gone_at is None:
            self._gone_at = self._clock()
        self._back = False

    def back(self) -> None:
        """The player is there again, and silent."""
        self._back = True

    def plays(self) -> None:
        """The player plays: whatever was, is over."""
        self._gone_at = None
        self._back = self._cut_off = False

    def cut_off(self) -> bool:
        """The content ended, and nobody stopped it here. Tells whether that is because the player was gone."""
        self._cut_off = self._gone_at is not None
        return self._cut_off

    def goes_on(self) -> bool:
        """Whether it is time to play on; true once for each time that the player was gone."""
        if self._gone_at is None or not self._back or not self._cut_off:
            return False
        now, gone_at = self._clock(), self._gone_at
        revived_at = self._revived_at
        self.plays()
        if now - gone_at > AWAY_LIMIT.total_seconds():
            return False
        if revived_at is not None and gone_at - revived_at < SETTLED.total_seconds():
            return False
        self._revived_at = now
        return True

    def forget(self) -> None:
        """A person decided otherwise."""
        self.plays()
