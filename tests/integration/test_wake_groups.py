"""Two satellites that hear the same wake word: one answer. And one announcement for several rooms: one beginning."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.huxley.runtime.together import async_sit_down
from custom_components.huxley.runtime.wake_group import Place, WakeWords, within_earshot
from tests.integration.building import persona_subentry, room_subentry
from tests.integration.devices import Devices, TestSatellite, devices_in
from tests.integration.living import lived_in, until
from tests.integration.storeys import put, room_with, satellites_in

KITCHEN, HALL = Place("kitchen", "k", "ground"), Place("hall", "h", "ground")
ATTIC = Place("attic", "a", "top")


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (KITCHEN, HALL, True),
        (KITCHEN, ATTIC, False),
        (Place("one", "a"), Place("other", "a"), True),
        (Place("one", "a"), Place("other", "b"), False),
        (Place("one"), Place("other"), False),
        (Place("one", "a"), KITCHEN, False),
        (Place("far", "f", "top", frozenset({"kitchen"})), KITCHEN, True),
        (KITCHEN, Place("far", "f", "top", frozenset({"kitchen"})), True),
    ],
    ids=["floor", "floors", "area", "areas", "nowhere", "no floor", "linked", "linked back"],
)
def test_a_voice_reaches_rooms_of_a_floor_of_an_area_and_linked_ones(one: Place, other: Place, near: bool) -> None:
    assert within_earshot(one, other) is near


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_within_300_ms_wins() -> None:
    clock = Clock()
    words = WakeWords(clock)
    assert words.heard(KITCHEN) is None
    clock.now += 0.299
    assert words.heard(HALL) == KITCHEN
    assert words.heard(ATTIC) is None
    clock.now += 0.01
    assert words.heard(HALL) is None


def test_a_room_that_lost_keeps_nobody_from_winning() -> None:
    clock = Clock()
    words = WakeWords(clock)
    words.heard(KITCHEN)
    clock.now += 0.2
    assert words.heard(HALL) == KITCHEN
    clock.now += 0.2
    assert words.heard(Place("stairs", "s", "ground")) is None


def test_a_room_never_loses_to_itself() -> None:
    words = WakeWords(Clock())
    assert words.heard(KITCHEN) is None
    assert words.heard(KITCHEN) is None


# --- in a house


@dataclass
class Storeys:
    devices: Devices
    one: TestSatellite
    two: TestSatellite


@pytest.fixture
async def storeys(house: HomeAssistant) -> AsyncGenerator[Storeys]:
    async with devices_in(house) as devices, satellites_in(house, devices, "kitchen", "hall") as (one, two):
        rooms = (room_with("kitchen"), room_with("hall"))
        async with lived_in(house, persona_subentry("basic"), *rooms):
            put(house, "assist_satellite.kitchen", "Kitchen", "Ground")
            put(house, "assist_satellite.hall", "Hall", "Ground")
            yield Storeys(devices, one, two)


def turns(events: list[Any], room: str) -> list[str]:
    return [event.data["event"] for event in events if event.data["room"] == room]


async def hear_all(storeys: Storeys) -> None:
    await until(lambda: storeys.one.speaking.is_set() or storeys.two.speaking.is_set())
    for satellite in (storeys.one, storeys.two):
        if satellite.speaking.is_set():
            satellite.heard_out()
    await until(lambda: not storeys.one.speaking.is_set() and not storeys.two.speaking.is_set())


async def test_a_wake_word_that_two_rooms_hear_is_answered_once(house: HomeAssistant, storeys: Storeys) -> None:
    events = async_capture_events(house, "huxley_turn")
    await asyncio.gather(storeys.one.say("what time is it"), storeys.two.say("what time is it"))
    await hear_all(storeys)
    await house.async_block_till_done()
    assert [what for what, _ in storeys.devices.log.of("satellite")] == ["answer", "answered"]
    assert turns(events, "Kitchen room")[-1] == "finished"
    assert turns(events, "Hall room") == []
    assert storeys.two.state == "idle"


async def test_the_room_that_lost_hears_again_afterwards(house: HomeAssistant, storeys: Storeys) -> None:
    await asyncio.gather(storeys.one.say("what time is it"), storeys.two.say("what time is it"))
    await hear_all(storeys)
    (entry,) = house.config_entries.async_entries("huxley")
    await until(lambda: not any(room.ears.deaf for room in entry.runtime_data.rooms.values()))
    await asyncio.sleep(0.35)
    await storeys.two.say("what time is it")
    await asyncio.wait_for(storeys.two.speaking.wait(), 5)
    await hear_all(storeys)


async def test_a_wake_word_that_core_itself_heard_twice_is_no_error(house: HomeAssistant, storeys: Storeys) -> None:
    async def audio() -> AsyncGenerator[bytes]:
        yield bytes(640)

    events = async_capture_events(house, "huxley_turn")
    storeys.one.recogniser.words = "what time is it"
    for satellite in (storeys.one, storeys.two):
        house.async_create_task(satellite.async_accept_pipeline_from_satellite(audio(), wake_word_phrase="okay"))
    await hear_all(storeys)
    await until(lambda: turns(events, "Kitchen room")[-1:] == ["finished"])
    assert turns(events, "Hall room") == []
    assert storeys.two.state == "idle"


async def test_rooms_on_two_floors_answer_both(house: HomeAssistant, storeys: Storeys) -> None:
    put(house, "assist_satellite.hall", "Attic", "Top")
    await asyncio.gather(storeys.one.say("what time is it"), storeys.two.say("what time is it"))
    await until(lambda: storeys.one.speaking.is_set() and storeys.two.speaking.is_set())
    await hear_all(storeys)


async def test_a_winner_that_hears_nothing_leaves_it_at_that(house: HomeAssistant, storeys: Storeys) -> None:
    events = async_capture_events(house, "huxley_turn")
    await asyncio.gather(storeys.one.say(""), storeys.two.say(""))
    await until(lambda: turns(events, "Kitchen room") == ["started", "nothing_said"])
    assert storeys.devices.log.of("satellite") == []
    assert turns(events, "Hall room") == []


async def test_a_question_in_two_rooms_begins_together_and_both_may_answer(
    house: HomeAssistant, storeys: Storeys
) -> None:
    call = house.services.async_call(
        "huxley",
        "ask",
        {
            "entity_id": ["media_player.kitchen_room", "media_player.hall_room"],
            "question": "Shall I?",
            "answers": [{"id": "yes"}, {"id": "no"}],
        },
        blocking=True,
        return_response=True,
    )
    asked = house.async_create_task(call)
    await until(lambda: storeys.one.speaking.is_set() and storeys.two.speaking.is_set())
    await hear_all(storeys)
    await asyncio.sleep(0.02)
    await asyncio.gather(storeys.one.say("yes"), storeys.two.say("yes"))
    answers = await asked
    assert answers is not None
    assert {room: answer["id"] for room, answer in answers.items()} == {
        "media_player.kitchen_room": "yes",
        "media_player.hall_room": "yes",
    }


async def test_a_room_that_hears_nobody_keeps_no_other_room_from_asking(house: HomeAssistant) -> None:
    deaf = room_subentry("Bath", {"player": "media_player.player", "persona": "basic"})
    async with (
        devices_in(house) as devices,
        satellites_in(house, devices, "kitchen") as (kitchen,),
        lived_in(house, persona_subentry("basic"), room_with("kitchen"), deaf),
    ):
        data = {"entity_id": ["media_player.kitchen_room", "media_player.bath"], "question": "Shall I?"}
        asked = house.async_create_task(
            house.services.async_call("huxley", "ask", data, blocking=True, return_response=True)
        )
        await until(kitchen.speaking.is_set, limit=1)
        kitchen.heard_out()
        await until(lambda: not kitchen.speaking.is_set())
        await kitchen.say("yes")
        answers = await asked
        assert answers is not None
        assert answers["media_player.kitchen_room"]["sentence"] == "yes"
        assert answers["media_player.bath"]["reason"] == "no_microphone"


@pytest.mark.parametrize("action", ["inject_turn", "announce"])
async def test_an_action_for_a_floor_waits_for_the_room_that_is_about_to_be_ready(
    house: HomeAssistant, storeys: Storeys, action: str
) -> None:
    """The hall answers somebody; the kitchen's announcement begins when the hall's does."""
    await storeys.two.say("what time is it")
    await asyncio.wait_for(storeys.two.speaking.wait(), 5)
    rooms = ("kitchen_room", "hall_room")
    domain, platform = ("huxley", "media_player") if action == "inject_turn" else ("assist_satellite",) * 2
    entities = [f"{platform}.{room}" for room in rooms]
    call = house.services.async_call(domain, action, {"entity_id": entities, "message": "Dinner."}, blocking=True)
    done = house.async_create_task(call)
    await asyncio.sleep(0.1)
    announced = [entry for entry in storeys.devices.log.of("satellite") if entry[0] == "announce"]
    assert announced == []
    storeys.two.heard_out()
    await until(lambda: storeys.one.speaking.is_set() and storeys.two.speaking.is_set())
    await hear_all(storeys)
    await done
    await house.async_block_till_done()


async def test_the_same_words_twice_in_a_room_do_not_wait_for_each_other(house: HomeAssistant) -> None:
    context = Context()
    first = async_sit_down(house, context, "kitchen", "Dinner.")
    second = async_sit_down(house, context, "kitchen", "Dinner.")
    assert first is not None
    assert second is not None
    async with asyncio.timeout(1):
        await first.ready()
        await second.ready()


async def test_other_words_are_another_action(house: HomeAssistant) -> None:
    context = Context()
    first = async_sit_down(house, context, "kitchen", "Dinner.")
    other = async_sit_down(house, context, "hall", "Bed time.")
    assert first is not None
    assert other is not None
    async with asyncio.timeout(1):
        await first.ready()
    other.leave()
