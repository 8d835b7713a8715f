"""One coordinator owns a room's turns: their state, their transitions, the order of their sound (Engine T1)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ..errors import ClaimBusyError, SpeakerError
from ..focus import FocusManager
from ..model.protocol import UserText
from ..skill.claim import ClaimHandle
from ..skill.effects import ClaimEndReason, InputClaim
from ..skill.inject import InjectOutcome
from ..speaker import Playable, Reply, Speaker
from .adopted import Find
from .agent import Agent
from .announcer import Announcer
from .barrier import Barrier
from .calls import Calls, Moves
from .claims import Claim, Claims
from .context import current_turn_id
from .deck import Deck
from .floor import Floor
from .hands import Hands
from .injections import Injection
from .interrupt import Cause
from .responding import Responder
from .sounds import Sounds
from .speech import Speech
from .states import TurnEvent, TurnState
from .tasks import Tasks, gated
from .trace import Trace
from .turn import Turn, TurnOutcome, TurnSource
from .turns import CLOSED, Turns


class Coordinator:
    """The conductor of a room. Every public coroutine may be called at any time, from any task.

    One at a time passes the gate, and what passed it is done to its end although its caller is cancelled.
    """

    def __init__(self, focus: FocusManager, speaker: Speaker, trace: Trace) -> None:
        self.trace = trace
        self.gate = asyncio.Lock()
        self.tasks = Tasks()
        self.resident: Agent | None = None
        """Whose words the room uses for itself as long as nobody has asked anybody."""

        self._last_agent: Agent | None = None
        self._announcer = Announcer(
            self.gate, self.tasks, announce=self._announce, speaker=lambda: self._last_agent or self.resident
        )
        self.deck = deck = Deck(focus, speaker, self._announcer.content_ended)
        self.claims = Claims(focus, speaker, deck, self.tasks, self._claim_wants_to_end, self._claim_gone)
        sounds = Sounds(speaker, deck.hushed)
        self._responder = Responder(Hands(speaker, deck, self.claims, trace), sounds, trace)
        self._speech = Speech(speaker, self._responder, sounds, deck.hushed, trace)
        self._turns = turns = Turns(Floor(focus), deck, self._announcer.injections, trace)
        self._announcer.joins(deck, turns, self.claims)
        moves = Moves(lambda: self.turn, turns.open, self._announce, turns.cut, self._close, self._go_on)
        self._calls = Calls(self.claims, moves)
        self._latched = Barrier(deck, self.claims, self._announcer.afterwords, trace)

    @property
    def turn(self) -> Turn | None:
        """The turn that is alive."""
        return self._turns.current

    @property
    def state(self) -> TurnState:
        """Where the room's turn stands."""
        return self._turns.state

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
        turn = await self._turns.open(Turn(source), TurnEvent.PRESS, "ptt_start")
        self._announcer.insist_if_urgent()
        return turn

    @gated
    async def nothing_said(self) -> None:
        """The microphone closed without words for us. No effect in any other state (Engine T14)."""
        if self.turn is not None and self.turn.state is TurnState.LISTENING:
            await self._close(self.turn, TurnOutcome.NOTHING_SAID)

    @gated
    async def answered(self) -> None:
        """The person's words answered a question of the room: there is nothing to say. No effect in any other state."""
        if self.turn is not None and self.turn.state is TurnState.LISTENING:
            self.trace.note(self.turn, "answered")
            await self._close(self.turn, TurnOutcome.FINISHED)

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
        old = await self._turns.cut(cause)
        had_content = cause is Cause.STOP and await self.deck.stop()
        if claim is not None:
            await self.claims.shut(claim, ClaimEndReason.USER_PTT)
        if old is not None:
            await self._close(old, TurnOutcome.INTERRUPTED)
        elif had_content:
            await self._announcer.speak_next()
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
    async def others_speak(self, reply: Reply | None = None) -> None:
        """Somebody else speaks on the room's satellite: content makes way, injects wait; `reply` can silence them."""
        if self.turn is None:
            await self._turns.open(Turn(TurnSource.OTHER, reply=reply), TurnEvent.SPEAK, "others_speak")

    @gated
    async def others_done(self) -> None:
        """They are done. No effect when it was not them who spoke."""
        if self.turn is not None and self.turn.source is TurnSource.OTHER:
            await self._close(self.turn, TurnOutcome.FINISHED)

    async def inject(self, injection: Injection, *, wait: bool = False, quiet: bool = False) -> InjectOutcome:
        """Queue something to say; with `wait`, return what became of it (Engine I7)."""
        return await self._announcer.inject(injection, wait=wait, quiet=quiet)

    def withdraw(self, injection: Injection) -> None:
        """Nobody wants it said any more; words that are being spoken are spoken."""
        self._announcer.injections.withdraw(injection)

    def model_back(self) -> None:
        """A model that was away can be reached again: prompts that wait for it try now (Engine I4, I8)."""
        self._announcer.injections.wake()

    # Content at a person's hand

    @gated
    async def play(self, item: Playable) -> None:
        """Play for a dashboard or an automation, not as part of a turn. Raises `SpeakerError`."""
        if self._turns.closed:
            raise SpeakerError(CLOSED)
        await self.deck.play(item)

    @gated
    async def adopt(self, find: Find) -> None:
        """Put what somebody started at the device on the deck, if `find` still finds it when our turn comes."""
        if not self._turns.closed and self.deck.content is None and (found := find()) is not None:
            await self.deck.adopt(*found)

    @gated
    async def stop_content(self) -> bool:
        """Stop what plays; what waited for that may speak (Engine I4). Tells whether there was anything."""
        had_content = await self.deck.stop()
        if self.turn is None:
            await self._announcer.speak_next()
        return had_content

    async def close(self) -> None:
        """End everything: turn, queue, content, tools, timers. What is asked of the room later is refused."""
        self._turns.closed = True
        async with self.gate:
            old = await self._turns.cut(Cause.LOST)
            if self.claims.current is not None:
                await self.claims.shut(self.claims.current, ClaimEndReason.ERROR)
            await self.deck.close()
            if old is not None:
                await self._close(old, TurnOutcome.INTERRUPTED)
            self._announcer.injections.close()
        await self.tasks.close()
        await self._responder.close()

    # Inside: these hold the gate

    @gated
    async def _ask(self, request: UserText, agent: Agent, reply: Reply, source: TurnSource) -> Turn:
        turn = self.turn
        if turn is not None and turn.state is TurnState.LISTENING and turn.source is source:
            turn.enter(TurnEvent.RELEASE)
        else:
            turn = await self._turns.open(Turn(source, agent), TurnEvent.TEXT, "text")
        if turn.outcome is not None:
            await reply.abort()
            return turn
        turn.agent = self._last_agent = agent
        turn.reply = reply
        self.trace.note(turn, "commit")
        await self._announcer.speak_next()  # an urgent inject waited for the person to finish
        if self.turn is turn:
            self._run(turn, self._speech.answer(turn, agent, reply, request))
        return turn

    @gated
    async def _orphaned(self, reply: Reply) -> None:
        """Whoever asked is gone, and nobody reads the reply."""
        if self.turn is not None and self.turn.reply is reply and (old := await self._turns.cut(Cause.LOST)):
            await self._close(old, TurnOutcome.INTERRUPTED)

    async def _close(self, turn: Turn, outcome: TurnOutcome) -> None:
        """`turn` is over: what its press stopped comes back, and waiting words get its floor (Engine I4, T7, T16)."""
        self._turns.rests(turn)
        try:
            await self._go_on()
        finally:
            await self._turns.ended(turn, outcome)
        await self._calm()

    async def _go_on(self) -> None:
        """Nobody speaks: what a press stopped comes back after a call only, then who waits has the floor."""
        if self._turns.closed:
            return
        if self.claims.current is None:
            await self.deck.give_back()
        await self._announcer.speak_next()
        if self.turn is None:
            await self._calls.advance()

    async def _calm(self) -> None:
        """Music may be heard under words again when the words around a call are over (Engine T16)."""
        if self.turn is None and self.claims.current is None:
            await self.deck.call_over()

    def _announce(self, turn: Turn) -> None:
        self._run(turn, self._speech.announce(turn))

    def _run(self, turn: Turn, work: Coroutine[Any, Any, TurnOutcome]) -> None:
        turn.task = self.tasks.work(self._carry(turn, work), f"turn {turn.id}", eager=True)

    async def _carry(self, turn: Turn, work: Coroutine[Any, Any, TurnOutcome]) -> None:
        """A turn from its words to its barrier. An interrupt cancels this task and ends the turn itself."""
        current_turn_id.set(turn.id)
        await self._barrier(turn, await work)

    @gated
    async def _barrier(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Heard out: what was latched starts when the floor is free (Engine T4)."""
        if self.turn is not turn:
            return
        await self._latched.reached(turn, outcome)
        await self._calls.announced(turn, outcome)
        await self._close(turn, outcome)

    @gated
    async def _claim(self, wanted: InputClaim, agent: Agent | None) -> Claim:
        if self._turns.closed:
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
