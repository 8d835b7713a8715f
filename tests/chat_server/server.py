"""The server itself: takes requests, plays the scripted replies, keeps what it saw."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from .answers import PATIENCE, Answer, BreakOff, Calls, Garbage, Late, Pause, Refusal, Reply, Step
from .contract import Contract, ContractError, VendorContract

CREATED = 1_790_000_000  # seconds since the epoch; any moment will do
ERROR_TYPES = {401: "invalid_request_error", 429: "rate_limit_error"}


@dataclass(slots=True)
class Exchange:
    """One request and how it ended."""

    headers: Mapping[str, str]
    body: dict[str, Any]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    whole: bool = False
    """The client took all of the answer; False once `over`: it left, or the script cut it off."""

    async def ended(self) -> bool:
        """Wait for the end and say whether the answer went out whole."""
        async with asyncio.timeout(PATIENCE):
            await self.over.wait()
        return self.whole


class ChatServer:
    """`async with ChatServer() as server:` serves at `server.url` and fails at the end if the contract was broken."""

    def __init__(
        self,
        *replies: Reply,
        contract: Contract | None = None,
        api_key: str | None = "sk-test",
        models: tuple[str, ...] = ("test-model",),
    ) -> None:
        self.answers: deque[Reply] = deque(replies)
        self.exchanges: list[Exchange] = []
        self.violations: list[str] = []
        self.models = models
        self._contract = contract or VendorContract()
        self._api_key = api_key
        self._arrived = asyncio.Condition()
        app = web.Application(client_max_size=0)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list)
        self._server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        """The base URL, ending in `/v1`."""
        return str(self._server.make_url("/v1"))

    async def __aenter__(self) -> Self:
        # The test kit's server cancels a handler whose client leaves: that is what an interruption is measured by.
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.close()
        if kind is None and self.violations:
            raise ContractError("\n".join(self.violations))

    async def asked(self, count: int = 1) -> Exchange:
        """Wait for the `count`th request."""
        async with asyncio.timeout(PATIENCE), self._arrived:
            await self._arrived.wait_for(lambda: len(self.exchanges) >= count)
        return self.exchanges[count - 1]

    def take_violations(self) -> list[str]:
        """What broke the contract so far; the end of the server no longer complains of it."""
        taken, self.violations = self.violations, []
        return taken

    async def _list(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return refuse(Refusal(401, "invalid_api_key"))
        rows = [{"id": name, "object": "model", "created": CREATED, "owned_by": "test"} for name in self.models]
        for row in rows:
            self._check_answer("model", row)
        return web.json_response({"object": "list", "data": rows})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if not self._allowed(request):
            return refuse(Refusal(401, "invalid_api_key"))
        exchange = Exchange(dict(request.headers), await request.json())
        async with self._arrived:
            self.exchanges.append(exchange)
            self._arrived.notify_all()
        try:
            return await self._reply(request, exchange)
        finally:
            exchange.over.set()

    async def _reply(self, request: web.Request, exchange: Exchange) -> web.StreamResponse:
        try:
            self._contract.request(exchange.body)
        except ContractError as error:
            self.violations.append(str(error))
            return refuse(Refusal(400, "invalid_request"))
        if exchange.body["model"] not in self.models:
            return refuse(Refusal(404, "model_not_found"))
        reply = self.answers.popleft() if self.answers else Answer()
        if isinstance(reply, Late):
            await pause(reply.pause)
            reply = reply.answer
        if isinstance(reply, Refusal):
            return refuse(reply)
        if exchange.body.get("stream"):
            return await self._stream(request, exchange, reply)
        exchange.whole = True
        body = completion(reply, exchange.body["model"])
        self._check_answer("completion", body)
        return web.json_response(body)

    async def _stream(self, request: web.Request, exchange: Exchange, answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        model = exchange.body["model"]
        wants_usage = (exchange.body.get("stream_options") or {}).get("include_usage", False)
        await self._chunk(response, model, {"role": "assistant", "content": ""})
        for step in answer.steps:
            if isinstance(step, BreakOff):
                if request.transport is not None:
                    request.transport.abort()
                return response
            await self._step(response, model, step)
        if answer.ends:
            await self._chunk(response, model, {}, finish=answer.finish_reason)
            if wants_usage:
                await self._send(response, chunk(model) | {"choices": [], "usage": usage(answer)})
            await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        exchange.whole = answer.ends
        return response

    async def _step(self, response: web.StreamResponse, model: str, step: Step) -> None:
        match step:
            case str():
                await self._chunk(response, model, {"content": step})
            case Calls():
                for delta in step.deltas():
                    await self._chunk(response, model, delta)
            case Pause():
                await pause(step)
            case Garbage():
                await response.write(step.raw)

    async def _chunk(
        self, response: web.StreamResponse, model: str, delta: dict[str, object], finish: str | None = None
    ) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self._send(response, chunk(model) | {"choices": [choice]})

    async def _send(self, response: web.StreamResponse, body: dict[str, object]) -> None:
        self._check_answer("chunk", body)
        await response.write(b"data: " + json.dumps(body).encode() + b"\n\n")

    def _check_answer(self, name: str, body: Mapping[str, object]) -> None:
        try:
            self._contract.answer(name, body)
        except ContractError as error:
            self.violations.append(str(error))

    def _allowed(self, request: web.Request) -> bool:
        return self._api_key is None or request.headers.get("Authorization") == f"Bearer {self._api_key}"


async def pause(step: Pause) -> None:
    """Hold the client until the test lets go."""
    step.reached.set()
    await step.go.wait()


def refuse(refusal: Refusal) -> web.Response:
    """An error in the vendor's form, or in a proxy's."""
    headers = {} if refusal.retry_after is None else {"Retry-After": refusal.retry_after}
    if refusal.body is not None:
        return web.Response(status=refusal.status, text=refusal.body, headers=headers, content_type="text/html")
    error = {
        "message": f"Refused by the test: {refusal.code or refusal.status}",
        "type": ERROR_TYPES.get(refusal.status, "server_error" if refusal.status >= 500 else "invalid_request_error"),
        "param": None,
        "code": refusal.code,
    }
    return web.json_response({"error": error}, status=refusal.status, headers=headers)


def chunk(model: str) -> dict[str, object]:
    """What all chunks have in common."""
    return {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": CREATED, "model": model}


def usage(answer: Answer) -> dict[str, int]:
    """The bill of an answer, in tokens."""
    taken, given = answer.usage
    return {"prompt_tokens": taken, "completion_tokens": given, "total_tokens": taken + given}


def completion(answer: Answer, model: str) -> dict[str, object]:
    """The same answer in one piece, for a client that does not stream."""
    message: dict[str, object] = {"role": "assistant", "content": answer.text or None}
    if answer.uses:
        message["tool_calls"] = [
            {"id": use.call_id, "type": "function", "function": {"name": use.name, "arguments": use.arguments}}
            for use in answer.uses
        ]
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return chunk(model) | {"object": "chat.completion", "choices": [choice], "usage": usage(answer)}
