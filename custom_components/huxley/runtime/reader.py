"""The language of the person who is looking at a form right now."""

from typing import Final

from homeassistant.components.frontend.storage import async_user_store
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import current_request

_LANGUAGE: Final = "language"  # the frontend's key, in the user's data and once more inside it


async def async_reader_language(hass: HomeAssistant) -> str:
    """Return the language in which the frontend speaks to whoever made the current request.

    It follows the frontend's own order: what the person chose in their profile, what their browser asks for, and the
    house's language when neither is known or nobody asked.
    """
    if (request := current_request.get()) is None:
        return hass.config.language
    if (user := request.get(KEY_HASS_USER)) is not None:
        chosen = (await async_user_store(hass, user.id)).data.get(_LANGUAGE) or {}
        if language := chosen.get(_LANGUAGE):
            return str(language)
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return first if first[:1].isalpha() else hass.config.language
