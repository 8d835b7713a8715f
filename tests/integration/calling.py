"""A call in a room whose microphone can be lent. No device of Home Assistant lends its own, so the speaker pretends."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant

from custom_components.huxley.engine.skill.claim import ClaimHandle
from custom_components.huxley.engine.skill.effects import InputClaim
from custom_components.huxley.runtime.room import Room
from custom_components.huxley.runtime.speakers.room_speaker import RoomSpeaker


class _Lease:
    async def close(self) -> None:
        """Nothing was taken."""


@contextmanager
def a_microphone_to_lend() -> Generator[None]:
    """Every room has a microphone that a call may have."""
    real = RoomSpeaker.capabilities.fget
    assert real is not None

    def capabilities(self: RoomSpeaker) -> Any:
        return replace(real(self), microphone=True)

    with (
        patch.object(RoomSpeaker, "capabilities", property(capabilities)),
        patch.object(RoomSpeaker, "lend_microphone", lambda self, on_frame, on_lost: _Lease()),
    ):
        yield


def room_of(hass: HomeAssistant, name: str = "Living room") -> Room:
    """A room that runs."""
    entries = hass.config_entries.async_loaded_entries("huxley")
    return next(room for entry in entries for room in entry.runtime_data.rooms.values() if room.config.name == name)


async def rings(
    hass: HomeAssistant, name: str = "Living room", *, title: str = "María", announce: str | None = None
) -> ClaimHandle:
    """Somebody calls; without words about it they are put through at once."""

    async def on_mic_frame(frame: bytes) -> None:
        await asyncio.sleep(0)

    return await room_of(hass, name).coordinator.start_input_claim(
        InputClaim(on_mic_frame, title=title, announce=announce), None
    )
