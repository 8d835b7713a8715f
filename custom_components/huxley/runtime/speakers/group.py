"""Players that stand for several: what they are told, all of their members are told."""

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, State

SAME = 0.01  # of the volume's range


def at_one_level(hass: HomeAssistant, player: State | None) -> bool:
    """Whether a player can be ducked and come back as it was.

    A group sets one volume for all of its members and reports their mean, so members at different volumes would come
    back at the same one (2026.10). A player that stands for itself is always at one level.
    """
    members = player.attributes.get(ATTR_ENTITY_ID) if player is not None else None
    states = [state for member in members or () if (state := hass.states.get(member)) is not None]
    levels = [float(level) for state in states if (level := state.attributes.get("volume_level")) is not None]
    return not levels or max(levels) - min(levels) <= SAME
