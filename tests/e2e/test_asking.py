"""Questions and announcements in the queue of a real room: an emulated ESPHome device, and a Wyoming satellite."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from scripts.rig.espeak import say_to_microphone
from scripts.rig.esphome_device import EsphomeSatellite
from tests.e2e.conftest import Home

ANSWERS = [{"id": "louder", "sentences": ["[a little] louder"]}, {"id": "no"}]


@pytest.fixture
async def device(home: Home) -> AsyncIterator[EsphomeSatellite]:
    """The device, silent before and after."""
    yield home.device
    home.device.recover()
    await home.client.action("huxley.interrupt", target={"entity_id": home.kitchen.room})
    home.device.player.stop(announcement=True)
    await asyncio.wait_for(home.device.voice.until_idle(), 20)
    await home.client.wait_state(home.kitchen.satellite, lambda state: bool(state["state"] == "idle"))


async def room_satellite(home: Home, device_of: str) -> str:
    """The room's own satellite entity, by the room's media player."""
    registry = await home.client.command("config/entity_registry/list")
    (player,) = [entry for entry in registry if entry["entity_id"] == device_of]
    (found,) = [
        entry["entity_id"]
        for entry in registry
        if entry["device_id"] == player["device_id"] and entry["entity_id"].startswith("assist_satellite.")
    ]
    return str(found)


async def test_a_question_opens_the_microphone_and_its_answer_is_not_answered(
    home: Home, device: EsphomeSatellite
) -> None:
    device.voice.replies.append(await say_to_microphone("louder"))
    began = device.room.now
    response = await home.client.action(
        "huxley.ask",
        {"question": "Is the music too quiet?", "answers": ANSWERS},
        target={"entity_id": home.kitchen.room},
        response=True,
    )
    answer = response[home.kitchen.room]
    assert (answer["answered"], answer["id"], answer["sentence"]) == (True, "louder", "louder")
    await asyncio.wait_for(device.voice.until_idle(), 20)
    (question,) = device.room.heard_since(began, "speech")
    assert question.end is not None


async def test_words_that_are_no_answer_are_answered_and_the_question_stays_open(
    home: Home, device: EsphomeSatellite
) -> None:
    device.voice.replies.append(await say_to_microphone("what time is it"))
    asked = asyncio.create_task(
        home.client.action(
            "huxley.ask",
            {"question": "Is the music too quiet?", "answers": ANSWERS},
            target={"entity_id": home.kitchen.room},
            response=True,
        )
    )
    began = device.room.now
    await device.room.happened("stt end", began)
    await asyncio.wait_for(device.voice.until_idle(), 30)
    assert not asked.done()
    await device.ask(await say_to_microphone("louder"))
    answer = (await asyncio.wait_for(asked, 20))[home.kitchen.room]
    assert answer["id"] == "louder"


async def test_an_announcement_on_the_room_waits_for_the_answer(home: Home, device: EsphomeSatellite) -> None:
    entity_id = await room_satellite(home, home.kitchen.room)
    began = device.room.now
    asking = asyncio.create_task(device.ask(await say_to_microphone("what time is it")))
    await device.room.happened("stt end", began)
    await home.client.action(
        "assist_satellite.announce",
        {"message": "Dinner is ready", "preannounce": False},
        target={"entity_id": entity_id},
    )
    await asking
    answer, announcement = device.room.heard_since(began, "speech")
    assert answer.end is not None
    assert announcement.end is not None
    assert answer.end <= announcement.start
    assert device.room.now >= announcement.end


async def test_both_rooms_begin_an_announcement_together(home: Home, device: EsphomeSatellite) -> None:
    began = device.room.now
    response = await home.client.action(
        "huxley.inject_turn",
        {"message": "Dinner is ready", "wait": True},
        target={"entity_id": [home.kitchen.room, home.speaker]},
        response=True,
    )
    assert {told["outcome"] for told in response.values()} == {"spoken"}
    assert len(response) == 2
    assert len(device.room.heard_since(began, "speech")) == 1
