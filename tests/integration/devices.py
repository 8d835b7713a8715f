"""Devices of a test house: a satellite, a player, a recogniser and a voice, all real entities of Home Assistant.

Time does not pass by itself here: a device makes its sound until the test says that it is over.
"""

import asyncio
import io
import wave
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components import assist_pipeline, stt, tts
from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityFeature,
)
from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import MAJOR_VERSION, MINOR_VERSION, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

DEVICES = "test_devices"

PLAYS = (
    MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.PAUSE
    | MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.STOP
    | MediaPlayerEntityFeature.VOLUME_SET
)

WENT_WELL = True if (MAJOR_VERSION, MINOR_VERSION) < (2026, 11) else None
"""What the set-up of an integration returns: 2026.11 wants nothing."""


@dataclass
class Log:
    """What the devices were told, in order: `(device, what, value)`."""

    entries: list[tuple[str, str, Any]] = field(default_factory=list)

    def add(self, device: str, what: str, value: Any = None) -> None:
        self.entries.append((device, what, value))

    def of(self, device: str) -> list[tuple[str, Any]]:
        return [(what, value) for name, what, value in self.entries if name == device]


class TestSatellite(AssistSatelliteEntity):
    """Speaks an announcement or an answer until `heard_out`. As it is here, nobody knows its platform."""

    __test__ = False
    platform_of_device = DEVICES
    _attr_name = "Satellite"
    _attr_unique_id = "satellite"
    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE

    def __init__(self, log: Log, recogniser: TestRecogniser) -> None:
        self._log = log
        self.recogniser = recogniser
        self.speaking = asyncio.Event()
        self.refuses: Exception | None = None
        self.announcements: list[AssistSatelliteAnnouncement] = []
        self._heard = asyncio.Event()

    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        return AssistSatelliteConfiguration([], [], 1)

    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        raise NotImplementedError

    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        await self._announce("announce", announcement)

    async def async_start_conversation(self, start_announcement: AssistSatelliteAnnouncement) -> None:
        await self._announce("start_conversation", start_announcement)

    async def _announce(self, what: str, announcement: AssistSatelliteAnnouncement) -> None:
        self._log.add("satellite", what, announcement.message)
        self.announcements.append(announcement)
        if self.refuses is not None:
            raise self.refuses
        if announcement.tts_token is not None:
            await self._fetch(announcement.tts_token)
        await self._speak()
        self._log.add("satellite", "announced", announcement.message)

    def on_pipeline_event(self, event: PipelineEvent) -> None:
        if event.type is PipelineEventType.TTS_END:
            assert event.data is not None
            token = event.data["tts_output"]["token"]
            self.hass.async_create_background_task(self._answer(token), "satellite speaks")

    async def say(self, words: str) -> None:
        """A person says the wake word and `words`; returns when the pipeline has made the answer."""

        async def audio() -> AsyncGenerator[bytes]:
            yield bytes(640)

        self.recogniser.words = words
        await self.async_accept_pipeline_from_satellite(audio())

    def heard_out(self) -> None:
        """Its speech is over."""
        self._heard.set()

    def there(self, there: bool) -> None:
        """The device is connected, or not."""
        self._attr_available = there
        self.async_write_ha_state()

    async def _answer(self, token: str) -> None:
        self._log.add("satellite", "answer")
        await self._fetch(token)
        await self._speak()
        self._log.add("satellite", "answered")
        self.tts_response_finished()

    async def _fetch(self, token: str) -> None:
        stream = tts.async_get_stream(self.hass, token)
        assert stream is not None
        async for _ in stream.async_stream_result():
            pass

    async def _speak(self) -> None:
        self.speaking.set()
        try:
            await self._heard.wait()
        finally:
            self.speaking.clear()
            self._heard.clear()


class EsphomeTestSatellite(TestSatellite):
    """Opens its microphone when it is told to; whatever its player announces takes the place of its speech."""

    platform_of_device = "esphome"
    entity_id = "assist_satellite.satellite"
    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    _attr_device_info = DeviceInfo(identifiers={("esphome", "box")}, name="Box")


