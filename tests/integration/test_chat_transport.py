"""Requests to a chat server over real sockets and Home Assistant's session."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from custom_components.huxley.engine.model.chat import ChatError, Failure, RetryPolicy
from custom_components.huxley.runtime.models.chat_transport import ChatServer, ChatTransport, make_chat_transport

KEY = "sk-very-secret"
BODY = {"model": "tiny", "messages": [], "stream": True}
LIMIT = 5.0  # seconds; nothing here takes that long

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeServer:
    """Answers `/v1/chat/completions` with the handlers in turn, the last one again and again; keeps the requests."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.requests: list[web.Request] = []
        self.bodies: list[object] = []
        self.peers: set[object] = set()
        """Ends of the connections that came in."""

        self.arrived = asyncio.Event()
        """A request is here."""

        self.gone = asyncio.Event()
        """A client hung up in the middle of an answer."""

        app = web.Application()
        app.router.add_route("*", "/v1/{path:.*}", self._answer)
        self.site = TestServer(app)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.peers.add(request.get_extra_info("peername"))
        self.arrived.set()
        self.bodies.append(await request.json() if request.can_read_body else None)
        handler = self.handlers[min(len(self.requests), len(self.handlers)) - 1]
        return await handler(request)

    def endless(self, data: bytes = b"data: x\n\n", pause: float = 0.001) -> Handler:
        """Send `data` until the client is gone."""

        async def handle(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            try:
                while request.transport is not None and not request.transport.is_closing():
                    await response.write(data)
                    await asyncio.sleep(pause)
            except ConnectionResetError, asyncio.CancelledError:
                pass
            self.gone.set()
            return response

        return handle


def events(*parts: bytes) -> Handler:
    """Send `parts` one by one as an event stream."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
            await asyncio.sleep(0)
        return response

    return handle


def refuse(status: int, error: dict | str = "", **headers: str) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        body = error if isinstance(error, str) else json.dumps({"error": error})
        return web.Response(status=status, text=body, headers=headers)

    return handle


def body(content: object) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.json_response(content)

    return handle


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def break_off(request: web.Request) -> web.StreamResponse:
    """Close the connection in the middle of an answer."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: 1\n\n")
    assert request.transport is not None
    request.transport.close()
    return response


GOOD = events(b"data: 1\n\ndata: ", b"2\n\n", b"data: [DONE]\n\n")


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    fake = FakeServer()
    await fake.site.start_server()
    yield fake
    await fake.site.close()


@pytest.fixture
async def transport(hass: HomeAssistant, server: FakeServer) -> ChatTransport:
    quick = RetryPolicy(first=timedelta(milliseconds=1), budget=timedelta(seconds=1))
    address = ChatServer(str(server.site.make_url("/v1")), f" {KEY}\n")
    return ChatTransport(async_get_clientsession(hass), address, retry=quick)


async def received(transport: ChatTransport) -> list[str]:
    async with asyncio.timeout(LIMIT):
        return [item async for item in transport.stream(BODY)]


async def failure_of(transport: ChatTransport) -> Failure:
    with pytest.raises(ChatError) as caught:
        await received(transport)
    assert KEY not in str(caught.value)
    return caught.value.failure


