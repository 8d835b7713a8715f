"""The house, as a skill sees it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class EntityState:
    """One entity as it stands now."""

    entity_id: str
    name: str
    state: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Home(Protocol):
    """What a skill may ask of Home Assistant. Every failure is a `HuxleyError` that names what was asked."""

    async def call_action(
        self,
        domain: str,
        action: str,
        data: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
        *,
        response: bool = False,
    ) -> Mapping[str, Any] | None:
        """Run an action to its end; its response when `response`, else None."""

    def state(self, entity_id: str) -> EntityState | None:
        """Return an entity's state, None when there is no such entity."""

    def exposed_entities(self) -> tuple[EntityState, ...]:
        """Return the entities that the house lets its assistants see."""

    def decode_audio(self, source: str, start: timedelta = timedelta(0)) -> AsyncGenerator[bytes]:
        """Decode a file path or a URL from `start` on: 24 kHz, signed 16-bit little-endian, mono (Engine A1)."""

    def config_path(self, *parts: str) -> Path:
        """Return a path in Home Assistant's configuration folder."""

    async def volume(self) -> int | None:
        """Return the room's volume, 0 to 100; None when its speaker does not tell."""

    async def run_in_executor[T](self, function: Callable[..., T], *args: Any) -> T:
        """Run blocking code (files, sums) beside the event loop."""