class WyomingTestSatellite(TestSatellite):
    """Announces, and no more."""

    platform_of_device = "wyoming"


class TestTelephone(TestSatellite):
    """Speaks words only; an announcement lasts until somebody hangs up, and so does a conversation."""

    platform_of_device = "voip"
    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION

    def __init__(self, log: Log, recogniser: TestRecogniser) -> None:
        super().__init__(log, recogniser)
        self._hung_up = asyncio.Event()

    async def _announce(self, what: str, announcement: AssistSatelliteAnnouncement) -> None:
        if announcement.media_id_source != "tts":
            raise HomeAssistantError("only text-to-speech")
        await super()._announce(what, announcement)
        await self._hung_up.wait()
        self._hung_up.clear()
        self._log.add("satellite", "hung up")

    def hang_up(self) -> None:
        """The person puts the receiver down."""
        self._hung_up.set()


class TestPlayer(MediaPlayerEntity):
    """Plays what it is told, at once."""

    __test__ = False
    _attr_name = "Player"
    _attr_unique_id = "player"
    _attr_should_poll = False
    _attr_state = MediaPlayerState.IDLE
    _attr_volume_level = 0.5
    _attr_supported_features = PLAYS

    def __init__(self, log: Log) -> None:
        self._log = log
        self.refuses: Exception | None = None
        self.steps = 100
        self.late = False
        self.hangs = False
        self.silently = False
        self.announced: Callable[[], None] | None = None
        self.names_media = False

    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        await self._obey()
        if kwargs.get("announce"):
            self._log.add("player", "announce", media_id)
            if self.announced is not None:
                self.announced()
            return
        self._log.add("player", "play", media_id)
        if self.names_media:
            self._attr_media_content_id = media_id
        if not self.silently:
            self.becomes(MediaPlayerState.PLAYING)

    async def async_media_pause(self) -> None:
        self._log.add("player", "pause")
        self.becomes(MediaPlayerState.PAUSED)

    async def async_media_play(self) -> None:
        self._log.add("player", "resume")
        self.becomes(MediaPlayerState.PLAYING)

    async def async_media_stop(self) -> None:
        self._log.add("player", "stop")
        await self._obey()
        self.becomes(MediaPlayerState.IDLE)

    async def async_media_seek(self, position: float) -> None:
        self._log.add("player", "seek", position)
        self.stands_at(position)

    async def async_mute_volume(self, mute: bool) -> None:
        self._log.add("player", "mute", mute)
        self._attr_is_volume_muted = mute
        self.async_write_ha_state()

    async def async_set_volume_level(self, volume: float) -> None:
        self._log.add("player", "volume", round(volume, 2))
        await self._obey()
        if not self.late:
            self.at_level(round(volume * self.steps) / self.steps)

    def at_level(self, level: float | None) -> None:
        """The device reports a volume."""
        self._attr_volume_level = level
        self.async_write_ha_state()

    def stands_at(self, seconds: float) -> None:
        """The device reports a position."""
        self._attr_media_position, self._attr_media_position_updated_at = seconds, dt_util.utcnow()
        self.async_write_ha_state()

    def lasts(self, seconds: Any) -> None:
        """The device reports how long it is what it plays."""
        self._attr_media_duration = seconds
        self.async_write_ha_state()

    def offers(self, features: MediaPlayerEntityFeature) -> None:
        """The device can do this and no more."""
        self._attr_supported_features = features
        self.async_write_ha_state()

    async def _obey(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuses is not None:
            raise self.refuses

    def becomes(self, state: MediaPlayerState | None, *, available: bool = True) -> None:
        """The device reports a state."""
        self._attr_state = state
        self._attr_available = available
        if state not in (MediaPlayerState.PLAYING, MediaPlayerState.PAUSED):
            self._attr_media_position = self._attr_media_position_updated_at = None
        self.async_write_ha_state()


class TestRecogniser(stt.SpeechToTextEntity):
    """Understands `words`, whatever the audio."""

    __test__ = False
    words = ""
    _attr_name = "Recogniser"
    _attr_unique_id = "recogniser"
    supported_languages = ["en", "es"]
    supported_formats = [stt.AudioFormats.WAV]
    supported_codecs = [stt.AudioCodecs.PCM]
    supported_bit_rates = [stt.AudioBitRates.BITRATE_16]
    supported_sample_rates = [stt.AudioSampleRates.SAMPLERATE_16000]
    supported_channels = [stt.AudioChannels.CHANNEL_MONO]

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
        return stt.SpeechResult(self.words, stt.SpeechResultState.SUCCESS)


class TestVoice(tts.TextToSpeechEntity):
    """Speaks 10 ms of silence, whatever the words."""

    __test__ = False
    _attr_name = "Voice"
    _attr_unique_id = "voice"
    _attr_supported_languages = ["en", "es"]
    _attr_default_language = "en"
    _attr_supported_options = [tts.ATTR_PREFERRED_FORMAT]
    fails: Exception | None = None

    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tts.TtsAudioType:
        if self.fails is not None:
            raise self.fails
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(16000)
            out.writeframes(bytes(320))
        return "wav", file.getvalue()


@dataclass
class Devices:
    """The devices of the house and what they were told."""

    satellite: TestSatellite
    player: TestPlayer
    voice: TestVoice
    log: Log


class _Flow(ConfigFlow):
    """The devices are added by hand; Home Assistant only wants to see that they could be added by a flow."""


class EsphomeTestPlayer(TestPlayer):
    """The loudspeaker of the satellite's own box."""

    entity_id = "media_player.player"
    _attr_supported_features = PLAYS | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    _attr_device_info = DeviceInfo(identifiers={("esphome", "box")}, name="Box")


@asynccontextmanager
async def devices_in(hass: HomeAssistant, kind: type[TestSatellite] = TestSatellite) -> AsyncGenerator[Devices]:
    """Add all four to the house; the satellite is of that kind, and all are of its platform."""
    with mock_config_flow(kind.platform_of_device, _Flow):
        yield await _set_up(hass, kind)


async def _set_up(hass: HomeAssistant, kind: type[TestSatellite]) -> Devices:
    log, recogniser, domain_of_devices = Log(), TestRecogniser(), kind.platform_of_device
    own_box = kind is EsphomeTestSatellite
    player = EsphomeTestPlayer(log) if own_box else TestPlayer(log)
    devices = Devices(kind(log, recogniser), player, TestVoice(), log)
    if own_box:
        player.announced = devices.satellite.heard_out
    platforms = {
        Platform.ASSIST_SATELLITE: devices.satellite,
        Platform.MEDIA_PLAYER: devices.player,
        Platform.STT: recogniser,
        Platform.TTS: devices.voice,
    }
    for component in ("stt", "tts", "assist_satellite"):
        assert await async_setup_component(hass, component, {})

    async def forward(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
        await hass.config_entries.async_forward_entry_setups(entry, list(platforms))
        return WENT_WELL

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
        assert await hass.config_entries.async_unload_platforms(entry, list(platforms))
        return WENT_WELL

    mock_integration(hass, MockModule(domain_of_devices, async_setup_entry=forward, async_unload_entry=unload))
    mock_platform(hass, f"{domain_of_devices}.config_flow")
    for domain, entity in platforms.items():
        platform = setup_test_component_platform(hass, domain, [entity], from_config_entry=True)
        mock_platform(hass, f"{domain_of_devices}.{domain}", platform)
    entry = MockConfigEntry(domain=domain_of_devices)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return devices


async def use_agent(hass: HomeAssistant, agent: str, language: str = "en") -> None:
    """Make `agent` the one that every satellite talks to."""
    pipeline = assist_pipeline.async_get_pipeline(hass)
    await assist_pipeline.async_update_pipeline(
        hass,
        pipeline,
        conversation_engine=agent,
        conversation_language=language,
        stt_engine="stt.recogniser",
        stt_language=language,
        tts_engine="tts.voice",
        tts_language=language,
    )
