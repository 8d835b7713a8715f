"""What the engine costs, INFO logging on: focus, press to flush, inject to model, mixing, memory, two hundred rooms."""

import asyncio
import gc
import logging
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from statistics import median, quantiles
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from custom_components.huxley.engine.audio.ducking import DEPTH_DB
from custom_components.huxley.engine.audio.feeder import Feeder
from custom_components.huxley.engine.audio.mixer import Mixer
from custom_components.huxley.engine.audio.pcm import FRAME_SAMPLES
from custom_components.huxley.engine.audio.source import Source
from custom_components.huxley.engine.focus import ContentType, FocusManager
from custom_components.huxley.engine.model.protocol import ModelEvent, ModelRequest
from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.skill.inject import InjectPriority
from custom_components.huxley.engine.stream import StreamSpeaker
from custom_components.huxley.engine.turn import Cause, Coordinator, Injection, Trace, TurnState

from .focus import PAIRS, events_per_second, in_batches, one_by_one
from .report import Report, median_of
from .simulation.agent import ScriptedAgent, ScriptedSession

PRESSES = INJECTS = 1_000
FRAMES = 20_000
RUNS = 5
IDLE_ROOMS = MIXING_ROOMS = 200
MIXING_SECONDS = 5.0
NOISE: bytes = np.random.default_rng(1).integers(-8000, 8000, FRAME_SAMPLES).astype("<i2").tobytes()


class Sink:
    """An output that keeps nothing but the time of the last flush."""

    def __init__(self) -> None:
        self.frames = 0
        self.flushed_at = 0.0

    def write(self, frame: bytes, generation: int) -> None:
        self.frames += 1

    def flush(self, generation: int) -> None:
        self.flushed_at = perf_counter()


class WatchedSession(ScriptedSession):
    """A model that notes when it is asked, and says nothing."""

    asked_at = 0.0

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        self.asked_at = perf_counter()
        async for event in super().respond(request):
            yield event


class BareRoom:
    """Everything a room needs, with a client that throws the sound away."""

    def __init__(self) -> None:
        self.sink = Sink()
        self.mixer = Mixer(self.sink)
        self.focus = FocusManager()
        clock = asyncio.get_running_loop().time
        self.room = Coordinator(self.focus, StreamSpeaker(self.mixer, voice=hum), Trace(clock))
        self.session = WatchedSession(thinks=timedelta(0), closes=timedelta(0))
        self.room.resident = self.agent = ScriptedAgent(self.session)

    async def open(self) -> None:
        await self.focus.start()

    async def close(self) -> None:
        await self.room.close()
        await self.focus.stop()
        self.mixer.close()


async def hum(_words: AsyncIterator[str]) -> AsyncGenerator[bytes]:
    """A voice without end."""
    while True:
        yield NOISE


async def endless() -> AsyncGenerator[bytes]:
    """A stream without end."""
    while True:
        yield NOISE


def book() -> AudioStream:
    """A book that comes back after every press."""
    return AudioStream(endless, resume=book, title="book")


async def until(happened: Callable[[], bool]) -> None:
    """Let the loop run until something happened, without a timer in between."""
    while not happened():  # noqa: ASYNC110 (an event would add its own time to what is measured)
        await asyncio.sleep(0)


async def press_to_flush(stream: AudioStream) -> list[float]:
    """Microseconds from a press to the client's flush, while a person is being spoken to over `stream`."""
    room = BareRoom()
    await room.open()
    await room.room.play(stream)
    found = []
    for _ in range(PRESSES):
        if stream.content_type is ContentType.MIXABLE:  # music ducks, so it is the speech that is flushed
            await room.room.inject(Injection(room.agent, message="hello", priority=InjectPriority.BLOCK_BEHIND_COMMS))
            await until(lambda: room.room.state is TurnState.APPLYING_FACTORIES)
        frames = room.sink.frames
        await until(lambda: room.sink.frames > frames)  # noqa: B023 (waited for in this very turn of the loop)
        began = perf_counter()
        await room.room.press()
        found.append((room.sink.flushed_at - began) * 1e6)
        await room.room.nothing_said()
    await room.close()
    return found


async def inject_to_model() -> list[float]:
    """Microseconds from an inject to the request at the model, in an idle room."""
    room = BareRoom()
    await room.open()
    found = []
    for _ in range(INJECTS):
        before = room.session.requests
        began = perf_counter()
        await room.room.inject(Injection(room.agent, prompt="Say hello."))
        await until(lambda: room.session.requests > before)  # noqa: B023 (waited for in this very turn of the loop)
        found.append((room.session.asked_at - began) * 1e6)
        await room.room.interrupt(Cause.STOP)
    await room.close()
    return found


