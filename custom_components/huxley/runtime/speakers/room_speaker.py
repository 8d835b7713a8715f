"""A room's speaker made of a satellite for speech and a media player for content; either may be missing."""

from collections.abc import Awaitable, Callable

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.core import HomeAssistant

from ...engine.errors import SpeakerError
from ...engine.skill.effects import AudioStream
from ...engine.speaker import PLAIN, Manner, MicrophoneLease, Playable, Playback, Reply, SpeakerCapabilities
from .group import at_one_level
from .playbacks import EndCallback, MediaPlayback, StreamPlayback
from .player import ClipPlace, Player, media_position
from .player_voice import PlayerVoice
from .replies import AnnounceReply
from .satellite import Satellite


class RoomSpeaker:
    """Implements `engine.speaker.Speaker`."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite | None,
        player: Player | None,
        *,
        voice: str | None = None,
        language: str | None = None,
    ) -> None:
        self._hass = hass
        self.satellite = satellite
        self.player = player
        self._player_voice = PlayerVoice(hass, player, voice, language) if player else None
        self._before: float | None = None
        """The volume before the last one that was set, 0 to 1."""

    @property
    def capabilities(self) -> SpeakerCapabilities:
        """What the devices offer right now; an unavailable player offers nothing."""
        player, satellite, voice = self.player, self._speaking_satellite, self._speaking_player
        kind = satellite.kind if satellite else None
        return SpeakerCapabilities(
            speak=satellite is not None or voice is not None,
            chime=kind.chimes if kind else voice is not None,
            recording=kind.plays_recordings if kind else voice is not None,
            listen=satellite is not None and satellite.listens_after_speech,
            play=player is not None and player.can(Feature.PLAY_MEDIA),
            duck=player is not None and player.can(Feature.VOLUME_SET) and self._may_duck(player, voice),
            ducks_itself=player is not None and self._ducks_itself(player, satellite, voice),
            pause=player is not None and player.can(Feature.PAUSE),
            seek=player is not None and player.can(Feature.SEEK),
            position=player is not None and media_position(player.state, 0) is not None,
            volume=player is not None and player.can(Feature.VOLUME_SET),
            stop_speech=kind.stops_speech if kind else voice is not None and voice.stops_speech,
            stream_format=player.stream_format if player is not None else "wav",
        )

    @property
    def speaks_through(self) -> str | None:
        """What makes the room's own words heard now, for diagnostics; None when nothing does."""
        if (satellite := self._speaking_satellite) is not None:
            return f"{satellite.kind.name} satellite"
        return "player" if self._speaking_player else None

    @property
    def _speaking_satellite(self) -> Satellite | None:
        return self.satellite if self.satellite is not None and self.satellite.speaks else None

    @property
    def _speaking_player(self) -> PlayerVoice | None:
        """The player's voice, where the satellite has none or is away (Engine A4)."""
        voice = self._player_voice
        return voice if self._speaking_satellite is None and voice is not None and voice.speaks else None

    def _ducks_itself(self, player: Player, satellite: Satellite | None, voice: PlayerVoice | None) -> bool:
        """Whether the device makes way for the speech that is heard, the room's or somebody else's on its player."""
        if player.clip is not None:
            return player.clip is ClipPlace.BESIDE
        return satellite.kind.ducks(player.entity_id) if satellite else voice is not None and voice.announces

    def _may_duck(self, player: Player, voice: PlayerVoice | None) -> bool:
        """Speech in the place of content needs it paused; a group at several volumes would come back at one."""
        if player.clip is ClipPlace.INSTEAD:
            return False
        return (voice is None or voice.announces) and at_one_level(self._hass, player.state)

    @property
    def volume(self) -> int | None:
        """The person's volume in percent."""
        level = self.player.level if self.player is not None else None
        return None if level is None else round(level * 100)

    async def set_volume(self, level: int) -> None:
        """Set the person's volume. Raises `SpeakerError`."""
        if self.player is None:
            raise SpeakerError("this room has no player whose volume could be set")
        wanted, before = max(0, min(100, level)) / 100, self.player.level
        if self._before is not None and round(self._before * 100) == level:
            wanted = self._before  # given back exactly, not to the percent
        self._before = before
        await self.player.set_level(wanted)

    def reply(self, manner: Manner = PLAIN) -> Reply:
        """Speech through the satellite, else through the player. Raises `SpeakerError` without either."""
        if (voice := self._speaking_player) is not None:
            return voice.reply(manner)
        if self.satellite is not None:
            return AnnounceReply(self._hass, self.satellite, manner)
        raise SpeakerError("this room has nothing to speak through: no satellite, and no player with a voice")

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
