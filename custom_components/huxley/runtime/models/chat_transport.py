"""Requests to an OpenAI-compatible server, over Home Assistant's own HTTP session."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    InvalidURL,
    ServerDisconnectedError,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ...engine.model.chat.failures import PASSING, ChatError, Failure, classify_status
from ...engine.model.chat.listing import read_models
from ...engine.model.chat.retry import RETRIED_STATUSES, RetryPolicy, read_retry_after
from ...engine.model.chat.sse import EventStreamParser

_LOGGER = logging.getLogger(__name__)

CONNECT_LIMIT = timedelta(seconds=5)  # a server that takes longer to accept is off
SILENCE_LIMIT = timedelta(seconds=40)  # longer than a turn waits for the next word, so the turn's limit comes first
LIST_LIMIT = timedelta(seconds=10)  # a person sits in front of the form
MOST_BODY = 8 * 1024 * 1024  # bytes of a body that comes in one piece
MOST_ERROR = 64 * 1024  # bytes of an error's body that are looked at
LONGEST_NUMBER = 9  # digits; no server wants us to wait for years

STREAM_TIMEOUT = ClientTimeout(
    total=None, sock_connect=CONNECT_LIMIT.total_seconds(), sock_read=SILENCE_LIMIT.total_seconds()
)
LIST_TIMEOUT = ClientTimeout(total=LIST_LIMIT.total_seconds(), sock_connect=CONNECT_LIMIT.total_seconds())


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Where a server is and how we prove who we are. `base_url` ends before `/chat/completions`."""

    base_url: str
    key: str | None = field(default=None, repr=False)
    verify_ssl: bool = True


class ChatTransport:
    """Implements `engine.model.chat.Transport`.

    A request that the server puts off is sent again while nothing of its answer has come; an answer that breaks
    off is not, because a person has heard its beginning.
    """

    def __init__(
        self,
        session: ClientSession,
        server: ChatServer,
        *,
        retry: RetryPolicy | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._session = session
        self._base = server.base_url.rstrip("/")
        self._key = (server.key or "").strip()
        self._retry = retry or RetryPolicy()
        self._jitter = jitter

    async def stream(self, body: Mapping[str, object]) -> AsyncGenerator[str]:
        """Post `body` to `/chat/completions` and yield the data of each event. Raises `ChatError`.

        A server that answers in one piece gives one item. Ending this early closes the connection at once.
        """
        response = await self._post(body)
        try:
            async with aclosing(_items(response)) as items:
                async for item in items:
                    yield item
        except (ClientError, TimeoutError) as err:
            raise self._error(err, "the connection was lost") from err
        finally:
            response.close()

    async def models(self) -> list[str]:
        """Return the ids of the models that the server offers, sorted. Raises `ChatError`."""
        try:
            async with self._session.get(
                f"{self._base}/models", headers=self._headers(), timeout=LIST_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status != HTTPStatus.OK:
                    raise await self._refusal(response)
                body = await _read(response, MOST_BODY)
        except (ClientError, TimeoutError) as err:
            raise self._error(err, "the server cannot be reached") from err
        try:
            return read_models(json.loads(body))
        except (ValueError, RecursionError) as err:
            raise ChatError(Failure.BROKEN, "the server's list of models is no JSON; is the address right?") from err

    async def _post(self, body: Mapping[str, object]) -> ClientResponse:
        """Send the request, as often as the policy allows; the answer is a good one."""
        waited, attempt = timedelta(0), 0
        while True:
            attempt += 1
            error, asked = None, None
            try:
                response = await self._session.post(
                    f"{self._base}/chat/completions",
                    json=body,
                    headers=self._headers(),
                    timeout=STREAM_TIMEOUT,
                    allow_redirects=False,
                )
            except (ClientError, TimeoutError) as err:
                error = self._error(err, "the server cannot be reached")
                if not _was_dropped(err):
                    raise error from err
            else:
                if response.status == HTTPStatus.OK:
                    return response
                asked = _asked_wait(response)
                error = await self._refusal(response)
                if response.status not in RETRIED_STATUSES or error.failure not in PASSING:
                    raise error
            delay = self._retry.delay(attempt, waited, asked, self._jitter)
            if delay is None:
                raise error
            _LOGGER.debug("chat.retry attempt=%d seconds=%.2f reason=%s", attempt, delay.total_seconds(), error)
            await asyncio.sleep(delay.total_seconds())
            waited += delay

    async def _refusal(self, response: ClientResponse) -> ChatError:
        """Return what an answer other than 200 means, and let go of it."""
        try:
            body = await _read(response, MOST_ERROR)
        except ClientError, TimeoutError:
            body = ""  # the status says enough
        finally:
            response.close()
        if location := response.headers.get("Location"):
            return ChatError(Failure.BROKEN, self._clean(f"the server is at another address: {location}"))
        error = classify_status(response.status, body)
        return ChatError(error.failure, self._clean(str(error)))

    def _error(self, err: Exception, what: str) -> ChatError:
        # Neither a wrong certificate nor a wrong address goes away by itself.
        failure = Failure.BROKEN if isinstance(err, ClientSSLError | InvalidURL) else Failure.UNREACHABLE
        return ChatError(failure, self._clean(f"{what}: {str(err) or type(err).__name__}"))

    def _headers(self) -> dict[str, str]:
        # Uncompressed: a server that compresses holds words back until a block is full.
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        return headers | ({"Authorization": f"Bearer {self._key}"} if self._key else {})

    def _clean(self, message: str) -> str:
        """Return a message fit for logs: some servers repeat the key that they refuse."""
        return message.replace(self._key, "***") if self._key else message


def make_chat_transport(hass: HomeAssistant, server: ChatServer) -> ChatTransport:
    """Return a transport over Home Assistant's shared session; nothing is sent yet."""
    return ChatTransport(async_get_clientsession(hass, verify_ssl=server.verify_ssl), server)


async def _items(response: ClientResponse) -> AsyncGenerator[str]:
    if response.content_type == "application/json":
        yield (await _read(response, MOST_BODY)).strip()
        return
    if response.content_type == "text/html":
        raise ChatError(Failure.BROKEN, "the server answered with a web page; is the address right?")
    parser = EventStreamParser()
    async for data in response.content.iter_any():
        for item in parser.feed(data):
            yield item
    for item in parser.finish():
        yield item


async def _read(response: ClientResponse, limit: int) -> str:
    """Return at most `limit` bytes of a body as text."""
    body = bytearray()
    async for data in response.content.iter_any():
        body += data
        if len(body) >= limit:
            break
    return bytes(body[:limit]).decode("utf-8", "replace")


def _was_dropped(err: Exception) -> bool:
    """Whether a connection that was open ended before any answer: kept alive from before, most likely."""
    return isinstance(err, ServerDisconnectedError) or (
        isinstance(err, ClientOSError) and not isinstance(err, ClientConnectorError)
    )


def _asked_wait(response: ClientResponse) -> timedelta | None:
    milliseconds = response.headers.get("retry-after-ms", "")
    if milliseconds.isdecimal() and len(milliseconds) < LONGEST_NUMBER:
        return timedelta(milliseconds=int(milliseconds))
    return read_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
