"""One line in the logbook for each thing that a room tells: what happened, never what was said."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.components.logbook import LOGBOOK_ENTRY_ENTITY_ID, LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.components.logbook.models import LazyEventPartialState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_CALL, EVENT_TURN
from .runtime.targets import async_player_of

type Describer = Callable[[Event | LazyEventPartialState], dict[str, Any]]

TOLD: Final = {EVENT_TURN: "logbook_turn", EVENT_CALL: "logbook_call"}
"""The first part of the texts' keys, which are `logbook_turn_finished` and `logbook_turn_finished_inject`."""

BLANKS: Final = {"heard": 0, "tool": "?", "title": "?"}
"""What the texts may mention, for an event that lacks it."""


@callback
def async_describe_events(hass: HomeAssistant, async_describe_event: Callable[[str, str, Describer], None]) -> None:
    """Describe both events of Huxley."""
    for event_type, prefix in TOLD.items():
        async_describe_event(DOMAIN, event_type, partial(_describe, hass, prefix))


@callback
def _describe(hass: HomeAssistant, prefix: str, event: Event | LazyEventPartialState) -> dict[str, Any]:
    data = event.data
    return {
        LOGBOOK_ENTRY_NAME: data.get("room", "Huxley"),
        LOGBOOK_ENTRY_MESSAGE: _message(hass, prefix, data),
        LOGBOOK_ENTRY_ENTITY_ID: async_player_of(hass, data.get("room_id")),
    }


def _message(hass: HomeAssistant, prefix: str, data: Mapping[str, Any]) -> str:
    """The text for the event, or for the event and who began the turn; an unknown event is called by its name."""
    texts = async_get_cached_translations(hass, hass.config.language, "exceptions", DOMAIN)
    event = data.get("event")
    for key in (f"{prefix}_{event}_{data.get('source')}", f"{prefix}_{event}"):
        if text := texts.get(f"component.{DOMAIN}.exceptions.{key}.message"):
            given = {name: value for name, value in data.items() if value is not None}
            return text.format_map(BLANKS | given)
    return str(event)
