"""Music that people start on the player itself, past the room, on players that report like those in houses."""

from collections.abc import Callable
from dataclasses import dataclass

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState

from tests.integration.devices import Devices

EVERYTHING = Feature.PLAY_MEDIA | Feature.PAUSE | Feature.PLAY | Feature.STOP | Feature.VOLUME_SET


@dataclass(frozen=True)
class Kind:
    """How a player reports."""

    name: str
    ids: bool = True
    """It says which media it plays."""

    titles: bool = True
    late: bool = False
    """It is asked for its state now and then: what it was told shows when somebody looks."""

    announces: bool = False
    """It plays announcements beside its content."""

    @property
    def features(self) -> Feature:
        return EVERYTHING | (Feature.MEDIA_ANNOUNCE if self.announces else Feature(0))


MPD = Kind("mpd", late=True)
CAST = Kind("cast")
SONOS = Kind("sonos", announces=True)
ESPHOME = Kind("esphome", ids=False, titles=False, announces=True)
KINDS = (MPD, CAST, SONOS, ESPHOME)


class Jukebox:
    """The fake player at the hands of people. `look` lets a late one say how it stands."""

    def __init__(self, devices: Devices, kind: Kind = CAST) -> None:
        self.kind = kind
        self._player = devices.player
        self._log = devices.log
        self._becomes: Callable[..., None] = devices.player.becomes
        self._pending: MediaPlayerState | None = None
        devices.player.offers(kind.features)
        if kind.late:
            devices.player.becomes = self._later  # type: ignore[method-assign]

    def plays(self, title: str = "Jazz", *, media_id: str | None = None) -> None:
        """Somebody plays something, and the player says so."""
        self.is_at(title, media_id)
        self.says(MediaPlayerState.PLAYING)

    def is_at(self, title: str | None, media_id: str | None = None) -> None:
        player = self._player
        if self.kind.ids:
            player._attr_media_content_id = media_id or (title and f"app:{title.lower()}")
        if self.kind.titles:
            player._attr_media_title = title

    def says(self, state: MediaPlayerState | None, *, available: bool = True) -> None:
        """The player reports a state, by itself."""
        self._pending = None
        if state in (MediaPlayerState.IDLE, None):
            self.is_at(None)
        self._becomes(state, available=available)

    def look(self) -> None:
        """Somebody asks a late player for its state."""
        if self._pending is not None:
            self.says(self._pending)

    def _later(self, state: MediaPlayerState | None, *, available: bool = True) -> None:
        self._pending = state

    @property
    def told(self) -> list[str]:
        """What the player was told, volumes aside."""
        return [what for what, _ in self._log.of("player") if what != "volume"]

    @property
    def volumes(self) -> list[float]:
        return [value for what, value in self._log.of("player") if what == "volume"]
