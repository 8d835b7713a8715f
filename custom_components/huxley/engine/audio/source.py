"""One sound in the mix: what waits to be mixed, what was mixed but not heard, and how loud it is (Engine A2, A5)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from .ducking import Envelope
from .pcm import FRAME_BYTES, WIDTH, span


class Mixed(NamedTuple):
    """One frame that went into the mix."""

    number: int
    pcm: bytes
    """What was taken; shorter than a frame only at the end of the source."""

    db_before: float
    """Where the envelope stood before it."""

    gain_after: float
    """The envelope's factor at its last sample."""

    @property
    def last_value(self) -> float:
        """The last sample as it was heard, so that a cut can leave from there without a click."""
        return int.from_bytes(self.pcm[-WIDTH:], "little", signed=True) * self.gain_after


@dataclass(frozen=True, slots=True)
class SourceEvents:
    """Who hears of a source."""

    on_end: Callable[[], None] | None = None
    """Its last sample was heard. Called once, never after the source was removed."""

    on_room: Callable[[], None] | None = None
    """There is room for more audio."""

    on_begin: Callable[[], None] | None = None
    """Its first sample that is not silence is being heard. Called once, never after the source was removed."""


class Source:
    """Audio that is pushed in and pulled out in frames. It never waits: what is not there is silence.

    A pause leaves what is buffered where it is, so it goes on with the very next sample (Engine T8).
    """

    __slots__ = ("_begun", "_complete", "_first", "_mixed", "_pcm", "_taken", "envelope", "events", "paused", "wake")

    def __init__(self, events: SourceEvents = SourceEvents()) -> None:
        self.events = events
        self.envelope = Envelope()
        self.paused = False
        self.wake: Callable[[], None] | None = None
        """Set by the mixer that it is in: there is something to mix."""

        self._pcm = bytearray()
        self._mixed: deque[Mixed] = deque()
        self._complete = self._begun = False
        self._first: int | None = None
        self._taken = 0

    @property
    def buffered(self) -> timedelta:
        """How much audio waits to be mixed."""
        return span(len(self._pcm))

    @property
    def ready(self) -> bool:
        """Whether it has a frame to give now."""
        return not self.paused and (len(self._pcm) >= FRAME_BYTES or (self._complete and bool(self._pcm)))

    @property
    def exhausted(self) -> bool:
        """Whether everything was mixed and no more will come."""
        return self._complete and not self._pcm

    def push(self, pcm: bytes) -> None:
        """Add audio at the end."""
        self._pcm += pcm
        self._stir()

    def complete(self) -> None:
        """No more audio follows."""
        self._complete = True
        if len(self._pcm) % WIDTH:
            del self._pcm[-1:]  # half a sample is no sound
        self._stir()

    def set_ducked(self, *, ducked: bool) -> None:
        """Go on quietly, or at full volume (Engine A3). A sound that nobody hears now is there at once."""
        self.envelope.set_ducked(ducked=ducked)
        if self.paused or not self._mixed:
            self.envelope.jump()

    def heard(self, heard_frames: int) -> timedelta:
        """How much of it was heard, when the listener has heard `heard_frames` frames of the mix (Engine T10)."""
        unheard = sum(len(mixed.pcm) for mixed in self._mixed if mixed.number >= heard_frames)
        return span(self._taken - unheard)

    def take(self) -> tuple[bytes, float]:
        """Hand over the next frame, with the gain in dB before it. `ready` must be true."""
        pcm = bytes(self._pcm[:FRAME_BYTES])
        del self._pcm[:FRAME_BYTES]
        self._taken += len(pcm)
        if self.events.on_room is not None:
            self.events.on_room()
        return pcm, self.envelope.db

    def note(self, number: int, pcm: bytes, db_before: float) -> None:
        """Remember a frame until it was heard."""
        if self._first is None and any(pcm):
            self._first = number
        self._mixed.append(Mixed(number, pcm, db_before, self.envelope.gain))

    def begins(self, heard_frames: int) -> bool:
        """Whether its first sound is being heard, when the listener has heard `heard_frames` frames; true once."""
        if self._begun or self._first is None or self._first > heard_frames:
            return False
        self._begun = True
        return True

    def forget(self, heard_frames: int) -> bool:
        """Let go of what was heard, but for the last frame; tells whether the source is heard out."""
        mixed = self._mixed
        while len(mixed) > 1 and mixed[0].number < heard_frames:
            mixed.popleft()
        return self.exhausted and (not mixed or mixed[-1].number < heard_frames)

    def rewind(self, cut: int) -> None:
        """Take back every frame from number `cut` on: the listener threw it away unheard."""
        while self._mixed and self._mixed[-1].number >= cut:
            mixed = self._mixed.pop()
            self._pcm[:0] = mixed.pcm
            self._taken -= len(mixed.pcm)
            self.envelope.rewind(mixed.db_before)
        if self._first is not None and self._first >= cut:
            self._first = None

    def last_before(self, number: int) -> float | None:
        """The value it had right before frame `number`; None when it was silent then."""
        if self._mixed and self._mixed[-1].number == number - 1 and len(self._mixed[-1].pcm) == FRAME_BYTES:
            return self._mixed[-1].last_value
        return None

    def _stir(self) -> None:
        if self.wake is not None and (self.ready or self.exhausted):
            self.wake()
