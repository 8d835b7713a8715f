"""Focus events settled per second, with INFO logging on, next to a naive actor in the same run.

The naive actor is written here: what one writes first. An `asyncio.Queue` of events, one consumer, and a task with a
timeout for every notice. It decides with the same function, so that the difference is the delivery alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import StringIO
from time import perf_counter
from typing import Protocol

from custom_components.huxley.engine.focus import (
    Activity,
    Channel,
    ContentType,
    FocusManager,
    FocusState,
    MixingBehavior,
)
from custom_components.huxley.engine.focus.decision import Acquired, Event, Notice, Released, Stack, decide

from .report import Report, median_of

PAIRS = 20_000  # acquire and release; long enough that starting the loop does not count
NAIVE_PAIRS = 2_000  # the same, for one who is slower
RUNS = 7


class Quiet:
    """An observer that answers at once."""

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Hear it."""

    async def on_patience_expired(self) -> None:
        """Hear it."""


class Actor(Protocol):
    """What is measured."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def acquire(self, activity: Activity) -> None: ...
    async def release(self, activity: Activity) -> None: ...
    async def settled(self) -> None: ...


class NaiveActor:
    """A queue, a consumer, a task for every notice."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._stack: Stack = ()

    async def start(self) -> None:
        self._consumer = asyncio.create_task(self._consume())

    async def stop(self) -> None:
        self._consumer.cancel()
        await asyncio.wait([self._consumer])

    async def acquire(self, activity: Activity) -> None:
        await self._events.put(Acquired(asyncio.get_running_loop().time(), activity))

    async def release(self, activity: Activity) -> None:
        await self._events.put(Released(asyncio.get_running_loop().time(), activity))

    async def settled(self) -> None:
        await self._events.join()

    async def _consume(self) -> None:
        while True:
            event = await self._events.get()
            self._stack, notices = decide(self._stack, event)
            for notice in notices:
                await asyncio.wait_for(asyncio.create_task(self._tell(notice)), timeout=1)
            self._events.task_done()

    async def _tell(self, notice: Notice) -> None:
        if notice.state is not None:
            await notice.activity.observer.on_focus_changed(notice.state, notice.behavior)


SPEECH = Activity(Channel.DIALOG, "speech", Quiet(), ContentType.MIXABLE)
MUSIC = Activity(Channel.CONTENT, "music", Quiet(), ContentType.MIXABLE, timedelta(minutes=5))


async def in_batches(actor: Actor, pairs: int) -> None:
    """Settle once, after all of them."""
    for _ in range(pairs):
        await actor.acquire(SPEECH)
        await actor.release(SPEECH)
    await actor.settled()


async def one_by_one(actor: Actor, pairs: int) -> None:
    """Settle after every event."""
    for _ in range(pairs):
        await actor.acquire(SPEECH)
        await actor.settled()
        await actor.release(SPEECH)
        await actor.settled()


type Drive = Callable[[Actor, int], Awaitable[None]]


def events_per_second(make: Callable[[], Actor], drive: Drive, pairs: int, *, over_music: bool = False) -> float:
    """Run `pairs` of events through a new actor, with or without music below that ducks and comes back."""

    async def measure() -> float:
        actor = make()
        await actor.start()
        if over_music:
            await actor.acquire(MUSIC)
        await drive(actor, pairs // 10)
        began = perf_counter()
        await drive(actor, pairs)
        seconds = perf_counter() - began
        await actor.stop()
        return 2 * pairs / seconds

    return median_of(RUNS, lambda: asyncio.run(measure()))


def main() -> None:
    """Measure and report."""
    logging.basicConfig(level=logging.INFO, stream=StringIO())
    report = Report.from_command_line(f"Focus events settled per second (INFO logging on, median of {RUNS} runs)")
    cases: list[tuple[str, Drive, bool]] = [
        ("acquire + release, settled in a batch", in_batches, False),
        ("acquire + release, settled one by one", one_by_one, False),
        ("the same over music, in a batch", in_batches, True),
        ("the same over music, one by one", one_by_one, True),
    ]
    for name, drive, over_music in cases:
        ours = events_per_second(FocusManager, drive, PAIRS, over_music=over_music)
        naive = events_per_second(NaiveActor, drive, NAIVE_PAIRS, over_music=over_music)
        report.add(name, ours, "events/s", f"{ours / naive:.1f} x the naive actor")
        report.add("  naive actor", naive, "events/s")
    report.emit()


if __name__ == "__main__":
    main()
