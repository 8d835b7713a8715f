"""A claim's way through the room's turns: announced on DIALOG, opened, ended by whoever ends it (Engine C1-C7)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..skill.effects import ClaimEndReason
from ..skill.inject import InjectPriority
from .claims import PRESS_GRACE, Claim, Claims
from .injections import Injection
from .interrupt import Cause
from .states import TurnEvent
from .turn import Turn, TurnOutcome, TurnSource


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of the coordinator that a claim needs; its gate is held during each of them."""

    turn: Callable[[], Turn | None]
    open: Callable[[Turn, TurnEvent, str], Awaitable[Turn]]
    announce: Callable[[Turn], None]
    cut: Callable[[Cause], Awaitable[Turn | None]]
    close: Callable[[Turn, TurnOutcome], Awaitable[None]]
    go_on: Callable[[], Awaitable[None]]


class Calls:
    """Moves claims and turns together. Whoever calls holds the coordinator's gate."""

    def __init__(self, claims: Claims, moves: Moves) -> None:
        self._claims = claims
        self._moves = moves

    async def press(self) -> bool:
        """A person's press hangs up, or refuses; False when it was not meant for a call (Engine C3, C7)."""
        claim = self._claims.apparent(self._moves.turn())
        if claim is None:
            return False
        if not _just_opened(claim):
            await self.hang_up()
        return True

    async def hang_up(self) -> bool:
        """End the call, or refuse the one that is announced. Tells whether there was one."""
        turn = self._moves.turn()
        claim = self._claims.apparent(turn)
        if claim is not None:
            await self._end(claim, ClaimEndReason.USER_PTT, cut=turn)
        return claim is not None

    async def ends(self, claim: Claim) -> None:
        """The skill, the other side, focus or a failure ended it; words that announce it are pointless now."""
        turn = self._moves.turn()
        announcing = turn is not None and turn is claim.turn
        await self._end(claim, claim.reason or ClaimEndReason.ERROR, cut=turn if announcing else None)

    async def announced(self, turn: Turn, outcome: TurnOutcome) -> None:
        """`turn` is over; one that announced a claim and failed takes the claim with it (Engine C7)."""
        claim = self._claims.pending()
        if claim is not None and claim.turn is turn:
            claim.announced = outcome is TurnOutcome.FINISHED
            if not claim.announced:
                await self._claims.shut(claim, ClaimEndReason.ERROR)

    async def advance(self) -> None:
        """Nobody speaks: announce the claim that waits, or open it when that is done (Engine C7)."""
        claim = self._claims.pending()
        if claim is None:
            return
        if claim.announced:
            self._claims.open(claim)
            return
        words = Injection(claim.agent, message=claim.wanted.announce, priority=InjectPriority.BLOCK_BEHIND_COMMS)
        claim.turn = turn = Turn(TurnSource.CLAIM, claim.agent, injection=words)
        try:
            await self._moves.open(turn, TurnEvent.SPEAK, "announce")
        except Exception:
            await self._claims.shut(claim, ClaimEndReason.ERROR)
            raise
        self._moves.announce(turn)

    async def gone(self, claim: Claim) -> None:
        """Its end was told: what waited may speak, and only then the content comes back (Engine C2, T16)."""
        self._claims.leaves(claim)
        try:
            if self._moves.turn() is None:
                await self._moves.go_on()
        finally:
            await self._claims.left(claim)

    async def _end(self, claim: Claim, reason: ClaimEndReason, cut: Turn | None) -> None:
        """End `claim`, and the words of `cut`."""
        old = await self._moves.cut(Cause.HANG_UP) if cut is not None else None
        await self._claims.shut(claim, reason)
        if old is not None:
            await self._moves.close(old, TurnOutcome.INTERRUPTED)


def _just_opened(claim: Claim) -> bool:
    now = asyncio.get_running_loop().time()
    return claim.opened_at is not None and now < claim.opened_at + PRESS_GRACE.total_seconds()
