"""A persona with a script instead of a model."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from custom_components.huxley.engine.model.protocol import (
    ModelCapabilities,
    ModelEvent,
    ModelRequest,
    ResponseDone,
    ResponseStarted,
    TextDelta,
    ToolCall,
)
from custom_components.huxley.engine.skill.result import ToolResult

THINKS = timedelta(milliseconds=450)  # what a good model takes to its first word
CLOSES = timedelta(milliseconds=350)  # and from its last word to the end of the response


@dataclass(slots=True)
class Answer:
    """What the model says, after it called a tool with this result, if any."""

    text: str
    tool_result: ToolResult | None = None


@dataclass(slots=True)
class ScriptedSession:
    """Gives the next answer to each request."""

    thinks: timedelta = THINKS
    closes: timedelta = CLOSES
    answers: list[Answer] = field(default_factory=list)
    requests: int = 0

    @property
    def capabilities(self) -> ModelCapabilities:
        """Text and tools."""
        return ModelCapabilities()

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """Answer. Without an answer left, nothing is said."""
        self.requests += 1
        response = f"r{self.requests}"
        yield ResponseStarted(response)
        await asyncio.sleep(self.thinks.total_seconds())
        answer = self.answers.pop(0) if self.answers else Answer("")
        if answer.tool_result is not None:
            yield ToolCall(response, f"{response}-1", "act")
        if answer.text:
            yield TextDelta(response, answer.text)
            await asyncio.sleep(self.closes.total_seconds())
        yield ResponseDone(response)

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        """Nothing runs that would not end by itself."""

    async def close(self) -> None:
        """Nothing is open."""


class ScriptedAgent:
    """An `Agent` whose only tool returns what the running answer says."""

    persona_id = "basic"

    def __init__(self, session: ScriptedSession | None = None) -> None:
        self.session = session or ScriptedSession()
        self.results: list[ToolResult] = []

    def will_say(self, text: str, tool_result: ToolResult | None = None) -> None:
        """Add to the script."""
        self.session.answers.append(Answer(text, tool_result))
        if tool_result is not None:
            self.results.append(tool_result)

    async def run_tool(self, call: ToolCall) -> ToolResult:
        """Run the tool of the script."""
        return self.results.pop(0)

    def phrase(self, key: str, slots: Mapping[str, str] | None = None) -> str:
        """A sentence about the room itself."""
        return key.replace("_", " ")
