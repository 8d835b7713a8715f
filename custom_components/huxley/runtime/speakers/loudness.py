"""Whose volume it is: what a person set, told from what we told the device while ducking (Engine A3)."""

from collections.abc import Callable
from datetime import timedelta

DUCKED_LEVEL = 0.4
"""Share of the volume level that is left under speech. Players scale their level by ear, not by voltage:
40 % is about -18 to -24 dB on most (Engine A3)."""

SAME_LEVEL = 0.02  # a level that a device repeats
ROUNDING = 0.07  # a device with few steps takes the nearest one for what it was told
LATE = timedelta(seconds=10)  # by then a device has reported the level that it was told


class Loudness:
    """Decides on levels from 0 to 1; knows no device.

    From the first `duck` on it hears every level that the device reports. A level that is neither what the device was
    told, nor what it had before, nor on the way between them, was set by a person's hand and stays.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.share: float | None = None
        """The share of the level that the device was told to keep; None while it is not told to be quiet."""

        self._clock = clock
        self._person: float | None = None
        self._by_hand = False
        self._known: list[float] = []
        self._told: float | None = None
        self._told_at = 0.0

    @property
    def ducked(self) -> bool:
        """Whether the device was told to be quiet."""
        return self.share is not None

    def wanted(self, reported: float | None) -> float | None:
        """The person's level, also while ducked or on the way back."""
        if not self.ducked and self._late:
            self._forget()
        return reported if self._person is None else self._person

    def duck(self, reported: float, share: float = DUCKED_LEVEL) -> float:
        """Be quiet, or quieter, or less quiet, with `share` of the level; returns the level to tell."""
        self._person = self.wanted(reported)
        if self._person is None:
            self._person = reported
        self.share, self._by_hand = share, False
        self._known += [reported, self._person]
        return self._tell(self._person * share)

    def unduck(self) -> float | None:
        """Be quiet no more; returns the level to tell, None when the one that a person set stays."""
        self.share = None
        if self._by_hand or self._person is None:
            self._forget()
            return None
        return self._tell(self._person)

    def choose(self, level: float) -> float:
        """A person chose `level` in the room; returns the level to tell."""
        if self.share is None:
            self._forget()
            return level
        self._person, self._by_hand = level, False
        return self._tell(level * self.share)

    def reported(self, level: float) -> None:
        """The device is at `level`."""
        if self._person is None:
            return
        if self._told is not None and abs(level - self._told) <= ROUNDING:
            self._known.append(level)
            self._told = None
        elif not self._is_ours(level):
            self._person, self._by_hand = level, True
            if not self.ducked:
                self._forget()

    @property
    def _late(self) -> bool:
        return self._clock() - self._told_at >= LATE.total_seconds()

    def _is_ours(self, level: float) -> bool:
        """Whether it is one of the levels that we know, or passed on the way to the one that we told."""
        if any(abs(level - known) <= SAME_LEVEL for known in self._known):
            return True
        on_the_way = [*self._known, *([] if self._told is None else [self._told])]
        return self._told is not None and not self._late and min(on_the_way) <= level <= max(on_the_way)

    def _tell(self, level: float) -> float:
        if self._told is not None:
            self._known.append(self._told)  # may still be reported
        self._told, self._told_at = level, self._clock()
        return level

    def _forget(self) -> None:
        self._person = self._told = None
        self._by_hand = False
        self._known.clear()
