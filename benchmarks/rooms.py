"""What a room takes inside Home Assistant, next to plain Home Assistant in the same run; and what fifty of them take.

From a state, an action or the end of an answer until the device's own method runs. Satellites and players are
simulated and need no time; Home Assistant, its pipelines and Huxley are real. Each case is a process of its own.
"""

import argparse
import asyncio
import gc
import logging
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from resource import getpagesize
from statistics import median, quantiles
from time import process_time

from .report import Report
from .simulation.house import Automations, House, Huxley, Resident, configured, running_house

WISH = "put on some music"
PAUSE = 0.01  # seconds between two rounds: nobody wakes a house in one breath
ROUND_LIMIT = 30  # seconds; a round takes some milliseconds
SETTLE = 5.0  # seconds after which a house has nothing more to set up
WARM_UP = 10  # rounds that are not counted
BURSTS = 20
MIB = 1 << 20
AIM_MS = 5

RESIDENTS: dict[str, type[Resident]] = {"huxley": Huxley, "plain": Automations}


@dataclass(frozen=True, slots=True)
class Case:
    """What one process measures."""

    resident: str
    rooms: int
    rounds: int
    seconds: float
    """For how long the house is left alone, twice: idle, and playing."""


@dataclass(slots=True)
class Figures:
    """What came out: milliseconds, percent of a core, MiB."""

    wake: list[float] = field(default_factory=list)
    announce: list[float] = field(default_factory=list)
    content: list[float] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    memory_before: float = 0.0
    memory_idle: float = 0.0
    memory_playing: float = 0.0
    cpu_idle: float = 0.0
    cpu_playing: float = 0.0


TIMES = {
    "wake": "wake word → player told to be quiet",
    "announce": "inject → announce",
    "content": "answer heard out → player told to play",
    "burst": "all wake words at once → each player told",
}


class Rounds:
    """One round of each kind in one room, while music plays in all the others. The results are milliseconds."""

    def __init__(self, house: House, resident: Resident) -> None:
        self._house = house
        self._resident = resident
        self._said = 0

    async def wake(self, room: int) -> float:
        """Somebody wakes the room and says nothing: from the state `listening` to `volume_set`."""
        satellite, player = self._house.devices.satellites[room], self._house.devices.players[room]
        self._house.devices.words = ""
        told = player.moments.next("volume_set")
        pipeline = asyncio.create_task(satellite.wake())
        took = await told - satellite.moments["listening"]
        satellite.fall_silent()
        await pipeline
        await self._settled(room)
        return took * 1000

    async def announce(self, room: int) -> float:
        """An automation has the room say something: from the action to the satellite's announcement."""
        satellite = self._house.devices.satellites[room]
        self._said += 1
        announced = satellite.moments.next("announce")
        satellite.moments.note("asked")
        call = asyncio.create_task(self._resident.announce(self._house, room, f"This is message {self._said}."))
        took = await announced - satellite.moments["asked"]
        await call
        await self._settled(room)
        return took * 1000

    async def content_again(self, room: int) -> float:
        """Stop the music, and ask for it."""
        await self._resident.stop(self._house, room)
        await self._settled(room)
        return await self.content(room)

    async def content(self, room: int) -> float:
        """Somebody asks for music where none plays: from the state `idle` after the answer to `play_media`."""
        satellite, player = self._house.devices.satellites[room], self._house.devices.players[room]
        self._house.devices.words = WISH
        answering, told = satellite.moments.next("answering"), player.moments.next("play_media")
        pipeline = asyncio.create_task(satellite.wake())
        await satellite.moments.next("listening")
        satellite.fall_silent()
        await answering
        await pipeline
        satellite.hear_out()
        took = await told - satellite.moments["idle"]
        await self._settled(room)
        return took * 1000

    async def _settled(self, room: int) -> None:
        satellite, player = self._house.devices.satellites[room], self._house.devices.players[room]
        await asyncio.sleep(PAUSE)
        while satellite.state != "idle" or not player.at_full_level:  # noqa: ASYNC110 (nothing is measured here)
            await asyncio.sleep(PAUSE)


