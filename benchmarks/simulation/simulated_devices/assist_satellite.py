"""Satellites that say everything in no time."""

import asyncio
from collections.abc import AsyncGenerator

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityFeature,
)
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import CONF_ROOMS, DevicesConfigEntry
from .moments import Moments

SAMPLES = bytes(640)  # 20 ms
SPEECH = {
    tts.ATTR_PREFERRED_FORMAT: "wav",
    tts.ATTR_PREFERRED_SAMPLE_RATE: 16_000,
    tts.ATTR_PREFERRED_SAMPLE_CHANNELS: 1,
    tts.ATTR_PREFERRED_SAMPLE_BYTES: 2,
}


async def async_setup_entry(
    hass: HomeAssistant, entry: DevicesConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a satellite for each room."""
    satellites = [SimulatedSatellite(number) for number in range(entry.data[CONF_ROOMS])]
    entry.runtime_data.satellites.extend(satellites)
    async_add_entities(satellites)


class SimulatedSatellite(AssistSatelliteEntity):
    """Notes each state that it tells, and each announcement. Its answer lasts until `hear_out`."""

    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE

    def __init__(self, number: int) -> None:
        self._attr_name = f"Satellite {number}"
        self._attr_unique_id = f"satellite_{number}"
        self._attr_tts_options = SPEECH
        self.moments = Moments()
        self._spoken = asyncio.Event()
        self._heard = asyncio.Event()

    @callback
    def _set_state(self, state: AssistSatelliteState) -> None:
        self.moments.note(state)
        super()._set_state(state)

    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        return AssistSatelliteConfiguration([], [], 1)

    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        raise NotImplementedError

    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        self.moments.note("announce")
        if announcement.tts_token is not None:
            await self._fetch(announcement.tts_token)

    async def wake(self) -> None:
        """Somebody says the wake word and then listens; returns when the answer is made, or there is none."""
        self._spoken.clear()
        await self.async_accept_pipeline_from_satellite(self._microphone())

    def fall_silent(self) -> None:
        """The person has spoken."""
        self._spoken.set()

    def hear_out(self) -> None:
        """The answer is over."""
        self._heard.set()

    def on_pipeline_event(self, event: PipelineEvent) -> None:
        if event.type is PipelineEventType.TTS_END and event.data is not None:
            token = event.data["tts_output"]["token"]
            self.hass.async_create_background_task(self._answer(token), f"{self.entity_id} answers")

    async def _answer(self, token: str) -> None:
        await self._fetch(token)
        self.moments.note("answering")
        await self._heard.wait()
        self._heard.clear()
        self.tts_response_finished()

    async def _fetch(self, token: str) -> None:
        if (stream := tts.async_get_stream(self.hass, token)) is not None:
            async for _ in stream.async_stream_result():
                pass

    async def _microphone(self) -> AsyncGenerator[bytes]:
        yield SAMPLES
        await self._spoken.wait()
