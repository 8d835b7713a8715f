"""A room as a media player: what it plays, and the hands-on controls."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerDeviceClass,
    MediaPlayerEnqueue,
    MediaType,
    RepeatMode,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .engine.errors import HuxleyError
from .engine.skill.inject import InjectPriority, InjectStatus
from .engine.speaker import Manner
from .entity import RoomEntity
from .media_state import ShowsNowPlaying
from .runtime.browsing import Browser
from .runtime.house import HuxleyConfigEntry
from .runtime.now_playing import NowPlaying
from .runtime.playlist import Enqueue, Repeat
from .runtime.room import Room
from .runtime.together import async_sit_down
from .runtime.trouble import told
from .runtime.wanted import async_entries, async_recording

PARALLEL_UPDATES = 0

PLAYING_FEATURES = (
    Feature.PLAY_MEDIA
    | Feature.MEDIA_ENQUEUE
    | Feature.BROWSE_MEDIA
    | Feature.SEARCH_MEDIA
    | Feature.REPEAT_SET
    | Feature.SHUFFLE_SET
)
CONTENT_FEATURES = Feature.STOP | Feature.PLAY | Feature.PAUSE  # a button without anything to act on would do nothing


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the rooms."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([RoomPlayer(room)], config_subentry_id=subentry_id)


class RoomPlayer(RoomEntity, ShowsNowPlaying):
    """The room's speaker."""

    _attr_name = None
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _unrecorded_attributes = frozenset({"focus", "turn_id"})

    def __init__(self, room: Room) -> None:
        super().__init__(room, "room")

    def look(self) -> NowPlaying:
        """Find out what plays in the room."""
        return self.room.media.tracker.now

    def follow(self) -> Iterator[Callable[[], None]]:
        """Subscribe to what the state is made of, the playlist and the place too."""
        yield from super().follow()
        yield self.room.media.tracker.listen(self.async_write_ha_state)
        if self.room.satellite is not None:
            yield self.room.satellite.listen(lambda state: self.async_write_ha_state())

    @property
    def available(self) -> bool:
        """A room with nothing that sounds is not there."""
        can = self.room.speaker.capabilities
        return can.speak or can.play

    @property
    def supported_features(self) -> Feature:
        """What the room and its player can do now."""
        can, playlist, player = self.room.speaker.capabilities, self.room.media.playlist, self.room.player
        content = self.room.coordinator.deck.content
        own = content is not None and self.room.media.tracker.content is content
        offers = {
            PLAYING_FEATURES: can.play,
            Feature.MEDIA_ANNOUNCE: can.play and can.recording,
            CONTENT_FEATURES: content is not None,
            Feature.PLAY: can.play and playlist.current is not None,
            Feature.CLEAR_PLAYLIST: playlist.current is not None,
            Feature.NEXT_TRACK: can.play and playlist.has_next and (own or content is None),
            Feature.PREVIOUS_TRACK: can.play and own and playlist.current is not None,
            Feature.SEEK: self.now.seekable,
            Feature.VOLUME_SET | Feature.VOLUME_STEP: can.volume,
            Feature.VOLUME_MUTE: player is not None and player.can(Feature.VOLUME_MUTE),
        }
        features = Feature(0)
        for feature, is_offered in offers.items():
            features |= feature if is_offered else Feature(0)
        return features

    @property
    def volume_level(self) -> float | None:
        """The person's volume, untouched by ducking."""
        level = self.room.speaker.volume
        return None if level is None else level / 100

    @property
    def is_volume_muted(self) -> bool | None:
        """Whether the player says that a person silenced it."""
        state = self.room.player.state if self.room.player is not None else None
        return None if state is None else state.attributes.get("is_volume_muted")

    @property
    def repeat(self) -> RepeatMode:
        """What comes after the end."""
        return RepeatMode(self.room.media.playlist.repeat)

    @property
    def shuffle(self) -> bool:
        """Whether the order is by chance."""
        return self.room.media.playlist.shuffle

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

    async def async_play_media(
        self,
        media_type: MediaType | str,
        media_id: str,
        enqueue: MediaPlayerEnqueue | None = None,
        announce: bool | None = None,  # noqa: FBT001 (Home Assistant's own signature)
        **kwargs: Any,
    ) -> None:
        """Play on the room's CONTENT channel, under its rules, or announce."""
        extra: Mapping[str, Any] = kwargs.get("extra") or {}
        if announce:
            await self._announce(media_id, str(extra.get("title") or ""))
            return
        if not self.room.speaker.capabilities.play:
            raise self._error("player_unavailable")
        media = self.room.media
        with self._in_words():
            entries = await async_entries(
                self.hass, media.catalogs, self.room.config.player, media_id, str(media_type), extra
            )
            await media.play_entries(entries, Enqueue(enqueue or MediaPlayerEnqueue.REPLACE))

    async def async_media_play(self) -> None:
        """Let the content go on, by whoever's hand it stopped; without any, what was played last."""
        with self._in_words():
            await self.room.media.play()

    async def async_media_pause(self) -> None:
        """Hold the content by hand."""
        await self.room.media.pause()

    async def async_media_stop(self) -> None:
        """Stop the content; what waited for that is spoken."""
        await self.room.media.stop_playing()

    async def async_media_next_track(self) -> None:
        """Go to the next one of the playlist."""
        with self._in_words():
            await self.room.media.skip()

    async def async_media_previous_track(self) -> None:
        """Go to the beginning, or to the one before."""
        with self._in_words():
            await self.room.media.skip_back()

    async def async_media_seek(self, position: float) -> None:
        """Go to another place of what plays."""
        with self._in_words():
            await self.room.media.seek(timedelta(seconds=max(0.0, position)))

    async def async_clear_playlist(self) -> None:
        """Forget what was to come."""
        self.room.media.clear()

    async def async_set_repeat(self, repeat: RepeatMode) -> None:
        """Choose what comes after the end."""
        self.room.media.playlist.repeat = Repeat(repeat)
        self.room.media.playlist_changed()

    async def async_set_shuffle(self, shuffle: bool) -> None:  # noqa: FBT001 (Home Assistant's own signature)
        """Mix what is to come, or not."""
        self.room.media.playlist.set_shuffle(on=shuffle)
        self.room.media.playlist_changed()

    async def async_set_volume_level(self, volume: float) -> None:
        """Set the person's volume, also while ducked."""
        with self._in_words():
            await self.room.speaker.set_volume(round(volume * 100))
        self.async_write_ha_state()

    async def async_mute_volume(self, mute: bool) -> None:  # noqa: FBT001 (Home Assistant's own signature)
        """Silence the player, or let it be heard again; its volume stays."""
        if self.room.player is None:
            raise self._error("player_unavailable")
        with self._in_words():
            await self.room.player.mute(muted=mute)

    async def async_browse_media(
        self, media_content_type: MediaType | str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        """Browse what the room's skills offer, and Home Assistant's media."""
        return await Browser(self.hass, self.room.config.name, self.room.media.catalogs).browse(media_content_id)

    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        """Search what the room's skills offer."""
        return await Browser(self.hass, self.room.config.name, self.room.media.catalogs).search(query)

    async def async_inject_turn(
        self,
        priority: InjectPriority,
        wait: bool,  # noqa: FBT001 (a field of the action)
        prompt: str | None = None,
        message: str | None = None,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
        volume: int | None = None,
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
            volume=volume,
            seat=async_sit_down(self.hass, self._context, self.room.config.id, (prompt, message)),
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

    async def _announce(self, media_id: str, title: str) -> None:
        """Have a clip heard over whatever plays, when the turn or the call that runs is over (Engine I2)."""
        if not self.room.speaker.capabilities.recording:
            raise self._error("announce_unavailable")
        with self._in_words():
            recording = await async_recording(
                self.hass, self.room.media.catalogs, self.room.config.satellite or self.room.config.player, media_id
            )
        outcome = await self.room.inject(
            message=title,
            priority=InjectPriority.BLOCK_BEHIND_COMMS,
            manner=Manner(recording=recording),
            seat=async_sit_down(self.hass, self._context, self.room.config.id, recording),
        )
        if outcome.status in (InjectStatus.FAILED, InjectStatus.REFUSED):
            raise self._error("announce_refused", reason=outcome.reason or "")

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Tell people what went wrong."""
        try:
            yield
        except HuxleyError as err:
            key, placeholders = told(err)
            raise self._error(key, **placeholders) from err

    def _error(self, key: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={"room": self.room.config.name, **placeholders},
        )
