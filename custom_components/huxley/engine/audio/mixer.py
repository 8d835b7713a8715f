"""The mixer: a frame from every audible source, summed, limited, and just ahead of the listener (Engine A2-A5)."""

import asyncio
from datetime import timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .frame_clock import FrameClock
from .pcm import FRAME_BYTES, FRAME_SAMPLES
from .source import Source

LEAD = timedelta(milliseconds=100)  # a hiccup of the network this long is not heard; at most 200 ms (Engine A2)
LOUDEST, SOFTEST = 32767.0, -32768.0
SILENCE = bytes(FRAME_BYTES)

_FADE_SAMPLES = 120  # 5 ms: shorter clicks, longer is a fade that one hears
_FADE = (0.5 + 0.5 * np.cos(np.pi * np.arange(1, _FADE_SAMPLES + 1) / _FADE_SAMPLES)).astype(np.float32)
_ALONG = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES


class Output(Protocol):
    """Where the mix goes: a client that plays frames in order, one after the other. Neither call may block."""

    def write(self, frame: bytes, generation: int) -> None:
        """Play one frame after those that were written before."""

    def flush(self, generation: int) -> None:
        """Throw away every frame of an older generation that is not yet being played (Engine A2)."""


class Mixer:
    """The sound of one room. It costs nothing while nothing sounds, and no source can stall it (Engine A5)."""

    def __init__(self, output: Output, *, lead: timedelta = LEAD) -> None:
        self._output = output
        self._clock = FrameClock(asyncio.get_running_loop().time, lead)
        self._sources: list[Source] = []
        self._leaving: list[float] = []
        self._generation = 0
        self._volume = self._wanted_volume = 1.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def generation(self) -> int:
        """What every frame carries; a flush makes a new one."""
        return self._generation

    @property
    def volume(self) -> float:
        """The factor that the person chose, apart from any ducking (Engine A3)."""
        return self._wanted_volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._wanted_volume = volume

    def add(self, source: Source) -> None:
        """Mix `source` from now on. No effect when it is in the mix."""
        if source not in self._sources:
            self._sources.append(source)
            source.wake = self._wake
            self._wake()

    def remove(self, source: Source) -> timedelta:
        """Be silent about `source` at once, and return how much of it was heard. No effect when it is gone."""
        if source in self._sources:
            self.flush()
            if (value := source.last_before(self._clock.written)) is not None:
                self._leaving.append(value)
            self._forget(source)
            self._wake()
        return self.heard(source)

    def pause(self, source: Source) -> None:
        """Pull no more from `source`; what the listener did not hear yet comes first when it goes on."""
        if not source.paused:
            self.flush()
            source.paused = True
            self._wake()

    def resume(self, source: Source) -> None:
        """Pull from `source` again."""
        source.paused = False
        self._wake()

    def heard(self, source: Source) -> timedelta:
        """How much of `source` was heard."""
        return source.heard(self._clock.heard)

    def flush(self) -> None:
        """Take back what was written and is not being played; it belongs to an old generation (Engine A2)."""
        cut = self._clock.cut()
        self._generation += 1
        self._output.flush(self._generation)
        for source in self._sources:
            source.rewind(cut)

    def close(self) -> None:
        """Be silent for good."""
        self.flush()
        for source in tuple(self._sources):
            self._forget(source)
        self._leaving.clear()
        self._stop_timer()

    def mix_frame(self, number: int) -> bytes:
        """Mix frame `number` from what the sources have now; what they do not have is silence."""
        ready = [source for source in self._sources if source.ready]
        leaving = self._leavers(number)
        if len(ready) == 1 and not leaving and self._volume == self._wanted_volume == 1.0:
            source = ready[0]
            if source.envelope.at_rest and source.last_before(number) is not None:
                pcm, db = source.take()
                source.note(number, pcm, db)
                return pcm.ljust(FRAME_BYTES, b"\0")
        mix = np.zeros(FRAME_SAMPLES, np.float32)  # a new one: kept, it would be a third of an idle room
        for value in leaving:
            mix[:_FADE_SAMPLES] += value * _FADE
        for source in ready:
            self._add(source, number, mix)
        self._turn_volume(mix)
        np.rint(mix, out=mix)
        np.clip(mix, SOFTEST, LOUDEST, out=mix)
        return mix.astype("<i2").tobytes()

    def _leavers(self, number: int) -> list[float]:
        """The last values of sounds that stop here; they fall to zero in 5 ms."""
        leaving, self._leaving = self._leaving, []
        for source in self._sources:
            if not source.ready and (value := source.last_before(number)) is not None:
                leaving.append(value)
        return leaving

    def _add(self, source: Source, number: int, mix: NDArray[np.float32]) -> None:
        joins = source.last_before(number) is None
        pcm, db_before = source.take()
        samples = np.frombuffer(pcm, "<i2")
        gain = source.envelope.next_frame()
        factors = gain if isinstance(gain, float) else gain[: len(samples)]
        one = np.multiply(samples, factors, dtype=np.float32)
        source.note(number, pcm, db_before)
        if joins and one.size and one[0]:
            fade = _FADE[: len(one)]
            one[: len(fade)] -= one[0] * fade
        mix[: len(one)] += one

    def _turn_volume(self, mix: NDArray[np.float32]) -> None:
        before, wanted = self._volume, self._wanted_volume
        if before != wanted:
            mix *= before + (wanted - before) * _ALONG
            self._volume = wanted
        elif before != 1.0:
            mix *= before

    def _wake(self) -> None:
        """Mix what may leave now, tell who is heard and who was heard out; come back when there is something to do."""
        self._stop_timer()
        clock = self._clock
        clock.catch_up()
        while clock.may_write and self._has_sound():
            self._output.write(self.mix_frame(clock.written), self._generation)
            clock.wrote()
        heard = clock.heard
        begun = [source.events.on_begin for source in self._sources if source.events.on_begin and source.begins(heard)]
        over = [source for source in self._sources if source.forget(heard)]
        for source in over:
            self._forget(source)
        if clock.ahead:
            self._timer = asyncio.get_running_loop().call_at(clock.next_moment, self._wake)
        for tell in begun:
            tell()
        for source in over:
            if source.events.on_end is not None:
                source.events.on_end()

    def _has_sound(self) -> bool:
        """Whether the next frame has anything in it.

        The fade of what stopped needs a frame; the fade of what only stalls waits until the listener runs dry.
        """
        if any(source.ready for source in self._sources):
            return True
        if self._clock.ahead > 1:
            return False
        number, dry = self._clock.written, not self._clock.ahead
        fading = (source for source in self._sources if source.last_before(number) is not None)
        return bool(self._leaving) or any(dry or source.paused or source.exhausted for source in fading)

    def _forget(self, source: Source) -> None:
        self._sources.remove(source)
        source.wake = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
