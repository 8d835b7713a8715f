"""Engine A1: PCM in bytes, seconds and frames."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.audio.pcm import BYTES_PER_SECOND, FRAME, FRAME_BYTES, frames, size, span


def test_a_second_is_24000_samples_of_two_bytes():
    assert BYTES_PER_SECOND == 48_000
    assert size(timedelta(seconds=1)) == 48_000
    assert span(48_000) == timedelta(seconds=1)


def test_a_frame_is_20_milliseconds():
    assert span(FRAME_BYTES) == FRAME == timedelta(milliseconds=20)
    assert size(FRAME) == FRAME_BYTES


@given(st.integers(0, 24_000 * 3600))
def test_any_number_of_samples_survives_the_way_to_seconds_and_back(samples: int):
    assert size(span(2 * samples)) == 2 * samples


@given(st.timedeltas(timedelta(0), timedelta(hours=1)))
def test_a_size_is_always_whole_samples(length: timedelta):
    assert size(length) % 2 == 0
    assert abs(span(size(length)) - length) <= timedelta(microseconds=22)


async def chunked(data: bytes, sizes: list[int]) -> AsyncGenerator[bytes]:
    for length in sizes:
        yield data[:length]
        data = data[length:]
    yield data


@pytest.mark.parametrize("sizes", [[], [1], [959, 2], [960], [961, 0, 0, 1], [7] * 200, [2000, 1, 3000]])
async def test_chunks_of_any_size_become_frames_without_losing_a_byte(sizes: list[int]):
    data = bytes(range(256)) * 20
    found = [frame async for frame in frames(chunked(data, sizes))]
    assert {len(frame) for frame in found} == {FRAME_BYTES}
    assert b"".join(found).startswith(data)
    assert b"".join(found)[len(data) :] == bytes(-len(data) % FRAME_BYTES)


async def test_no_audio_is_no_frame():
    assert [frame async for frame in frames(chunked(b"", []))] == []


async def test_whole_frames_get_no_silence_behind_them():
    assert [frame async for frame in frames(chunked(b"x" * FRAME_BYTES * 2, []))] == [b"x" * FRAME_BYTES] * 2


async def test_closing_the_frames_runs_the_sources_cleanup_before_it_returns():
    closed: list[bool] = []

    async def source() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield bytes(FRAME_BYTES)
        finally:
            closed.append(True)

    stream = frames(source())
    await anext(stream)
    await stream.aclose()
    assert closed == [True]


async def test_a_source_that_raises_is_heard_of():
    async def source() -> AsyncGenerator[bytes]:
        yield bytes(FRAME_BYTES)
        raise OSError("gone")

    stream = frames(source())
    await anext(stream)
    with pytest.raises(OSError, match="gone"):
        await anext(stream)


async def test_any_iterator_will_do():
    class Source:
        def __init__(self) -> None:
            self.left = [bytes(FRAME_BYTES), bytes(10)]

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    assert len([frame async for frame in frames(Source())]) == 2
