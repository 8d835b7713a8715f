"""What the room says by itself gets the floor when its moment is here (Engine I1-I4, I10)."""

import asyncio
from collections.abc import Callable
from functools import partial

from ..skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..speaker import OnDeck, PlaybackEnd
from .afterwords import Afterwords
from .agent import Agent
from .claims import Claims
from .deck import Deck
from .injections import Injection, Injections
from .precedence import Moment, may_speak
from .states import TurnEvent, TurnState
from .tasks import Tasks, gated
from .turn import Turn, TurnSource
from .turns import CLOSED, Turns
from .urgency import Urgency

QUIET_TIERS = frozenset({InjectPriority.NORMAL})  # what quiet hours refuse (Engine I10)


class Announcer:
    """Looks through the queue whenever the room falls quiet, and insists where a person must be interrupted.

    `announce` sets a turn with an injection going; `speaker` is whose words the room uses for itself.
    """

    def __init__(
        self,
        gate: asyncio.Lock,
        tasks: Tasks,
        *,
        announce: Callable[[Turn], None],
        speaker: Callable[[], Agent | None],
    ) -> None:
        self.gate = gate
        self.tasks = tasks
        self.injections = Injections(self.drain_soon, self._model_lost)
        self.afterwords = Afterwords(
            self.injections, tasks, speaker=speaker, is_free=self._is_free, drain=self.drain_soon
        )
        self._announce = announce
        self._urgency = Urgency(tasks, self._drain)
        self._deck: Deck
        self._turns: Turns
        self._claims: Claims

    def joins(self, deck: Deck, turns: Turns, claims: Claims) -> None:
        """Work with these; called once, before anything else."""
        self._deck = deck
        self._turns = turns
        self._claims = claims

    async def inject(self, injection: Injection, *, wait: bool, quiet: bool) -> InjectOutcome:
        """Queue something to say; with `wait`, return what became of it (Engine I7). In quiet hours, less (I10)."""
        if self._turns.closed:
            injection.resolve(InjectStatus.FAILED, reason=CLOSED)
        elif quiet and injection.priority in QUIET_TIERS:
            injection.resolve(InjectStatus.REFUSED, reason="quiet hours")
        elif self.injections.add(injection):
            self.tasks.errand(self._drain(), "drain", eager=True)
        if wait or injection.outcome.done():
            return await asyncio.shield(injection.outcome)
        return InjectOutcome(InjectStatus.QUEUED)

    async def speak_next(self, *, heard_enough: bool = False) -> None:
        """Give the floor to the next waiting words whose moment is here (Engine I4). The gate is held."""
        turn = self._turns.current
        injecting = turn.injection.priority if turn and turn.injection else None
        has_content = self._deck.content is not None
        moment = Moment(self._turns.state, injecting, self._claims.in_call, has_content, heard_enough)
        injection = self.injections.take(partial(may_speak, moment=moment))
        if injection is not None:
            turn = Turn(TurnSource.INJECT, injection.agent, injection=injection)
            await self._turns.open(turn, TurnEvent.SPEAK, "inject")
            await self._claims.preempt()
            self._announce(turn)

    def insist_if_urgent(self) -> None:
        """A person talks while urgent words wait: they are heard out for a moment (Engine I3)."""
        if self._turns.state is TurnState.LISTENING and self.injections.has(InjectPriority.PREEMPT):
            self._urgency.arises(self._turns.current)

    def drain_soon(self) -> None:
        """Look through the queue when whoever has the gate is done."""
        self.tasks.errand(self._drain(), "drain")

    def content_ended(self, item: OnDeck, end: PlaybackEnd) -> None:
        """Content ended by itself (Engine T9)."""
        if not self._turns.closed:
            self.afterwords.content_ended(item, end)

    @gated
    async def _drain(self, insisting_on: Turn | None = None) -> None:
        if not self._turns.closed:
            await self.speak_next(heard_enough=insisting_on is not None and insisting_on is self._turns.current)
            self.insist_if_urgent()

    def _model_lost(self, injection: Injection) -> None:
        """A prompt waited for its model in vain, and that is said (Engine I8, T15)."""
        self.afterwords.failed("model_lost", injection.agent, injection.priority)
        self.drain_soon()

    def _is_free(self) -> bool:
        return self._turns.current is None and self._deck.content is None
