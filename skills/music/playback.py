"""One evening of tracks as one stream, and the place in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from .catalog import Track

BYTES_PER_SECOND = 48_000  # 24 kHz, 16 bit, mono


@dataclass(slots=True)
class Playback:
    """What one stream plays and how far it was heard. `start` is the place in the first track."""

    tracks: Sequence[Track]
    start: timedelta = timedelta(0)
    heard: timedelta = timedelta(0)
    produced: int = 0
    """Bytes handed out; what was heard lies a little behind."""

    begins: list[timedelta] = field(default_factory=list)
    """When each track began, on the stream's own clock."""

    ended: bool = False

    def begin_track(self) -> None:
        """Note that the next track starts here."""
        self.begins.append(timedelta(seconds=self.produced / BYTES_PER_SECOND))

    def rest(self) -> tuple[Sequence[Track], timedelta]:
        """Return the tracks from the heard place on, and the place in the first of them."""
        return self.from_place(self.heard)

    def from_place(self, heard: timedelta) -> tuple[Sequence[Track], timedelta]:
        """Return the tracks from a place on the stream's own clock on, and the place in the first of them."""
        index = max((number for number, begin in enumerate(self.begins) if begin <= heard), default=0)
        into_track = heard - (self.begins[index] if self.begins else timedelta(0))
        return self.tracks[index:], into_track + (self.start if index == 0 else timedelta(0))