async def frames_per_second() -> float:
    """Mix one ducked and one speaking source, as fast as it goes."""
    mixer = Mixer(Sink())
    music, speech = Source(), Source()
    music.set_ducked(ducked=True)
    for source in (music, speech):
        mixer.add(source)
        source.paused = True
        source.push(NOISE * FRAMES)
        source.paused = False
    began = perf_counter()
    for number in range(FRAMES):
        mixer.mix_frame(number)
        music.forget(number - 5)
        speech.forget(number - 5)
    seconds = perf_counter() - began
    mixer.close()
    return FRAMES / seconds


def plain_numpy_frames_per_second() -> float:
    """The same frame as one writes it first: a gain for each sample, double precision, a new array for each step."""
    began = perf_counter()
    for _ in range(FRAMES):
        gain: NDArray[np.float64] = 10 ** (np.linspace(DEPTH_DB, DEPTH_DB, FRAME_SAMPLES) / 20)
        mixed = np.frombuffer(NOISE, "<i2") * gain + np.frombuffer(NOISE, "<i2").astype(np.float64)
        np.clip(np.round(mixed), -32768, 32767).astype("<i2").tobytes()
    return FRAMES / (perf_counter() - began)


def audioop_frames_per_second() -> float:
    """The same frame with C code that knows neither ramps nor sources."""
    audioop = import_module("audioop")
    factor = 10 ** (DEPTH_DB / 20)
    began = perf_counter()
    for _ in range(FRAMES):
        audioop.add(audioop.mul(NOISE, 2, factor), NOISE, 2)
    return FRAMES / (perf_counter() - began)


async def bytes_per_idle_room() -> float:
    """Memory of a room that was opened and waits."""
    warm = BareRoom()
    await warm.open()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    rooms = [BareRoom() for _ in range(IDLE_ROOMS)]
    for room in rooms:
        await room.open()
    await asyncio.sleep(0)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    for room in [warm, *rooms]:
        await room.close()
    return used / IDLE_ROOMS


async def share_of_a_core() -> tuple[float, float]:
    """CPU share in percent, and frames written per second, of rooms that all duck music under speech, in real time."""
    sinks = [Sink() for _ in range(MIXING_ROOMS)]
    mixers = [Mixer(sink) for sink in sinks]
    feeders = [Feeder(endless(), lambda _: None) for _ in range(2 * MIXING_ROOMS)]
    for number, feeder in enumerate(feeders):
        feeder.source.set_ducked(ducked=number % 2 == 0)
        mixers[number // 2].add(feeder.source)
        await asyncio.sleep(0.0001)  # rooms do not begin in the same moment
    await asyncio.sleep(0.5)
    wall, cpu, frames = perf_counter(), process_time(), sum(sink.frames for sink in sinks)
    await asyncio.sleep(MIXING_SECONDS)
    seconds = perf_counter() - wall
    share = (process_time() - cpu) / seconds * 100
    frames = sum(sink.frames for sink in sinks) - frames
    for mixer in mixers:
        mixer.close()
    for feeder in feeders:
        await feeder.close()
    return share, frames / seconds


def add_times(report: Report, name: str, times: list[float], note: str) -> None:
    """Add median and 99th percentile, after a tenth of warming up."""
    warm = times[len(times) // 10 :]
    report.add(f"{name}, p50", median(warm), "µs")
    report.add(f"{name}, p99", quantiles(warm, n=100)[98], "µs", note)


def main() -> None:
    """Measure and report."""
    logging.basicConfig(level=logging.INFO, stream=StringIO())
    report = Report.from_command_line(f"The engine (INFO logging on; rates are medians of {RUNS} runs)")
    report.add("focus, settled in a batch", events_per_second(FocusManager, in_batches, PAIRS), "events/s")
    report.add("focus, settled one by one", events_per_second(FocusManager, one_by_one, PAIRS), "events/s")
    add_times(report, "press → flush, over a book", asyncio.run(press_to_flush(book())), "aim: under 60")
    music = AudioStream(endless, ContentType.MIXABLE, title="music")
    add_times(report, "press → flush, speech over music", asyncio.run(press_to_flush(music)), "aim: under 60")
    add_times(report, "inject → model request", asyncio.run(inject_to_model()), "aim: under 60")
    ours = median_of(RUNS, lambda: asyncio.run(frames_per_second()))
    report.add("mixed frames, one ducked, one speaking", ours, "frames/s", "aim: over 25,000")
    plain = median_of(RUNS, plain_numpy_frames_per_second)
    report.add("  plain numpy", plain, "frames/s", f"ours: {ours / plain:.1f} x")
    if find_spec("audioop") is not None:
        fastest = median_of(RUNS, audioop_frames_per_second)
        report.add("  audioop, no ramps, no sources", fastest, "frames/s", f"ours: {ours / fastest:.2f} x")
    report.add("idle room", asyncio.run(bytes_per_idle_room()) / 1024, "KiB", "aim: under 10")
    share, frames = asyncio.run(share_of_a_core())
    report.add(f"{MIXING_ROOMS} rooms mixing in real time", share, "% of a core", f"{frames:,.0f} frames/s")
    report.emit()


if __name__ == "__main__":
    main()
