"""What a room tells on the bus about its calls."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import Event, HomeAssistant, callback
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.huxley.engine.skill.effects import InputClaim
from custom_components.huxley.engine.skill.inject import InjectPriority
from custom_components.huxley.engine.speaker import SpeakerCapabilities
from custom_components.huxley.runtime.room import Room
from custom_components.huxley.runtime.speakers.room_speaker import RoomSpeaker
from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import hear_out, inject, lived_in, living_room, until


class Lease:
    async def close(self) -> None:
        return


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def room(house: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Room]:
    """A room whose microphone can be lent; no satellite of today does that."""
    offered = RoomSpeaker.capabilities.fget
    assert offered is not None

    def with_microphone(self: RoomSpeaker) -> SpeakerCapabilities:
        return replace(offered(self), microphone=True)

    monkeypatch.setattr(RoomSpeaker, "capabilities", property(with_microphone))
    monkeypatch.setattr(RoomSpeaker, "lend_microphone", lambda *_: Lease())
    async with lived_in(house, persona_subentry("basic"), living_room()) as entry:
        (room,) = entry.runtime_data.rooms.values()
        yield room


async def hear_frame(frame: bytes) -> None:
    return


def call(announce: str | None = "Call from María") -> InputClaim:
    return InputClaim(hear_frame, title="María", announce=announce)


def steps(events: list[Event[Any]]) -> list[tuple[str, str | None]]:
    return [(event.data["event"], event.data["reason"]) for event in events]


async def test_a_call_is_told_from_its_announcement_to_its_end(
    house: HomeAssistant, devices: Devices, room: Room
) -> None:
    events = async_capture_events(house, "huxley_call")
    turns = async_capture_events(house, "huxley_turn")
    handle = await room.coordinator.start_input_claim(call(), None)
    await hear_out(devices)
    await until(lambda: len(events) == 2)
    await asyncio.sleep(0.05)
    await handle.cancel()
    await handle.wait_end()
    await until(lambda: len(events) == 3)
    about = {"room": "Living room", "room_id": room.config.id, "title": "María", "persona": None}
    about["call_id"] = events[0].data["call_id"]
    assert events[0].data == about | {"event": "announced", "reason": None, "duration": None}
    assert events[1].data == about | {"event": "started", "reason": None, "duration": None}
    assert events[2].data == about | {"event": "ended", "reason": "natural", "duration": events[2].data["duration"]}
    assert 0.05 <= events[2].data["duration"] < 1
    assert [(turn.data["event"], turn.data["source"]) for turn in turns] == [
        ("started", "claim"),
        ("finished", "claim"),
    ]


async def refuse(room: Room) -> None:
    assert await room.coordinator.hang_up()


async def alarm(room: Room) -> None:
    await room.inject(message="Smoke", priority=InjectPriority.PREEMPT, wait=True)


@pytest.mark.parametrize(("act", "last"), [(refuse, ("refused", "user_ptt")), (alarm, ("ended", "preempted"))])
async def test_a_call_that_was_only_announced(
    house: HomeAssistant, devices: Devices, room: Room, act: Callable[[Room], Any], last: tuple[str, str]
) -> None:
    events = async_capture_events(house, "huxley_call")
    await room.coordinator.start_input_claim(call(), None)
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    acting = asyncio.create_task(act(room))
    await until(lambda: len(events) == 2)
    if not acting.done():
        await hear_out(devices)
    await asyncio.wait_for(acting, 5)
    assert steps(events) == [("announced", None), last]
    assert events[1].data["duration"] == 0


async def test_a_call_that_a_person_hangs_up_was_not_refused(house: HomeAssistant, room: Room) -> None:
    events = async_capture_events(house, "huxley_call")
    await room.coordinator.start_input_claim(call(announce=None), None)
    await until(lambda: events)
    assert await room.coordinator.hang_up()
    await until(lambda: len(events) == 2)
    assert steps(events) == [("started", None), ("ended", "user_ptt")]


async def test_an_inject_is_not_told_as_a_call(house: HomeAssistant, devices: Devices, room: Room) -> None:
    events = async_capture_events(house, "huxley_call")
    task = asyncio.create_task(inject(house, message="Dinner", wait=True))
    await hear_out(devices)
    await task
    assert events == []


async def test_each_call_is_told_once(house: HomeAssistant, room: Room) -> None:
    events = async_capture_events(house, "huxley_call")
    for _ in range(2):
        handle = await room.coordinator.start_input_claim(call(announce=None), None)
        await handle.cancel()
        await handle.wait_end()
    await until(lambda: len(events) >= 4)
    assert steps(events) == [("started", None), ("ended", "natural")] * 2


async def test_a_call_made_at_the_end_of_another_is_told_once(house: HomeAssistant, room: Room) -> None:
    events = async_capture_events(house, "huxley_call")
    second = call(announce=None)

    @callback
    def when_told(_: Event[Any]) -> None:
        house.async_create_task(room.coordinator.start_input_claim(second, None))

    handle = await room.coordinator.start_input_claim(call(announce=None), None)
    house.bus.async_listen_once("huxley_call", when_told)
    await handle.cancel()
    await handle.wait_end()
    await until(lambda: len(events) >= 3)
    assert steps(events) == [("started", None), ("ended", "natural"), ("started", None)]
