"""Triggers: what begins and ends in a room, for automations that name the room and not the bus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import voluptuous as vol
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .const import EVENT_CALL, EVENT_TURN
from .engine.turn import TurnSource
from .runtime.outcomes import FINISHED, INJECTED, INTERRUPTED, outcome_of
from .runtime.targets import async_player_of, async_targeted_rooms

type EventData = Mapping[str, Any]

SCHEMA = vol.Schema({vol.Required(CONF_TARGET): cv.TARGET_FIELDS, vol.Optional(CONF_OPTIONS, default=dict): {}})

BY_PEOPLE: Final = frozenset({TurnSource.SATELLITE, TurnSource.TEXT})


@dataclass(frozen=True, slots=True)
class Happening:
    """What one trigger waits for."""

    event_type: str
    matches: Callable[[EventData], bool]
    says: str
    """How the automation's trace calls it."""


def _turn_started(data: EventData) -> bool:
    return data["event"] == "started" and data["source"] in BY_PEOPLE


def _turn_came_to(outcome: str, data: EventData) -> bool:
    return outcome_of(data["source"], data["event"]) == outcome


def _call(event: str, data: EventData) -> bool:
    return bool(data["event"] == event)


HAPPENINGS: Final = {
    "turn_started": Happening(EVENT_TURN, _turn_started, "somebody talks with"),
    "turn_finished": Happening(EVENT_TURN, partial(_turn_came_to, FINISHED), "an answer was heard in"),
    "turn_interrupted": Happening(EVENT_TURN, partial(_turn_came_to, INTERRUPTED), "words were cut off in"),
    "message_spoken": Happening(EVENT_TURN, partial(_turn_came_to, INJECTED), "a message was heard in"),
    "call_started": Happening(EVENT_CALL, partial(_call, "started"), "a call started in"),
    "call_ended": Happening(EVENT_CALL, partial(_call, "ended"), "a call ended in"),
}


class RoomTrigger(Trigger):
    """Runs the action when its happening is told of one of the targeted rooms."""

    happening: Happening

    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check what a person wrote."""
        checked: ConfigType = SCHEMA(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._target = config.target or {}

    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Listen on the bus; the target is looked up anew each time, since rooms move between areas."""
        happening = self.happening

        @callback
        def told(event: Event) -> None:
            if not happening.matches(event.data):
                return
            if event.data["room_id"] in async_targeted_rooms(self._hass, self._target):
                said = f"{happening.says} {event.data['room']}"
                run_action(_variables(self._hass, event.data), said, event.context)

        return self._hass.bus.async_listen(happening.event_type, told)


def _variables(hass: HomeAssistant, data: EventData) -> dict[str, Any]:
    """What the event holds, and the room's media player: the target for whatever the automation does there."""
    return {**data, "entity_id": async_player_of(hass, data["room_id"])}


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    key: type(f"{key.title().replace('_', '')}Trigger", (RoomTrigger,), {"happening": happening})
    for key, happening in HAPPENINGS.items()
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """The triggers by their names."""
    return TRIGGERS
