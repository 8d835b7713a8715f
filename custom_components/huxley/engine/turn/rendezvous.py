"""Words that several rooms say at once: each room makes way for them, and then waits for the others."""

import asyncio
from datetime import timedelta

LONGEST_WAIT = timedelta(seconds=3)  # from the first room that is ready; a busy room must not silence a whole house


class Seat:
    """One room's place at a rendezvous."""

    def __init__(self, rendezvous: Rendezvous) -> None:
        self._rendezvous = rendezvous

    @property
    def shared(self) -> bool:
        """Whether other rooms take part."""
        return self._rendezvous.size > 1

    async def ready(self) -> None:
        """Return when every other room is ready or gone, or the first one has waited long enough."""
        await self._rendezvous.ready(self)

    def leave(self) -> None:
        """The room does not come, or has been. Harmless when it was said before."""
        self._rendezvous.leave(self)


class Rendezvous:
    """The rooms of one announcement. Everybody sits down first; `begin` says that nobody else will."""

    def __init__(self) -> None:
        self.size = 0
        """How many rooms have sat down."""

        self._awaited: set[Seat] = set()
        self._complete = False
        self._together = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None

    def sit_down(self) -> Seat:
        """One more room takes part."""
        seat = Seat(self)
        self._awaited.add(seat)
        self.size += 1
        return seat

    def begin(self) -> None:
        """All rooms have sat down."""
        self._complete = True
        self._look()

    async def ready(self, seat: Seat) -> None:
        """See `Seat.ready`."""
        self._awaited.discard(seat)
        if self._patience is None and not self._together.is_set():
            self._patience = asyncio.get_running_loop().call_later(LONGEST_WAIT.total_seconds(), self._go)
        self._look()
        await self._together.wait()

    def leave(self, seat: Seat) -> None:
        """See `Seat.leave`."""
        self._awaited.discard(seat)
        self._look()

    def _look(self) -> None:
        if self._complete and not self._awaited:
            self._go()

    def _go(self) -> None:
        self._together.set()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
