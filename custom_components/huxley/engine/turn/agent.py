"""What a turn needs of the one who answers: a persona at work in a room."""

from collections.abc import Mapping
from typing import Protocol

from ..model.protocol import ModelSession, ToolCall
from ..skill.result import ToolResult


class Agent(Protocol):
    """A persona with its skills and its model session."""

    @property
    def persona_id(self) -> str:
        """Which persona."""

    @property
    def session(self) -> ModelSession:
        """The conversation with the model."""

    async def run_tool(self, call: ToolCall) -> ToolResult:
        """Run one tool. Errors come back as an error result, never as an exception (Engine T11)."""

    def phrase(self, key: str, slots: Mapping[str, str] | None = None) -> str:
        """A sentence that the room says about itself, in the language of the conversation."""
