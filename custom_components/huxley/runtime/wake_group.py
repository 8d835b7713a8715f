"""Rooms that hear the same wake word: the first one answers, the others stay silent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

TOGETHER: Final = timedelta(milliseconds=300)  # one voice reaches two microphones within this time


@dataclass(frozen=True, slots=True)
class Place:
    """Where a room is in the house, as far as a voice is concerned."""

    room_id: str
    area: str | None = None
    floor: str | None = None
    linked: frozenset[str] = frozenset()
    """Ids of rooms that a person said to be within earshot."""


def within_earshot(one: Place, other: Place) -> bool:
    """Whether the same voice may reach both: linked by a person, on one floor, or in one area without a floor."""
    if one.room_id in other.linked or other.room_id in one.linked:
        return True
    if one.floor is not None or other.floor is not None:
        return one.floor == other.floor
    return one.area is not None and one.area == other.area


class WakeWords:
    """The wake words of the last moment, in the whole house. `clock` is in monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._winners: list[tuple[float, Place]] = []

    def heard(self, place: Place) -> Place | None:
        """The room at `place` heard a wake word: None when it is the first, else the room that was."""
        now = self._clock()
        self._winners = [item for item in self._winners if now - item[0] < TOGETHER.total_seconds()]
        for _, winner in self._winners:
            if winner.room_id != place.room_id and within_earshot(winner, place):
                return winner
        self._winners.append((now, place))
        return None


_WAKE_WORDS: HassKey[WakeWords] = HassKey("huxley_wake_words")


def async_wake_words(hass: HomeAssistant) -> WakeWords:
    """The wake words of all rooms, whichever model's entry they belong to."""
    if _WAKE_WORDS not in hass.data:
        hass.data[_WAKE_WORDS] = WakeWords(hass.loop.time)
    return hass.data[_WAKE_WORDS]
