"""Which personas the forms offer, and which of them suit the house."""

from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectOptionDict
from homeassistant.util.language import matches

from .engine.persona import Persona, PersonaError
from .runtime.persona_files import PersonaFileError, PersonaFiles

FALLBACK_PERSONA: Final = "basic"  # suits anybody who speaks none of the personas' languages


@dataclass(frozen=True, slots=True)
class OfferedPersona:
    """A persona that can be chosen. `persona` is None when its file has mistakes, which choosing it will tell."""

    id: str
    persona: Persona | None

    @property
    def option(self) -> SelectOptionDict:
        """The choice as a form shows it: name and languages."""
        if self.persona is None:
            return SelectOptionDict(value=self.id, label=f"{self.id} ⚠")
        return SelectOptionDict(value=self.id, label=f"{self.persona.name} ({', '.join(self.persona.languages)})")


async def async_offered_personas(hass: HomeAssistant) -> list[OfferedPersona]:
    """Return every persona on disk, the house's own first."""
    return await hass.async_add_executor_job(_offered, PersonaFiles(hass.config.config_dir))


def default_personas(offered: list[OfferedPersona], language: str) -> list[str]:
    """Return the ids to propose: whose own language is the house's, else who speaks it, else the plain one."""
    whole = [one.persona for one in offered if one.persona is not None]
    return (
        [persona.id for persona in whole if matches(language, [persona.language_code])]
        or [persona.id for persona in whole if matches(language, persona.languages)]
        or [persona.id for persona in whole if persona.id == FALLBACK_PERSONA]
    )


def _offered(files: PersonaFiles) -> list[OfferedPersona]:
    return [OfferedPersona(file.id, _load(files, file.id)) for file in files.available()]


def _load(files: PersonaFiles, persona_id: str) -> Persona | None:
    try:
        return files.load(persona_id)[1]
    except PersonaError, PersonaFileError:  # the form says what is wrong once somebody chooses it
        return None
