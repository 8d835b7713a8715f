"""Our own translated texts, for what a person hears and for what a form cannot translate by itself."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import matches

from ..const import DOMAIN

SHIPPED_LANGUAGES: Final = ("en", "es", "es-419", "fr")
"""One for each file in `translations/`."""


async def async_texts(hass: HomeAssistant, language: str, category: str) -> dict[str, str]:
    """Return the texts of one category of the translation files, keyed without the component's prefix.

    `language` may be regional ("es-MX"): the nearest language that ships is taken, English when none is near. The
    placeholders in the texts (`{title}`) are left for `str.format`.
    """
    nearest = next(iter(matches(language, SHIPPED_LANGUAGES)), "en")
    prefix = f"component.{DOMAIN}.{category}."
    texts = await async_get_translations(hass, nearest, category, {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items()}


async def async_phrases(hass: HomeAssistant, language: str) -> dict[str, str]:
    """Return the sentences that people hear from Huxley itself, such as `not_understood`, in their language."""
    return await async_texts(hass, language, "common")
