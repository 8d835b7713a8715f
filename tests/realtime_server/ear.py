"""The server's ear: the buffer of sound, and who speaks when. Time is counted in sound, not by a clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from .errors import Refused
from .sound import bytes_of, is_speech, length_of

LEAST = timedelta(milliseconds=100)  # of sound that can be committed
FRAME = timedelta(milliseconds=20)  # what is judged at once
SEMANTIC_END = timedelta(milliseconds=500)  # of silence that ends a turn for semantic detection here


class Heard(StrEnum):
    """What the ear noticed."""

    STARTED = "started"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something noticed, at a time of the session's sound."""

    what: Heard
    at: timedelta


class Ear:
    """Sound in, notices out."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self._rest = b""
        self._time = timedelta(0)
        self._quiet = timedelta(0)
        self._speaking = False

    def take(self, pcm: bytes, detection: Mapping[str, Any] | None) -> Iterator[Notice]:
        """Hear more; `detection` is the session's setting, None when the client says when a turn ends."""
        self.buffer += pcm
        if detection is None:
            self._time += length_of(pcm)
            return
        silence = detection.get("silence_duration_ms")
        enough = SEMANTIC_END if silence is None else timedelta(milliseconds=silence)
        size = bytes_of(FRAME)
        pcm = self._rest + pcm
        whole = len(pcm) // size * size
        self._rest = pcm[whole:]
        for start in range(0, whole, size):
            self._time += FRAME
            if (what := self._judge(pcm[start : start + size], enough)) is not None:
                yield Notice(what, self._time)

    def _judge(self, frame: bytes, enough: timedelta) -> Heard | None:
        self._quiet = timedelta(0) if is_speech(frame) else self._quiet + FRAME
        if not self._speaking and not self._quiet:
            self._speaking = True
            return Heard.STARTED
        if self._speaking and self._quiet >= enough:
            self._speaking = False
            return Heard.STOPPED
        return None

    def commit(self) -> bytes:
        """Give the buffer away."""
        if length_of(bytes(self.buffer)) < LEAST:
            raise Refused("input_audio_buffer_commit_empty")
        taken = bytes(self.buffer)
        self.clear()
        return taken

    def clear(self) -> None:
        """Forget the buffer."""
        self.buffer.clear()
        self._rest = b""
        self._speaking = False
