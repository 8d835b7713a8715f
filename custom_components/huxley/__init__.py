"""Huxley: a persona with skills for every room, and one speaker that never talks over itself."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .http import CoverView, SilenceView, StreamView
from .runtime.house import House, HuxleyConfigEntry, async_forget_house
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (
    Platform.ASSIST_SATELLITE,
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CONVERSATION,
    Platform.EVENT,
    Platform.MEDIA_PLAYER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what does not belong to an entry: the actions and the stream view."""
    async_setup_services(hass)
    hass.http.register_view(CoverView())  # first: the stream view's path would match a cover as well
    hass.http.register_view(StreamView())
    hass.http.register_view(SilenceView())
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HuxleyConfigEntry) -> bool:
    """Open the house; one that cannot be opened as a whole is closed again."""
    entry.runtime_data = house = House(hass, entry)
    try:
        await house.start()
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        await house.stop()
        raise
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HuxleyConfigEntry) -> bool:
    """Close the house."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await entry.runtime_data.stop()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: HuxleyConfigEntry) -> None:
    """Leave nothing behind but the files of people."""
    await async_forget_house(hass, entry)


async def _async_reload(hass: HomeAssistant, entry: HuxleyConfigEntry) -> None:
    """Personas or rooms were added, changed or removed."""
    await entry.runtime_data.forget_removed()
    hass.config_entries.async_schedule_reload(entry.entry_id)
