"""What goes wrong with media, as something that is told in the language of whoever reads it."""

from collections.abc import Mapping

from ..engine.errors import HuxleyError
from ..engine.skill.catalog import CatalogError, MediaId
from .playlist import MOST_ENTRIES, PlaylistFullError

SHOWN = 100  # characters of an id that somebody may have made up


class MediaTrouble(HuxleyError):  # noqa: N818 (not every trouble is an error of ours)
    """`key` is a text of `exceptions` in the translations."""

    def __init__(self, key: str, **placeholders: str) -> None:
        super().__init__(" ".join([key, *(f"{name}={value}" for name, value in placeholders.items())]))
        self.key = key
        self.placeholders: Mapping[str, str] = placeholders


def told(error: HuxleyError) -> tuple[str, dict[str, str]]:
    """Return the key of a text and its placeholders. A skill's `CatalogError` is in words for people already."""
    match error:
        case MediaTrouble():
            return error.key, dict(error.placeholders)
        case PlaylistFullError():
            return "playlist_full", {"most": str(MOST_ENTRIES)}
        case CatalogError():
            return "catalog_failed", {"error": str(error)}
        case _:
            return "player_refused", {"error": str(error)}


def media_id_of(text: str) -> MediaId:
    """Read an id of a catalog. Raises `MediaTrouble`."""
    try:
        return MediaId.parse(text)
    except CatalogError as err:
        raise MediaTrouble("media_id_wrong", id=text[:SHOWN]) from err
