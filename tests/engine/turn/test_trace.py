"""Engine T2: what a turn's trace says, mark by mark, and when."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Injection, TurnRecord
from tests.engine.turn.house import BLOCK, PREEMPT, Call, House, Say, Wait, music, speaker_error


def story(record: TurnRecord) -> list[tuple[str, float]]:
    """The marks and their times, in seconds since the turn began."""
    return [(mark.event, round(mark.at.total_seconds(), 3)) for mark in record.marks]


def events(record: TurnRecord) -> list[str]:
    return [mark.event for mark in record.marks]


async def test_a_turn_from_the_press_to_its_end(house: House):
    house.speaker.delays = {"first sound": 0.3, "duck": 0}
    house.plays(music("waltz"), says="Here is some music.")
    house.session.scripts[0].insert(0, Wait(0.7))
    house.session.scripts[0].insert(2, Wait(0.2))
    await house.say_to()
    await house.quiet()
    (record,) = house.trace.records
    assert story(record) == [
        ("ptt_start", 0),
        ("commit", 1),
        ("response", 1.7),
        ("tool_dispatch", 1.7),
        ("tool_done", 1.7),
        ("response_done", 1.9),
        ("first_sound", 2.2),
        ("heard_out", 4.2),
        ("barrier", 4.2),
        ("effect_start", 4.2),
        ("finished", 4.2),
    ]
    assert record.heard == timedelta(seconds=2)


async def test_every_response_of_a_turn_has_its_first_byte_and_the_first_sound_comes_once(house: House):
    house.tool("time", ToolResult("five"), seconds=0.5)
    house.script([Wait(0.1), Say("Let me see."), Call("time")], [Wait(0.4), Say("It is"), Say(" five.")])
    await house.ask()
    await house.quiet()
    (record,) = house.trace.records
    assert [at for event, at in story(record) if event == "response"] == [0.1, 1.0]
    assert [at for event, at in story(record) if event == "first_sound"] == [0.1]


async def test_a_late_word_of_another_response_is_no_first_byte(house: House):
    house.script([Say("old", "r0"), Wait(1), Say("New.")])
    await house.ask()
    await house.quiet()
    (record,) = house.trace.records
    assert [at for event, at in story(record) if event == "response"] == [1]


async def test_a_model_that_says_nothing_has_no_first_byte_and_no_sound(house: House):
    house.script([])
    await house.ask()
    await house.quiet()
    (record,) = house.trace.records
    assert events(record) == ["text", "commit", "response_done", "heard_out", "barrier", "finished"]


@pytest.mark.parametrize(("words", "first_byte"), [({"message": "Dinner"}, []), ({"prompt": "dinner"}, ["response"])])
async def test_what_the_room_says_by_itself_is_followed_too(house: House, words: dict[str, str], first_byte: list[str]):
    house.speaker.delays["first sound"] = 0.3
    await house.room.inject(Injection(house.agent, priority=BLOCK, **words))  # type: ignore[arg-type]
    await house.quiet()
    (record,) = house.trace.records
    assert events(record) == [
        "inject",
        *first_byte,
        "response_done",
        "first_sound",
        "heard_out",
        "barrier",
        "finished",
    ]
    assert dict(story(record))["first_sound"] == 0.3


async def test_words_cut_off_before_a_sound_have_none(house: House):
    house.speaker.delays["first sound"] = 1
    house.script([Say("One two three.")])
    await house.ask()
    await asyncio.sleep(0.5)
    await house.room.interrupt()
    await house.quiet()
    (record,) = house.trace.records
    assert "first_sound" not in events(record)
    assert events(record)[-2:] == ["interrupt", "interrupted"]
    assert record.heard == timedelta(0)


async def test_words_cut_off_later_passed_no_barrier(house: House):
    house.plays(music(), says="One two three four.")
    await house.ask()
    await asyncio.sleep(0.5)
    await house.inject("Smoke", PREEMPT)
    await house.quiet()
    cut, alarm = house.trace.records
    assert "barrier" not in events(cut)
    assert "effect_start" not in events(cut)
    assert cut.heard == timedelta(seconds=0.5)
    assert "barrier" in events(alarm)


async def test_a_speaker_that_fails_reaches_no_barrier(house: House):
    house.speaker.heard_out_error = speaker_error()
    await house.ask()
    await house.quiet()
    (record,) = house.trace.records
    assert "barrier" not in events(record)
    assert record.outcome == "failed"


async def test_who_asks_for_the_story_gets_plain_values(house: House):
    house.speaker.delays["first sound"] = 0.25
    await house.say_to()
    await house.quiet()
    (record,) = house.trace.records
    marks = record.as_dict()["marks"]
    assert isinstance(marks, list)
    assert {"event": "first_sound", "at_ms": 1250} in marks
