"""The one turn that is alive in a room: opened, cut off, brought to its end (Engine T1, T6, T16)."""

from .deck import Deck
from .floor import Floor
from .injections import Injections
from .interrupt import Cause, Scene, interrupt, producers_gone
from .states import TurnEvent, TurnState
from .trace import Trace
from .turn import STATUS_OF, Turn, TurnOutcome

CLOSED = "the room is closed"


class Turns:
    """Moves turns along the table. Whoever calls holds the coordinator's gate."""

    def __init__(self, floor: Floor, deck: Deck, injections: Injections, trace: Trace) -> None:
        self.current: Turn | None = None
        self.closed = False
        """Whether no turn may begin any more."""

        self._floor = floor
        self._deck = deck
        self._injections = injections
        self._trace = trace

    @property
    def state(self) -> TurnState:
        """Where the turn stands."""
        return self.current.state if self.current else TurnState.IDLE

    async def open(self, turn: Turn, event: TurnEvent, note: str) -> Turn:
        """Begin `turn`, cutting off what speaks; the floor passes without a gap (Engine T16)."""
        if self.closed:
            turn.outcome, turn.failure = TurnOutcome.FAILED, CLOSED
            return turn
        by_person = event is not TurnEvent.SPEAK
        old = await self.cut(Cause.PRESS if by_person else Cause.PREEMPT)
        if old is None and by_person:
            await self._deck.press()
        self.current = turn
        turn.enter(event)
        try:
            await self._floor.take(turn)
        except Exception as err:
            turn.failure = str(err)
            self.rests(turn)
            await self.ended(turn, TurnOutcome.FAILED)
            raise
        finally:
            if old is not None:
                await self.ended(old, TurnOutcome.INTERRUPTED)
        self._trace.note(turn, note)
        return turn

    async def cut(self, cause: Cause) -> Turn | None:
        """Interrupt the running turn and return it, still holding the floor."""
        turn = self.current
        if turn is None:
            return None
        await interrupt(Scene(turn, self._deck, cause))
        self._trace.note(turn, "interrupt", cause=cause.value)
        await producers_gone(turn)
        self.rests(turn)
        return turn

    def rests(self, turn: Turn) -> None:
        """`turn` speaks no more, and still holds the floor; the next one may begin."""
        turn.come_to_rest()
        self.current = None

    async def ended(self, turn: Turn, outcome: TurnOutcome) -> None:
        """`turn` lets go of the floor, and what became of it is written down."""
        await self._floor.leave(turn)
        turn.outcome = outcome
        self._trace.note(turn, outcome.value)
        if turn.injection is None:
            return
        if turn.model_away and not self.closed:
            self._injections.postpone(turn.injection, turn.failure or "the model is away")
        else:
            self._injections.done(turn.injection, STATUS_OF[outcome], turn.heard, turn.failure)
