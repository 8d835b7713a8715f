"""What a tool's side effect does: at once, at the barrier, or not at all in this room (Engine T4, T5, T11)."""

import asyncio
import logging
from dataclasses import replace

from ..errors import SpeakerError
from ..model.protocol import ToolCall
from ..skill.effects import AudioStream, CancelMedia, InputClaim, PlayMedia, SetVolume
from ..skill.result import ToolResult
from ..speaker import Speaker
from .agent import Agent
from .claims import Claims
from .deck import Deck
from .phrases import phrase
from .states import TurnState
from .tasks import cancelled_from_outside
from .trace import Trace
from .turn import Turn

_LOGGER = logging.getLogger(__name__)


class Hands:
    """Runs tools and does what they ask for."""

    def __init__(self, speaker: Speaker, deck: Deck, claims: Claims, trace: Trace) -> None:
        self._speaker = speaker
        self._deck = deck
        self._claims = claims
        self._trace = trace

    async def run(self, turn: Turn, agent: Agent, call: ToolCall) -> ToolResult:
        """Run one tool. Whatever goes wrong is an error result, and late results change nothing (Engine T11)."""
        try:
            result = await agent.run_tool(call)
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.exception("coord.tool_raised turn=%s tool=%s", turn.id, call.name, exc_info=err)
            result = ToolResult(phrase(agent, "tool_failed"), is_error=True)
        late = turn.dropped or turn.state is not TurnState.IN_RESPONSE
        event = "tool_late" if late else "tool_done"
        if not late:
            result = await self._act(turn, agent, self._feasible(agent, result))
        self._trace.note(turn, event, tool=call.name, error=result.is_error)
        return replace(result, side_effect=None) if late else result

    def latch(self, turn: Turn, result: ToolResult) -> None:
        """Keep what waits for the barrier; a stop takes back what the same turn was about to start."""
        match result.side_effect:
            case AudioStream() | PlayMedia() | InputClaim() as effect:
                turn.latch.add(effect)
            case CancelMedia():
                turn.latch.clear()

    def _feasible(self, agent: Agent, result: ToolResult) -> ToolResult:
        """An effect that this room cannot carry out becomes an error that the model can speak about."""
        effect = result.side_effect
        if result.is_error:
            return replace(result, side_effect=None)
        if isinstance(effect, InputClaim) and (self._claims.in_call or not self._speaker.capabilities.microphone):
            return ToolResult(phrase(agent, "no_microphone"), is_error=True)
        if isinstance(effect, AudioStream | PlayMedia) and not self._speaker.capabilities.play:
            return ToolResult(phrase(agent, "no_player", {"title": effect.title or ""}), is_error=True)
        return result

    async def _act(self, turn: Turn, agent: Agent, result: ToolResult) -> ToolResult:
        """Do at once what acts at once (Engine T5)."""
        match result.side_effect:
            case CancelMedia():
                await self._deck.stop()
            case SetVolume(level):
                try:
                    await self._speaker.set_volume(level)
                except SpeakerError as err:
                    _LOGGER.warning("coord.volume_failed turn=%s error=%s", turn.id, err)
                    return ToolResult(phrase(agent, "player_failed"), is_error=True)
        return result
