"""The loudspeaker of an ESPHome device: two pipelines on one clock, its volume, and its own ducking."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import audioop

from .esphome_pipeline import SoundPipeline
from .loudspeaker import SILENCE, Loudspeaker
from .recording import FRAME

DUCKING = -20.0  # dB of the media while the device itself speaks or listens
RELEASE = 1.0  # seconds in which the media comes back
QUIETEST = -49.5  # dB just above volume zero; half a decibel for each percent, as ESPHome's loudspeakers have it

type Kind = Literal["speech", "media"]


@dataclass(slots=True)
class Heard:
    """A stretch in which one pipeline could be heard, in seconds of the recording."""

    kind: Kind
    url: str
    start: float
    end: float | None = None
    """None while it is still heard."""


class DeviceLoudspeaker(Loudspeaker):
    """Hears both pipelines: announcements as the recording's speech, media as its music.

    `loop` runs before each 20 ms, as the device's own main loop does; it returns whether the device ducks its media.
    """

    def __init__(
        self, announcements: SoundPipeline, media: SoundPipeline, loop: Callable[[], bool], *, record: bool = True
    ) -> None:
        super().__init__(record=record)
        self.heard: list[Heard] = []
        """Everything that could be heard, the earliest first."""

        self.volume = 1.0
        """Of both pipelines, 0 to 1."""

        self.muted = False
        self._announcements = announcements
        self._media = media
        self._loop = loop
        self.ducking = 0.0
        """By how many dB the device turns its media down by itself: 0 to -20."""

        self._current: dict[Kind, Heard] = {}

    def heard_since(self, time: float, kind: Kind | None = None) -> list[Heard]:
        """Return what could be heard at or after `time`."""
        return [one for one in self.heard if (one.end is None or one.end > time) and (kind is None or one.kind == kind)]

    def _speech_frame(self) -> bytes:
        is_ducked = self._loop()
        step = -DUCKING / RELEASE * FRAME
        self.ducking = DUCKING if is_ducked else min(0.0, self.ducking + step)
        return self._frame("speech", self._announcements, 0.0)

    def _music_frame(self) -> bytes:
        return self._frame("media", self._media, self.ducking)

    def _frame(self, kind: Kind, pipeline: SoundPipeline, ducking: float) -> bytes:
        url = pipeline.url
        pcm = pipeline.frame()
        self._follow(kind, url if pcm is not None else "")
        if pcm is None or self.muted or self.volume <= 0:
            return SILENCE
        return audioop.mul(pcm, 2, 10 ** (((1 - self.volume) * QUIETEST + ducking) / 20))

    def _follow(self, kind: Kind, url: str) -> None:
        """Note where a stretch of sound begins and ends."""
        current = self._current.get(kind)
        if current is not None and current.url != url:
            current.end = self.now
            del self._current[kind]
            self.note("speech ends" if kind == "speech" else "music stops", url=current.url)
        if url and kind not in self._current:
            self._current[kind] = Heard(kind, url, self.now)
            self.heard.append(self._current[kind])
            self.note("speech starts" if kind == "speech" else "music starts", url=url)
