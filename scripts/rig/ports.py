"""TCP ports: finding free ones, refusing taken ones, waiting for one to open."""

import asyncio
import socket
from datetime import timedelta

LOOPBACK = "127.0.0.1"
RETRY = 0.03  # seconds; a peer opens its port within a few tenths


class PortTakenError(Exception):
    """Somebody else listens on a port that the rig needs."""

    def __init__(self, port: int, who: str) -> None:
        super().__init__(f"Port {port} ({who}) is taken. Stop what listens there, or choose another port.")


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_taken(port: int, who: str) -> None:
    """Raise `PortTakenError` if somebody listens; Home Assistant itself would go on without HTTP."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTakenError(port, who) from error


async def wait_open(port: int, limit: timedelta = timedelta(seconds=30)) -> None:
    """Return when something accepts connections on `port`; `TimeoutError` after `limit`."""
    async with asyncio.timeout(limit.total_seconds()):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(RETRY)
            else:
                writer.close()
                return
