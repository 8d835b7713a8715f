"""What somebody asked a room to play: an address, an id of Home Assistant's media, or an id of a skill's catalog."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from homeassistant.components import media_source
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..engine.skill.catalog import is_media_id
from ..engine.skill.effects import PlayMedia
from .catalogs import Catalogs
from .playlist import Entry
from .trouble import SHOWN, MediaTrouble, media_id_of

LONGEST_ID = 4096  # characters; an address that is longer is none
LONGEST_TITLE = 200


async def async_entries(
    hass: HomeAssistant,
    catalogs: Catalogs,
    player: str | None,
    media_id: str,
    media_type: str,
    extra: Mapping[str, Any],
) -> Sequence[Entry]:
    """What to put into the playlist. `player` is who would play it. Raises `HuxleyError` when there is nothing."""
    if not media_id.strip() or len(media_id) > LONGEST_ID:
        raise MediaTrouble("media_id_wrong", id=media_id[:SHOWN])
    if is_media_id(media_id):
        return await catalogs.entries(media_id_of(media_id))
    await _check(hass, media_id, player)
    return [_entry(media_id, media_type, extra)]


async def async_recording(hass: HomeAssistant, catalogs: Catalogs, satellite: str | None, media_id: str) -> str:
    """The id of something short that a satellite fetches itself. Raises `HuxleyError` when there is nothing."""
    if not is_media_id(media_id):
        await _check(hass, media_id, satellite)
        return media_id
    opened = await catalogs.open(media_id_of(media_id), timedelta(0))
    if not isinstance(opened, PlayMedia):
        raise MediaTrouble("clip_is_a_stream")
    return opened.media_content_id


async def _check(hass: HomeAssistant, media_id: str, player: str | None) -> None:
    """Whoever plays it asks Home Assistant itself; asked here, a wrong id is told to whoever gave it."""
    if not media_source.is_media_source_id(media_id):
        return
    try:
        await media_source.async_resolve_media(hass, media_id, player)
    except HomeAssistantError as err:
        raise MediaTrouble("media_unknown", error=str(err)) from err


def _entry(media_id: str, media_type: str, extra: Mapping[str, Any]) -> Entry:
    """What the caller says of it; a person who gave an address sees its last part."""
    given = extra.get("metadata")
    metadata: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    title = extra.get("title") or metadata.get("title") or _last_part(media_id)
    artist, image = metadata.get("artist"), extra.get("thumb") or metadata.get("imageUrl") or metadata.get("thumbnail")
    return Entry(
        media_id,
        media_type,
        title=str(title)[:LONGEST_TITLE],
        artist=str(artist)[:LONGEST_TITLE] if artist else None,
        image_url=str(image) if image else None,
    )


def _last_part(media_id: str) -> str:
    path = PurePosixPath(unquote(urlsplit(media_id).path))
    return path.stem or urlsplit(media_id).netloc or media_id
