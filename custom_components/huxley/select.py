"""Who answers in a room."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from homeassistant.components.select import SelectEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoredExtraData, RestoreEntity

from .engine.persona import Persona
from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.residence import async_give_room_to
from .runtime.room import Room

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each room."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([PersonaSelect(room, entry.runtime_data.personas)], config_subentry_id=subentry_id)


class PersonaSelect(RoomEntity, SelectEntity, RestoreEntity):
    """The persona that lives in the room; another one can be moved in until further notice."""

    def __init__(self, room: Room, personas: Mapping[str, Persona]) -> None:
        super().__init__(room, "persona")
        self._personas = _by_label(personas)
        self._labels = {persona.id: label for label, persona in self._personas.items()}
        self._attr_options = list(self._personas)

    async def async_added_to_hass(self) -> None:
        """Move in who was chosen before the restart, unless the room was set up for somebody else meanwhile."""
        await super().async_added_to_hass()
        stored = await self.async_get_last_extra_data()
        if stored is None:
            return
        chosen, instead_of = (stored.as_dict().get(key) for key in ("persona", "instead_of"))
        if instead_of == self.room.choices.own_persona_id and chosen != instead_of and chosen in self._labels:
            try:
                await async_give_room_to(self.room, self._personas[self._labels[chosen]])
            except HomeAssistantError as err:
                _LOGGER.warning("room.persona_not_restored room=%s error=%s", self.room.config.name, err)

    def follow(self) -> Iterator[Callable[[], None]]:
        """The choice may come from an action."""
        yield self.room.choices.listen(self.async_write_ha_state)

    @property
    def current_option(self) -> str | None:
        """Who lives here; None while that persona cannot be loaded."""
        return self._labels.get(self.room.config.persona_id)

    @property
    def extra_restore_state_data(self) -> RestoredExtraData:
        """Ids rather than names, which may change; and whom the choice replaced."""
        choices = self.room.choices
        return RestoredExtraData({"persona": self.room.config.persona_id, "instead_of": choices.own_persona_id})

    async def async_select_option(self, option: str) -> None:
        """Move somebody in."""
        await async_give_room_to(self.room, self._personas[option])


def _by_label(personas: Mapping[str, Persona]) -> dict[str, Persona]:
    """By their names; namesakes with their ids as well."""
    names = Counter(persona.name for persona in personas.values())
    return {p.name if names[p.name] == 1 else f"{p.name} ({p.id})": p for p in personas.values()}
