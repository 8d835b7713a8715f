"""The media browser of a room: its skills' catalogs beside Home Assistant's own media."""

from datetime import timedelta

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaClass,
    MediaType,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..engine.errors import HuxleyError
from ..engine.skill.catalog import CatalogItem, CatalogPage, ItemKind, MediaId, is_media_id
from .catalogs import Catalogs
from .trouble import media_id_of, told

SHOWN = 1000  # lines of one page; a browser shows no more without stumbling

CLASSES = {
    ItemKind.TRACK: (MediaClass.TRACK, MediaType.MUSIC),
    ItemKind.ALBUM: (MediaClass.ALBUM, MediaType.ALBUM),
    ItemKind.PLAYLIST: (MediaClass.PLAYLIST, MediaType.PLAYLIST),
    ItemKind.BOOK: (MediaClass.MUSIC, MediaType.MUSIC),
    ItemKind.EPISODE: (MediaClass.EPISODE, MediaType.EPISODE),
    ItemKind.PODCAST: (MediaClass.PODCAST, MediaType.PODCAST),
    ItemKind.STATION: (MediaClass.CHANNEL, MediaType.CHANNEL),
    ItemKind.FOLDER: (MediaClass.DIRECTORY, MediaType.MUSIC),
}
"""What Home Assistant calls each kind."""


class Browser:
    """Pages and search results as Home Assistant shows them."""

    def __init__(self, hass: HomeAssistant, room: str, catalogs: Catalogs) -> None:
        self._hass = hass
        self._room = room
        self._catalogs = catalogs

    async def browse(self, media_id: str | None) -> BrowseMedia:
        """One page; the first one without an id. Raises `BrowseError`."""
        if not media_id:
            return await self._first_page()
        if not is_media_id(media_id):
            return await self._house_media(media_id)
        try:
            where = media_id_of(media_id)
            return _page(where, await self._catalogs.browse(where))
        except HuxleyError as err:
            key, placeholders = told(err)
            raise BrowseError(
                translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
            ) from err

    async def search(self, query: SearchMediaQuery) -> SearchMedia:
        """What fits in one catalog, in one source of media, or in all catalogs. Raises `SearchError`."""
        media_id = query.media_content_id
        if media_id and not is_media_id(media_id):
            try:
                return await media_source.async_search_media(self._hass, media_id, query)
            except BrowseError as err:
                raise SearchError(str(err)) from err
        try:
            within = media_id_of(media_id) if media_id else None
            found = await self._catalogs.search(query.search_query, within)
        except HuxleyError as err:
            key, placeholders = told(err)
            raise SearchError(
                translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
            ) from err
        wanted = set(query.media_filter_classes or MediaClass)
        lines = [_line(one.media_id, one.item) for one in found]
        return SearchMedia(result=[line for line in lines if line.media_class in wanted][:SHOWN])

    async def _first_page(self) -> BrowseMedia:
        shelves = [_shelf(media_id, title) for media_id, title in await self._catalogs.shelves()]
        try:
            sources = (await self._house_media(None)).children or []
        except BrowseError:
            if not shelves:
                raise
            sources = []  # this house has no media sources, and that is no error
        return BrowseMedia(
            media_class=MediaClass.DIRECTORY,
            media_content_id="",
            media_content_type=MediaType.MUSIC,
            title=self._room,
            can_play=False,
            can_expand=True,
            can_search=bool(shelves),
            children=[*shelves, *sources],
        )

    async def _house_media(self, media_id: str | None) -> BrowseMedia:
        return await media_source.async_browse_media(
            self._hass, media_id, content_filter=lambda item: item.media_content_type.startswith("audio/")
        )


def _shelf(media_id: MediaId, title: str) -> BrowseMedia:
    return _line(media_id, CatalogItem("", title, ItemKind.FOLDER, plays=False, opens=True))


def _page(media_id: MediaId, page: CatalogPage) -> BrowseMedia:
    media_class, media_type = CLASSES[page.kind]
    return BrowseMedia(
        media_class=media_class,
        media_content_id=str(media_id),
        media_content_type=media_type,
        title=page.title,
        can_play=page.plays,
        can_expand=True,
        can_search=True,
        children=[_line(MediaId(media_id.persona, media_id.skill, item.id), item) for item in page.items[:SHOWN]],
        not_shown=page.left_out + max(0, len(page.items) - SHOWN),
    )


def _line(media_id: MediaId, item: CatalogItem) -> BrowseMedia:
    media_class, media_type = CLASSES[item.kind]
    length = f" ({_clock(item.duration)})" if item.duration is not None else ""
    by = f" · {item.artist}" if item.artist else ""
    return BrowseMedia(
        media_class=media_class,
        media_content_id=str(media_id),
        media_content_type=media_type,
        title=f"{item.title}{by}{length}",
        can_play=item.plays,
        can_expand=item.opens,
        can_search=item.opens,
        thumbnail=item.image_url,
    )


def _clock(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
