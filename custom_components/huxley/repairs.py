"""Repairs that one click does: taking out of a room's settings what cannot be used there."""

import logging

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .runtime.room_settings import Named, named_entities, with_entity

_LOGGER = logging.getLogger(__name__)


class TakeOutFlow(ConfirmRepairFlow):
    """Takes one entity out of one room. The room is set up anew without it."""

    def __init__(self, entry_id: str, subentry_id: str, named: Named) -> None:
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._named = named

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask, then do it. What was settled otherwise meanwhile needs nothing."""
        if user_input is not None:
            entry = self.hass.config_entries.async_get_entry(self._entry_id)
            room = entry.subentries.get(self._subentry_id) if entry is not None else None
            if entry is not None and room is not None and self._named in named_entities(room):
                _LOGGER.info("room.device_taken_out room=%s entity=%s", room.title, self._named.entity_id)
                self.hass.config_entries.async_update_subentry(entry, room, data=with_entity(room, self._named, None))
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """The repair of an issue that has one; the others are not offered."""
    told = {key: str(value) for key, value in (data or {}).items()}
    return TakeOutFlow(told["entry_id"], told["subentry_id"], Named(told["key"], told["entity_id"]))
