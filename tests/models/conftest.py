"""Tests of models talk to stand-ins for the vendors' servers over real sockets on this machine."""

from collections.abc import AsyncIterator

import pytest

from tests.chat_server import ChatServer
from tests.realtime_server import RealtimeServer


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Allow sockets; only this machine is ever reached."""


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    """A server of chat completions that fails the test when a message breaks the vendor's contract."""
    async with ChatServer() as server:
        yield server


@pytest.fixture
async def realtime_server() -> AsyncIterator[RealtimeServer]:
    """A Realtime server that fails the test when an event breaks the vendor's contract, either way."""
    async with RealtimeServer() as server:
        yield server
