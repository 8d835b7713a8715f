"""Who lives in a room, and moving somebody else in."""

import logging
from dataclasses import replace

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..engine.persona import Persona
from .room import Room

_LOGGER = logging.getLogger(__name__)


async def async_give_room_to(room: Room, persona: Persona) -> None:
    """Let `persona` answer in `room` from the next turn on. Raises `HomeAssistantError` and changes nothing."""
    try:
        agent = await room.agent(persona)
    except Exception as err:  # skills are other people's code
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="persona_not_at_work",
            translation_placeholders={"persona": persona.name, "room": room.config.name, "error": str(err)},
        ) from err
    room.config = replace(room.config, persona_id=persona.id)
    room.coordinator.resident = agent
    _LOGGER.info("room.persona_chosen room=%s persona=%s", room.config.name, persona.id)
    room.choices.set_persona(persona)
