"""Adding a persona to the house: pick a file, upload one, or write one."""

from pathlib import Path
from typing import Any, Final

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import slugify

from .const import CONF_PERSONA
from .engine.persona import Persona, PersonaError, load_persona
from .persona_choice import async_offered_personas
from .runtime.persona_files import PersonaFileError, PersonaFiles, decode_persona
from .runtime.persona_problems import as_markdown, async_tell_problems
from .runtime.personas import async_last_good_text
from .runtime.reader import async_reader_language

FIELD_FILE: Final = "file"
"""The uploaded file."""

FIELD_NAME: Final = "file_name"
"""The new file's name without `.yaml`: the persona's id."""

FIELD_TEXT: Final = "text"
"""The persona's YAML."""

_STARTER: Final = "basic"  # a new persona starts as this one's text: changing an example is easier than a blank page

# Which field of the form a problem with the file belongs to; every other problem is the text's.
_FIELD_OF_ERROR: Final = {"file_bad_id": FIELD_NAME, "file_exists": FIELD_NAME}


def _starter(files: PersonaFiles) -> str:
    """Return the text that a new persona starts from. Blocks."""
    try:
        return files.read(_STARTER)
    except PersonaFileError:  # a blank page then
        return ""


class PersonaSubentryFlow(ConfigSubentryFlow):
    """Add a persona, or edit the file of one."""

    def __init__(self) -> None:
        self._name = ""
        self._text = ""
        self._replaces: bytes | None = None

    @property
    def _files(self) -> PersonaFiles:
        return PersonaFiles(self.hass.config.config_dir)

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask where the persona comes from."""
        options = ["upload", "write"]
        if await self._async_not_added():
            options.insert(0, "pick")
        return self.async_show_menu(step_id="user", menu_options=options)

    async def async_step_pick(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take a file that is there already."""
        error: PersonaError | PersonaFileError | None = None
        if user_input is not None:
            persona_id = user_input[CONF_PERSONA]
            try:
                _, persona = await self.hass.async_add_executor_job(self._files.load, persona_id)
                return self._create(persona)
            except (PersonaError, PersonaFileError) as caught:
                error = caught
        options = await self._async_not_added()
        schema: dict[probatio.Marker, Any] = {
            probatio.Required(CONF_PERSONA): SelectSelector(SelectSelectorConfig(options=options))
        }
        return await self._async_form("pick", schema, user_input, error, CONF_PERSONA)

    async def async_step_upload(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take a file from the person's own device; one with mistakes goes on to the editor."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                name, data = await self.hass.async_add_executor_job(self._take_upload, user_input[FIELD_FILE])
            except ValueError, OSError:  # gone: Home Assistant keeps an upload only until it restarts
                errors[FIELD_FILE] = "upload_lost"
            else:
                return await self._async_use_upload(name, data)
        schema = {probatio.Required(FIELD_FILE): FileSelector(FileSelectorConfig(accept=".yaml,.yml"))}
        return self.async_show_form(step_id="upload", data_schema=probatio.Schema(schema), errors=errors)

    async def async_step_write(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Write a new persona."""
        if user_input is None:
            self._text = await self.hass.async_add_executor_job(_starter, self._files)
            return await self._async_editor("write")
        self._name, self._text = user_input[FIELD_NAME].strip(), user_input[FIELD_TEXT]
        return await self._async_save_new()

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Edit the persona's file. A bundled persona gets the house's own copy."""
        self._name = self._get_reconfigure_subentry().data[CONF_PERSONA]
        if user_input is None:
            return await self._async_open()
        self._text = user_input[FIELD_TEXT]
        try:
            persona = await self.hass.async_add_executor_job(self._save)
        except (PersonaError, PersonaFileError) as error:
            if isinstance(error, PersonaFileError) and error.key == "file_changed":
                self._replaces = await self.hass.async_add_executor_job(self._files.read_bytes, self._name)
            return await self._async_editor("reconfigure", error)
        return self._update(persona)

    async def _async_open(self) -> SubentryFlowResult:
        """Show the file in the editor; of one that cannot be read, whatever can be had."""
        error: PersonaFileError | None = None
        try:
            self._replaces = await self.hass.async_add_executor_job(self._files.read_bytes, self._name)
            self._text = decode_persona(self._replaces, self._files.name_of(self._name))
        except PersonaFileError as caught:
            error = caught
            kept = await async_last_good_text(self.hass, self._name)
            # Editors that do not write UTF-8 mostly write Windows' own, so accents come through.
            self._text = kept or (self._replaces or b"").decode("cp1252", errors="replace")
        return await self._async_editor("reconfigure", error)

    async def _async_use_upload(self, name: str, data: bytes) -> SubentryFlowResult:
        self._name = slugify(Path(name).stem)
        try:
            self._text = decode_persona(data, name)
        except PersonaFileError as error:
            self._text = data.decode("cp1252", errors="replace") if error.key == "file_not_utf8" else ""
            return await self._async_editor("write", error)
        return await self._async_save_new()

    async def _async_save_new(self) -> SubentryFlowResult:
        """Save the text as a new file and create its subentry; with a problem, back to the editor with all of it."""
        try:
            persona = await self.hass.async_add_executor_job(self._save_new)
        except (PersonaError, PersonaFileError) as error:
            return await self._async_editor("write", error)
        return self._create(persona)

    async def _async_editor(
        self, step_id: str, error: PersonaError | PersonaFileError | None = None
    ) -> SubentryFlowResult:
        editor = TextSelector(TextSelectorConfig(multiline=True))
        schema: dict[probatio.Marker, Any] = {probatio.Required(FIELD_TEXT): editor}
        if step_id == "write":
            schema = {probatio.Required(FIELD_NAME): TextSelector(), **schema}
        return await self._async_form(step_id, schema, {FIELD_NAME: self._name, FIELD_TEXT: self._text}, error)

    async def _async_form(
        self,
        step_id: str,
        schema: dict[probatio.Marker, Any],
        values: dict[str, Any] | None,
        error: PersonaError | PersonaFileError | None,
        field: str = FIELD_TEXT,
    ) -> SubentryFlowResult:
        """Show a form with what was typed and, in the person's language, every problem with it."""
        errors: dict[str, str] = {}
        problems = ""
        if error is not None:
            language = await async_reader_language(self.hass)
            problems = as_markdown(await async_tell_problems(self.hass, error, language))
            errors[_FIELD_OF_ERROR.get(getattr(error, "key", ""), field)] = "see_problems"
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(schema), values),
            errors=errors,
            description_placeholders={
                "problems": problems,
                "persona": self._name,
                "folder": str(self._files.own_folder),
            },
        )

    def _take_upload(self, file_id: str) -> tuple[str, bytes]:
        """Return the uploaded file's name and what is in it. Blocks; raises `ValueError` when it is gone."""
        with process_uploaded_file(self.hass, file_id) as path:
            return path.name, path.read_bytes()

    def _save(self) -> Persona:
        persona = load_persona(self._text, self._name)
        self._files.save(self._name, self._text, replaces=self._replaces)
        return persona

    def _save_new(self) -> Persona:
        """Save a new file. Blocks. Refuses the name of a bundled persona too: the two would be taken for each other."""
        if (file := self._files.find(self._name)) is not None:
            raise PersonaFileError("file_exists", {"file": str(file.path)})
        return self._save()

    async def _async_not_added(self) -> list[SelectOptionDict]:
        added = {subentry.unique_id for subentry in self._get_entry().subentries.values()}
        return [one.option for one in await async_offered_personas(self.hass) if one.id not in added]

    def _create(self, persona: Persona) -> SubentryFlowResult:
        return self.async_create_entry(title=persona.name, data={CONF_PERSONA: persona.id}, unique_id=persona.id)

    def _update(self, persona: Persona) -> SubentryFlowResult:
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        if subentry.title == persona.name:
            # Only the file changed, and the entry's listener does not hear of files.
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry, subentry, title=persona.name)
