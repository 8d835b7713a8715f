"""What the server answers, written as values: words, calls of tools, and what may go wrong in between."""

import asyncio
from dataclasses import dataclass, field

PATIENCE = 5  # seconds until a wait for a client counts as a failed test


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One call. `arguments` is JSON as the model wrote it, so a test may write broken JSON."""

    name: str
    arguments: str = "{}"
    call_id: str = "call_1"


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one answer. Each is cut into `fragments`, and the fragments of parallel calls alternate."""

    uses: tuple[ToolUse, ...]
    fragments: int = 3

    def deltas(self) -> list[dict[str, object]]:
        """One delta each: the names first, then the arguments piece by piece."""
        heads = [
            {"index": n, "id": use.call_id, "type": "function", "function": {"name": use.name, "arguments": ""}}
            for n, use in enumerate(self.uses)
        ]
        rounds = [
            {"index": n, "function": {"arguments": piece}}
            for part in range(self.fragments)
            for n, use in enumerate(self.uses)
            if (piece := self._piece(use.arguments, part))
        ]
        return [{"tool_calls": [call]} for call in [*heads, *rounds]]

    def _piece(self, arguments: str, part: int) -> str:
        size = -(-len(arguments) // self.fragments)
        return arguments[part * size : (part + 1) * size]


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing more comes until the test sets `go`; `reached` says that the client is being kept waiting."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def held(self) -> None:
        """Wait until the client is being kept waiting."""
        async with asyncio.timeout(PATIENCE):
            await self.reached.wait()


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that go out as they stand, between two chunks."""

    raw: bytes = b"data: {not json\n\n"


@dataclass(frozen=True, slots=True)
class BreakOff:
    """The connection is cut in the middle of the stream."""


type Step = str | Calls | Pause | Garbage | BreakOff


@dataclass(frozen=True, slots=True)
class Answer:
    """A streamed answer, step by step; a `str` is one delta of words."""

    steps: tuple[Step, ...] = ("Yes.",)
    finish: str | None = None
    """None: `tool_calls` when something is called, else `stop`."""
    usage: tuple[int, int] = (12, 5)
    """Tokens in and out; told when the client asks for them."""
    ends: bool = True
    """False: the stream closes without its last chunk and without `[DONE]`."""

    @property
    def text(self) -> str:
        """All the words."""
        return "".join(step for step in self.steps if isinstance(step, str))

    @property
    def uses(self) -> tuple[ToolUse, ...]:
        """All the calls."""
        return tuple(use for step in self.steps if isinstance(step, Calls) for use in step.uses)

    @property
    def finish_reason(self) -> str:
        """How the last chunk says that it ended."""
        return self.finish or ("tool_calls" if self.uses else "stop")


@dataclass(frozen=True, slots=True)
class Late:
    """A slow first byte: not even the headers come before the pause is over."""

    pause: Pause
    answer: Answer = field(default_factory=Answer)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error instead of an answer."""

    status: int
    code: str | None = None
    retry_after: str | None = None
    """Seconds, or an HTTP date."""
    body: str | None = None
    """Instead of the vendor's JSON: what a proxy in front of it says."""


type Reply = Answer | Late | Refusal
