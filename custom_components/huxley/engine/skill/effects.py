"""Side effects: what a tool does after it returned its text (concept page "Side effect")."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ..focus.channels import ContentType

type AudioFactory = Callable[[], AsyncIterator[bytes]]
"""Makes the audio of a stream: PCM as in `engine.audio.pcm` (24 kHz, 16 bit, mono), in chunks of any size."""


class ClaimEndReason(StrEnum):
    """Why a claim on the microphone ended; handed to `on_claim_end` (Engine C3)."""

    NATURAL = "natural"
    """The skill closed it, or its audio source ran out."""

    USER_PTT = "user_ptt"
    """The person pressed the button: in a call, a press hangs up."""

    PREEMPTED = "preempted"
    """Something urgent took the room."""

    ERROR = "error"
    """The client vanished, or the skill's own code raised."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream stands: enough to show it, and to find it again after a restart.

    `media_id` is what `Skill.media_id` makes of an id in the skill's catalog, `position` is the place in that item.
    What is None is as the stream says.
    """

    media_id: str
    position: timedelta = timedelta(0)
    title: str | None = None
    artist: str | None = None
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class AudioStream:
    """Long-form audio that the room plays on CONTENT after the speech was heard out (Engine T4).

    `factory` is called by the coordinator, maybe never, and its iterator may be closed at any `yield`.
    `resume` returns the stream that picks up where this one was stopped by a person's press (Engine T7).
    `on_progress` gets the time heard so far, at most every 5 s, on pause and at the end (Engine T10).
    `place` says where in the skill's catalog that is; without it the stream is forgotten by a restart.
    """

    factory: AudioFactory
    content_type: ContentType = ContentType.NONMIXABLE
    patience: timedelta = timedelta(minutes=5)
    on_patience_expired: Callable[[], Awaitable[None]] | None = None
    on_complete_prompt: str | None = None
    completion_silence: timedelta = timedelta(0)
    resume: Callable[[], AudioStream] | None = None
    on_progress: Callable[[timedelta], Awaitable[None]] | None = None
    live: bool = False
    title: str | None = None
    artist: str | None = None
    image_url: str | None = None
    duration: timedelta | None = None
    place: Callable[[timedelta], Place] | None = None


@dataclass(frozen=True, slots=True)
class PlayMedia:
    """Media that the room's player fetches itself: a URL or a `media-source://` id (Engine T4).

    `start` is where to begin, on a player that can seek.
    """

    media_content_id: str
    media_content_type: str
    content_type: ContentType = ContentType.MIXABLE
    title: str | None = None
    enqueue: str | None = None
    start: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class PlaySound:
    """A short sound that is heard before the follow-up speech of its round (Engine T5). 24 kHz PCM."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class CancelMedia:
    """Stop the room's content at once (Engine T5)."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Set the room's volume at once, 0 to 100 (Engine T5)."""

    level: int


@dataclass(frozen=True, slots=True)
class InputClaim:
    """A claim on the room's microphone and speaker: a call, an intercom, a voice memo (Engine C1-C7)."""

    on_mic_frame: Callable[[bytes], Awaitable[None]]
    speaker_source: AudioFactory | None = None
    on_claim_end: Callable[[ClaimEndReason], Awaitable[None]] | None = None
    title: str | None = None
    announce: str | None = None


type SideEffect = AudioStream | PlayMedia | PlaySound | CancelMedia | SetVolume | InputClaim
