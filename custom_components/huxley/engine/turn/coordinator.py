"""One coordinator owns a room's turns: their state, their transitions, the order of their sound (Engine T1)."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from ..errors import ClaimBusyError, SpeakerError
from ..focus import FocusManager
from ..model.protocol import UserText
from ..skill.claim import ClaimHandle
from ..skill.effects import ClaimEndReason, InputClaim
from ..skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..speaker import Playable, PlaybackEnd, Reply, Speaker
from .afterwords import Afterwords
from .agent import Agent
from .calls import Calls, Moves
from .claims import Claim, Claims
from .context import current_turn_id
from .deck import Deck
from .effects import Latched
from .floor import Floor
from .hands import Hands
from .injections import Injection, Injections
from .interrupt import Cause, Scene, interrupt, producers_gone
from .precedence import Moment, may_speak
from .responding import Responder
from .sounds import Sounds
from .speech import Speech
from .states import TurnEvent, TurnState
from .tasks import Tasks, gated
from .trace import Trace
from .turn import STATUS_OF, Turn, TurnOutcome, TurnSource
from .urgency import Urgency

_LOGGER = logging.getLogger(__name__)

QUIET_TIERS = frozenset({InjectPriority.NORMAL})  # what quiet hours refuse (Engine I10)
CLOSED = "the room is closed"


class Coordinator:
    """The conductor of a room. Every public coroutine may be called at any time, from any task.

    One at a time passes the gate, and what passed it is done to its end although its caller is cancelled.
    """

    def __init__(self, focus: FocusManager, speaker: Speaker, trace: Trace) -> None:
        self.trace = trace
        self.turn: Turn | None = None
        self.deck = Deck(focus, speaker, self._content_ended)
        self.resident: Agent | None = None
        """Whose words the room uses for itself as long as nobody has asked anybody."""

        self.gate = asyncio.Lock()
        self.tasks = Tasks()
        self._floor = Floor(focus)
        self._injections = Injections(self._drain_soon, self._model_lost)
        self.claims = Claims(focus, speaker, self.deck, self.tasks, self._claim_wants_to_end, self._claim_gone)
        sounds = Sounds(speaker, self.deck.hushed)
        self._responder = Responder(Hands(speaker, self.deck, self.claims, trace), sounds, trace)
        self._speech = Speech(speaker, self._responder, sounds, self.deck.hushed, trace)
        self._closed = False
        self._last_agent: Agent | None = None
        self._calls = Calls(
            self.claims,
            Moves(
                turn=lambda: self.turn,
                open=self._open,
                announce=lambda turn: self._run(turn, partial(self._speech.announce, turn)),
                cut=self._cut,
                close=self._close,
                go_on=self._go_on,
            ),
        )
        self._urgency = Urgency(self.tasks, self._drain)
        self._afterwords = Afterwords(
            self._injections,
            self.tasks,
            speaker=lambda: self._last_agent or self.resident,
            is_free=lambda: self.turn is None and self.deck.content is None,
            drain=self._drain_soon,
        )

    @property
    def state(self) -> TurnState:
        """Where the room's turn stands."""
        return self.turn.state if self.turn else TurnState.IDLE

    # A person speaks

    @gated
    async def press(self, source: TurnSource = TurnSource.SATELLITE) -> Turn | None:
        """The microphone opened: whatever speaks is cut off, whatever plays ducks, pauses or stops (Engine T7).

        In a call it hangs up, while one is announced it refuses it, and no turn begins (Engine C3, C7).
        """
        if self.turn is not None and self.turn.state is TurnState.LISTENING:
            return self.turn
        if await self._calls.press():
            return None
        turn = await self._open(Turn(source), TurnEvent.PRESS, "ptt_start")
        self._insist_if_urgent()
        return turn

    @gated
    async def nothing_said(self) -> None:
        """The microphone closed without words for us. No effect in any other state (Engine T14)."""
        if self.turn is not None and self.turn.state is TurnState.LISTENING:
            await self._close(self.turn, TurnOutcome.NOTHING_SAID)

    async def ask(self, request: UserText, agent: Agent, reply: Reply, source: TurnSource) -> Turn:
        """Answer a person's words into `reply`. Words of the microphone that is open end its listening."""
        try:
            return await self._ask(request, agent, reply, source)
        except asyncio.CancelledError:
            self.tasks.errand(self._orphaned(reply), "orphaned reply")
            raise

    @gated
    async def interrupt(self, cause: Cause = Cause.STOP, turn: Turn | None = None) -> bool:
        """Silence (Engine T6). With `turn`, only if that one is still alive. Tells whether there was anything."""
        if turn is not None and self.turn is not turn:
            return False
        claim = self.claims.apparent(self.turn) if cause is Cause.STOP and turn is None else None
        old = await self._cut(cause)
        had_content = cause is Cause.STOP and await self.deck.stop()
        if claim is not None:
            await self.claims.shut(claim, ClaimEndReason.USER_PTT)
        if old is not None:
            await self._close(old, TurnOutcome.INTERRUPTED)
        elif had_content:
            await self._speak_next()
        return had_content or old is not None or claim is not None

    # Calls

    @property
    def in_call(self) -> bool:
        """Whether a call has the room."""
        return self.claims.in_call

    async def start_input_claim(self, claim: InputClaim, agent: Agent | None) -> ClaimHandle:
        """Give the microphone to `claim` when the running turn is over and its `announce` was heard (Engine C1, C7).

        Raises `ClaimBusyError` when another one has it, or the room has none to lend. One that ends is waited for.
        """
        if (before := self.claims.current) is not None and before.reason is not None:
            await before.wait_end()
        return await self._claim(claim, agent)

    @gated
    async def hang_up(self) -> bool:
        """End the call, or refuse the one that is announced, as a press does. Tells whether there was one."""
        return await self._calls.hang_up()

    # Others speak

    @gated
    async def others_speak(self) -> None:
        """Somebody else speaks on the room's satellite: content makes way, injects wait."""
        if self.turn is None:
            await self._open(Turn(TurnSource.OTHER), TurnEvent.SPEAK, "others_speak")

    @gated
    async def others_done(self) -> None:
        """They are done. No effect when it was not them who spoke."""
        if self.turn is not None and self.turn.source is TurnSource.OTHER:
            await self._close(self.turn, TurnOutcome.FINISHED)

    async def inject(self, injection: Injection, *, wait: bool = False, quiet: bool = False) -> InjectOutcome:
        """Queue something to say; with `wait`, return what became of it (Engine I7)."""
        if self._closed:
            injection.resolve(InjectStatus.FAILED, reason=CLOSED)
        elif quiet and injection.priority in QUIET_TIERS:
            injection.resolve(InjectStatus.REFUSED, reason="quiet hours")
        elif self._injections.add(injection):
            self.tasks.errand(self._drain(), "drain", eager=True)
        if wait or injection.outcome.done():
            return await asyncio.shield(injection.outcome)
        return InjectOutcome(InjectStatus.QUEUED)

    def model_back(self) -> None:
        """A model that was away can be reached again: prompts that wait for it try now (Engine I4, I8)."""
        self._injections.wake()

    # Content at a person's hand

    @gated
    async def play(self, item: Playable) -> None:
        """Play for a dashboard or an automation, not as part of a turn. Raises `SpeakerError`."""
        if self._closed:
            raise SpeakerError(CLOSED)
        await self.deck.play(item)

    @gated
    async def stop_content(self) -> bool:
        """Stop what plays; what waited for that may speak (Engine I4). Tells whether there was anything."""
        had_content = await self.deck.stop()
        if self.turn is None:
            await self._speak_next()
        return had_content

    async def close(self) -> None:
        """End everything: turn, queue, content, tools, timers. What is asked of the room later is refused."""
        self._closed = True
        async with self.gate:
            old = await self._cut(Cause.STOP)
            if self.claims.current is not None:
                await self.claims.shut(self.claims.current, ClaimEndReason.ERROR)
            await self.deck.close()
            if old is not None:
                await self._close(old, TurnOutcome.INTERRUPTED)
            self._injections.close()
        await self.tasks.close()
        await self._responder.close()

    # Inside: these hold the gate

    @gated
    async def _ask(self, request: UserText, agent: Agent, reply: Reply, source: TurnSource) -> Turn:
        turn = self.turn
        if turn is not None and turn.state is TurnState.LISTENING and turn.source is source:
            turn.enter(TurnEvent.RELEASE)
        else:
            turn = await self._open(Turn(source, agent), TurnEvent.TEXT, "text")
        if turn.outcome is not None:
            await reply.abort()
            return turn
        turn.agent = self._last_agent = agent
        turn.reply = reply
        self.trace.note(turn, "commit")
        self._run(turn, partial(self._speech.answer, turn, agent, reply, request))
        await self._speak_next()  # an urgent inject waited for the person to finish
        return turn

    @gated
    async def _orphaned(self, reply: Reply) -> None:
        """Whoever asked is gone, and nobody reads the reply."""
        if self.turn is not None and self.turn.reply is reply and (old := await self._cut(Cause.LOST)):
            await self._close(old, TurnOutcome.INTERRUPTED)

    async def _open(self, turn: Turn, event: TurnEvent, note: str) -> Turn:
        """Begin `turn`, cutting off what speaks; the floor passes without a gap (Engine T16)."""
        if self._closed:
            turn.outcome, turn.failure = TurnOutcome.FAILED, CLOSED
            return turn
        by_person = event is not TurnEvent.SPEAK
        old = await self._cut(Cause.PRESS if by_person else Cause.PREEMPT)
        if old is None and by_person:
            await self.deck.press()
        self.turn = turn
        turn.enter(event)
        try:
            await self._floor.take(turn)
        except Exception as err:
            turn.failure = str(err)
            turn.come_to_rest()
            self.turn = None
            await self._record_end(turn, TurnOutcome.FAILED)
            raise
        finally:
            if old is not None:
                await self._record_end(old, TurnOutcome.INTERRUPTED)
        self.trace.note(turn, note)
        return turn

    async def _cut(self, cause: Cause) -> Turn | None:
        """Interrupt the running turn and return it, still holding the floor."""
        turn = self.turn
        if turn is None:
            return None
        await interrupt(Scene(turn, self.deck, cause))
        self.trace.note(turn, "interrupt", cause=cause.value)
        await producers_gone(turn)
        turn.come_to_rest()
        self.turn = None
        return turn

    async def _close(self, turn: Turn, outcome: TurnOutcome) -> None:
        """`turn` is over: what its press stopped comes back, and waiting words get its floor (Engine I4, T7, T16)."""
        turn.come_to_rest()
        self.turn = None
        try:
            await self._go_on()
        finally:
            await self._record_end(turn, outcome)
        await self._calm()

    async def _go_on(self) -> None:
        """Nobody speaks: what a press stopped comes back after a call only, then who waits has the floor."""
        if self._closed:
            return
        if self.claims.current is None:
            await self.deck.give_back()
        await self._speak_next()
        if self.turn is None:
            await self._calls.advance()

    async def _calm(self) -> None:
        """Music may be heard under words again when the words around a call are over (Engine T16)."""
        if self.turn is None and self.claims.current is None:
            await self.deck.call_over()

    async def _record_end(self, turn: Turn, outcome: TurnOutcome) -> None:
        await self._floor.leave(turn)
        turn.outcome = outcome
        self.trace.note(turn, outcome.value)
        if turn.injection is not None and turn.model_away and not self._closed:
            self._injections.postpone(turn.injection, turn.failure or "the model is away")
        elif turn.injection is not None:
            self._injections.done(turn.injection, STATUS_OF[outcome], turn.heard, turn.failure)

    async def _speak_next(self, *, heard_enough: bool = False) -> None:
        """Give the floor to the next waiting words whose moment is here (Engine I4)."""
        injecting = self.turn.injection.priority if self.turn and self.turn.injection else None
        moment = Moment(self.state, injecting, self.claims.in_call, self.deck.content is not None, heard_enough)
        injection = self._injections.take(partial(may_speak, moment=moment))
        if injection is not None:
            turn = Turn(TurnSource.INJECT, injection.agent, injection=injection)
            await self._open(turn, TurnEvent.SPEAK, "inject")
            if self.claims.current is not None:
                await self.claims.shut(self.claims.current, ClaimEndReason.PREEMPTED)
            self._run(turn, partial(self._speech.announce, turn))

    def _run(self, turn: Turn, work: Callable[[], Coroutine[Any, Any, TurnOutcome]]) -> None:
        turn.task = self.tasks.work(self._carry(turn, work), f"turn {turn.id}")

    async def _carry(self, turn: Turn, work: Callable[[], Coroutine[Any, Any, TurnOutcome]]) -> None:
        """A turn from its words to its barrier. An interrupt cancels this task and ends the turn itself."""
        current_turn_id.set(turn.id)
        await self._barrier(turn, await work())

    @gated
    async def _barrier(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Heard out: what was latched starts when the floor is free (Engine T4)."""
        if self.turn is not turn:
            return
        if (latched := turn.latch.take()) is not None:
            if outcome is TurnOutcome.FINISHED:
                await self._start(turn, latched)
            else:
                self._afterwords.failed("player_failed")
        await self._calls.announced(turn, outcome)
        await self._close(turn, outcome)

    async def _start(self, turn: Turn, latched: Latched) -> None:
        try:
            if isinstance(latched, InputClaim):
                await self.claims.reserve(latched, turn.agent)
            else:
                await self.deck.play(latched)
        except Exception as err:
            _LOGGER.warning("coord.effect_failed turn=%s", turn.id, exc_info=err)
            self._afterwords.failed("no_microphone" if isinstance(latched, InputClaim) else "player_failed")
        else:
            self.trace.note(turn, "effect_start", title=latched.title)

    @gated
    async def _claim(self, wanted: InputClaim, agent: Agent | None) -> Claim:
        if self._closed:
            raise ClaimBusyError(CLOSED)
        claim = await self.claims.reserve(wanted, agent)
        if self.turn is None:
            await self._calls.advance()
        return claim

    def _claim_wants_to_end(self, claim: Claim) -> None:
        self.tasks.errand(self._claim_ends(claim), "claim end")

    @gated
    async def _claim_ends(self, claim: Claim) -> None:
        await self._calls.ends(claim)

    @gated
    async def _claim_gone(self, claim: Claim) -> None:
        await self._calls.gone(claim)
        await self._calm()

    @gated
    async def _drain(self, insisting_on: Turn | None = None) -> None:
        """Let waiting words speak."""
        if not self._closed:
            await self._speak_next(heard_enough=insisting_on is not None and insisting_on is self.turn)
            self._insist_if_urgent()

    def _drain_soon(self) -> None:
        self.tasks.errand(self._drain(), "drain")

    def _insist_if_urgent(self) -> None:
        if self.state is TurnState.LISTENING and self._injections.has(InjectPriority.PREEMPT):
            self._urgency.arises(self.turn)

    def _model_lost(self, injection: Injection) -> None:
        """A prompt waited for its model in vain, and that is said (Engine I8, T15)."""
        self._afterwords.failed("model_lost", injection.agent, injection.priority)
        self._drain_soon()

    def _content_ended(self, item: Playable, end: PlaybackEnd) -> None:
        if not self._closed:
            self._afterwords.content_ended(item, end)
