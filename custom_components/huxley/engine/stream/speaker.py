"""A `Speaker` on the mixer."""

import asyncio
from collections.abc import Awaitable, Callable

from ..audio.mixer import Mixer
from ..audio.progress import Progress
from ..audio.source import Source, SourceEvents
from ..errors import SpeakerError
from ..skill.effects import AudioFactory, AudioStream, PlayMedia
from ..speaker import PLAIN, Manner, MicrophoneLease, Playable, PlaybackEnd, SpeakerCapabilities
from .microphone import StreamMicrophone
from .playback import StreamPlayback
from .reply import StreamReply, Voice

type MediaOpener = Callable[[PlayMedia], AudioFactory]
"""Makes the audio of media by id; raises `SpeakerError` for what it cannot open."""

LOUDEST = 100


class StreamSpeaker:
    """A client that we feed PCM. `voice`, `microphone` and `open_media` are what it has besides the speaker."""

    def __init__(
        self,
        mixer: Mixer,
        *,
        voice: Voice | None = None,
        microphone: StreamMicrophone | None = None,
        open_media: MediaOpener | None = None,
        volume: int = LOUDEST,
    ) -> None:
        self._mixer = mixer
        self._voice = voice
        self._microphone = microphone
        self._open_media = open_media
        self._volume = volume
        self._turn_to(volume)

    @property
    def capabilities(self) -> SpeakerCapabilities:
        """Everything that a mixer can, and what the client has."""
        return SpeakerCapabilities(
            speak=self._voice is not None,
            play=True,
            duck=True,
            pause=True,
            volume=True,
            stop_speech=True,
            microphone=self._microphone is not None,
            sounds=True,
        )

    @property
    def volume(self) -> int:
        """The volume that the person set, 0 to 100."""
        return self._volume

    async def set_volume(self, level: int) -> None:
        """Set the volume, 0 to 100; heard within the mixer's lead, whatever is ducked."""
        self._volume = min(max(level, 0), LOUDEST)
        self._turn_to(self._volume)

    def reply(self, manner: Manner = PLAIN) -> StreamReply:
        """A reply in the room's voice. Raises `SpeakerError` when it has none."""
        if self._voice is None:
            raise SpeakerError("this client has no voice; choose a text-to-speech engine for the room")
        return StreamReply(self._mixer, self._voice)

    def playback(self, content: Playable, on_end: Callable[[PlaybackEnd], None]) -> StreamPlayback:
        """Prepare content. Raises `SpeakerError` for media by id that nobody here can open."""
        if isinstance(content, AudioStream):
            progress = Progress(content.on_progress, content.title)
            return StreamPlayback(self._mixer, content.factory, on_end, live=content.live, progress=progress)
        if self._open_media is None:
            raise SpeakerError(f"this client plays audio that we feed it, not {content.media_content_id}")
        return StreamPlayback(self._mixer, self._open_media(content), on_end)

    def lend_microphone(
        self, on_frame: Callable[[bytes], Awaitable[None]], on_lost: Callable[[], None]
    ) -> MicrophoneLease:
        """Hand every frame of the client's microphone to `on_frame`. Raises `SpeakerError`."""
        if self._microphone is None:
            raise SpeakerError("this client has no microphone")
        return self._microphone.lend(on_frame, on_lost)

    async def play_sound(self, pcm: bytes) -> None:
        """Play a short sound over whatever sounds; returns when it was heard, and cancelling cuts it off."""
        if not pcm:
            return
        heard = asyncio.Event()
        source = Source(SourceEvents(on_end=heard.set))
        source.push(pcm)
        source.complete()
        self._mixer.add(source)
        try:
            await heard.wait()
        finally:
            self._mixer.remove(source)

    def _turn_to(self, level: int) -> None:
        self._mixer.volume = (level / LOUDEST) ** 2  # ears hear a square as a line
