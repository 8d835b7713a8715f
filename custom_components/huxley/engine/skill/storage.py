"""What a skill remembers."""

from typing import Protocol

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
"""A value that survives a restart."""


class Storage(Protocol):
    """A durable store of one skill of one persona; nobody else sees its keys."""

    async def get(self, key: str, default: Json = None) -> Json:
        """Return the value, or `default`."""

    async def set(self, key: str, value: Json) -> None:
        """Keep the value; it is safe on disk within seconds."""

    async def delete(self, key: str) -> None:
        """Forget the key; unknown is no error."""

    async def keys(self) -> list[str]:
        """Return every key, sorted."""
