"""A room's turns, told on the bus for automations."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from ..const import EVENT_TURN
from ..engine.turn import Mark, Trace, TurnRecord

TOLD = {
    "ptt_start": "started",
    "text": "started",
    "inject": "started",
    "announce": "started",
    "commit": "committed",
    "tool_dispatch": "tool",
    "effect_start": "effect",
    "finished": "finished",
    "interrupted": "interrupted",
    "failed": "failed",
    "nothing_said": "nothing_said",
}
"""From a trace's mark to the `event` of `huxley_turn`; the other marks are for diagnostics only."""


def async_follow_turns(hass: HomeAssistant, room: str, room_id: str | None, trace: Trace) -> Callable[[], None]:
    """Put what matters of a room's turns on the bus; call the result to stop."""

    @callback
    def noted(record: TurnRecord, mark: Mark) -> None:
        if event := TOLD.get(mark.event):
            hass.bus.async_fire(
                EVENT_TURN,
                {
                    "room": room,
                    "room_id": room_id,
                    "turn_id": record.turn_id,
                    "event": event,
                    "source": record.source,
                    "persona": record.persona,
                    "heard": round(record.heard.total_seconds(), 2),
                    **mark.details,
                },
            )

    return trace.listen(noted)
