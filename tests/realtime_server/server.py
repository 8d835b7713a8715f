"""The server itself: upgrades, doors, and the sessions that a test looks at."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from .contract import Contract, ContractError, VendorContract
from .doors import INVALID_KEY, Door, Refuse, SlowHello, TurnAway
from .line import Line
from .script import PATIENCE, Answer, Close
from .session import Plan, Session

LIMIT = timedelta(minutes=60)


class RealtimeServer:
    """`async with RealtimeServer() as server:` serves at `server.url`, and fails at the end on a broken contract."""

    def __init__(
        self, *answers: Answer, contract: Contract | None = None, api_key: str = "sk-test", limit: timedelta = LIMIT
    ) -> None:
        self.plan = Plan(answers=deque(answers))
        self.doors: deque[Door] = deque()
        """What meets the next clients; none left: they come in."""
        self.requests: list[Mapping[str, str]] = []
        """The headers of every attempt."""
        self.sessions: list[Session] = []
        self.violations: list[str] = []
        self.limit = limit
        self._contract = contract or VendorContract()
        self._api_key = api_key
        self._arrived = asyncio.Condition()
        app = web.Application()
        app.router.add_get("/v1/realtime", self._connect)
        self._server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        """The WebSocket's URL, without a query."""
        return str(self._server.make_url("/v1/realtime").with_scheme("ws"))

    @property
    def api_url(self) -> str:
        """The base URL that the vendor's client wants."""
        return str(self._server.make_url("/v1"))

    @property
    def session(self) -> Session:
        """The newest session."""
        return self.sessions[-1]

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self.sessions:
            session.line.drop()
        await self._server.close()
        if kind is None and self.violations:
            raise ContractError("\n".join(self.violations))

    async def connected(self, count: int = 1) -> Session:
        """Wait for the `count`th session."""
        async with asyncio.timeout(PATIENCE), self._arrived:
            await self._arrived.wait_for(lambda: len(self.sessions) >= count)
        return self.sessions[count - 1]

    def take_violations(self) -> list[str]:
        """What broke the contract so far; the end of the server no longer complains of it."""
        taken = list(self.violations)
        self.violations.clear()
        return taken

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(dict(request.headers))
        door = self.doors.popleft() if self.doors else None
        if isinstance(door, Refuse):
            return door.response()
        if not self._allowed(request):
            return INVALID_KEY.response()
        line = Line(self._contract, self.violations)
        try:
            await line.open(request)
            if isinstance(door, TurnAway):
                await line.error(door.code)
                await line.perform(Close(door.close, door.code))
            else:
                await self._serve(line, request.query.get("model", ""), door)
        finally:
            line.over.set()
        return line.socket

    async def _serve(self, line: Line, model: str, door: SlowHello | None) -> None:
        if door is not None:
            await line.perform(door.pause)
        session = Session(line, self.plan, model)
        ends = int(time.time() + self.limit.total_seconds())
        extra = {"object": "realtime.session", "id": line.new_id("sess"), "expires_at": ends}
        async with self._arrived:
            self.sessions.append(session)
            self._arrived.notify_all()
        await line.send("session.created", session=session.talk.session | extra)
        await session.serve()

    def _allowed(self, request: web.Request) -> bool:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.headers.get("api-key")
        return sent == self._api_key
