"""A pacer: lets audio out no faster than it is heard, on a monotonic clock without drift (Engine A2)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta


class Pacer:
    """Counts the time that a listener has been hearing, and holds back what is too far ahead of it.

    `lead` is how far ahead of the listener the audio may run; a device that fetches by HTTP needs some to start.
    """

    def __init__(self, clock: Callable[[], float], lead: timedelta) -> None:
        self._clock = clock
        self._lead = lead
        self._before = timedelta(0)
        self._since: float | None = None
        self._running = asyncio.Event()

    @property
    def elapsed(self) -> timedelta:
        """How long the listener has been hearing, pauses left out."""
        running = timedelta(0) if self._since is None else timedelta(seconds=self._clock() - self._since)
        return self._before + running

    def run(self) -> None:
        """The listener hears from now on. No effect while it already does."""
        if self._since is None:
            self._since = self._clock()
            self._running.set()

    def hold(self) -> None:
        """The listener hears nothing from now on."""
        self._before = self.elapsed
        self._since = None
        self._running.clear()

    async def wait(self, sent: timedelta) -> None:
        """Return when audio that begins at `sent` may leave; a hold in the meantime counts."""
        while (ahead := sent - self.elapsed - self._lead) > timedelta(0):
            if self._running.is_set():
                await asyncio.sleep(ahead.total_seconds())
            else:
                await self._running.wait()
