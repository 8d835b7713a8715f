"""A model that hears the room by itself is suspended while somebody else has the microphone (Engine C2)."""

from typing import Protocol, runtime_checkable

from ..model.protocol import ModelSession


@runtime_checkable
class Suspendable(Protocol):
    """What a session offers that hears the room by itself; one that is only ever asked needs none of it."""

    async def suspend(self) -> None:
        """Hear nothing and begin nothing until `resume`. A `respond` that is asked for is still answered."""

    async def resume(self) -> None:
        """Hear again. Harmless when it was not suspended."""


async def suspend(session: ModelSession) -> None:
    """Suspend `session` if it hears anything."""
    if isinstance(session, Suspendable):
        await session.suspend()


async def resume(session: ModelSession) -> None:
    """Let `session` hear again if it ever does."""
    if isinstance(session, Suspendable):
        await session.resume()
