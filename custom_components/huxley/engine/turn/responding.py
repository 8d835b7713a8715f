"""From a request to words: model responses and tool rounds (Engine T3, T5, T11-T15)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import cast

from ..errors import ModelUnavailableError, SpeakerError
from ..model.protocol import (
    ModelEvent,
    ModelRequest,
    ResponseDone,
    ResponseStarted,
    ResponseStatus,
    TextDelta,
    ToolCall,
    ToolOutputs,
)
from ..skill.effects import PlaySound
from ..skill.result import ToolResult
from .agent import Agent
from .effects import owes_follow_up
from .hands import Hands
from .sounds import Sounds
from .states import TurnEvent, TurnState
from .tasks import cancelled_from_outside, ended
from .tools import MAX_ROUNDS, ToolRound, outputs
from .trace import Trace
from .turn import Turn
from .utterance import Utterance

_LOGGER = logging.getLogger(__name__)

FIRST_OUTPUT_LIMIT = timedelta(seconds=15)  # longer, and a person believes that nobody heard (Engine T15)
NEXT_OUTPUT_LIMIT = timedelta(seconds=30)  # a response that falls silent in the middle is lost


class ResponseFailedError(Exception):
    """The model or a tool round gave up; `phrase` is what the person is told."""

    def __init__(self, phrase: str, reason: str) -> None:
        super().__init__(reason)
        self.phrase = phrase


class ModelAwayError(ResponseFailedError):
    """The model cannot be reached, and nothing was said or done yet: a later attempt may work (Engine I8)."""


class Responder:
    """Runs the model's side of a turn."""

    def __init__(self, hands: Hands, sounds: Sounds, trace: Trace) -> None:
        self._hands = hands
        self._sounds = sounds
        self._trace = trace
        self._running_tools: set[asyncio.Task[ToolResult]] = set()

    async def respond(self, turn: Turn, agent: Agent, words: Utterance, request: ModelRequest) -> None:
        """Put all that the model says into `words`. Raises `ResponseFailedError` and `SpeakerError`."""
        for _ in range(MAX_ROUNDS):
            tools = ToolRound(partial(self._hands.run, turn, agent), self._running_tools)
            words.new_piece()
            spoke = await self._one_response(turn, agent, words, request, tools)
            results = await tools.results()
            if turn.dropped:
                return
            for _, result in results:
                self._hands.latch(turn, result)
                turn.expects_answer = turn.expects_answer or result.expects_answer
                if isinstance(result.side_effect, PlaySound):
                    await self._sounds.play(result.side_effect.pcm)
            if not owes_follow_up((result for _, result in results), spoke=spoke):
                return
            turn.enter(TurnEvent.FOLLOW_UP)
            self._trace.note(turn, "follow_up")
            request = ToolOutputs(outputs(results))
        raise ResponseFailedError("tool_failed", f"still calling tools after {MAX_ROUNDS} rounds")

    async def close(self) -> None:
        """End the tools that still run."""
        for task in self._running_tools:
            task.cancel()
        await ended(set(self._running_tools))

    def first_output(self, turn: Turn) -> None:
        """Something of the answer is there, or it is known that nothing comes."""
        if turn.state in (TurnState.COMMITTING, TurnState.AWAITING_NEXT_RESPONSE):
            turn.enter(TurnEvent.FIRST_OUTPUT)

    async def _one_response(
        self, turn: Turn, agent: Agent, words: Utterance, request: ModelRequest, tools: ToolRound
    ) -> bool:
        """Follow one response to its end; tells whether it said anything."""
        spoke = began = False
        try:
            async with aclosing(self._events(turn, agent, request)) as events:
                async for event in events:
                    if turn.dropped:
                        return spoke
                    if not began:
                        began = True
                        self.first_output(turn)
                        self._trace.note(turn, "response")
                    if isinstance(event, TextDelta):
                        spoke = spoke or bool(event.text.strip())
                        await words.write(event.text)
                    elif isinstance(event, ToolCall):
                        self._trace.note(turn, "tool_dispatch", tool=event.name)
                        tools.start(event)
        except ResponseFailedError, SpeakerError:
            raise
        except ModelUnavailableError as err:
            untouched = not spoke and not tools.begun and not isinstance(request, ToolOutputs)
            failed = ModelAwayError if untouched else ResponseFailedError
            raise failed("model_lost", str(err)) from err
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.exception("coord.model_raised turn=%s", turn.id)
            raise ResponseFailedError("model_lost", str(err) or type(err).__name__) from err
        return spoke

    async def _events(self, turn: Turn, agent: Agent, request: ModelRequest) -> AsyncGenerator[TextDelta | ToolCall]:
        """What one response says and calls, until it is done. Events of any other are dropped (Engine T3)."""
        current: str | None = None
        now = asyncio.get_running_loop().time
        limit, since = FIRST_OUTPUT_LIMIT, now()
        async with aclosing(cast(AsyncGenerator[ModelEvent], agent.session.respond(request))) as incoming:
            while (event := await _next(incoming, since, limit)) is not None:
                if isinstance(event, ResponseStarted) and current is None:
                    current = turn.response_id = event.response_id
                elif event.response_id != current:
                    self._trace.note(turn, "stale_dropped", response=event.response_id)
                elif isinstance(event, ResponseDone):
                    if event.status is not ResponseStatus.COMPLETED:
                        raise ResponseFailedError("model_lost", event.error or f"the response was {event.status}")
                    turn.expects_answer = turn.expects_answer or event.expects_answer
                    return
                elif not isinstance(event, ResponseStarted):
                    yield event
                    limit, since = NEXT_OUTPUT_LIMIT, now()
        raise ResponseFailedError("model_lost", "the response broke off")


async def _next(incoming: AsyncIterator[ModelEvent], since: float, limit: timedelta) -> ModelEvent | None:
    """The next event, None at the end. Raises `ResponseFailedError` `limit` after `since`, in loop time."""
    try:
        async with asyncio.timeout_at(since + limit.total_seconds()):
            return await anext(incoming, None)
    except TimeoutError as err:
        raise ResponseFailedError("timed_out", f"no output within {limit}") from err
