"""Which kind of satellite an entity is."""

from types import MappingProxyType
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .esphome import EsphomeSatellite
from .kind import SatelliteKind
from .voip import VoipSatellite
from .wyoming import WyomingSatellite

KINDS: Final = MappingProxyType({kind.name: kind for kind in (EsphomeSatellite, WyomingSatellite, VoipSatellite)})
"""By the platform that provides the entity."""


def kind_of(hass: HomeAssistant, entity_id: str) -> SatelliteKind:
    """The kind of a satellite now: an entity may have moved to another integration since it was last asked for."""
    entry = er.async_get(hass).async_get(entity_id)
    return KINDS.get(entry.platform if entry else "", SatelliteKind)(hass, entity_id)
