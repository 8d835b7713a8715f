"""From a request to heard words: model responses, tool rounds, and what each result does (Engine T3-T5, T11-T15)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
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
from ..skill.effects import AudioStream, CancelMedia, InputClaim, PlayMedia, PlaySound, SetVolume
from ..skill.result import ToolResult
from ..speaker import Reply, Speaker
from .agent import Agent
from .deck import Deck
from .effects import owes_follow_up
from .states import TurnEvent, TurnState
from .tools import MAX_ROUNDS, ToolRound, outputs
from .trace import Trace
from .turn import Turn

_LOGGER = logging.getLogger(__name__)

FIRST_OUTPUT_LIMIT = timedelta(seconds=15)  # longer, and a person believes that nobody heard (Engine T15)


class ResponseFailedError(Exception):
    """The model or a tool round gave up; `phrase` is what the person is told."""

    def __init__(self, phrase: str, reason: str) -> None:
        super().__init__(reason)
        self.phrase = phrase


class Responder:
    """Runs the model's side of a turn."""

    def __init__(self, speaker: Speaker, deck: Deck, trace: Trace) -> None:
        self._speaker = speaker
        self._deck = deck
        self._trace = trace
        self._running_tools: set[asyncio.Task[ToolResult]] = set()

    async def respond(self, turn: Turn, agent: Agent, reply: Reply, request: ModelRequest) -> None:
        """Write all words of the turn to `reply`. Raises `ResponseFailedError`."""
        for _ in range(MAX_ROUNDS):
            tools = ToolRound(agent, self._running_tools)
            spoke = await self._one_response(turn, agent, reply, request, tools)
            results = [(call, self._feasible(agent, result)) for call, result in await tools.results()]
            if turn.dropped:
                return
            for call, result in results:
                self._trace.note(turn, "tool_done", tool=call.name, error=result.is_error)
                await self._act(turn, result)
            if not owes_follow_up((result for _, result in results), spoke=spoke):
                return
            turn.enter(TurnEvent.FOLLOW_UP)
            request = ToolOutputs(outputs(results))
        raise ResponseFailedError("tool_failed", f"still calling tools after {MAX_ROUNDS} rounds")

    async def close(self) -> None:
        """End the tools that still run."""
        for task in self._running_tools:
            task.cancel()
        await asyncio.gather(*self._running_tools, return_exceptions=True)

    def first_output(self, turn: Turn) -> None:
        """Something of the answer is there."""
        if turn.state in (TurnState.COMMITTING, TurnState.AWAITING_NEXT_RESPONSE):
            turn.enter(TurnEvent.FIRST_OUTPUT)
            self._trace.note(turn, "response")

    async def _one_response(
        self, turn: Turn, agent: Agent, reply: Reply, request: ModelRequest, tools: ToolRound
    ) -> bool:
        """Follow one response to its end; tells whether it said anything."""
        spoke = False
        try:
            async for event in self._events(agent, request):
                if isinstance(event, ResponseStarted):
                    turn.response_id = event.response_id
                    continue
                if turn.dropped:
                    return spoke
                if event.response_id != turn.response_id:
                    self._trace.note(turn, "stale_dropped", response=event.response_id)
                    continue
                self.first_output(turn)
                if isinstance(event, TextDelta):
                    spoke = spoke or bool(event.text.strip())
                    await reply.write(event.text)
                elif isinstance(event, ToolCall):
                    self._trace.note(turn, "tool_dispatch", tool=event.name)
                    tools.start(event)
                elif event.status is ResponseStatus.FAILED:
                    raise ResponseFailedError("model_lost", event.error or "the model failed")
        except TimeoutError:
            raise ResponseFailedError("timed_out", f"no answer within {FIRST_OUTPUT_LIMIT}") from None
        except ModelUnavailableError as err:
            raise ResponseFailedError("model_lost", str(err)) from err
        return spoke

    async def _events(self, agent: Agent, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """The events of one response. Raises `TimeoutError` when the first lets itself be waited for too long."""
        stream = cast(AsyncGenerator[ModelEvent], agent.session.respond(request))
        async with aclosing(stream) as events, asyncio.timeout(FIRST_OUTPUT_LIMIT.total_seconds()) as limit:
            async for event in events:
                if not isinstance(event, ResponseStarted):
                    limit.reschedule(None)
                yield event
                if isinstance(event, ResponseDone):
                    return

    def _feasible(self, agent: Agent, result: ToolResult) -> ToolResult:
        """An effect that this room cannot carry out becomes an error that the model can speak about."""
        effect = result.side_effect
        if result.is_error:
            return replace(result, side_effect=None)
        if isinstance(effect, InputClaim):
            return ToolResult(agent.phrase("no_microphone"), is_error=True)
        if isinstance(effect, AudioStream | PlayMedia) and not self._speaker.capabilities.play:
            return ToolResult(agent.phrase("no_player"), is_error=True)
        return result

    async def _act(self, turn: Turn, result: ToolResult) -> None:
        """Do at once what acts at once; latch the rest (Engine T4, T5)."""
        match result.side_effect:
            case AudioStream() | PlayMedia() as content:
                turn.latch.add(content)
                turn.touched_content = True
            case CancelMedia():
                turn.touched_content = True
                await self._deck.stop()
            case SetVolume(level):
                try:
                    await self._speaker.set_volume(level)
                except SpeakerError as err:
                    _LOGGER.warning("coord.volume_failed turn=%s error=%s", turn.id, err)
            case PlaySound():
                _LOGGER.warning("coord.sound_skipped turn=%s: this speaker plays no short sounds", turn.id)
