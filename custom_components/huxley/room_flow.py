"""Adding a room to the house, or changing one."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult

from .const import CONF_PERSONA, SUBENTRY_PERSONA
from .persona_choice import OfferedPersona, async_offered_personas
from .room_form import Room, RoomForm


class RoomSubentryFlow(ConfigSubentryFlow):
    """Add or change a room: its satellite, its player, its persona."""

    _form: RoomForm | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a room."""
        if not (personas := await self._async_personas()):
            return self.async_abort(reason="no_personas")
        if self._form is None:
            self._form = RoomForm(self.hass, personas)
        if user_input is not None and (room := self._form.submit(user_input)) is not None:
            return self.async_create_entry(title=room.title, data=room.data)
        return self._show("user", self._form)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a room."""
        if self._form is None:
            self._form = RoomForm(self.hass, await self._async_personas(), room=self._get_reconfigure_subentry())
        if user_input is not None and (room := self._form.submit(user_input)) is not None:
            return self._update(room)
        return self._show("reconfigure", self._form)

    def _show(self, step_id: str, form: RoomForm) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(form.schema, form.values),
            errors=form.errors,
            description_placeholders=form.placeholders,
        )

    def _update(self, room: Room) -> SubentryFlowResult:
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), title=room.title, data=room.data
        )

    async def _async_personas(self) -> list[OfferedPersona]:
        """Return the entry's personas; one whose file is gone can still be chosen, since its last good text runs."""
        on_disk = {one.id: one for one in await async_offered_personas(self.hass)}
        subentries = self._get_entry().subentries.values()
        added = [one.data[CONF_PERSONA] for one in subentries if one.subentry_type == SUBENTRY_PERSONA]
        return [on_disk.get(persona_id, OfferedPersona(persona_id, None)) for persona_id in added]
