"""Clips on a player: somebody's speech told from what somebody plays, so that it is never taken for content."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.core import State

from ..streams import STREAM_PATH
from .giving_back import SOUND_OF, Identity, Sound, identity_of
from .player import ClipPlace
from .silence import SILENCE_PATH

_LOGGER = logging.getLogger(__name__)

UNSEEN_LIMIT = timedelta(seconds=10)  # a clip that the player does not report is believed to be over by then
CLIP_LIMIT = timedelta(minutes=2)  # what speaks for longer is no clip
SETTLE = timedelta(seconds=1)  # between a chime and its words, and until a device is back at its content

SPEECH_IDS: Final = ("media-source://tts/", "/api/tts_proxy/", "/api/assist_satellite/static/", SILENCE_PATH)
"""What the id of speech contains: before it is made, where devices fetch it, and the sounds around it."""


def is_speech(media_id: object) -> bool:
    """Whether `media_id` is somebody's speech, or a sound that belongs to it."""
    return isinstance(media_id, str) and any(mark in media_id for mark in SPEECH_IDS)


def is_our_stream(media_id: object) -> bool:
    """Whether it is a stream of ours, of whatever age."""
    return isinstance(media_id, str) and STREAM_PATH in media_id


def _announces(data: Mapping[str, Any]) -> bool:
    nested = data.get("media")
    media = nested if isinstance(nested, Mapping) else data
    return data.get("announce") is True or is_speech(media.get("media_content_id"))


def _always(data: Mapping[str, Any]) -> bool:
    return True


CLIP_ACTIONS: Final[Mapping[tuple[str, str], Callable[[Mapping[str, Any]], bool]]] = MappingProxyType(
    {
        ("media_player", "play_media"): _announces,
        ("music_assistant", "play_announcement"): _always,
    }
)
"""The actions that make a player speak. `tts.speak` and its like end in the first one."""


class CanAnnounce(Protocol):
    """A player, as far as it matters for where a clip is heard."""

    def can(self, feature: Feature) -> bool:
        """Whether it offers `feature` now."""


def place_of(player: CanAnnounce, *, announced: bool) -> ClipPlace:
    """Where a clip is heard: a player without announcements plays it in the place of its content."""
    return ClipPlace.BESIDE if announced and player.can(Feature.MEDIA_ANNOUNCE) else ClipPlace.INSTEAD


@dataclass(slots=True)
class Clip:
    """One clip, or several on each other's heels, followed by what the player reports."""

    ours: bool
    """The room itself speaks through the player."""

    sound: Sound | None
    """What the player reported before it."""

    media: Identity
    """Which media it was at before it."""

    own: Identity | None = None
    """Which media the clip is, once the player reports it."""

    def shows(self, state: State) -> bool:
        """Take note of a report; tells whether the clip is over, as far as that can be seen."""
        sound, media = SOUND_OF.get(state.state), identity_of(state)
        if self.own is None:
            if (sound, media) != (self.sound, self.media):
                self.own = media
            return False
        if sound is Sound.SILENT or (sound, media) == (self.sound, self.media):
            return True
        if sound is Sound.PAUSES:
            return self.sound is Sound.PAUSES
        return media.is_other(self.own) and not is_speech(media.media_id)
