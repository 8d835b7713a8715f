"""A room's calls, told on the bus for automations."""

from collections.abc import Callable
from dataclasses import dataclass

from ..engine.skill.effects import ClaimEndReason
from ..engine.turn.claims import Claim, Claims


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One step of a call: `announced`, `started`, `ended` or `refused`. `duration` is in seconds."""

    event: str
    title: str | None
    reason: str | None = None
    duration: float | None = None


class CallTeller:
    """Follows the room's claims, one at a time, and tells each step once. It only looks."""

    def __init__(self, claims: Claims, clock: Callable[[], float], tell: Callable[[CallEvent], None]) -> None:
        self._claims = claims
        self._clock = clock
        self._tell = tell
        self._claim: Claim | None = None
        self._started = False
        claims.listen(self._changed)

    def announced(self) -> None:
        """The room begins to say who calls."""
        if (claim := self._claims.current) is not None:
            self._tell(CallEvent("announced", claim.wanted.title))

    def _changed(self) -> None:
        """A claim began, opened, or is over: the one that is over has left its place by then."""
        claim = self._claims.current
        if self._claim is not None and self._claim is not claim:
            self._over(self._claim)
        if claim is not self._claim:
            self._claim, self._started = claim, False
        if claim is not None and claim.opened_at is not None and not self._started:
            self._started = True
            self._tell(CallEvent("started", claim.wanted.title))

    def _over(self, claim: Claim) -> None:
        refused = claim.opened_at is None and claim.reason is ClaimEndReason.USER_PTT
        lasted = 0.0 if claim.opened_at is None else round(self._clock() - claim.opened_at, 2)
        reason = (claim.reason or ClaimEndReason.ERROR).value
        self._tell(CallEvent("refused" if refused else "ended", claim.wanted.title, reason, lasted))
