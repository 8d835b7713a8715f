"""Plays all cells that are wanted, as many at once as there are rooms, and keeps their recordings."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .acts import CELL_LIMIT, Scene, perform, record, say_again, situate
from .cells import Cell, Event, Situation
from .house import MatrixHouse
from .places import Place
from .tape import Tape

_LOGGER = logging.getLogger(__name__)

AFTER_RESTART = 4.0  # seconds in which something could start by itself
SENT = 2.5  # seconds of a stream that a device may have when Home Assistant stops
EARLY = frozenset({Situation.IDLE, Situation.OWN, Situation.FOREIGN})
"""Situations that last; the others are over after some words, and are made last."""

type Take = Tape | BaseException
"""A recording, or why there is none."""

type Holds = Callable[[Cell, Take], bool]
"""Whether a take is as its cell says; may be called from any thread."""


async def play_all(house: MatrixHouse, cells: Iterable[Cell], holds: Holds) -> dict[Cell, list[Take]]:
    """Play every cell: those of the restart last, and all at once.

    What does not hold is played once more: ten devices that sound at once on a small machine may run dry, or not
    understand a word. What Huxley does wrong, it does twice.
    """
    takes: dict[Cell, list[Take]] = {}
    cells = list(cells)
    ordinary = [cell for cell in cells if cell.event is not Event.RESTART]
    restarts = [cell for cell in cells if cell.event is Event.RESTART]
    rooms: Sequence[Place] = (*house.kitchens, *house.living_rooms)
    ordinary.sort(key=lambda cell: cell.event is Event.GONE)  # the longest last, where the rooms take them from
    queues = {place.device: [cell for cell in ordinary if cell.device is place.device] for place in rooms}
    await asyncio.gather(*(_play_in(place, queues[place.device], takes, holds) for place in rooms))
    if restarts:
        await _play_restarts(house, restarts, takes)
    return takes


async def _play_in(place: Place, queue: list[Cell], takes: dict[Cell, list[Take]], holds: Holds) -> None:
    """Play in one room what nobody plays yet."""
    while queue:
        cell = queue.pop()
        take = await _take(place, cell)
        if not await asyncio.to_thread(holds, cell, take):
            _LOGGER.warning("behaviour.played_again cell=%s", cell.id)
            take = await _take(place, cell)
        takes[cell] = [take]


async def _take(place: Place, cell: Cell) -> Take:
    try:
        return await perform(place, cell)
    except Exception as error:  # noqa: BLE001  it is the cell's outcome, and raised in its test
        return error


async def _play_restarts(house: MatrixHouse, cells: list[Cell], takes: dict[Cell, list[Take]]) -> None:
    """One situation in each kitchen, one restart for all of them; the last kitchen plays on by itself after it."""
    scenes = [Scene(place, cell, 0.0) for cell, place in zip(cells, house.kitchens, strict=False)]
    scenes += [Scene(house.kitchens[-1], cell, 0.0) for cell in cells if cell.situation is Situation.OWN]
    await asyncio.gather(*(scene.place.rest() for scene in scenes))
    for early in (True, False):
        due = [scene for scene in scenes if (scene.cell.situation in EARLY) is early]
        for scene in due:
            scene.began = scene.place.now
        await asyncio.gather(*(situate(scene) for scene in due))
    await house.stop()
    for scene in scenes:
        scene.event = scene.place.now
    await house.start()
    for scene in scenes:
        await scene.forget()
    outcomes = await asyncio.gather(*(_after(scene) for scene in scenes), return_exceptions=True)
    for scene, outcome in zip(scenes, outcomes, strict=True):
        takes.setdefault(scene.cell, []).append(outcome)


async def _after(scene: Scene) -> Tape:
    """Listen whether something starts by itself, then whether the room speaks."""
    scene.going_on.clear()
    async with asyncio.timeout(CELL_LIMIT):
        scene.back = scene.event + SENT
        await scene.place.ear.reaches(scene.place.now + AFTER_RESTART)
        await say_again(scene)
        await scene.over()
        await scene.place.ear.reaches(scene.place.now + 2.6)
    tape = record(scene)
    return replace(tape, latencies=replace(tape.latencies, stop=SENT))
