"""Speaking on DIALOG until heard out: an answer, a narration, or words as they stand (Engine T4, T15)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from ..errors import SpeakerError
from ..model.protocol import ModelRequest, Narration
from ..skill.inject import InjectPriority
from ..speaker import Reply, Speaker
from .agent import Agent
from .phrases import phrase
from .quiet import at_its_volume
from .responding import ModelAwayError, Responder, ResponseFailedError
from .sounds import Sounds, Thinking
from .states import TurnEvent
from .tasks import attempt, cancelled_from_outside
from .trace import Trace
from .turn import Turn, TurnOutcome
from .utterance import Utterance

_LOGGER = logging.getLogger(__name__)

HEARD_OUT_LIMIT = timedelta(minutes=5)  # the longest answer a device may still be speaking
ABORT_LIMIT = timedelta(seconds=2)  # a device that does not answer must not hold up the room


class Speech:
    """Carries a turn from its words to the terminal barrier. Nothing is silent: what fails is said.

    `hushed` returns when the content makes way for the words.
    """

    def __init__(
        self,
        speaker: Speaker,
        responder: Responder,
        sounds: Sounds,
        hushed: Callable[[], Awaitable[None]],
        trace: Trace,
    ) -> None:
        self._speaker = speaker
        self._responder = responder
        self._sounds = sounds
        self._hushed = hushed
        self._trace = trace

    async def answer(self, turn: Turn, agent: Agent, reply: Reply, request: ModelRequest) -> TurnOutcome:
        """Have the model answer `request` into `reply`."""
        self._follow(turn, reply)
        return await self._carefully(turn, lambda: self._answer(turn, agent, reply, request))

    async def announce(self, turn: Turn) -> TurnOutcome:
        """Say what the turn's injection wants said: word for word, or in the model's words."""
        async with at_its_volume(self._speaker, turn.injection):
            return await self._carefully(turn, lambda: self._announce(turn))

    async def _carefully(self, turn: Turn, say: Callable[[], Awaitable[TurnOutcome]]) -> TurnOutcome:
        """Whatever is raised ends the turn as failed, and whoever reads its reply is not left waiting."""
        try:
            return await say()
        except SpeakerError as err:
            _LOGGER.warning("coord.speaker_failed turn=%s error=%s", turn.id, err)
            reason = str(err)
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.exception("coord.turn_failed turn=%s", turn.id, exc_info=err)
            reason = str(err) or type(err).__name__
        turn.failure = reason
        await attempt(f"abort {turn.id}", lambda: self._abort(turn), ABORT_LIMIT)
        return TurnOutcome.FAILED

    async def _answer(self, turn: Turn, agent: Agent, reply: Reply, request: ModelRequest) -> TurnOutcome:
        thinking = Thinking(self._sounds)

        async def ready() -> None:
            """The first word waits for silence, that of the tone and that of the content."""
            await thinking.stop()
            await self._make_way(turn)

        words = Utterance(turn, reply, ready)
        outcome = TurnOutcome.FINISHED
        try:
            await self._responder.respond(turn, agent, words, request)
        except ResponseFailedError as err:
            if isinstance(err, ModelAwayError) and turn.injection is not None:
                return await self._wait_for_model(turn, str(err))
            _LOGGER.warning("coord.response_failed turn=%s reason=%s", turn.id, err)
            outcome, turn.failure = TurnOutcome.FAILED, str(err)
            turn.latch.clear()
            words.new_piece()
            await words.write(phrase(agent, err.phrase))
        finally:
            await thinking.stop()
        await self._hear_out(turn, reply)
        return outcome

    async def _announce(self, turn: Turn) -> TurnOutcome:
        injection = turn.injection
        if injection is None:
            return TurnOutcome.NOTHING_SAID
        turn.reply = reply = injection.mouth() if injection.mouth else self._speaker.reply(injection.manner)
        self._follow(turn, reply)
        if injection.message is None and injection.agent is not None:
            return await self._answer(turn, injection.agent, reply, Narration(injection.prompt or ""))
        text = injection.message or injection.prompt or ""
        if not text:
            await self._make_way(turn)  # a recording waits for silence as words do
        await Utterance(turn, reply, partial(self._make_way, turn)).write(text)
        await self._hear_out(turn, reply)
        return TurnOutcome.FINISHED

    async def _make_way(self, turn: Turn) -> None:
        """Return when the content is quiet, and the other rooms that say the same are ready; an alarm does not wait."""
        await self._hushed()
        injection = turn.injection
        if injection is None or injection.seat is None or injection.priority is InjectPriority.PREEMPT:
            return
        await injection.seat.ready()
        if injection.seat.shared:
            self._trace.note(turn, "together")

    async def _wait_for_model(self, turn: Turn, reason: str) -> TurnOutcome:
        """Nothing was said; what was to be said waits for the model (Engine I8)."""
        _LOGGER.info("coord.model_away turn=%s reason=%s", turn.id, reason)
        turn.model_away, turn.failure = True, reason
        await attempt(f"abort {turn.id}", lambda: self._abort(turn), ABORT_LIMIT)
        return TurnOutcome.FAILED

    async def _hear_out(self, turn: Turn, reply: Reply) -> None:
        """The words are complete; wait until the last one was heard (Engine T4)."""
        if turn.dropped:
            return
        self._responder.first_output(turn)
        turn.enter(TurnEvent.RESPONSE_DONE)
        self._trace.note(turn, "response_done")
        limit = asyncio.timeout(HEARD_OUT_LIMIT.total_seconds())
        try:
            async with limit:
                await reply.finish()
                turn.heard = await reply.heard_out()
        except TimeoutError as err:
            if not limit.expired():
                raise SpeakerError(f"the speech did not end in time: {err}") from err
            _LOGGER.warning("coord.never_heard_out turn=%s after=%s", turn.id, HEARD_OUT_LIMIT)
            await attempt(f"abort {turn.id}", lambda: self._abort(turn), ABORT_LIMIT)
        self._trace.note(turn, "heard_out", seconds=round(turn.heard.total_seconds(), 2))
        self._trace.note(turn, "barrier")

    def _follow(self, turn: Turn, reply: Reply) -> None:
        """Have the trace know when the words are first heard."""
        reply.on_first_sound = partial(self._trace.note, turn, "first_sound")

    async def _abort(self, turn: Turn) -> None:
        if turn.reply is not None:
            turn.heard = await turn.reply.abort()
