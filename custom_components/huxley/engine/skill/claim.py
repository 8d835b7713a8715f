"""Taking a room's microphone from outside a turn (Engine C1-C7)."""

from typing import Protocol

from .effects import ClaimEndReason, InputClaim


class ClaimHandle(Protocol):
    """A running claim, as its skill holds it (Engine C5)."""

    async def cancel(self) -> None:
        """End the claim as `NATURAL`; harmless when it is already over."""

    async def wait_end(self) -> ClaimEndReason:
        """Wait for the end, or tell the reason at once when it is over."""


class StartInputClaim(Protocol):
    """Start a claim on this room's microphone now."""

    async def __call__(self, claim: InputClaim) -> ClaimHandle:
        """Return the running claim; `ClaimBusyError` when somebody else holds the microphone (Engine C1)."""
