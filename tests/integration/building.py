"""Personas, rooms and entries as a house holds them, for tests to start from."""

from collections.abc import Mapping
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huxley.const import (
    CONF_MODEL,
    CONF_PERSONA,
    DOMAIN,
    MODEL_OFFLINE,
    SUBENTRY_PERSONA,
    SUBENTRY_ROOM,
)

_PERSONA = """\
version: 1
name: {name}
voice: coral
language_code: {language}
transcription_language: {language}
timezone: Europe/Madrid
system_prompt: Be brief.
"""


def persona_text(name: str, language: str = "en") -> str:
    """A sound persona's file."""
    return _PERSONA.format(name=name, language=language)


def persona_subentry(persona_id: str, title: str | None = None) -> dict[str, Any]:
    """A persona as an entry holds it."""
    return {
        "subentry_type": SUBENTRY_PERSONA,
        "title": title or persona_id.capitalize(),
        "data": {CONF_PERSONA: persona_id},
        "unique_id": persona_id,
    }


def room_subentry(title: str, data: Mapping[str, str]) -> dict[str, Any]:
    """A room as an entry holds it."""
    return {"subentry_type": SUBENTRY_ROOM, "title": title, "data": dict(data), "unique_id": None}


def huxley_entry(*subentries: dict[str, Any]) -> MockConfigEntry:
    """An entry of the offline model, not yet added to a house."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Offline",
        unique_id=MODEL_OFFLINE,
        data={CONF_MODEL: MODEL_OFFLINE},
        subentries_data=list(subentries),
    )
