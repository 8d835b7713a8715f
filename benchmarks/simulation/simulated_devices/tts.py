"""A voice that needs no time."""

import io
import wave
from typing import Any

from homeassistant.components import tts
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DevicesConfigEntry

RATE = 16_000
SPEECH = bytes(RATE // 50)  # 10 ms


async def async_setup_entry(
    hass: HomeAssistant, entry: DevicesConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the voice."""
    async_add_entities([SimulatedVoice()])


class SimulatedVoice(tts.TextToSpeechEntity):
    """Speaks 10 ms of silence, whatever the words."""

    _attr_name = "Voice"
    _attr_unique_id = "voice"

    def __init__(self) -> None:
        self._attr_supported_languages = ["en"]
        self._attr_default_language = "en"
        self._attr_supported_options = [
            tts.ATTR_PREFERRED_FORMAT,
            tts.ATTR_PREFERRED_SAMPLE_RATE,
            tts.ATTR_PREFERRED_SAMPLE_CHANNELS,
            tts.ATTR_PREFERRED_SAMPLE_BYTES,
        ]

    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(SPEECH)
        return "wav", file.getvalue()
