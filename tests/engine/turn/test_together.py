"""Words that several rooms say at once: they begin together, and nobody waits for long."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio

from custom_components.huxley.engine.model.protocol import Narration
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.turn import Injection, Rendezvous
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, House, Say, Wait, book, music, speaker_error, status


@pytest_asyncio.fixture
async def kitchen() -> AsyncGenerator[House]:
    """A second room."""
    kitchen = House()
    await kitchen.open()
    yield kitchen
    await kitchen.close()
    assert kitchen.ear.collisions() == []


async def announce(*rooms: House, message: str = "Dinner is ready", **more: object) -> list[Injection]:
    """One call for several rooms."""
    rendezvous = Rendezvous()
    said = [room.injection(message, seat=rendezvous.sit_down(), **more) for room in rooms]
    rendezvous.begin()
    for room, injection in zip(rooms, said, strict=True):
        await room.room.inject(injection)
    return said


def began(room: House) -> float:
    return room.ear.speech[-1].begin


async def test_a_room_whose_music_is_slow_to_duck_and_a_silent_one_begin_together(house: House, kitchen: House):
    house.speaker.delays["duck"] = 1.5
    await house.playing(music())
    now = asyncio.get_running_loop().time()
    said = await announce(house, kitchen)
    await house.quiet()
    assert began(house) == began(kitchen) == pytest.approx(now + 1.5)
    assert [status(one) for one in said] == [InjectStatus.SPOKEN] * 2


async def test_a_busy_room_holds_the_others_no_longer_than_three_seconds(house: House, kitchen: House):
    house.script([Say("One two three four five six seven eight nine ten.")])
    await house.say_to()
    now = asyncio.get_running_loop().time()
    said = await announce(house, kitchen)
    await house.quiet()
    assert began(kitchen) == pytest.approx(now + 3)
    assert began(house) == pytest.approx(now + 5)
    assert [status(one) for one in said] == [InjectStatus.SPOKEN] * 2


async def test_the_wait_counts_from_the_first_room_that_is_ready(house: House, kitchen: House):
    third = House()
    await third.open()
    await house.call()
    kitchen.script([Say("One two three four.")])
    await kitchen.say_to()
    third.script([Say("One two three four five six.")])
    await third.ask()
    now = asyncio.get_running_loop().time()
    await announce(house, kitchen, third)
    await asyncio.sleep(30)
    assert began(kitchen) == began(third) == pytest.approx(now + 2 + 3)
    await third.close()


async def test_a_room_that_is_refused_is_not_waited_for(house: House, kitchen: House):
    rendezvous = Rendezvous()
    refused = house.injection(priority=NORMAL, seat=rendezvous.sit_down())
    spoken = kitchen.injection(priority=NORMAL, seat=rendezvous.sit_down())
    rendezvous.begin()
    now = asyncio.get_running_loop().time()
    await kitchen.room.inject(spoken)
    await house.room.inject(refused, quiet=True)
    await kitchen.quiet()
    assert status(refused) is InjectStatus.REFUSED
    assert began(kitchen) == now


async def test_a_room_that_cannot_speak_is_not_waited_for(house: House, kitchen: House):
    house.speaker.reply_error = speaker_error()
    now = asyncio.get_running_loop().time()
    said = await announce(kitchen, house)
    await kitchen.quiet()
    assert status(said[1]) is InjectStatus.FAILED
    assert began(kitchen) == now


async def test_a_room_whose_words_expire_is_not_waited_for(house: House, kitchen: House):
    await house.call()
    now = asyncio.get_running_loop().time()
    rendezvous = Rendezvous()
    late = house.injection(seat=rendezvous.sit_down(), expires_after=timedelta(seconds=1))
    spoken = kitchen.injection(seat=rendezvous.sit_down())
    rendezvous.begin()
    await house.room.inject(late)
    await kitchen.room.inject(spoken)
    await kitchen.quiet()
    assert status(late) is InjectStatus.EXPIRED
    assert began(kitchen) == pytest.approx(now + 1)


async def test_a_room_that_was_silenced_while_it_waited_is_not_waited_for(house: House, kitchen: House):
    third = House()
    await third.open()
    await third.call()
    now = asyncio.get_running_loop().time()
    said = await announce(house, kitchen, third)
    await asyncio.sleep(1)
    await house.room.interrupt()
    await third.room.close()
    await kitchen.quiet()
    assert status(said[0]) is InjectStatus.INTERRUPTED
    assert house.ear.speech == []
    assert began(kitchen) == pytest.approx(now + 1)
    await third.close()


async def test_a_room_that_comes_late_speaks_at_once(house: House, kitchen: House):
    call = await house.call()
    await announce(house, kitchen)
    await asyncio.sleep(20)
    await house.focus.release(call)
    await house.say_to()
    now = asyncio.get_running_loop().time()
    await house.quiet()
    assert house.ear.spoken()[-1] == "Dinner is ready"
    assert began(house) < now + 5


async def test_an_alarm_waits_for_no_other_room(house: House, kitchen: House):
    await house.room.press()
    now = asyncio.get_running_loop().time()
    await announce(house, kitchen, priority=PREEMPT)
    await house.quiet()
    assert began(kitchen) == now
    assert began(house) == pytest.approx(now + 5)


async def test_prompts_wait_for_the_slowest_model_up_to_the_bound(house: House, kitchen: House):
    house.script([Wait(1.0), Say("The food awaits.")])
    kitchen.script([Say("Come and eat.")])
    rendezvous = Rendezvous()
    now = asyncio.get_running_loop().time()
    said = [
        Injection(room.agent, prompt="dinner", priority=BLOCK, seat=rendezvous.sit_down()) for room in (house, kitchen)
    ]
    rendezvous.begin()
    for room, injection in zip((house, kitchen), said, strict=True):
        await room.room.inject(injection)
    await house.quiet()
    assert house.session.requests == [Narration("dinner")]
    assert began(house) == began(kitchen) == pytest.approx(now + 1)


async def test_a_book_is_silent_while_its_room_waits_for_the_others(house: House, kitchen: House):
    await kitchen.call()
    await house.playing(book())
    await announce(house, kitchen)
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "full"]
    assert house.ear.content[1].begin - house.ear.content[0].end == pytest.approx(3 + 1.5)


async def test_nobody_begins_before_all_rooms_have_sat_down(house: House, kitchen: House):
    rendezvous = Rendezvous()
    await house.room.inject(house.injection(seat=rendezvous.sit_down()))
    await asyncio.sleep(0.5)
    assert house.ear.speech == []
    await kitchen.room.inject(kitchen.injection(seat=rendezvous.sit_down()))
    rendezvous.begin()
    await house.quiet()
    assert began(house) == began(kitchen)
