"""Who lives in a room, and moving somebody else in."""

import logging
from dataclasses import replace

from ..engine.persona import Persona
from .room import Room

_LOGGER = logging.getLogger(__name__)


async def async_give_room_to(room: Room, persona: Persona) -> None:
    """Let `persona` answer in `room` from the next turn on. Raises what its skills raise, and changes nothing then."""
    agent = await room.agent(persona)
    room.config = replace(room.config, persona_id=persona.id)
    room.coordinator.resident = agent
    _LOGGER.info("room.persona_chosen room=%s persona=%s", room.config.name, persona.id)
    room.choices.set_persona(persona)
