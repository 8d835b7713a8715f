"""The terminal barrier: heard out, and what was latched starts (Engine T4, C1)."""

import logging

from ..skill.effects import InputClaim
from .afterwords import Afterwords
from .claims import Claims
from .deck import Deck
from .effects import Latched
from .trace import Trace
from .turn import Turn, TurnOutcome

_LOGGER = logging.getLogger(__name__)


class Barrier:
    """Starts the side effect of a turn that was heard out; one that failed starts nothing, and that is said."""

    def __init__(self, deck: Deck, claims: Claims, afterwords: Afterwords, trace: Trace) -> None:
        self._deck = deck
        self._claims = claims
        self._afterwords = afterwords
        self._trace = trace

    async def reached(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Start what `turn` latched. What the devices refuse is said, and the turn lives."""
        latched = turn.latch.take()
        if latched is None:
            return
        if outcome is not TurnOutcome.FINISHED:
            self._afterwords.failed("player_failed")
            return
        try:
            await self._start(turn, latched)
        except Exception as err:
            _LOGGER.warning("coord.effect_failed turn=%s", turn.id, exc_info=err)
            self._afterwords.failed("no_microphone" if isinstance(latched, InputClaim) else "player_failed")
        else:
            self._trace.note(turn, "effect_start", title=latched.title)

    async def _start(self, turn: Turn, latched: Latched) -> None:
        if isinstance(latched, InputClaim):
            await self._claims.reserve(latched, turn.agent)
        else:
            await self._deck.play(latched)
