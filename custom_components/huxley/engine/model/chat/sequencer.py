"""One response at a time: no request is ever on the wire beside another."""

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum

from .exchange import Exchange


class SequencerState(StrEnum):
    """What is on the wire."""

    IDLE = "idle"
    """Nothing."""

    CREATE_SENT = "create_sent"
    """A request; nothing of its answer yet."""

    ACTIVE = "active"
    """An answer that comes."""

    CANCELLING = "cancelling"
    """An answer that nobody wants any more, until its connection is closed."""


ALLOWED: Mapping[SequencerState, frozenset[SequencerState]] = {
    SequencerState.IDLE: frozenset({SequencerState.CREATE_SENT}),
    SequencerState.CREATE_SENT: frozenset({SequencerState.ACTIVE, SequencerState.CANCELLING, SequencerState.IDLE}),
    SequencerState.ACTIVE: frozenset({SequencerState.CANCELLING, SequencerState.IDLE}),
    SequencerState.CANCELLING: frozenset({SequencerState.IDLE}),
}
"""By state: what may follow."""


class Sequencer:
    """Follows the wire, not those who read from it: an answer that nobody reads to its end blocks nobody."""

    def __init__(self) -> None:
        self._state = SequencerState.IDLE
        self._response_id: str | None = None
        self._exchange: Exchange | None = None
        self._gate = asyncio.Lock()

    @property
    def state(self) -> SequencerState:
        """What is on the wire."""
        if self._exchange is not None and self._exchange.over:
            self._settle()
        return self._state

    async def send(self, response_id: str, make: Callable[[], Exchange]) -> Exchange:
        """Put a request on the wire once nothing else is there; what still is there is cancelled first."""
        async with self._gate:
            await self.cancel()
            self._exchange, self._response_id = make(), response_id
            self._enter(SequencerState.CREATE_SENT)
            return self._exchange

    def receiving(self, response_id: str) -> None:
        """The answer has begun."""
        if response_id == self._response_id and self.state is SequencerState.CREATE_SENT:
            self._enter(SequencerState.ACTIVE)

    async def cancel(self, response_id: str | None = None) -> None:
        """End what is on the wire (only if it is that response), and return when its connection is closed."""
        exchange = self._exchange
        if exchange is None or response_id not in (None, self._response_id):
            return
        if self.state is SequencerState.IDLE:
            return
        if self._state is not SequencerState.CANCELLING:
            self._enter(SequencerState.CANCELLING)
            exchange.cancel()
        await exchange.ended()
        if exchange is self._exchange:
            self._settle()

    def _settle(self) -> None:
        if self._state is not SequencerState.IDLE:
            self._enter(SequencerState.IDLE)
        self._exchange = self._response_id = None

    def _enter(self, state: SequencerState) -> None:
        if state not in ALLOWED[self._state]:
            raise RuntimeError(f"A chat session cannot go from {self._state} to {state}.")
        self._state = state
