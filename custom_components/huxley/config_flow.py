"""Setting Huxley up: a model, personas, and a first room; later more of the last two."""

from typing import Any, override

import probatio
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig

from .const import CONF_MODEL, CONF_PERSONA, DOMAIN, MODEL_OFFLINE, MODELS, SUBENTRY_PERSONA, SUBENTRY_ROOM
from .engine.persona import PersonaError
from .persona_choice import OfferedPersona, async_offered_personas, default_personas
from .persona_flow import PersonaSubentryFlow
from .room_flow import RoomSubentryFlow
from .room_form import Room, RoomForm
from .runtime.persona_files import PersonaFileError, PersonaFiles
from .runtime.persona_problems import as_markdown, async_tell_problems
from .runtime.reader import async_reader_language

FIELD_PERSONAS = "personas"

_TITLES = {MODEL_OFFLINE: "Offline"}  # beside the integration's own name, so that several entries can be told apart


class HuxleyConfigFlow(ConfigFlow, domain=DOMAIN):
    """From nothing to a talking room: model and personas, then a room."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        self._model = ""
        self._personas: list[OfferedPersona] = []
        self._form: RoomForm | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to an entry."""
        return {SUBENTRY_PERSONA: PersonaSubentryFlow, SUBENTRY_ROOM: RoomSubentryFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose a model and personas."""
        models = [model for model in MODELS if model not in self._async_current_ids()]
        if not models:
            return self.async_abort(reason="already_configured")
        offered = await async_offered_personas(self.hass)
        values: dict[str, Any] = {
            CONF_MODEL: models[0],
            FIELD_PERSONAS: default_personas(offered, self.hass.config.language),
        }
        errors: dict[str, str] = {}
        problems = ""
        if user_input is not None:
            values = user_input
            errors, problems = await self._async_check_personas(user_input[FIELD_PERSONAS])
            if not errors:
                # A form that somebody left open must not lock the door for the next attempt.
                await self.async_set_unique_id(user_input[CONF_MODEL], raise_on_progress=False)
                self._abort_if_unique_id_configured()
                self._model = user_input[CONF_MODEL]
                return await self.async_step_first_room()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(_user_schema(models, offered), values),
            errors=errors,
            description_placeholders={"problems": problems},
            last_step=False,
        )

    async def async_step_first_room(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether to set a room up now."""
        return self.async_show_menu(step_id="first_room", menu_options=["room", "later"])

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set up the first room."""
        if self._form is None:
            self._form = RoomForm(self.hass, self._personas)
        if user_input is not None and (room := self._form.submit(user_input)) is not None:
            return self._create(room)
        return self.async_show_form(
            step_id="room",
            data_schema=self.add_suggested_values_to_schema(self._form.schema, self._form.values),
            errors=self._form.errors,
            description_placeholders=self._form.placeholders,
            last_step=True,
        )

    async def async_step_later(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Finish without a room."""
        return self._create()

    async def _async_check_personas(self, persona_ids: list[str]) -> tuple[dict[str, str], str]:
        """Load the chosen personas; return the form's errors, and every problem as Markdown, in the reader's words."""
        if not persona_ids:
            return {FIELD_PERSONAS: "persona_required"}, ""
        files = PersonaFiles(self.hass.config.config_dir)
        self._personas = []
        told: list[str] = []
        for persona_id in persona_ids:
            try:
                _, persona = await self.hass.async_add_executor_job(files.load, persona_id)
                self._personas.append(OfferedPersona(persona_id, persona))
            except (PersonaError, PersonaFileError) as error:
                problems = await async_tell_problems(self.hass, error, await async_reader_language(self.hass))
                told.append(f"**{persona_id}**\n\n{as_markdown(problems)}")
        return ({FIELD_PERSONAS: "see_problems"} if told else {}), "\n\n".join(told)

    def _create(self, room: Room | None = None) -> ConfigFlowResult:
        subentries = [_persona_subentry(one) for one in self._personas]
        if room is not None:
            subentries.append(
                ConfigSubentryData(subentry_type=SUBENTRY_ROOM, title=room.title, data=room.data, unique_id=None)
            )
        return self.async_create_entry(
            title=_TITLES[self._model], data={CONF_MODEL: self._model}, subentries=subentries
        )


def _user_schema(models: list[str], offered: list[OfferedPersona]) -> probatio.Schema:
    return probatio.Schema(
        {
            probatio.Required(CONF_MODEL): SelectSelector(
                SelectSelectorConfig(options=models, translation_key=CONF_MODEL)
            ),
            probatio.Required(FIELD_PERSONAS): SelectSelector(
                SelectSelectorConfig(options=[one.option for one in offered], multiple=True)
            ),
        }
    )


def _persona_subentry(one: OfferedPersona) -> ConfigSubentryData:
    title = one.persona.name if one.persona else one.id
    return ConfigSubentryData(
        subentry_type=SUBENTRY_PERSONA, title=title, data={CONF_PERSONA: one.id}, unique_id=one.id
    )
