"""Speaking on DIALOG until heard out: an answer, a narration, or words as they stand (Engine T4, T15)."""

import asyncio
import logging
from datetime import timedelta

from ..errors import SpeakerError
from ..model.protocol import ModelRequest, Narration
from ..speaker import Reply, Speaker
from .agent import Agent
from .responding import Responder, ResponseFailedError
from .states import TurnEvent
from .trace import Trace
from .turn import Turn, TurnOutcome

_LOGGER = logging.getLogger(__name__)

HEARD_OUT_LIMIT = timedelta(minutes=5)  # the longest answer a device may still be speaking


class Speech:
    """Carries a turn from its words to the terminal barrier. Nothing is silent: what fails is said."""

    def __init__(self, speaker: Speaker, responder: Responder, trace: Trace) -> None:
        self._speaker = speaker
        self._responder = responder
        self._trace = trace

    async def answer(self, turn: Turn, agent: Agent, reply: Reply, request: ModelRequest) -> TurnOutcome:
        """Have the model answer `request` into `reply`."""
        outcome = TurnOutcome.FINISHED
        try:
            await self._responder.respond(turn, agent, reply, request)
        except ResponseFailedError as err:
            _LOGGER.warning("coord.response_failed turn=%s reason=%s", turn.id, err)
            outcome, turn.failure = TurnOutcome.FAILED, str(err)
            turn.latch.clear()
            await reply.write(agent.phrase(err.phrase))
        await self._hear_out(turn, reply)
        return outcome

    async def announce(self, turn: Turn) -> TurnOutcome:
        """Say what the turn's injection wants said: word for word, or in the model's words."""
        injection = turn.injection
        if injection is None:
            return TurnOutcome.NOTHING_SAID
        try:
            turn.reply = reply = self._speaker.reply()
            if injection.message is None and injection.agent is not None:
                return await self.answer(turn, injection.agent, reply, Narration(injection.prompt or ""))
            await reply.write(injection.message or injection.prompt or "")
            await self._hear_out(turn, reply)
        except SpeakerError as err:
            _LOGGER.warning("coord.speaker_failed turn=%s error=%s", turn.id, err)
            turn.failure = str(err)
            return TurnOutcome.FAILED
        return TurnOutcome.FINISHED

    async def _hear_out(self, turn: Turn, reply: Reply) -> None:
        """The words are complete; wait until the last one was heard (Engine T4)."""
        self._responder.first_output(turn)
        turn.enter(TurnEvent.RESPONSE_DONE)
        self._trace.note(turn, "response_done")
        await reply.finish()
        try:
            async with asyncio.timeout(HEARD_OUT_LIMIT.total_seconds()):
                turn.heard = await reply.heard_out()
        except TimeoutError:
            _LOGGER.warning("coord.never_heard_out turn=%s after=%s", turn.id, HEARD_OUT_LIMIT)
        self._trace.note(turn, "heard_out", seconds=round(turn.heard.total_seconds(), 2))
