"""A skill's audio on its way to a device: fetched by URL, paced, packed, held, and let go of."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huxley.engine.audio.pcm import BYTES_PER_SECOND, FRAME_BYTES
from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.runtime.streams import LiveStream

WAV_HEADER = 44
SECOND = b"\x01\x00" * (BYTES_PER_SECOND // 2)


class Source:
    """Three tenths of a second of sound, and what became of its generator."""

    def __init__(self, pcm: bytes = SECOND[: BYTES_PER_SECOND * 3 // 10]) -> None:
        self.pcm = pcm
        self.pulled = 0
        self.closed = False

    async def __call__(self) -> AsyncIterator[bytes]:
        try:
            for start in range(0, len(self.pcm), FRAME_BYTES):
                self.pulled += 1
                yield self.pcm[start : start + FRAME_BYTES]
        finally:
            self.closed = True


@pytest.fixture
async def huxley(house: HomeAssistant) -> HomeAssistant:
    assert await async_setup_component(house, "huxley", {})
    return house


async def test_a_device_fetches_the_whole_stream_by_its_signed_url(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    ends: list[PlaybackEnd] = []
    source = Source()
    live = LiveStream(huxley, AudioStream(source), "wav", ends.append)
    live.open()
    signed = urlsplit(async_process_play_media_url(huxley, live.path, allow_relative_url=True))
    client = await hass_client_no_auth()
    assert (await client.get(live.path)).status == 401
    response = await client.get(f"{signed.path}?{signed.query}")
    assert response.status == 200
    assert response.headers["Content-Type"] == "audio/wav"
    body = await response.read()
    assert body[:4] == b"RIFF"
    assert body[WAV_HEADER:] == source.pcm
    async with asyncio.timeout(5):
        while not ends:
            await asyncio.sleep(0)
    assert ends == [PlaybackEnd.FINISHED]
    assert live.heard == timedelta(milliseconds=300)
    await live.close()
    assert source.closed
    assert (await client.get(f"{signed.path}?{signed.query}")).status == 404
