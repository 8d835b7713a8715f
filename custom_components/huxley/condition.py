"""Conditions: what a room is doing now."""

from collections.abc import Callable
from typing import Any, Final, Unpack

import voluptuous as vol
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import Condition, ConditionCheckParams, ConditionConfig
from homeassistant.helpers.typing import ConfigType

from .engine.turn import TurnState
from .runtime.room import Room
from .runtime.targets import async_running_rooms

CONF_BEHAVIOR: Final = "behavior"
MATCHERS: Final = {"any": any, "all": all}

SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Required(CONF_OPTIONS, default=dict): {
            vol.Required(CONF_BEHAVIOR, default="any"): vol.In(MATCHERS),
        },
    }
)

SPEAKING: Final = frozenset({TurnState.IN_RESPONSE, TurnState.AWAITING_NEXT_RESPONSE, TurnState.APPLYING_FACTORIES})


def _is_speaking(room: Room) -> bool:
    return room.coordinator.state in SPEAKING


def _is_in_call(room: Room) -> bool:
    return room.coordinator.in_call


def _is_quiet(room: Room) -> bool:
    return room.quiet


class RoomCondition(Condition):
    """Asks the targeted rooms. A room that does not run says no; without any room at all the condition is not met."""

    holds: Callable[[Room], bool]

    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check what a person wrote."""
        checked: ConfigType = SCHEMA(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        self._target = config.target or {}
        self._matches = MATCHERS[(config.options or {}).get(CONF_BEHAVIOR, "any")]

    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        rooms = async_running_rooms(self._hass, self._target)
        holds = type(self).holds
        return bool(rooms) and self._matches(holds(room) for room in rooms)


def _condition(name: str, holds: Callable[[Room], bool]) -> type[Condition]:
    members: dict[str, Any] = {"holds": staticmethod(holds)}
    return type(name, (RoomCondition,), members)


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_speaking": _condition("IsSpeaking", _is_speaking),
    "is_in_call": _condition("IsInCall", _is_in_call),
    "is_quiet": _condition("IsQuiet", _is_quiet),
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """The conditions by their names."""
    return CONDITIONS
