"""What skills remember: one file a skill and persona, shared by all rooms."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..engine.skill.storage import Json

VERSION = 1
SAVE_DELAY = timedelta(seconds=1)  # gathers a burst of changes into one write


class SkillStorage:
    """Implements `engine.skill.storage.Storage`. Reads from disk at the first use."""

    def __init__(self, hass: HomeAssistant, persona_id: str, skill: str) -> None:
        self._store: Store[dict[str, Json]] = Store(hass, VERSION, f"{DOMAIN}.skill.{persona_id}.{skill}")
        self._values: dict[str, Json] | None = None

    async def get(self, key: str, default: Json = None) -> Json:
        """Return the value, or `default`."""
        return (await self._load()).get(key, default)

    async def set(self, key: str, value: Json) -> None:
        """Keep the value; it is written within about a second, and at shutdown."""
        (await self._load())[key] = value
        self._save_soon()

    async def delete(self, key: str) -> None:
        """Forget the key; unknown is no error."""
        values = await self._load()
        if key in values:
            del values[key]
            self._save_soon()

    async def keys(self) -> list[str]:
        """Return every key, sorted."""
        return sorted(await self._load())

    async def flush(self) -> None:
        """Write what is not on disk yet."""
        if self._values is not None:
            await self._store.async_save(self._values)

    async def _load(self) -> dict[str, Json]:
        if self._values is None:
            loaded = await self._store.async_load() or {}
            if self._values is None:  # another reader may have been faster
                self._values = loaded
        return self._values

    def _save_soon(self) -> None:
        self._store.async_delay_save(lambda: self._values or {}, SAVE_DELAY.total_seconds())
