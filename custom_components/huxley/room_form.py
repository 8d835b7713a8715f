"""The form of a room: what it asks, what it proposes, and everything that can be wrong with the answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.components.assist_satellite import DOMAIN as ASSIST_SATELLITE
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    LanguageSelector,
    LanguageSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TimeSelector,
)

from .const import (
    CONF_LANGUAGE,
    CONF_PERSONA,
    CONF_PLAYER,
    CONF_QUIET_FROM,
    CONF_QUIET_TO,
    CONF_SATELLITE,
    DOMAIN,
    SUBENTRY_ROOM,
)
from .engine.persona.languages import match_language
from .persona_choice import OfferedPersona
from .room_options import OPTIONS, SECTION_MORE, Options, RoomOptions, exists

type Values = dict[str, Any]
type Complaint = tuple[str, str]
"""A field of the form (or `base`) and the key of what is wrong with it."""

_DOMAINS: Final = {CONF_SATELLITE: ASSIST_SATELLITE, CONF_PLAYER: MEDIA_PLAYER}
_TIMES: Final = (CONF_QUIET_FROM, CONF_QUIET_TO)


@dataclass(frozen=True, slots=True)
class Room:
    """A room as it is stored: the subentry's title and data."""

    title: str
    data: Mapping[str, Any]


