"""What a person attaches to a bug report: personas, rooms with their capabilities, the last turns."""

from dataclasses import asdict
from typing import Any

from homeassistant.core import HomeAssistant

from .runtime.house import HuxleyConfigEntry
from .runtime.room import Room
from .runtime.speakers.fallbacks import fallbacks


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: HuxleyConfigEntry) -> dict[str, Any]:
    """Return them. No words of people are in here: turns are kept without their text."""
    house = entry.runtime_data
    return {
        "model": dict(entry.data),
        "personas": {
            persona.id: {"languages": persona.languages, "constraints": sorted(persona.constraints)}
            for persona in house.personas.values()
        },
        "rooms": [_room(room) for room in house.rooms.values()],
    }


def _room(room: Room) -> dict[str, Any]:
    content, capabilities = room.coordinator.deck.content, room.speaker.capabilities
    return {
        "name": room.config.name,
        "persona": room.config.persona_id,
        "satellite": {
            "entity_id": room.config.satellite,
            "state": room.satellite.state if room.satellite else None,
        },
        "player": {
            "entity_id": room.config.player,
            "state": room.player.state.state if room.player and room.player.state else None,
        },
        "companions": room.config.companions,
        "voice": room.config.voice,
        "speaks_through": room.speaker.speaks_through,
        "capabilities": asdict(capabilities),
        "instead": fallbacks(capabilities),
        "agents": {persona_id: agent.tool_names for persona_id, agent in room.agents.items()},
        "turn_state": room.coordinator.state.value,
        "content": content.item.title if content else None,
        "focus": [
            {
                "channel": held.activity.channel.value,
                "name": held.activity.name,
                "state": held.state.value,
                "behavior": held.behavior.value,
            }
            for held in room.focus.snapshot()
        ],
        "turns": [record.as_dict() for record in room.trace.records],
    }