async def measure(case: Case, config: Path) -> Figures:
    """Start a house, and measure everything in it."""
    figures = Figures()
    async with running_house(config, case.rooms) as house:
        resident = RESIDENTS[case.resident]()
        await asyncio.sleep(min(SETTLE, case.seconds))
        figures.memory_before = memory()
        await resident.move_in(house)
        rounds = Rounds(house, resident)
        await asyncio.sleep(min(SETTLE, case.seconds))
        figures.memory_idle = memory()
        figures.cpu_idle = await cpu(case.seconds)
        for room in range(case.rooms):
            await rounds.content(room)
        await asyncio.sleep(min(SETTLE, case.seconds))
        figures.cpu_playing = await cpu(case.seconds)
        figures.memory_playing = memory()
        for kind, one in (("wake", rounds.wake), ("announce", rounds.announce), ("content", rounds.content_again)):
            setattr(figures, kind, await repeated(one, case))
        figures.burst = [
            took for _ in range(BURSTS) for took in await asyncio.gather(*map(rounds.wake, range(case.rooms)))
        ]
    return figures


async def repeated(one: Callable[[int], Awaitable[float]], case: Case) -> list[float]:
    """Repeat a round in one room after the other."""
    found = []
    for number in range(WARM_UP + case.rounds):
        async with asyncio.timeout(ROUND_LIMIT):
            found.append(await one(number % case.rooms))
    return found[WARM_UP:]


def memory() -> float:
    """Return what this process holds, MiB."""
    gc.collect()
    resident_pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return resident_pages * getpagesize() / MIB


async def cpu(seconds: float) -> float:
    """Return the share of a core that this process takes in the next `seconds`, in percent."""
    loop = asyncio.get_running_loop()
    began, used = loop.time(), process_time()
    await asyncio.sleep(seconds)
    return (process_time() - used) / (loop.time() - began) * 100


def in_a_process(case: Case) -> Figures:
    """Measure a case where no other has been before."""
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, case, configured(Path(folder))).result()


def run(case: Case, config: Path) -> Figures:
    """Measure a case in this process."""
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])  # Home Assistant adds its file
    return asyncio.run(measure(case, config))


def percentile_99(times: list[float]) -> float:
    """Return the 99th percentile; of a few, the largest that they promise."""
    return quantiles(times, n=100, method="inclusive")[98] if len(times) > 1 else times[0]


def add_times(report: Report, rooms: int, ours: Figures, plain: Figures) -> None:
    """Add median and 99th percentile of each kind of round."""
    house = f"{rooms} room{'s' if rooms > 1 else ''}"
    for kind, name in TIMES.items():
        if kind == "burst" and rooms == 1:
            continue
        mine, peers = getattr(ours, kind), getattr(plain, kind)
        for label, figure in (("p50", median), ("p99", percentile_99)):
            aim = f"aim: under {AIM_MS}; " if label == "p99" and kind != "burst" else ""
            own, peer = figure(mine), figure(peers)
            report.add(f"{name}, {house}, {label}", own, "ms", f"{aim}plain: {peer:.2f}, ratio {own / peer:.1f}")


def add_load(report: Report, rooms: int, ours: Figures, plain: Figures) -> None:
    """Add what the rooms take while nobody speaks."""
    house = f"{rooms} room{'s' if rooms > 1 else ''}"
    report.add(f"{house} idle, CPU", ours.cpu_idle, "% of a core", f"plain: {plain.cpu_idle:.2f}")
    report.add(f"{house} playing streams, CPU", ours.cpu_playing, "% of a core", "each stream fetched over HTTP")
    for name, state in (("idle", "memory_idle"), ("playing streams", "memory_playing")):
        added = getattr(ours, state) - ours.memory_before
        whole = f"whole process: {getattr(ours, state):.0f} MiB, plain: {getattr(plain, state):.0f} MiB"
        report.add(f"{house} {name}, memory added", added, "MiB", whole)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--rooms", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=15.0)
    options, rest = parser.parse_known_args()
    report = Report.from_command_line(
        f"Rooms inside Home Assistant (INFO logging on, {options.rounds} rounds each, music in every room)", rest
    )
    for rooms in options.rooms:
        ours, plain = (in_a_process(Case(who, rooms, options.rounds, options.seconds)) for who in RESIDENTS)
        add_times(report, rooms, ours, plain)
        add_load(report, rooms, ours, plain)
    report.emit()


if __name__ == "__main__":
    main()
