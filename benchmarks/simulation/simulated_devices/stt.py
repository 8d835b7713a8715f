"""A recogniser that understands what it was told to."""

from collections.abc import AsyncIterable

from homeassistant.components import stt
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DevicesConfigEntry
from .moments import Devices


async def async_setup_entry(
    hass: HomeAssistant, entry: DevicesConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the recogniser."""
    async_add_entities([SimulatedRecogniser(entry.runtime_data)])


class SimulatedRecogniser(stt.SpeechToTextEntity):
    """Hears the words of the house when the microphone falls silent; it needs nobody to tell it when."""

    _attr_name = "Recogniser"
    _attr_unique_id = "recogniser"

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    @property
    def supported_languages(self) -> list[str]:
        return ["en"]

    @property
    def supported_formats(self) -> list[stt.AudioFormats]:
        return [stt.AudioFormats.WAV]

    @property
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return [stt.AudioCodecs.PCM]

    @property
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return [stt.AudioBitRates.BITRATE_16]

    @property
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    def supported_channels(self) -> list[stt.AudioChannels]:
        return [stt.AudioChannels.CHANNEL_MONO]

    @property
    def audio_processing(self) -> stt.SpeechAudioProcessing:
        return stt.SpeechAudioProcessing(
            requires_external_vad=False, prefers_auto_gain_enabled=False, prefers_noise_reduction_enabled=False
        )

    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        async for _ in stream:
            pass
        return stt.SpeechResult(self._devices.words, stt.SpeechResultState.SUCCESS)
