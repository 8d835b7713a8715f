"""The rarely needed half of a room's form: a section that starts folded."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import probatio
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.components.tts.const import DOMAIN as TTS
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)

from .const import (
    CONF_COMPANIONS,
    CONF_LINKED_ROOMS,
    CONF_PLAYER,
    CONF_QUIET_VOLUME,
    CONF_RESUME_AFTER_RESTART,
    CONF_VOICE,
    DEFAULT_QUIET_VOLUME,
)

SECTION_MORE: Final = "more"
OPTIONS: Final = (CONF_COMPANIONS, CONF_VOICE, CONF_LINKED_ROOMS, CONF_RESUME_AFTER_RESTART, CONF_QUIET_VOLUME)

type Options = dict[str, Any]
type Complaint = tuple[str, str, str]
"""Where it is shown, the key of what is wrong, and which entity it is about."""


class RoomOptions:
    """Reads and checks the section, in a house with `others` as its other rooms and `own` as our own entities."""

    def __init__(self, hass: HomeAssistant, others: Iterable[ConfigSubentry], own: Iterable[str]) -> None:
        self._hass = hass
        self._others = {other.subentry_id: other.title for other in others}
        self._own = sorted(own)

    def section(self, *, folded: bool) -> section:
        """The fields. Home Assistant shows what is wrong with one of them above the section."""
        fields: dict[probatio.Marker, Any] = {
            probatio.Optional(CONF_COMPANIONS): EntitySelector(
                EntitySelectorConfig(domain=MEDIA_PLAYER, multiple=True, exclude_entities=self._own)
            ),
            probatio.Optional(CONF_VOICE): EntitySelector(EntitySelectorConfig(domain=TTS)),
        }
        if self._others:
            options = [SelectOptionDict(value=room_id, label=title) for room_id, title in self._others.items()]
            fields[probatio.Optional(CONF_LINKED_ROOMS)] = SelectSelector(
                SelectSelectorConfig(options=options, multiple=True)
            )
        fields[probatio.Optional(CONF_RESUME_AFTER_RESTART)] = BooleanSelector()
        fields[probatio.Optional(CONF_QUIET_VOLUME)] = NumberSelector(
            NumberSelectorConfig(min=1, max=100, step=1, unit_of_measurement="%", mode=NumberSelectorMode.SLIDER)
        )
        return section(probatio.Schema(fields), {"collapsed": folded})

    def shown(self, stored: Mapping[str, Any]) -> Options:
        """What to fill in for a room as it is stored; rooms that are gone are left out."""
        shown: Options = {CONF_QUIET_VOLUME: DEFAULT_QUIET_VOLUME}
        shown |= {key: stored[key] for key in OPTIONS if key in stored}
        if CONF_LINKED_ROOMS in shown:
            shown[CONF_LINKED_ROOMS] = [one for one in shown[CONF_LINKED_ROOMS] if one in self._others]
        return shown

    def taken(self, given: Mapping[str, Any]) -> Options:
        """Return an answer as it would be stored: nothing empty, nothing off, entity ids rather than registry ids."""
        registry = er.async_get(self._hass)
        taken = {key: value for key, value in given.items() if value}
        if CONF_COMPANIONS in taken:
            found = (er.async_resolve_entity_id(registry, one) or one for one in taken[CONF_COMPANIONS])
            taken[CONF_COMPANIONS] = list(dict.fromkeys(found))
        if CONF_VOICE in taken:
            taken[CONF_VOICE] = er.async_resolve_entity_id(registry, taken[CONF_VOICE]) or taken[CONF_VOICE]
        if CONF_QUIET_VOLUME in taken:
            taken[CONF_QUIET_VOLUME] = int(taken[CONF_QUIET_VOLUME])
        return taken

    def complaints(self, values: Mapping[str, Any]) -> Iterable[Complaint]:
        """What is wrong with `values`, the whole form's as it would be stored."""
        for companion in values.get(CONF_COMPANIONS, ()):
            if companion == values.get(CONF_PLAYER):
                yield SECTION_MORE, "companion_is_player", companion
            elif companion in self._own:
                yield SECTION_MORE, "companion_is_ours", companion
            elif not exists(self._hass, companion):
                yield SECTION_MORE, "companion_missing", companion
        voice = values.get(CONF_VOICE)
        if voice is not None and not exists(self._hass, voice):
            yield SECTION_MORE, "voice_missing", voice


def exists(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether an entity is there, or will be when its device comes back."""
    entry = er.async_get(hass).async_get(entity_id)
    return not entry.disabled if entry is not None else hass.states.get(entity_id) is not None
