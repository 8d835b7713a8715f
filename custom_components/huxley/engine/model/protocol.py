"""The one protocol behind which every model sits: requests in, a stream of neutral events out.

A response has an id that crosses this interface, so that a late delta of a cancelled response
is known for what it is (Engine T3).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ModelCapabilities:
    """What a model can do; the coordinator adapts to it."""

    narrates: bool = True
    """Puts a prompt into its own words. False: a prompt is spoken as it stands."""


@dataclass(frozen=True, slots=True)
class UserText:
    """Words of a person. `language` is a hint (BCP 47), None for the persona's own."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Narration:
    """Something to tell the person in the persona's voice (`inject_turn(prompt=…)`)."""

    prompt: str


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """The answer to one tool call."""

    call_id: str
    name: str
    output: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ToolOutputs:
    """The answers to all calls of the previous response; asks for one follow-up (Engine T12)."""

    outputs: tuple[ToolOutput, ...]


type ModelRequest = UserText | Narration | ToolOutputs


class ResponseStatus(StrEnum):
    """How a response ended."""

    COMPLETED = "completed"
    """The model said and called all it wanted."""

    CANCELLED = "cancelled"
    """We cancelled it."""

    FAILED = "failed"
    """The model gave up; `ResponseDone.error` says why."""


@dataclass(frozen=True, slots=True)
class ResponseStarted:
    """First event of a response."""

    response_id: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the words to be spoken."""

    response_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool run; each call is answered exactly once (Engine T12).

    `language` is what the person spoke when the model knows it (BCP 47): the tool answers in it.
    """

    response_id: str
    call_id: str
    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """Last event of a response. `expects_answer` says that the model asked the person something."""

    response_id: str
    status: ResponseStatus = ResponseStatus.COMPLETED
    error: str | None = None
    expects_answer: bool = False


type ModelEvent = ResponseStarted | TextDelta | ToolCall | ResponseDone


class ModelSession(Protocol):
    """A conversation with a model. One response at a time.

    `respond` yields one `ResponseStarted`, any deltas and calls, one `ResponseDone`. It raises
    `ModelUnavailableError` when the model cannot be reached. The iterator may be closed at any point.
    """

    @property
    def capabilities(self) -> ModelCapabilities:
        """What this model can do."""

    def respond(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Ask for one response."""

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        """Stop a response; what it said counts only as far as it was heard (Engine T6, step 5)."""

    async def close(self) -> None:
        """Let go of everything the session holds."""
