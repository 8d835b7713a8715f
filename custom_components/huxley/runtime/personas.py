"""The personas that run: from their files, or from the last good text when a file was broken or removed."""

from dataclasses import dataclass
from typing import Final, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..engine.persona import Persona, PersonaError, load_persona
from .persona_files import PersonaFileError, PersonaFiles, PersonaMissingError
from .persona_problems import as_markdown, async_tell_problems

ISSUE_BROKEN: Final = "persona_broken"
ISSUE_MISSING: Final = "persona_missing"

_STORE_VERSION: Final = 1


class _LastGood(TypedDict):
    """What is stored for one persona: the text that last loaded without a mistake."""

    text: str


@dataclass(frozen=True, slots=True)
class LoadedPersona:
    """A persona that runs. `from_last_good` is true when its file cannot be used now and an older text stands in."""

    persona: Persona
    from_last_good: bool = False


async def async_load_persona(hass: HomeAssistant, persona_id: str) -> LoadedPersona:
    """Load a persona from its file, or from its last good text while the file is broken or gone.

    Raises the repair issue `persona_broken` or `persona_missing` in that case and clears both otherwise. With no last
    good text to run on, raises what is wrong with the file: `PersonaError` or `PersonaFileError`.
    """
    store = _last_good(hass, persona_id)
    files = PersonaFiles(hass.config.config_dir)
    try:
        text, persona = await hass.async_add_executor_job(files.load, persona_id)
    except (PersonaError, PersonaFileError) as error:
        await _async_raise_issue(hass, persona_id, files.name_of(persona_id), error)
        if (older := await _async_load_last_good(hass, store, persona_id)) is None:
            raise
        return LoadedPersona(older, from_last_good=True)
    _clear_issues(hass, persona_id)
    if await store.async_load() != {"text": text}:
        await store.async_save({"text": text})
    return LoadedPersona(persona)


async def async_last_good_text(hass: HomeAssistant, persona_id: str) -> str | None:
    """Return the text that last loaded without a mistake, or None when there never was one."""
    stored = await _last_good(hass, persona_id).async_load()
    return None if stored is None else stored["text"]


async def async_forget_persona(hass: HomeAssistant, persona_id: str) -> None:
    """Drop what is kept for a persona that nobody uses any more: its last good text and its issues, not its file."""
    _clear_issues(hass, persona_id)
    await _last_good(hass, persona_id).async_remove()


def _last_good(hass: HomeAssistant, persona_id: str) -> Store[_LastGood]:
    return Store(hass, _STORE_VERSION, f"{DOMAIN}.persona.{persona_id}")


async def _async_load_last_good(hass: HomeAssistant, store: Store[_LastGood], persona_id: str) -> Persona | None:
    if (stored := await store.async_load()) is None:
        return None
    try:
        return await hass.async_add_executor_job(load_persona, stored["text"], persona_id)
    except PersonaError:  # good for an older version of Huxley; the issue about the file is raised already
        return None


async def _async_raise_issue(
    hass: HomeAssistant, persona_id: str, file: str, error: PersonaError | PersonaFileError
) -> None:
    kind = ISSUE_MISSING if isinstance(error, PersonaMissingError) else ISSUE_BROKEN
    placeholders = {"persona": persona_id, "file": file}
    if kind == ISSUE_BROKEN:
        problems = await async_tell_problems(hass, error, hass.config.language)
        first = problems[0]
        placeholders |= {"line": first.line, "field": first.field, "problem": first.text}
        placeholders["problems"] = as_markdown(problems)
    _clear_issues(hass, persona_id, keep=kind)
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{kind}_{persona_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=kind,
        translation_placeholders=placeholders,
    )


@callback
def _clear_issues(hass: HomeAssistant, persona_id: str, keep: str | None = None) -> None:
    """Clear both issues but `keep`: replacing that one remembers that a person chose to ignore it."""
    for kind in {ISSUE_BROKEN, ISSUE_MISSING} - {keep}:
        ir.async_delete_issue(hass, DOMAIN, f"{kind}_{persona_id}")
