"""A room's speaker made of a satellite for speech and a media player for content; either may be missing."""

from collections.abc import Awaitable, Callable

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.core import HomeAssistant

from ...engine.errors import SpeakerError
from ...engine.skill.effects import AudioStream
from ...engine.speaker import PLAIN, Manner, MicrophoneLease, Playable, Playback, Reply, SpeakerCapabilities
from .playbacks import EndCallback, MediaPlayback, StreamPlayback
from .player import Player
from .replies import AnnounceReply
from .satellite import Satellite


class RoomSpeaker:
    """Implements `engine.speaker.Speaker`."""

    def __init__(self, hass: HomeAssistant, satellite: Satellite | None, player: Player | None) -> None:
        self._hass = hass
        self.satellite = satellite
        self.player = player

    @property
    def capabilities(self) -> SpeakerCapabilities:
        """What the devices offer right now; an unavailable player offers nothing."""
        player = self.player
        return SpeakerCapabilities(
            speak=self.satellite is not None and self.satellite.available,
            play=player is not None and player.can(Feature.PLAY_MEDIA),
            duck=player is not None and player.can(Feature.VOLUME_SET),
            pause=player is not None and player.can(Feature.PAUSE),
            volume=player is not None and player.can(Feature.VOLUME_SET),
            stop_speech=False,
            stream_format=player.stream_format if player is not None else "wav",
        )

    @property
    def volume(self) -> int | None:
        """The person's volume in percent."""
        level = self.player.level if self.player is not None else None
        return None if level is None else round(level * 100)

    async def set_volume(self, level: int) -> None:
        """Set the person's volume. Raises `SpeakerError`."""
        if self.player is None:
            raise SpeakerError("this room has no player whose volume could be set")
        await self.player.set_level(max(0, min(100, level)) / 100)

    def reply(self, manner: Manner = PLAIN) -> Reply:
        """An announcement on the satellite. Raises `SpeakerError` without one."""
        if self.satellite is None:
            raise SpeakerError("this room has no satellite to speak through")
        return AnnounceReply(self._hass, self.satellite)

    def playback(self, content: Playable, on_end: EndCallback) -> Playback:
        """Content on the player. Raises `SpeakerError` without one."""
        if self.player is None:
            raise SpeakerError("this room has no player")
        if isinstance(content, AudioStream):
            return StreamPlayback(self._hass, self.player, content, on_end)
        return MediaPlayback(self._hass, self.player, content, on_end)

    def lend_microphone(
        self, on_frame: Callable[[bytes], Awaitable[None]], on_lost: Callable[[], None]
    ) -> MicrophoneLease:
        """Raise `SpeakerError`: a satellite gives its microphone to its own pipeline only."""
        raise SpeakerError("this room's satellite keeps its microphone to itself")

    async def play_sound(self, pcm: bytes) -> None:
        """Raise `SpeakerError`: neither satellite nor player plays a sound beside what it plays already."""
        raise SpeakerError("this room plays no short sounds")
