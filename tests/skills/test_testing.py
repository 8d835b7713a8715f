"""The house of cardboard behaves as a house would, as far as a test can see."""

from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.huxley.sdk import (
    ClaimBusyError,
    EntityState,
    HuxleyError,
    InjectOutcome,
    InjectStatus,
    InputClaim,
)
from custom_components.huxley.sdk.testing import BYTES_PER_SECOND, FakeHome, FakeRoom, MemoryStorage, make_context


async def test_storage_keeps_and_forgets() -> None:
    storage = make_context("x", storage=MemoryStorage()).storage
    await storage.set("b", {"n": [1, None]})
    await storage.set("a", 1)
    assert await storage.keys() == ["a", "b"]
    assert await storage.get("b") == {"n": [1, None]}
    await storage.delete("b")
    await storage.delete("b")
    assert await storage.get("b", "gone") == "gone"


async def test_home_notes_actions_and_tells_states() -> None:
    lamp = EntityState("light.lamp", "Lamp", "on")
    home = FakeHome(states={"light.lamp": lamp}, response={"ok": True})
    assert await home.call_action("light", "turn_off", {"transition": 1}, {"entity_id": "light.lamp"}) is None
    assert await home.call_action("todo", "get_items", response=True) == {"ok": True}
    assert home.actions == [
        ("light", "turn_off", {"transition": 1, "entity_id": "light.lamp"}),
        ("todo", "get_items", {}),
    ]
    assert home.exposed_entities() == (lamp,)
    assert (home.state("light.lamp"), home.state("light.none")) == (lamp, None)
    assert home.config_path("a", "b") == Path("/config/a/b")


async def test_audio_is_as_long_as_the_test_says() -> None:
    home = FakeHome(audio={"a.mp3": 1.75})
    pieces = [piece async for piece in home.decode_audio("a.mp3", timedelta(seconds=0.5))]
    assert sum(map(len, pieces)) == 1.25 * BYTES_PER_SECOND
    with pytest.raises(HuxleyError):
        await anext(home.decode_audio("b.mp3"))


async def test_room_notes_what_is_said_and_what_was_given_up() -> None:
    room = FakeRoom()
    ctx = make_context("x", room=room)
    assert await ctx.inject_turn("Say it.") == InjectOutcome(InjectStatus.QUEUED)
    assert await ctx.inject_turn(message="This.", wait=True) == InjectOutcome(InjectStatus.SPOKEN)
    assert room.said == ["Say it.", "This."]

    async def on_mic_frame(frame: bytes) -> None:
        """Hear nothing."""

    with pytest.raises(ClaimBusyError):
        await ctx.start_input_claim(InputClaim(on_mic_frame, title="memo"))


def test_context_tells_the_time_it_was_given() -> None:
    assert make_context("x").now().hour == 22
