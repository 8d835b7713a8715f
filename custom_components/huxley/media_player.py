"""A room as a media player: what it plays, and the hands-on controls."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerDeviceClass,
    MediaPlayerEntity,
    MediaPlayerState,
    MediaType,
)
from homeassistant.components.media_player import (
    MediaPlayerEntityFeature as Feature,
)
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .engine.errors import SpeakerError
from .engine.skill.effects import AudioStream, PlayMedia
from .engine.skill.inject import InjectPriority
from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.room import Room

PARALLEL_UPDATES = 0

PLAYING_FEATURES = Feature.PLAY_MEDIA | Feature.BROWSE_MEDIA
CONTENT_FEATURES = Feature.STOP | Feature.PLAY | Feature.PAUSE  # a button without anything to act on would do nothing


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the rooms."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([RoomPlayer(room)], config_subentry_id=subentry_id)


class RoomPlayer(RoomEntity, MediaPlayerEntity):
    """The room's speaker."""

    _attr_name = None
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _attr_media_content_type = MediaType.MUSIC
    _unrecorded_attributes = frozenset({"focus", "turn_id"})

    def __init__(self, room: Room) -> None:
        super().__init__(room, "room")

    @property
    def available(self) -> bool:
        """A room with nothing that sounds is not there."""
        can = self.room.speaker.capabilities
        return can.speak or can.play

    @property
    def supported_features(self) -> Feature:
        """What the room's player can do now."""
        can = self.room.speaker.capabilities
        features = PLAYING_FEATURES if can.play else Feature(0)
        if self.room.coordinator.deck.content is not None:
            features |= CONTENT_FEATURES
        return features | (Feature.VOLUME_SET | Feature.VOLUME_STEP if can.volume else Feature(0))

    @property
    def state(self) -> MediaPlayerState:
        """Whether content is heard, waits, or is not there."""
        content = self.room.coordinator.deck.content
        if content is None:
            return MediaPlayerState.IDLE
        return MediaPlayerState.PLAYING if content.playing and not self._paused_there else MediaPlayerState.PAUSED

    @property
    def volume_level(self) -> float | None:
        """The person's volume, untouched by ducking."""
        level = self.room.speaker.volume
        return None if level is None else level / 100

    @property
    def media_title(self) -> str | None:
        """What plays."""
        content = self.room.coordinator.deck.content
        return content.item.title if content else None

    @property
    def media_artist(self) -> str | None:
        """Who plays it."""
        content = self.room.coordinator.deck.content
        return content.item.artist if content and isinstance(content.item, AudioStream) else None

    @property
    def media_duration(self) -> int | None:
        """How long it is, in seconds."""
        content = self.room.coordinator.deck.content
        length = content.item.duration if content and isinstance(content.item, AudioStream) else None
        return round(length.total_seconds()) if length else None

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Who holds the focus, strongest first; the running turn; who lives here."""
        turn = self.room.coordinator.turn
        return {
            "focus": [
                {
                    "channel": held.activity.channel.value,
                    "name": held.activity.name,
                    "state": held.state.value,
                    "behavior": held.behavior.value,
                }
                for held in self.room.focus.snapshot()
            ],
            "turn_id": turn.id if turn else None,
            "persona": self.room.config.persona_id,
        }

    async def async_play_media(self, media_type: MediaType | str, media_id: str, **kwargs: Any) -> None:
        """Play on the room's CONTENT channel, under its rules."""
        if kwargs.get("announce"):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="announce_by_inject")
        if not self.room.speaker.capabilities.play:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="player_unavailable",
                translation_placeholders={"room": self.room.config.name},
            )
        title = kwargs.get("extra", {}).get("title")
        try:
            await self.room.coordinator.play(PlayMedia(media_id, media_type, title=title or media_id))
        except SpeakerError as err:
            raise self._refused(err) from err

    async def async_media_stop(self) -> None:
        """Stop the content; what waited for that is spoken."""
        await self.room.coordinator.stop_content()

    async def async_media_pause(self) -> None:
        """Hold the content by hand."""
        await self._hold(held=True)

    async def async_media_play(self) -> None:
        """Let the content go on, by whoever's hand it stopped."""
        await self._hold(held=False)
        content, player = self.room.coordinator.deck.content, self.room.player
        if player is not None and content is not None and content.playing and player.paused:
            try:
                await player.go_on()
            except SpeakerError as err:
                raise self._refused(err) from err

    async def async_set_volume_level(self, volume: float) -> None:
        """Set the person's volume, also while ducked."""
        try:
            await self.room.speaker.set_volume(round(volume * 100))
        except SpeakerError as err:
            raise self._refused(err) from err
        self.async_write_ha_state()

    async def async_browse_media(
        self, media_content_type: MediaType | str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        """Browse Home Assistant's media."""
        return await media_source.async_browse_media(
            self.hass, media_content_id, content_filter=lambda item: item.media_content_type.startswith("audio/")
        )

    async def async_inject_turn(
        self,
        priority: InjectPriority,
        wait: bool,  # noqa: FBT001 (a field of the action)
        prompt: str | None = None,
        message: str | None = None,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
    ) -> ServiceResponse:
        """Have the room say something; the response says what became of it."""
        if (prompt is None) == (message is None):
            key = "prompt_or_message" if prompt is None else "prompt_and_message"
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
        outcome = await self.room.inject(
            prompt=prompt,
            message=message,
            priority=priority,
            dedup_key=dedup_key,
            expires_after=expires_after,
            wait=wait,
        )
        return {
            "outcome": outcome.status.value,
            "heard": round(outcome.heard.total_seconds(), 2),
            "reason": outcome.reason,
        }

    async def async_interrupt(self) -> None:
        """Silence in this room, now."""
        await self.room.coordinator.interrupt()

    @property
    def _paused_there(self) -> bool:
        """Whether somebody paused the player itself."""
        return self.room.player is not None and self.room.player.paused

    def _refused(self, err: SpeakerError) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="player_refused",
            translation_placeholders={"room": self.room.config.name, "error": str(err)},
        )

    async def _hold(self, *, held: bool) -> None:
        content = self.room.coordinator.deck.content
        if content is not None:
            await content.set_held(held=held)
            self.async_write_ha_state()
