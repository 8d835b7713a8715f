"""How PCM is packed for a device: WAV by ourselves, MP3 and FLAC by Home Assistant's pinned PyAV where it is there."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from .pcm import RATE, WIDTH

ENDLESS = 0xFFFFFFFF  # a WAV size field that says: until the connection closes


class Encoder(Protocol):
    """Packs PCM piece by piece. Blocking for a few milliseconds at most; call it off the event loop."""

    def encode(self, pcm: bytes) -> bytes:
        """Pack some PCM; may return nothing yet. The first bytes carry the container's header."""

    def finish(self) -> bytes:
        """Pack what was held back."""


class WavEncoder:
    """A WAV whose length nobody knows yet."""

    def __init__(self) -> None:
        self._header: bytes | None = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", ENDLESS, b"WAVE", b"fmt ", 16),
            *(1, 1, RATE, RATE * WIDTH, WIDTH, WIDTH * 8),
            *(b"data", ENDLESS),
        )

    def encode(self, pcm: bytes) -> bytes:
        """Pack some PCM."""
        header, self._header = self._header or b"", None
        return header + pcm

    def finish(self) -> bytes:
        """Hold nothing back; a stream without a sound is still a WAV."""
        return self.encode(b"")


class AvEncoder:
    """A stream encoded by PyAV, tuned to give each packet away at once."""

    def __init__(self, container: str, codec: str, muxer: dict[str, str], options: dict[str, str]) -> None:
        import av  # noqa: PLC0415 (30 MiB that only a compressing device needs)

        self._av: Any = av
        self._packed = bytearray()
        self._out: Any = self._av.open(self, "w", format=container, options=muxer)
        self._stream: Any = self._out.add_stream(codec, rate=RATE)
        self._stream.layout = "mono"
        self._stream.codec_context.options = options
        if codec == "libmp3lame":
            self._stream.bit_rate = 128_000
        self._samples = 0

    def write(self, packed: bytes) -> int:
        """Take what the muxer gives away; this object is its file."""
        self._packed += packed
        return len(packed)

    def encode(self, pcm: bytes) -> bytes:
        """Pack some PCM."""
        samples = len(pcm) // WIDTH
        if not samples:
            return b""
        frame = self._av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts = RATE, self._samples
        self._samples += samples
        for packet in self._stream.encode(frame):
            self._out.mux(packet)
        return self._take()

    def finish(self) -> bytes:
        """Flush codec and muxer."""
        for packet in self._stream.encode(None):
            self._out.mux(packet)
        self._out.close()
        return self._take()

    def _take(self) -> bytes:
        packed, self._packed = bytes(self._packed), bytearray()
        return packed


@dataclass(frozen=True, slots=True)
class Format:
    """A way to pack a stream; the key in `FORMATS` is the file extension."""

    content_type: str
    encoder: Callable[[], Encoder]
    needs_av: bool = True


FORMATS: dict[str, Format] = {
    "wav": Format("audio/wav", WavEncoder, needs_av=False),
    "mp3": Format(
        "audio/mpeg",
        lambda: AvEncoder(
            "mp3",
            "libmp3lame",
            {"write_xing": "0", "id3v2_version": "0", "flush_packets": "1"},
            {"reservoir": "0"},
        ),
    ),
    "flac": Format("audio/flac", lambda: AvEncoder("flac", "flac", {"flush_packets": "1"}, {"frame_size": "480"})),
}


def best_format(wanted: str) -> str:
    """`wanted` where this machine can encode it, else `wav`, which every machine can."""
    return "wav" if FORMATS[wanted].needs_av and find_spec("av") is None else wanted
