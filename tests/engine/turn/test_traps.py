"""What rooms like ours have got wrong, one test each; `docs/engine.md` lists them with those in the other files."""

import asyncio

from custom_components.huxley.engine.errors import ModelUnavailableError
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.turn import TurnState
from tests.engine.turn.house import NORMAL, PREEMPT, Done, House, Say, Wait, book, music, status


async def test_a_duplicate_release_commits_once(house: House):
    house.script([Wait(2), Say("Five.")])
    turn = await house.say_to()
    await house.room.nothing_said()
    await house.room.nothing_said()
    assert house.room.turn is turn
    assert house.room.state is TurnState.COMMITTING
    await house.quiet()
    await house.room.nothing_said()
    assert len(house.session.requests) == 1
    assert house.ear.spoken() == ["Five."]


async def test_a_book_that_came_back_is_known_to_play(house: House):
    await house.playing(book())
    await house.room.press()
    await house.room.nothing_said()
    await asyncio.sleep(1)
    assert house.ear.heard_content() == ["book", "book+"]
    assert house.room.deck.content is not None
    waiting = await house.inject("Later", NORMAL)
    await asyncio.sleep(10)
    assert status(waiting) is None
    assert house.ear.speech == []
    house.speaker.playbacks[-1].end()
    await house.quiet()
    assert status(waiting) is InjectStatus.SPOKEN


async def test_a_late_done_of_a_cancelled_response_does_not_end_the_next_turn(house: House):
    house.script([Say("Old words."), Wait(100)])
    await house.ask()
    await asyncio.sleep(0.5)
    await house.room.press()
    house.script([Done(response_id="r1"), Say("One,"), Done(response_id="r1"), Wait(2), Say("two.")])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken()[-2:] == ["One,", "two."]


async def test_no_stale_words_pass_after_an_interrupt_and_an_inject(house: House):
    house.script([Say("Old one."), Wait(1), Say("Old two."), Wait(1), Say("Old three.")])
    await house.ask()
    await asyncio.sleep(0.5)
    await house.room.interrupt()
    await house.inject("Smoke", PREEMPT)
    await house.quiet()
    assert house.ear.spoken() == ["Old one.", "Smoke"]
    assert house.ear.speech[0].end <= house.ear.speech[1].begin


async def test_a_sentence_of_the_last_turn_does_not_leak_into_this_one(house: House):
    house.script([Say("Half a"), Wait(1), Say(" sentence.")])
    await house.ask()
    await asyncio.sleep(0.5)
    await house.say_to("something else")
    await house.quiet()
    assert house.speaker.replies[0].text == "Half a"
    assert house.speaker.replies[1].text == "All right."


async def test_a_model_that_drops_stops_no_music(house: House):
    playback = await house.playing(music())
    house.script([ModelUnavailableError("the line is down")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]
    assert house.ear.content[-1].level == "full"
    assert f"stop {playback.name}" not in house.ear.commands()
    assert f"pause {playback.name}" not in house.ear.commands()
