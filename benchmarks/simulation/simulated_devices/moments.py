"""When which device was told what, and all devices of the house."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .assist_satellite import SimulatedSatellite
    from .media_player import SimulatedPlayer


class Moments:
    """The last moment of each thing that happened to a device, in seconds of `perf_counter`."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._waiting: defaultdict[str, list[asyncio.Future[float]]] = defaultdict(list)

    def __getitem__(self, what: str) -> float:
        return self._last[what]

    def note(self, what: str) -> None:
        """It happens now."""
        self._last[what] = now = perf_counter()
        for waiter in self._waiting.pop(what, ()):
            if not waiter.done():
                waiter.set_result(now)

    def next(self, what: str) -> asyncio.Future[float]:
        """Wait for the next time that it happens; the future's result is the moment."""
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[what].append(waiter)
        return waiter


def nowhere(player: str, url: str | None) -> None:
    """Fetch nothing."""


@dataclass(slots=True)
class Devices:
    """The devices of a house, by the number of their room."""

    satellites: list[SimulatedSatellite] = field(default_factory=list)
    players: list[SimulatedPlayer] = field(default_factory=list)
    words: str = ""
    """What people say, whatever the microphones hear."""

    fetch: Callable[[str, str | None], None] = nowhere
    """Called by a player that begins to play an address; with None when it stops."""
