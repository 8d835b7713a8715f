"""One level for each player, whoever wants it quiet: two rooms that duck the same one do not duck it twice."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from .loudness import Loudness


class Volume:
    """What is known of one player's level, and what each of those who use it wants of it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.loudness = Loudness(clock)
        self._wishes: dict[object, float] = {}

    def wish(self, who: object, share: float) -> float:
        """Let `who` want it at `share` of its level; returns the share that it has to be at."""
        self._wishes[who] = share
        return min(self._wishes.values())

    def unwish(self, who: object) -> float | None:
        """Let `who` want nothing of it; returns the share that it has to be at, None for all of its level."""
        self._wishes.pop(who, None)
        return min(self._wishes.values(), default=None)


VOLUMES: HassKey[dict[str, Volume]] = HassKey(f"{DOMAIN}_volumes")
"""The volumes of the house, by the player's entity id."""


def volume_of(hass: HomeAssistant, entity_id: str) -> Volume:
    """The volume of a player, shared by all who use it."""
    volumes = hass.data.setdefault(VOLUMES, {})
    if entity_id not in volumes:
        volumes[entity_id] = Volume(hass.loop.time)
    return volumes[entity_id]