class RoomForm:
    """One person filling in one room's form, over as many attempts as it takes.

    `values` is what to show in the fields, `errors` and `placeholders` what to say about the last attempt.
    """

    def __init__(
        self, hass: HomeAssistant, personas: Iterable[OfferedPersona], *, room: ConfigSubentry | None = None
    ) -> None:
        self._hass = hass
        self._personas = {one.id: one for one in personas}
        self._others = [other for other in _rooms(hass) if room is None or other.subentry_id != room.subentry_id]
        self._proposed_for: set[str | None] = set()  # satellites whose own player was proposed once
        self._options = RoomOptions(hass, self._others, self._own_entities())
        self.errors: dict[str, str] = {}
        self.placeholders = _no_placeholders()
        self.values: Values = self._proposal() if room is None else {CONF_NAME: room.title, **room.data}
        self.values = _folded(self.values, self._options.shown(self.values))
        self._proposed_for.add(self.values.get(CONF_SATELLITE))

    @property
    def schema(self) -> probatio.Schema:
        """The fields of the form."""
        languages = {code for one in self._personas.values() if one.persona for code in one.persona.languages}
        return probatio.Schema(
            {
                probatio.Required(CONF_NAME): TextSelector(),
                probatio.Optional(CONF_SATELLITE): self._entity_selector(CONF_SATELLITE),
                probatio.Optional(CONF_PLAYER): self._entity_selector(CONF_PLAYER),
                probatio.Required(CONF_PERSONA): SelectSelector(
                    SelectSelectorConfig(options=[one.option for one in self._personas.values()])
                ),
                probatio.Optional(CONF_LANGUAGE): LanguageSelector(LanguageSelectorConfig(languages=sorted(languages))),
                probatio.Optional(CONF_QUIET_FROM): TimeSelector(),
                probatio.Optional(CONF_QUIET_TO): TimeSelector(),
                probatio.Optional(SECTION_MORE): self._options.section(folded=SECTION_MORE not in self.errors),
            }
        )

    def submit(self, user_input: Mapping[str, Any]) -> Room | None:
        """Take one attempt and return the room, or None with `errors` and `values` for the next one."""
        self.values = self._normalised(user_input)
        self.placeholders = _no_placeholders()
        self.errors = dict(complaint for check in self._checks() for complaint in check(self.values))
        if self.errors or self._propose_player():
            return None
        data = _unfolded(self.values)
        return Room(data.pop(CONF_NAME), data)

    def _checks(self) -> tuple[Callable[[Values], Iterable[Complaint]], ...]:
        return (
            self._check_name,
            self._check_devices,
            self._check_language,
            self._check_quiet_hours,
            self._check_options,
        )

    def _check_name(self, values: Values) -> Iterable[Complaint]:
        name = values[CONF_NAME]
        if not name:
            yield CONF_NAME, "name_empty"
        if any(other.title.casefold() == name.casefold() for other in self._others):
            yield CONF_NAME, "name_taken"

    def _check_devices(self, values: Values) -> Iterable[Complaint]:
        """A room needs a microphone or a loudspeaker, and shares neither: two rooms on one would talk over it."""
        if not values.keys() & _DOMAINS.keys():
            yield "base", "device_required"
        for field in values.keys() & _DOMAINS.keys():
            entity_id = values[field]
            self.placeholders[field] = entity_id
            if not exists(self._hass, entity_id):
                yield field, f"{field}_missing"
            for other in self._others:
                if other.data.get(field) == entity_id:
                    self.placeholders[f"{field}_room"] = other.title
                    yield field, f"{field}_taken"

    def _check_language(self, values: Values) -> Iterable[Complaint]:
        persona, language = self._personas[values[CONF_PERSONA]].persona, values.get(CONF_LANGUAGE)
        if persona is None or language is None or match_language(language, persona.languages) is not None:
            return
        self.placeholders |= {"persona": persona.name, "languages": ", ".join(persona.languages)}
        yield CONF_LANGUAGE, "language_not_spoken"

    def _check_quiet_hours(self, values: Values) -> Iterable[Complaint]:
        given = [field for field in _TIMES if field in values]
        if len(given) == 1:
            yield next(field for field in _TIMES if field not in values), "quiet_hours_half"
        if given and values.get(CONF_QUIET_FROM) == values.get(CONF_QUIET_TO):
            yield CONF_QUIET_TO, "quiet_hours_empty"

    def _check_options(self, values: Values) -> Iterable[Complaint]:
        for field, error, entity_id in self._options.complaints(_unfolded(values)):
            self.placeholders["entity"] = entity_id
            yield field, error
            return  # the section has room for one

    def _propose_player(self) -> bool:
        """Fill in the satellite's own loudspeaker where the player was left empty, once; a person may clear it."""
        satellite = self.values.get(CONF_SATELLITE)
        if CONF_PLAYER in self.values or satellite in self._proposed_for:
            return False
        self._proposed_for.add(satellite)
        if satellite is None or (player := self._own_player(satellite)) is None:
            return False
        self.values[CONF_PLAYER] = player
        self.errors[CONF_PLAYER] = "player_proposed"
        return True

    def _proposal(self) -> Values:
        """Return what to fill in before a person has said anything: certain things only."""
        values: Values = {CONF_PERSONA: next(iter(self._personas), "")}
        taken = {*self._own_entities(), *(other.data.get(CONF_SATELLITE) for other in self._others)}
        free = [one for one in self._hass.states.async_entity_ids(ASSIST_SATELLITE) if one not in taken]
        if len(free) != 1:
            return values
        values[CONF_SATELLITE] = free[0]
        if player := self._own_player(free[0]):
            values[CONF_PLAYER] = player
        if area := self._area_name(free[0]):
            values[CONF_NAME] = area
        return values

    def _normalised(self, user_input: Mapping[str, Any]) -> Values:
        """Return the answer as it would be stored: no empty fields, entity ids rather than registry ids, full times."""
        values = {key: value.strip() for key, value in user_input.items() if key != SECTION_MORE}
        values = {key: value for key, value in values.items() if value or key == CONF_NAME}
        registry = er.async_get(self._hass)
        for field in values.keys() & _DOMAINS.keys():
            values[field] = er.async_resolve_entity_id(registry, values[field]) or values[field]
        for field in values.keys() & set(_TIMES):
            values[field] = cv.time(values[field]).strftime("%H:%M:%S")
        return _folded(values, self._options.taken(user_input.get(SECTION_MORE, {})))

    def _entity_selector(self, field: str) -> EntitySelector:
        return EntitySelector(EntitySelectorConfig(domain=_DOMAINS[field], exclude_entities=self._own_entities()))

    def _own_entities(self) -> list[str]:
        """Return our own entities: a room that plays on itself would feed back."""
        domains = set(_DOMAINS.values())
        entries = er.async_get(self._hass).entities.values()
        return sorted(entry.entity_id for entry in entries if entry.platform == DOMAIN and entry.domain in domains)

    def _own_player(self, satellite: str) -> str | None:
        """Return the loudspeaker of the same device, unless another room has it."""
        registry = er.async_get(self._hass)
        entry = registry.async_get(satellite)
        if entry is None or entry.device_id is None:
            return None
        taken = {other.data.get(CONF_PLAYER) for other in self._others}
        siblings = er.async_entries_for_device(registry, entry.device_id)
        return next(
            (one.entity_id for one in siblings if one.domain == MEDIA_PLAYER and one.entity_id not in taken), None
        )

    def _area_name(self, satellite: str) -> str | None:
        entry = er.async_get(self._hass).async_get(satellite)
        device = dr.async_get(self._hass).async_get(entry.device_id) if entry and entry.device_id else None
        area_id = (entry and entry.area_id) or (device and device.area_id)
        area = ar.async_get(self._hass).async_get_area(area_id) if area_id else None
        return area.name if area else None


def _folded(values: Values, options: Options) -> Values:
    """The form's values: the options in their section."""
    return {key: value for key, value in values.items() if key not in OPTIONS} | {SECTION_MORE: options}


def _unfolded(values: Values) -> Values:
    """The form's values as they are stored: the options beside the others."""
    options: Options = values[SECTION_MORE]
    return {key: value for key, value in values.items() if key != SECTION_MORE} | options


def _rooms(hass: HomeAssistant) -> list[ConfigSubentry]:
    """Return every room of the house, whichever model's entry it belongs to."""
    entries = hass.config_entries.async_entries(DOMAIN)
    return [one for entry in entries for one in entry.subentries.values() if one.subentry_type == SUBENTRY_ROOM]


def _no_placeholders() -> dict[str, str]:
    """Return every placeholder of the form's errors, empty: the frontend wants each of them for each text."""
    names = (CONF_SATELLITE, "satellite_room", CONF_PLAYER, "player_room", "persona", "languages", "entity")
    return dict.fromkeys(names, "")
