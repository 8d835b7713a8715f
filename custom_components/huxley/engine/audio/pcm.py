"""PCM as the engine knows it: signed 16-bit little-endian mono, 24 kHz (Engine A1)."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

RATE = 24_000
"""Samples per second."""

WIDTH = 2
"""Bytes per sample."""

BYTES_PER_SECOND = RATE * WIDTH

FRAME = timedelta(milliseconds=20)
"""The grain of everything that is paced (Engine A2)."""

FRAME_BYTES = BYTES_PER_SECOND // 50
"""One frame in bytes."""

FRAME_SAMPLES = FRAME_BYTES // WIDTH
"""One frame in samples."""


def span(num_bytes: int) -> timedelta:
    """How long `num_bytes` of PCM sound."""
    return timedelta(seconds=num_bytes / BYTES_PER_SECOND)


def size(length: timedelta) -> int:
    """How many bytes of PCM sound for `length`, to the nearest whole sample."""
    return round(length.total_seconds() * RATE) * WIDTH


async def frames(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Regroup chunks of any size into frames; the last one is filled up with silence.

    Closing this closes `chunks`, so that a factory's `finally` has run when `aclose()` returns.
    """
    rest = bytearray()
    try:
        async for chunk in chunks:
            rest += chunk
            while len(rest) >= FRAME_BYTES:
                yield bytes(rest[:FRAME_BYTES])
                del rest[:FRAME_BYTES]
        if rest:
            yield bytes(rest.ljust(FRAME_BYTES, b"\0"))
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
