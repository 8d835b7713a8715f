"""The players' side of the network: a process of its own that fetches what players play, and throws it away.

`python -m benchmarks.simulation.fetcher` reads a line for each command: a player and an address, or a player alone
when it stops.
"""

import asyncio
import sys
from urllib.parse import urlsplit

CHUNK = 65_536


async def fetch(address: str) -> None:
    """Fetch an address to its end."""
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        while await reader.read(CHUNK):
            pass
    finally:
        writer.close()


async def serve() -> None:
    """Fetch until nobody commands any more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    fetching: dict[str, asyncio.Task[None]] = {}
    while line := (await lines.readline()).decode().split():
        player, *address = line
        if (before := fetching.pop(player, None)) is not None:
            before.cancel()
        if address:
            fetching[player] = asyncio.create_task(fetch(address[0]), name=player)


if __name__ == "__main__":
    asyncio.run(serve())
