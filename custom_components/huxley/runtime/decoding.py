"""Audio of any kind to the engine's PCM, by the ffmpeg that Home Assistant brings."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.components.ffmpeg import get_ffmpeg_manager
from homeassistant.core import HomeAssistant

from ..engine.audio.pcm import FRAME_BYTES, RATE, span
from ..engine.errors import HuxleyError

CHUNK = FRAME_BYTES * 10
RAW = ("-vn", "-f", "s16le", "-ac", "1", "-ar", str(RATE), "pipe:1")
GRACE = timedelta(seconds=2)  # for ffmpeg to end by itself before it is killed


async def decode_audio(hass: HomeAssistant, source: str, start: timedelta = timedelta(0)) -> AsyncGenerator[bytes]:
    """Decode a file path or URL from `start` on: 24 kHz, 16 bit, mono. Raises `HuxleyError` naming the source.

    ffmpeg works only as far ahead as the pipe holds; closing this generator ends it.
    """
    command = (
        *(get_ffmpeg_manager(hass).binary, "-nostdin", "-loglevel", "error"),
        *("-ss", f"{start.total_seconds():.3f}", "-i", source),
        *RAW,
    )
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=CHUNK
        )
    except OSError as err:
        raise HuxleyError(f"ffmpeg does not start: {err}") from err
    assert process.stdout is not None  # noqa: S101 (asked for above)
    errors = asyncio.create_task(_all_of(process.stderr), name="huxley ffmpeg errors")
    try:
        while chunk := await process.stdout.read(CHUNK):
            yield chunk
        if await process.wait():
            raise HuxleyError(f"{source} cannot be played: {(await errors).strip()[-300:]}")
    finally:
        await _end(process)
        errors.cancel()


async def audio_length(hass: HomeAssistant, audio: bytes) -> timedelta:
    """How long a whole file of any format sounds; what cannot be decoded sounds for no time.

    Decoded rather than asked: an MP3 made on the fly carries no length, and a guess from its bit rate is far off.
    """
    command = (get_ffmpeg_manager(hass).binary, "-loglevel", "error", "-i", "pipe:0", *RAW)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError as err:
        raise HuxleyError(f"ffmpeg does not start: {err}") from err
    try:
        pcm, _ = await process.communicate(audio)
    finally:
        await _end(process)
    return span(len(pcm))


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream is not None else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """End ffmpeg. A process counts as ended only when its pipe is empty, so what it still has to say is thrown away."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(GRACE.total_seconds()):
            while process.stdout is not None and await process.stdout.read(CHUNK):
                pass
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
