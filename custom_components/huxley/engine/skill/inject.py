"""Speaking up without being asked: the tiers of an inject and what became of it (Engine I1-I10)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class InjectPriority(StrEnum):
    """How an inject behaves towards what the room is doing."""

    NORMAL = "normal"
    """Waits until nothing else happens: no turn, no call, no stream. Interrupts nothing (Engine I1)."""

    BLOCK_BEHIND_COMMS = "block_behind_comms"
    """Speaks over music and books, waits for a call and for the running turn: timers, reminders (Engine I2)."""

    PREEMPT = "preempt"
    """Goes through everything and ends a call: smoke, a break-in, nothing less (Engine I3)."""


class InjectStatus(StrEnum):
    """What became of an inject (Engine I7)."""

    QUEUED = "queued"
    """Accepted, and the caller did not wait for more (`wait=False`)."""

    SPOKEN = "spoken"
    """Heard to its end."""

    INTERRUPTED = "interrupted"
    """Cut short by a person or by something stronger; `heard` says how far it came."""

    REPLACED = "replaced"
    """A newer one with the same `dedup_key` took its place, or it is that same one in flight (Engine I5)."""

    EXPIRED = "expired"
    """Its `expires_after` passed before it could be spoken (Engine I6)."""

    REFUSED = "refused"
    """Quiet hours or a full queue; `reason` says which (Engine I6, I10)."""

    FAILED = "failed"
    """The model or the speaker failed; `reason` says how (Engine I8)."""


@dataclass(frozen=True, slots=True)
class InjectOutcome:
    """What became of one inject. `heard` is speech that reached the person, zero when none did."""

    status: InjectStatus
    heard: timedelta = timedelta(0)
    reason: str | None = None


class InjectTurn(Protocol):
    """Have the persona speak in this room (Engine I1-I10).

    Exactly one of `prompt` (narrated by the model) and `message` (spoken word for word). With `wait` the outcome
    is the final one, otherwise it is `QUEUED` or an immediate refusal.
    """

    async def __call__(
        self,
        prompt: str | None = None,
        *,
        message: str | None = None,
        priority: InjectPriority = InjectPriority.NORMAL,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
        wait: bool = False,
    ) -> InjectOutcome:
        """Queue the words and say what became of them."""
