"""What the server answers, written as values: speech, calls of tools, and what may go wrong in between."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .sound import length_of, sound_of

PATIENCE = 5  # seconds until a wait for a client counts as a failed test
DELTA = timedelta(milliseconds=100)  # of sound in one delta, as the vendor sends it


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing more of this response comes until the test sets `go`; `reached` says that the client waits."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def held(self) -> None:
        """Wait until the client is being kept waiting."""
        async with asyncio.timeout(PATIENCE):
            await self.reached.wait()


@dataclass(frozen=True, slots=True)
class Close:
    """The server closes the socket."""

    code: int = 1001
    reason: str = "Your session hit the maximum duration of 60 minutes."


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is cut without a closing handshake."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A frame that goes out as it stands: broken JSON, an unknown event, something huge, bytes."""

    frame: str | bytes = "{not json"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An `error` event; `code` is a key of `errors.ERRORS`."""

    code: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The server stops reading, answering and ponging, with the socket still open."""


type Step = Pause | Close | Drop | Raw | Trouble | Silence


@dataclass(frozen=True, slots=True)
class Say:
    """One message: words, and their sound when the response is spoken.

    `at` puts a fault before the delta of that number: `at={0: Pause()}` is a slow first byte,
    `at={2: Close()}` a socket that closes in the middle of the sentence.
    """

    words: str
    sound: bytes | None = None
    """PCM16, 24 kHz, mono. None: some that belongs to these words (`sound_of`)."""
    delta: timedelta = DELTA
    at: Mapping[int, Step] = field(default_factory=dict)
    twice: bool = False
    """Every delta is sent twice."""

    @property
    def pcm(self) -> bytes:
        """The sound of the message."""
        return sound_of(self.words) if self.sound is None else self.sound

    @property
    def length(self) -> timedelta:
        """How long the sound is."""
        return length_of(self.pcm)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool. `arguments` is JSON as the model wrote it, so a test may write broken JSON."""

    name: str
    arguments: str = "{}"
    call_id: str = "call_1"
    finished: bool = True
    """False: the response ends before the arguments do, and no `…arguments.done` ever comes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, part by part: several messages, a preamble and calls, faults between them."""

    parts: tuple[Say | Call | Step, ...] = (Say("Yes."),)
    error: str | None = None
    """The response fails with this code (`rate_limit_exceeded`, `insufficient_quota`, `server_error`)."""
    incomplete: bool = False
    """The response stops at its limit of tokens."""
    late: bool = False
    """After `response.done` the last delta comes once more."""
    announced: bool = True
    """False: `response.created` never comes, as with some other vendors."""
    usage: tuple[int, int] = (120, 60)
    """Tokens in and out."""


def say(words: str) -> Answer:
    """The plain case: one message."""
    return Answer((Say(words),))
