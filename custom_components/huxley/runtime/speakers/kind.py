"""What one platform's satellites make of Home Assistant's actions; one file for each platform that was looked at."""

from typing import ClassVar

from homeassistant.core import HomeAssistant

from ...engine.errors import SpeakerError


class SatelliteKind:
    """A satellite of no known platform: it does what Home Assistant's actions promise, and cannot be stopped."""

    name: ClassVar[str] = "other"
    """How diagnostics call it."""

    chimes: ClassVar[bool] = True
    """A sound of one's choice is heard before an announcement."""

    plays_recordings: ClassVar[bool] = True
    """Media by its id is announced as well as words."""

    stays_on_the_line: ClassVar[bool] = False
    """Opening its microphone lasts as long as the conversation: the action returns when that is over."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self._hass = hass
        self._entity_id = entity_id

    @property
    def stops_speech(self) -> bool:
        """Whether it can be silenced in the middle of a word, now."""
        return False

    async def stop_speech(self) -> None:
        """Silence it. Raises `SpeakerError` when it cannot be."""
        raise SpeakerError(f"{self._entity_id} cannot be silenced; it says its sentence to the end")

    def ducks(self, player_id: str) -> bool:
        """Whether the device makes `player_id` quiet by itself while it speaks or listens."""
        return False
