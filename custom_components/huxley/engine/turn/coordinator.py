"""One coordinator owns a room's turns: their state, their transitions, the order of their sound (Engine T1)."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta

from ..errors import SpeakerError
from ..focus import Channel, FocusManager
from ..model.protocol import UserText
from ..skill.effects import AudioStream, PlayMedia
from ..skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..speaker import Playable, PlaybackEnd, Reply, Speaker
from .agent import Agent
from .context import current_turn_id
from .deck import Deck
from .floor import Floor
from .injections import Injection, Injections
from .interrupt import Cause, Scene, interrupt, producers_gone
from .responding import Responder
from .speech import Speech
from .states import TurnEvent, TurnState
from .trace import Trace
from .turn import Turn, TurnOutcome, TurnSource

_LOGGER = logging.getLogger(__name__)

PERSON_LIMIT = timedelta(seconds=5)  # how long a person who is talking holds off a PREEMPT (Engine I3)
PROMPT_LIFE = timedelta(seconds=30)  # words about the end of a stream are pointless later
QUIET_TIERS = frozenset({InjectPriority.NORMAL})  # what quiet hours refuse (Engine I10)

STATUS_OF = {
    TurnOutcome.FINISHED: InjectStatus.SPOKEN,
    TurnOutcome.INTERRUPTED: InjectStatus.INTERRUPTED,
    TurnOutcome.FAILED: InjectStatus.FAILED,
    TurnOutcome.NOTHING_SAID: InjectStatus.FAILED,
}


class Coordinator:
    """The conductor of a room. Every public coroutine may be called at any time, from any task."""

    def __init__(self, focus: FocusManager, speaker: Speaker, trace: Trace) -> None:
        self.trace = trace
        self.turn: Turn | None = None
        self.deck = Deck(focus, speaker, self._content_ended)
        self._focus = focus
        self._floor = Floor(focus)
        self._injections = Injections()
        self._responder = Responder(speaker, self.deck, trace)
        self._speech = Speech(speaker, self._responder, trace)
        self._gate = asyncio.Lock()
        self._closed = False
        self._last_agent: Agent | None = None
        self._jobs: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> TurnState:
        """Where the room's turn stands."""
        return self.turn.state if self.turn else TurnState.IDLE

    # A person speaks

    async def press(self, source: TurnSource = TurnSource.SATELLITE) -> Turn:
        """The microphone opened: whatever speaks is cut off, whatever plays ducks, pauses or stops (Engine T7)."""
        async with self._gate:
            if self.turn is not None and self.turn.state is TurnState.LISTENING:
                return self.turn
            return await self._open(Turn(source), TurnEvent.PRESS, "ptt_start")

    async def nothing_said(self) -> None:
        """The microphone closed without words for us. No effect in any other state (Engine T14)."""
        async with self._gate:
            turn = self.turn
            if turn is not None and turn.state is TurnState.LISTENING:
                turn.enter(TurnEvent.NOTHING_SAID)
                await self._close(turn, TurnOutcome.NOTHING_SAID)

    async def ask(self, request: UserText, agent: Agent, reply: Reply, source: TurnSource) -> Turn:
        """Answer a person's words into `reply`. Words of the microphone that is open end its listening."""
        async with self._gate:
            turn = self.turn
            if turn is not None and turn.state is TurnState.LISTENING and turn.source is source:
                turn.enter(TurnEvent.RELEASE)
            else:
                turn = await self._open(Turn(source, agent), TurnEvent.TEXT, "text")
            turn.agent = self._last_agent = agent
            turn.reply = reply
            self.trace.note(turn, "commit")
            self._run(turn, self._speech.answer(turn, agent, reply, request))
            await self._speak_next()  # an urgent inject waited for the person to finish
            return turn

    async def interrupt(self, cause: Cause = Cause.STOP, turn: Turn | None = None) -> bool:
        """Silence (Engine T6). With `turn`, only if that one is still alive. Tells whether there was anything."""
        async with self._gate:
            if turn is not None and self.turn is not turn:
                return False
            old = await self._cut(cause)
            had_content = cause is Cause.STOP and await self.deck.stop()
            if old is not None:
                await self._close(old, TurnOutcome.INTERRUPTED)
            elif had_content:
                await self._speak_next()
            return had_content or old is not None

    # Others speak

    async def others_speak(self) -> None:
        """Somebody else speaks on the room's satellite: content makes way, injects wait."""
        async with self._gate:
            if self.turn is None:
                await self._open(Turn(TurnSource.OTHER), TurnEvent.SPEAK, "others_speak")

    async def others_done(self) -> None:
        """They are done. No effect when it was not them who spoke."""
        async with self._gate:
            turn = self.turn
            if turn is not None and turn.source is TurnSource.OTHER:
                turn.enter(TurnEvent.RESPONSE_DONE)
                turn.enter(TurnEvent.SETTLED)
                await self._close(turn, TurnOutcome.FINISHED)

    async def inject(self, injection: Injection, *, wait: bool = False, quiet: bool = False) -> InjectOutcome:
        """Queue something to say; with `wait`, return what became of it (Engine I7)."""
        if self._closed:
            injection.resolve(InjectStatus.FAILED, reason="the room is closed")
        elif quiet and injection.priority in QUIET_TIERS:
            injection.resolve(InjectStatus.REFUSED, reason="quiet hours")
        elif self._injections.add(injection):
            self._spawn(self._drain(), "drain")
        if wait or injection.outcome.done():
            return await asyncio.shield(injection.outcome)
        return InjectOutcome(InjectStatus.QUEUED)

    # Content at a person's hand

    async def play(self, item: Playable) -> None:
        """Play for a dashboard or an automation, not as part of a turn."""
        async with self._gate:
            self._touch()
            await self.deck.play(item)

    async def stop_content(self) -> bool:
        """Stop what plays; what waited for that may speak (Engine I4). Tells whether there was anything."""
        async with self._gate:
            self._touch()
            had_content = await self.deck.stop()
            if self.turn is None:
                await self._speak_next()
            return had_content

    async def close(self) -> None:
        """End everything: turn, queue, content, tools, timers."""
        self._closed = True
        async with self._gate:
            old = await self._cut(Cause.STOP)
            await self.deck.close()
            if old is not None:
                await self._close(old, TurnOutcome.INTERRUPTED)
            self._injections.close()
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._responder.close()

    # Inside: these hold the gate

    async def _open(self, turn: Turn, event: TurnEvent, note: str) -> Turn:
        """Begin `turn`, cutting off what speaks; the floor passes without a gap (Engine T16)."""
        from_room = event is TurnEvent.SPEAK
        old = await self._cut(Cause.PREEMPT if from_room else Cause.PRESS)
        self.turn = turn
        turn.enter(event)
        await self._floor.take(turn)
        if old is not None:
            await self._record_end(old, TurnOutcome.INTERRUPTED)
        elif not from_room:
            await self.deck.press()
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
        turn.enter(TurnEvent.SETTLED)
        self.turn = None
        return turn

    async def _close(self, turn: Turn, outcome: TurnOutcome) -> None:
        """`turn` is over: what its press stopped comes back, and waiting words get its floor (Engine I4, T7, T16)."""
        self.turn = None
        if not self._closed:
            if not turn.touched_content:
                await self.deck.give_back()
            await self._speak_next()
        await self._record_end(turn, outcome)

    async def _record_end(self, turn: Turn, outcome: TurnOutcome) -> None:
        await self._floor.leave(turn)
        turn.outcome = outcome
        self.trace.note(turn, outcome.value)
        if turn.injection is not None:
            self._injections.done(turn.injection, STATUS_OF[outcome], turn.heard, turn.failure)

    async def _speak_next(self, *, insist: bool = False) -> None:
        """Give the floor to the next waiting words whose moment is here (Engine I4)."""
        injection = self._injections.take(lambda priority: self._may_speak(priority, insist=insist))
        if injection is not None:
            turn = Turn(TurnSource.INJECT, injection.agent, injection=injection)
            await self._open(turn, TurnEvent.SPEAK, "inject")
            self._run(turn, self._speech.announce(turn))

    def _may_speak(self, priority: InjectPriority, *, insist: bool) -> bool:
        """Whether a tier may speak now (Engine I1-I3). An urgent one never cuts off another urgent one."""
        turn = self.turn
        if priority is InjectPriority.PREEMPT and turn is not None:
            urgent = turn.injection is not None and turn.injection.priority is InjectPriority.PREEMPT
            return not urgent and (insist or turn.state is not TurnState.LISTENING)
        if turn is not None or any(held.activity.channel is Channel.COMMS for held in self._focus.snapshot()):
            return False
        return priority is InjectPriority.BLOCK_BEHIND_COMMS or self.deck.content is None

    def _touch(self) -> None:
        if self.turn is not None:
            self.turn.touched_content = True

    # Inside: tasks, which take the gate

    def _run(self, turn: Turn, work: Coroutine[None, None, TurnOutcome]) -> None:
        turn.task = asyncio.create_task(self._carry(turn, work), name=f"huxley turn {turn.id}")

    async def _carry(self, turn: Turn, work: Coroutine[None, None, TurnOutcome]) -> None:
        """A turn from its words to its barrier. An interrupt cancels this task and ends the turn itself."""
        current_turn_id.set(turn.id)
        try:
            outcome = await work
        except Exception as err:
            _LOGGER.exception("coord.turn_failed turn=%s", turn.id)
            turn.failure = str(err) or type(err).__name__
            outcome = TurnOutcome.FAILED
        async with self._gate:
            if self.turn is turn and not turn.dropped:
                await self._barrier(turn, outcome)

    async def _barrier(self, turn: Turn, outcome: TurnOutcome) -> None:
        """Heard out: what was latched starts when the floor is free (Engine T4)."""
        latched = turn.latch.take()
        if isinstance(latched, AudioStream | PlayMedia) and outcome is TurnOutcome.FINISHED:
            try:
                await self.deck.play(latched)
                self.trace.note(turn, "effect_start", title=latched.title)
            except SpeakerError as err:
                _LOGGER.warning("coord.effect_failed turn=%s error=%s", turn.id, err)
                self._say_that_it_failed()
        if turn.state is TurnState.APPLYING_FACTORIES:
            turn.enter(TurnEvent.SETTLED)
        await self._close(turn, outcome)

    async def _drain(self, *, insist: bool = False) -> None:
        """Let waiting words speak. Urgent ones hear a talking person out for a moment, then they insist (Engine I3)."""
        async with self._gate:
            if self._closed:
                return
            await self._speak_next(insist=insist)
            if self.state is TurnState.LISTENING and self._injections.has(InjectPriority.PREEMPT) and not insist:
                self._spawn(self._insist(), "urgent")

    async def _insist(self) -> None:
        await asyncio.sleep(PERSON_LIMIT.total_seconds())
        await self._drain(insist=True)

    def _content_ended(self, item: Playable, end: PlaybackEnd) -> None:
        """Content ended by itself: the queue may drain, and a stream may have a word to say (Engine T9)."""
        if end is PlaybackEnd.FAILED:
            self._say_that_it_failed()
        prompt = item.on_complete_prompt if isinstance(item, AudioStream) and end is PlaybackEnd.FINISHED else None
        if prompt is not None and isinstance(item, AudioStream):
            self._spawn(self._complete(prompt, item.completion_silence), "completion")
        self._spawn(self._drain(), "drain")

    async def _complete(self, prompt: str, silence: timedelta) -> None:
        await asyncio.sleep(silence.total_seconds())
        if self.turn is None and self.deck.content is None:
            await self.inject(Injection(self._last_agent, prompt=prompt, expires_after=PROMPT_LIFE))

    def _say_that_it_failed(self) -> None:
        if self._last_agent is not None:
            message = self._last_agent.phrase("player_failed")
            words = Injection(self._last_agent, message=message, dedup_key="player_failed", expires_after=PROMPT_LIFE)
            words.priority = InjectPriority.BLOCK_BEHIND_COMMS
            self._spawn(self._tell(words), "failure")

    async def _tell(self, injection: Injection) -> None:
        await self.inject(injection)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"huxley {name}")
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
