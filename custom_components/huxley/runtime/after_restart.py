"""Going on by itself after Home Assistant was restarted, where people asked for that."""

import asyncio
import logging
from datetime import datetime, timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.core import CoreState, HomeAssistant, State, callback
from homeassistant.helpers.start import async_at_started

from .bookmarks import Bookmark
from .room_media import RoomMedia
from .speakers.player import Player

_LOGGER = logging.getLogger(__name__)

RECENT = timedelta(minutes=10)  # an update takes no longer; after that nobody expects the music
PATIENCE = timedelta(minutes=2)  # for the player to be there, once everything has started


def is_recent(bookmark: Bookmark, now: datetime) -> bool:
    """Whether the room was playing a moment ago."""
    return bookmark.playing and now - bookmark.at < RECENT


async def async_go_on(hass: HomeAssistant, media: RoomMedia, player: Player) -> None:
    """Wait for the house and the player, then play on, unless a person wants something else meanwhile."""
    wishes, there = media.wishes, asyncio.Event()

    @callback
    def look(state: State | None) -> None:
        if hass.state is CoreState.running and player.can(Feature.PLAY_MEDIA):
            there.set()

    started = asyncio.Event()

    @callback
    def is_started(hass: HomeAssistant) -> None:
        started.set()
        look(None)

    unlisten = [player.listen(look), async_at_started(hass, is_started)]
    try:
        await started.wait()
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await there.wait()
    except TimeoutError:
        _LOGGER.warning("media.no_player_after_restart entity=%s within=%s", player.entity_id, PATIENCE)
        return
    finally:
        for stop in unlisten:
            stop()
    await media.go_on(wishes)