async def test_events_come_out_and_the_request_is_what_was_given(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [GOOD]
    assert await received(transport) == ["1", "2", "[DONE]"]
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert server.bodies == [BODY]


async def test_connection_of_a_complete_answer_is_used_again(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [GOOD]
    for _ in range(3):
        await received(transport)
    assert len(server.requests) == 3
    assert len(server.peers) == 1


async def test_without_a_key_none_is_sent(hass: HomeAssistant, server: FakeServer) -> None:
    server.handlers = [GOOD]
    transport = make_chat_transport(hass, ChatServer(f"{server.site.make_url('/v1')}/"))
    assert await received(transport) == ["1", "2", "[DONE]"]
    assert "Authorization" not in server.requests[0].headers


async def test_nothing_is_sent_before_somebody_listens(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [GOOD]
    await transport.stream(BODY).aclose()
    assert server.requests == []


async def test_server_that_does_not_stream_gives_one_item(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [body({"choices": []})]
    assert [json.loads(item) for item in await received(transport)] == [{"choices": []}]


async def test_closing_hangs_up(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [server.endless()]
    async with asyncio.timeout(LIMIT):
        async with aclosing(transport.stream(BODY)) as stream:
            assert await anext(stream) == "x"
        await server.gone.wait()


async def test_cancelling_a_reader_that_waits_hangs_up(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [server.endless(b": keep-alive\n\n")]
    reading = asyncio.create_task(received(transport))
    async with asyncio.timeout(LIMIT):
        await server.arrived.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await server.gone.wait()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
async def test_request_that_is_put_off_is_sent_again(server: FakeServer, transport: ChatTransport, status: int) -> None:
    server.handlers = [refuse(status), refuse(status), GOOD]
    assert await received(transport) == ["1", "2", "[DONE]"]
    assert server.bodies == [BODY] * 3


@pytest.mark.parametrize(("status", "failure"), [(429, Failure.RATE), (503, Failure.UNREACHABLE)])
async def test_server_that_puts_off_for_ever_is_given_up(
    server: FakeServer, transport: ChatTransport, status: int, failure: Failure
) -> None:
    server.handlers = [refuse(status)]
    assert await failure_of(transport) is failure
    assert len(server.requests) == RetryPolicy().attempts


async def test_wait_that_the_server_wants_is_kept(server: FakeServer, transport: ChatTransport) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        times.append(loop.time())
        return await [refuse(429, **{"Retry-After": "0.2"}), GOOD][len(times) - 1](request)

    server.handlers = [noted]
    assert await received(transport) == ["1", "2", "[DONE]"]
    assert times[1] - times[0] >= 0.2


@pytest.mark.parametrize("header", [{"Retry-After": "60"}, {"retry-after-ms": "60000"}])
async def test_wait_that_is_too_long_for_a_person_is_not_begun(
    server: FakeServer, transport: ChatTransport, header: dict[str, str]
) -> None:
    server.handlers = [refuse(429, **header)]
    assert await failure_of(transport) is Failure.RATE
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        (refuse(401, {"message": f"Incorrect API key provided: {KEY}"}), Failure.AUTH),
        (refuse(429, {"code": "insufficient_quota"}), Failure.QUOTA),
        (refuse(404, {"message": "model not found"}), Failure.BROKEN),
        (refuse(400, {"code": "context_length_exceeded"}), Failure.TOO_LONG),
        (refuse(307, Location="http://elsewhere.invalid/v1"), Failure.BROKEN),
        (refuse(200, "<html>Welcome</html>", **{"Content-Type": "text/html"}), Failure.BROKEN),
    ],
)
async def test_refusal_that_stays_is_told_at_once(
    server: FakeServer, transport: ChatTransport, handler: Handler, failure: Failure
) -> None:
    server.handlers = [handler]
    assert await failure_of(transport) is failure
    assert len(server.requests) == 1


async def test_connection_that_the_server_dropped_is_made_anew(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [hang_up, GOOD]
    assert await received(transport) == ["1", "2", "[DONE]"]


async def test_answer_that_breaks_off_is_not_asked_for_again(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [break_off]
    seen: list[str] = []

    async def follow() -> None:
        async for item in transport.stream(BODY):
            seen.append(item)  # noqa: PERF401 - what came before the break counts

    with pytest.raises(ChatError) as caught:
        await asyncio.wait_for(follow(), LIMIT)
    assert caught.value.failure is Failure.UNREACHABLE
    assert (seen, len(server.requests)) == (["1"], 1)


async def test_server_that_is_off_is_unreachable(hass: HomeAssistant, socket_enabled: None) -> None:
    transport = make_chat_transport(hass, ChatServer(f"http://127.0.0.1:{unused_port()}/v1", KEY))
    assert await failure_of(transport) is Failure.UNREACHABLE
    with pytest.raises(ChatError) as caught:
        await transport.models()
    assert caught.value.failure is Failure.UNREACHABLE


async def test_encrypted_talk_with_a_server_that_does_not_is_told(hass: HomeAssistant, server: FakeServer) -> None:
    url = str(server.site.make_url("/v1")).replace("http:", "https:")
    assert await failure_of(make_chat_transport(hass, ChatServer(url))) is Failure.BROKEN


async def test_models_are_listed(server: FakeServer, transport: ChatTransport) -> None:
    server.handlers = [body({"data": [{"id": "b"}, {"id": "a"}]})]
    assert await transport.models() == ["a", "b"]
    assert (server.requests[0].method, server.requests[0].path) == ("GET", "/v1/models")
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("handler", "failure"),
    [(refuse(401), Failure.AUTH), (refuse(200, "<html>"), Failure.BROKEN), (refuse(503), Failure.UNREACHABLE)],
)
async def test_models_that_cannot_be_had_say_why(
    server: FakeServer, transport: ChatTransport, handler: Handler, failure: Failure
) -> None:
    server.handlers = [handler]
    with pytest.raises(ChatError) as caught:
        await transport.models()
    assert caught.value.failure is failure


def test_key_is_not_in_what_is_logged_of_a_server() -> None:
    assert KEY not in repr(ChatServer("http://host/v1", KEY))
