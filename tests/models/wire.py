"""A client with no mind of its own: it says what a test tells it to, and keeps what it hears."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.realtime_server import RealtimeServer

PATIENCE = 5  # seconds
KEY = {"Authorization": "Bearer sk-test"}
TEXT = {"type": "realtime", "output_modalities": ["text"]}
PUSH_TO_TALK = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


class Wire:
    """JSON events over a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: object) -> None:
        """Say one event."""
        await self.socket.send_json({"type": kind, **fields})

    async def until(self, kind: str) -> dict[str, Any]:
        """Listen up to the next event of this type."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event: dict[str, Any] = await self.socket.receive_json()
                self.heard.append(event)
                if event["type"] == kind:
                    return event

    async def refusal(self) -> str:
        """Listen up to the next error; its code."""
        return str((await self.until("error"))["error"]["code"])

    async def set(self, session: Mapping[str, object]) -> None:
        """Change the session, and wait until it is so."""
        await self.send("session.update", session=session)
        await self.until("session.updated")

    async def ask(self, words: str) -> None:
        """Say something in writing and ask for a response."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}
        await self.send("conversation.item.create", item=item)
        await self.send("response.create")

    async def speak(self, pcm: bytes) -> None:
        """Send sound."""
        await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was heard of one type."""
        return [event for event in self.heard if event["type"] == kind]

    @property
    def types(self) -> list[str]:
        """The types of all that was heard, in order."""
        return [event["type"] for event in self.heard]

    @property
    def sound(self) -> bytes:
        """All sound that was heard."""
        return b"".join(base64.b64decode(event["delta"]) for event in self.of("response.output_audio.delta"))


@asynccontextmanager
async def wire(server: RealtimeServer, **options: Any) -> AsyncIterator[Wire]:
    """Connect, and wait for the session."""
    options = {"params": {"model": "gpt-realtime-2.1"}, "max_msg_size": 0, "headers": KEY, **options}
    async with ClientSession() as session, session.ws_connect(server.url, **options) as socket:
        client = Wire(socket)
        await client.until("session.created")
        yield client
