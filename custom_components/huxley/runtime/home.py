"""The house as a skill sees it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError

from ..engine.errors import HuxleyError
from ..engine.skill.home import EntityState
from ..engine.speaker import Speaker
from .decoding import decode_audio


class RoomHome:
    """Implements `engine.skill.home.Home` for one room."""

    def __init__(self, hass: HomeAssistant, speaker: Speaker) -> None:
        self._hass = hass
        self._speaker = speaker

    async def call_action(
        self,
        domain: str,
        action: str,
        data: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
        *,
        response: bool = False,
    ) -> Mapping[str, Any] | None:
        """Run an action to its end. Raises `HuxleyError` naming it."""
        try:
            result = await self._hass.services.async_call(
                domain,
                action,
                dict(data or {}),
                blocking=True,
                target=dict(target) if target else None,
                return_response=response,
            )
        except (HomeAssistantError, vol.Invalid) as err:
            raise HuxleyError(f"{domain}.{action} failed: {err}") from err
        return result if response else None

    def state(self, entity_id: str) -> EntityState | None:
        """Return an entity's state, None when there is no such entity."""
        state = self._hass.states.get(entity_id)
        return None if state is None else _as_entity(state)

    def exposed_entities(self) -> tuple[EntityState, ...]:
        """Return the entities that the house lets its assistants see."""
        states = self._hass.states.async_all()
        return tuple(_as_entity(s) for s in states if async_should_expose(self._hass, CONVERSATION, s.entity_id))

    def decode_audio(self, source: str, start: timedelta = timedelta(0)) -> AsyncGenerator[bytes]:
        """Decode a file path or a URL from `start` on."""
        return decode_audio(self._hass, source, start)

    def config_path(self, *parts: str) -> Path:
        """Return a path in Home Assistant's configuration folder."""
        return Path(self._hass.config.path(*parts))

    async def volume(self) -> int | None:
        """Return the volume that the person set, 0 to 100."""
        return self._speaker.volume

    async def run_in_executor[T](self, function: Callable[..., T], *args: Any) -> T:
        """Run blocking code beside the event loop."""
        return await self._hass.async_add_executor_job(function, *args)


def _as_entity(state: State) -> EntityState:
    return EntityState(state.entity_id, state.name, state.state, state.attributes)
