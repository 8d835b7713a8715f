"""The protocol of a speaker: a room's mouth, whatever device it is made of.

Speech goes through a `Reply`, content through a `Playback`. A device that cannot do a thing says so in its
`SpeakerCapabilities`, and each `Playback` states its fallback (Engine A4).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from .focus.channels import ContentType
from .skill.effects import AudioStream, PlayMedia

type Playable = AudioStream | PlayMedia


@dataclass(frozen=True, slots=True)
class ForeignMedia:
    """What somebody started at the device, past the room: it plays already when the room sees it (Engine T7)."""

    title: str | None = None
    artist: str | None = None
    image_url: str | None = None
    duration: timedelta | None = None
    content_type: ContentType = ContentType.MIXABLE


type OnDeck = Playable | ForeignMedia
"""Everything that may be a room's content."""


@dataclass(frozen=True, slots=True)
class SpeakerCapabilities:
    """What the devices behind a speaker can do; shown in diagnostics (Engine A4)."""

    speak: bool = False
    """Speech that the room starts by itself can be heard."""

    play: bool = False
    """Content can be heard."""

    chime: bool = False
    """A sound of one's choice can be heard before the words."""

    recording: bool = False
    """A recording can be heard in place of the words."""

    listen: bool = False
    """The microphone can be opened after the room's own words."""

    duck: bool = False
    """Content can go on quietly; without it, it pauses."""

    ducks_itself: bool = False
    """The device makes its own content quiet under its own speech; told to, it would be quiet twice."""

    pause: bool = False
    """Content can be held; without it, it stops and is opened again at the heard position."""

    seek: bool = False
    """Media by its id can go on at a place; without it, it starts again from its beginning."""

    position: bool = False
    """The device tells where its media is; without it, only streams know their place."""

    volume: bool = False
    """The volume can be set."""

    stop_speech: bool = False
    """Speech can be cut off in the middle of a word."""

    microphone: bool = False
    """The microphone can be lent to a claim (Engine C2)."""

    sounds: bool = False
    """A short sound can be heard outside the speech and the content (Engine T5, T15)."""

    stream_format: str = "wav"
    """How a stream's audio is packed for the device: one of `engine.audio.encoding.FORMATS`."""


class PlaybackEnd(StrEnum):
    """Why content ended by itself."""

    FINISHED = "finished"
    """It was played to its end."""

    STOPPED = "stopped"
    """Somebody stopped it at the device."""

    FAILED = "failed"
    """Its source raised, or the device refused it."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the room brings words of its own. What the devices cannot do of it is left out (Engine A4)."""

    chime: str | None = None
    """Media id of a sound before the words; empty for the device's own one, None for none."""

    recording: str | None = None
    """Media id of what is heard in place of the words."""

    listen: bool = False
    """Whether the microphone opens after the last word."""

    brief: str | None = None
    """What the model is told about the answer that may follow."""


PLAIN = Manner()
"""Words and nothing else."""


class Reply(Protocol):
    """Where the words of one turn go, and how long they are heard."""

    on_first_sound: Callable[[], None] | None
    """Set by whoever wants to know; called once, when the first sound of the words is heard.

    Never after `abort`, and never for words that nobody hears. How exact it is, each reply says for its device.
    """

    async def write(self, text: str) -> None:
        """Say a piece of text; pieces are joined as they come."""

    async def finish(self) -> None:
        """No more words follow."""

    async def heard_out(self) -> timedelta:
        """Return when the last word was heard, with the time of speech heard. Raises `SpeakerError`."""

    async def abort(self) -> timedelta:
        """Be silent now; returns the time of speech heard. No effect after the end."""


class Playback(Protocol):
    """One piece of content on its way through the speaker. Each call is harmless when there is nothing to do."""

    @property
    def heard(self) -> timedelta:
        """How much of it was heard, measured at the device as well as the device permits (Engine T10)."""

    async def start(self) -> None:
        """Make it heard. Raises `SpeakerError`."""

    async def set_ducked(self, *, ducked: bool) -> None:
        """Go on quietly, or at full volume again (Engine A3)."""

    async def pause(self) -> None:
        """Be silent and keep the place."""

    async def resume(self) -> None:
        """Go on from the kept place. Raises `SpeakerError`."""

    async def stop(self) -> None:
        """Be silent and let go of everything; a factory's `finally` has run when this returns."""


class ForeignPlayback(Playback, Protocol):
    """Hands on what somebody else plays: `start` is never called, and `resume` undoes no more than our own `pause`."""

    async def let_go(self) -> None:
        """Leave the device as it is, and touch it no more."""


class MicrophoneLease(Protocol):
    """The room's microphone, lent to a claim (Engine C2)."""

    async def close(self) -> None:
        """Give it back: no frame is handed over once this has begun. Harmless when it is given back already."""


class Speaker(Protocol):
    """The mouth of a room, and its ear as far as it can be lent."""

    @property
    def capabilities(self) -> SpeakerCapabilities:
        """What the devices can do now."""

    @property
    def volume(self) -> int | None:
        """The volume that the person set, 0 to 100, untouched by ducking; None when unknown."""

    async def set_volume(self, level: int) -> None:
        """Set the volume, 0 to 100. Raises `SpeakerError`."""

    def reply(self, manner: Manner = PLAIN) -> Reply:
        """A reply for speech that the room starts by itself. Raises `SpeakerError` when it cannot speak."""

    def playback(self, content: Playable, on_end: Callable[[PlaybackEnd], None]) -> Playback:
        """Prepare content; `on_end` is called once, only when it ends by itself."""

    def lend_microphone(
        self, on_frame: Callable[[bytes], Awaitable[None]], on_lost: Callable[[], None]
    ) -> MicrophoneLease:
        """Hand every frame of the microphone to `on_frame`, one after the other, in PCM as in `engine.audio.pcm`.

        `on_frame` does not raise. `on_lost` is called at most once, when the device that has the microphone is gone.
        Raises `SpeakerError` when there is none to lend, or it is lent already.
        """

    async def play_sound(self, pcm: bytes) -> None:
        """Play a short sound of 24 kHz PCM; returns when it was heard, and cancelling this cuts it off.

        Raises `SpeakerError` when the devices play no short sounds.
        """
