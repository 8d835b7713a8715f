"""One socket as the session sees it: events out and in, judged, numbered and kept; and its mechanical faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from .contract import Contract, ContractError, Direction
from .errors import error_body
from .script import PATIENCE, Close, Drop, Pause, Raw, Silence, Step, Trouble

CLOSING = 1.0  # seconds for the client's side of a closing handshake


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that crossed the line."""

    sender: Direction
    event: Mapping[str, Any]


class Line:
    """Speaks JSON events over one WebSocket."""

    def __init__(self, contract: Contract, violations: list[str]) -> None:
        self.log: list[Entry] = []
        self.pings = 0
        self.over = asyncio.Event()
        """The socket is gone, whoever ended it."""
        self.close_code: int | None = None
        self._contract = contract
        self._violations = violations
        self._silent = False
        self._changed = asyncio.Condition()
        self._ids = 0
        # Pings are answered by hand: a silent server answers none.
        self.socket = web.WebSocketResponse(autoping=False, autoclose=False, max_msg_size=0, timeout=CLOSING)
        self._request: web.BaseRequest | None = None

    async def open(self, request: web.Request) -> None:
        """Do the upgrade."""
        self._request = request
        await self.socket.prepare(request)

    def new_id(self, kind: str) -> str:
        """An id that no other thing of this line has."""
        self._ids += 1
        return f"{kind}_{self._ids}"

    async def send(self, kind: str, *, twice: bool = False, **fields: Any) -> Mapping[str, Any]:
        """Send one event, judged; `twice` repeats it to the letter."""
        event = {"type": kind, "event_id": self.new_id("event"), **fields}
        try:
            self._contract.check(event, Direction.SERVER)
        except ContractError as error:
            self.complain(str(error))
        for _ in range(1 + twice):
            await self.repeat(event)
        return event

    async def repeat(self, event: Mapping[str, Any]) -> None:
        """Send an event that was made before."""
        if self._silent or self.socket.closed:
            return
        await self._keep(Entry(Direction.SERVER, event))
        with suppress(ConnectionError):  # the client has left, which the reader of this line hears as well
            await self.socket.send_str(json.dumps(event))

    async def error(
        self, code: str, message: str | None = None, param: str | None = None, event_id: str | None = None
    ) -> None:
        """Send an `error` event."""
        await self.send("error", error=error_body(code, message, param, event_id))

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """The client's events that are worth an answer, until the socket ends."""
        async for frame in self._frames():
            event = await self._parse(frame)
            if event is not None:
                await self._keep(Entry(Direction.CLIENT, event))
                yield event

    async def _frames(self) -> AsyncIterator[str | bytes]:
        while True:
            message = await self.socket.receive()
            if message.type is WSMsgType.PING:
                self.pings += 1
                if not self._silent:
                    await self.socket.pong(message.data)
            elif message.type is WSMsgType.CLOSE and self._silent:
                await asyncio.Event().wait()  # until the client gives up and cuts the connection
            elif message.type is WSMsgType.CLOSE:
                self.close_code = message.data
                await self.socket.close()
                return
            elif message.type in {WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return
            elif not self._silent:
                yield message.data

    async def _parse(self, frame: str | bytes) -> dict[str, Any] | None:
        try:
            event = json.loads(frame)
        except ValueError as error:
            await self._reject(f"no JSON from the client: {error}")
            return None
        if not isinstance(event, dict):
            await self._reject("no object from the client")
            return None
        try:
            self._contract.check(event, Direction.CLIENT)
        except ContractError as error:
            name = event.get("event_id")
            await self._reject(str(error), name if isinstance(name, str) else None)
            return None
        return event

    async def _reject(self, violation: str, event_id: str | None = None) -> None:
        self.complain(violation)
        await self.error("invalid_event", violation, event_id=event_id)

    def complain(self, violation: str) -> None:
        """Fail the test when the server ends."""
        self._violations.append(violation)

    async def _keep(self, entry: Entry) -> None:
        async with self._changed:
            self.log.append(entry)
            self._changed.notify_all()

    def of(self, kind: str, sender: Direction = Direction.CLIENT) -> list[Mapping[str, Any]]:
        """All events of a type so far."""
        return [entry.event for entry in self.log if entry.sender is sender and entry.event["type"] == kind]

    async def received(self, kind: str, count: int = 1) -> Mapping[str, Any]:
        """Wait for the `count`th event of this type from the client."""
        return await self._wait(kind, count, Direction.CLIENT)

    async def sent(self, kind: str, count: int = 1) -> Mapping[str, Any]:
        """Wait until the server has sent the `count`th event of this type."""
        return await self._wait(kind, count, Direction.SERVER)

    async def _wait(self, kind: str, count: int, sender: Direction) -> Mapping[str, Any]:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.of(kind, sender)) >= count)
        return self.of(kind, sender)[count - 1]

    async def ended(self) -> int | None:
        """Wait until the socket is gone; the client's close code if it said one."""
        async with asyncio.timeout(PATIENCE):
            await self.over.wait()
        return self.close_code

    async def perform(self, step: Step) -> None:
        """Do one fault now."""
        match step:
            case Pause():
                step.reached.set()
                await step.go.wait()
            case Close():
                await self.socket.close(code=step.code, message=step.reason.encode())
            case Drop():
                self.drop()
            case Raw(str() as text):
                await self.socket.send_str(text)
            case Raw(bytes() as data):
                await self.socket.send_bytes(data)
            case Trouble():
                await self.error(step.code)
            case Silence():
                self._silent = True

    def drop(self) -> None:
        """Cut the connection."""
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()
