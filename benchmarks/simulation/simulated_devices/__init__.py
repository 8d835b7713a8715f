"""An integration for benchmarks: satellites and players that do what they are told at once, and note when."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .moments import Devices

DOMAIN = "simulated_devices"
CONF_ROOMS = "rooms"
"""Entry data: how many rooms have devices."""

PLATFORMS = (Platform.ASSIST_SATELLITE, Platform.MEDIA_PLAYER, Platform.STT, Platform.TTS)

type DevicesConfigEntry = ConfigEntry[Devices]


async def async_setup_entry(hass: HomeAssistant, entry: DevicesConfigEntry) -> bool:
    """Make a satellite and a player for each room, and one recogniser and one voice for all."""
    entry.runtime_data = Devices()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True
