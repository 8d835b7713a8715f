"""Speech through a media player: made by a text-to-speech engine, fetched by the player, heard out by its length."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from homeassistant.components import tts
from homeassistant.components.assist_satellite.const import PREANNOUNCE_URL
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.components.media_source import async_resolve_media, is_media_source_id
from homeassistant.core import HomeAssistant

from ...engine.audio.pcm import span
from ...engine.errors import SpeakerError
from ...engine.speaker import PLAIN, Manner
from ..decoding import audio_length, decode_audio
from .clip import heard_clip
from .esphome import silence
from .own_words import OwnWords
from .pipelines import preferred_pipeline
from .player import Player

_LOGGER = logging.getLogger(__name__)

VOICE_LIMIT = timedelta(seconds=60)  # a slow voice on a small machine
MEASURE_LIMIT = timedelta(seconds=10)  # decoding is far faster than hearing; what takes longer is no announcement
LONGEST = timedelta(minutes=5)  # of a recording whose length nobody knows
STOP_LIMIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Clip:
    """Something short to play: where it is, and how long it sounds; None when that cannot be told."""

    url: str
    length: timedelta | None


class PlayerVoice:
    """How a room without a satellite speaks. `engine` is its `tts` entity, None for the preferred pipeline's."""

    def __init__(self, hass: HomeAssistant, player: Player, engine: str | None, language: str | None) -> None:
        self.player = player
        self._hass = hass
        self._engine = engine
        self._language = language

    @property
    def speaks(self) -> bool:
        """Whether the player can play what the engine makes, now."""
        return self.player.can(Feature.PLAY_MEDIA) and self._choice() is not None

    @property
    def announces(self) -> bool:
        """Whether speech is heard beside what the player plays, rather than in its place."""
        return self.player.can(Feature.MEDIA_ANNOUNCE)

    @property
    def stops_speech(self) -> bool:
        """Whether speech can be cut off. Beside content, only ESPHome's can: a stop would end the content instead."""
        return self.player.platform == "esphome" if self.announces else self.player.can(Feature.STOP)

    def reply(self, manner: Manner = PLAIN) -> PlayerReply:
        """A reply through the player."""
        return PlayerReply(self._hass, self, manner)

    async def clips(self, text: str, manner: Manner) -> list[Clip]:
        """What is played for the words: a sound before them, and a recording in their place. Raises `SpeakerError`."""
        clips = []
        if manner.chime is not None:
            clips.append(await self._recording(manner.chime or PREANNOUNCE_URL))
        clips.append(await (self._recording(manner.recording) if manner.recording else self._speech(text)))
        return clips

    async def hear(self, clip: Clip) -> None:
        """Play it; returns when it was heard. Raises `SpeakerError`."""
        announce = self.announces
        length = LONGEST if clip.length is None else clip.length
        await heard_clip(self.player, clip.url, length, announce=announce, measured=clip.length is not None)

    async def be_silent(self) -> None:
        """Cut the speech off where that can be done; one that does not obey is not waited for."""
        if not self.stops_speech:
            return
        try:
            async with asyncio.timeout(STOP_LIMIT.total_seconds()):
                await (silence(self._hass, self.player.entity_id) if self.announces else self.player.stop())
        except Exception as err:  # noqa: BLE001 (a device's own library may raise anything, and silence must not wait)
            _LOGGER.warning(
                "player.not_silenced entity=%s error=%s", self.player.entity_id, str(err) or type(err).__name__
            )

    async def _speech(self, text: str) -> Clip:
        """Have the engine speak, whole, so that a voice that fails is known before the player is touched."""
        choice = self._choice()
        if choice is None:
            raise SpeakerError("there is no voice: choose one for the room, or one for the preferred voice assistant")
        engine, language, options = choice
        try:
            stream = tts.async_create_stream(self._hass, engine=engine, language=language, options=options)
            stream.async_set_message(text)
            async with asyncio.timeout(VOICE_LIMIT.total_seconds()):
                audio = b"".join([chunk async for chunk in stream.async_stream_result()])
                length = await audio_length(self._hass, audio)
        except Exception as err:  # an engine's own library may raise anything
            raise SpeakerError(f"{engine} did not speak: {str(err) or type(err).__name__}") from err
        return Clip(async_process_play_media_url(self._hass, stream.url), length)

    async def _recording(self, media_id: str) -> Clip:
        try:
            if is_media_source_id(media_id):
                media_id = (await async_resolve_media(self._hass, media_id, self.player.entity_id)).url
        except Exception as err:  # a media source may raise anything
            raise SpeakerError(f"{media_id} cannot be found: {str(err) or type(err).__name__}") from err
        url = async_process_play_media_url(self._hass, media_id)
        return Clip(url, await self._measured(url))

    async def _measured(self, url: str) -> timedelta | None:
        """How long a recording sounds; None when it cannot be decoded here, or does not end."""
        length = timedelta(0)
        try:
            async with asyncio.timeout(MEASURE_LIMIT.total_seconds()), aclosing(self._decoded(url)) as pieces:
                async for piece in pieces:
                    length += span(len(piece))
        except Exception as err:  # noqa: BLE001 (then the player's state says when it is over)
            _LOGGER.info(
                "player.length_unknown entity=%s error=%s", self.player.entity_id, str(err) or type(err).__name__
            )
            return None
        return length

    def _decoded(self, url: str) -> AsyncGenerator[bytes]:
        return decode_audio(self._hass, url)

    def _choice(self) -> tuple[str, str | None, dict[str, Any]] | None:
        """Engine, language and options: the room's own voice, else the preferred pipeline's."""
        pipeline = preferred_pipeline(self._hass)
        if self._engine is not None and (pipeline is None or self._engine != pipeline.tts_engine):
            return self._engine, self._language, {}
        if pipeline is None or (engine := tts.async_resolve_engine(self._hass, pipeline.tts_engine)) is None:
            return None
        options = {} if pipeline.tts_voice is None else {tts.ATTR_VOICE: pipeline.tts_voice}
        return engine, pipeline.tts_language, options


class PlayerReply(OwnWords):
    """Words that the room starts by itself, played on its player; their sound begins when it is told to play."""

    def __init__(self, hass: HomeAssistant, voice: PlayerVoice, manner: Manner) -> None:
        super().__init__(hass, manner)
        self._voice = voice

    async def _speak(self, text: str) -> None:
        clips = await self._voice.clips(text, self._manner)
        self._sounds()
        for clip in clips:
            await self._voice.hear(clip)

    async def _silence(self, speaking: asyncio.Task[None]) -> None:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        if self._sounds_since is not None:
            await self._voice.be_silent()
