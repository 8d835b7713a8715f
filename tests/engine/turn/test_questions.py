"""Questions that a room asks by itself: when they are asked, what answers them, and that none stays open for ever."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from custom_components.huxley.engine.speaker import Manner
from custom_components.huxley.engine.turn import (
    Answer,
    AnswerSheet,
    Injection,
    Questions,
    TurnOutcome,
    TurnState,
    Unanswered,
)
from tests.engine.turn.house import NORMAL, House, Say, book, speaker_error

YES_NO = {"yes": ["yes"], "no": ["no"]}
PATIENCE = timedelta(minutes=2)


class Asking:
    """A room with questions, as its platform wires them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.questions = Questions(partial(house.room.inject, wait=True), house.room.withdraw)

    def ask(self, text: str = "Shall I?", answers: dict[str, list[str]] = YES_NO, **more: Any) -> asyncio.Task[Answer]:
        injection = self.house.injection(text, manner=Manner(listen=True), **more)
        return self.put(injection, AnswerSheet(answers, "en"))

    def put(self, injection: Injection, sheet: AnswerSheet) -> asyncio.Task[Answer]:
        def mouth(question: object) -> Any:
            return self.house.speaker.reply(injection.manner)

        asking: Coroutine[Any, Any, Answer] = self.questions.ask(injection, sheet, mouth, PATIENCE)
        return asyncio.create_task(asking)

    async def person_says(self, words: str) -> bool:
        """Wake word and words: for the question first, else for the persona."""
        await self.house.room.press()
        await asyncio.sleep(0.5)
        if self.questions.hear(words):
            await self.house.room.answered()
            return True
        await self.house.ask(words)
        return False


@pytest.fixture
def room(house: House) -> Asking:
    return Asking(house)


async def test_the_next_words_are_the_answer_and_the_persona_hears_nothing(room: Asking, house: House):
    asked = room.ask()
    await asyncio.sleep(5)
    assert await room.person_says("Yes!")
    assert await asked == Answer(True, "yes", "Yes!")
    await house.quiet()
    assert house.session.requests == []
    assert house.ear.spoken() == ["Shall I?"]
    assert house.trace.records[-1].outcome == TurnOutcome.FINISHED


async def test_the_microphone_is_wanted_open_after_the_words(room: Asking, house: House):
    asked = room.ask()
    await asyncio.sleep(5)
    assert house.speaker.manners == [Manner(listen=True)]
    room.questions.close()
    await asked


async def test_other_words_go_to_the_persona_and_the_question_stays_open(room: Asking, house: House):
    asked = room.ask()
    await asyncio.sleep(5)
    house.script([Say("It is noon.")])
    assert not await room.person_says("What time is it?")
    await house.quiet()
    assert await room.person_says("no")
    assert await asked == Answer(True, "no", "no")
    assert "It is noon." in house.ear.spoken()


async def test_a_question_that_nobody_answers_ends(room: Asking, house: House):
    now = house.ear.now()
    answer = await room.ask("Shall I now?")
    assert answer == Answer(reason=Unanswered.NO_ANSWER)
    assert house.ear.now() - now == pytest.approx(1.5 + 120)
    assert not room.questions.hear("yes")


async def test_what_was_said_instead_is_told(room: Asking, house: House):
    asked = room.ask()
    await asyncio.sleep(5)
    await room.person_says("Maybe tomorrow")
    assert await asked == Answer(sentence="Maybe tomorrow", reason=Unanswered.NO_ANSWER)


async def test_words_before_the_question_are_no_answer(room: Asking, house: House):
    await house.room.press()
    asked = room.ask()
    await asyncio.sleep(1)
    assert not room.questions.hear("yes")
    house.script([Say("Yes what?")])
    await house.ask("yes")
    await asyncio.sleep(10)
    assert not asked.done()
    assert await room.person_says("yes")
    assert (await asked).answered


async def test_a_question_works_behind_a_queue(room: Asking, house: House):
    await house.inject("One two three four")
    asked = room.ask("Shall I?")
    await asyncio.sleep(10)
    assert house.ear.spoken() == ["One two three four", "Shall I?"]
    assert await room.person_says("yes")
    assert (await asked).id == "yes"


async def test_an_answer_into_the_words_of_the_question_counts(room: Asking, house: House):
    asked = room.ask("Shall I turn off all of the lights in the whole house now?")
    await asyncio.sleep(1)
    assert await room.person_says("yes")
    assert (await asked).answered
    await house.quiet()


async def test_a_question_that_cannot_be_asked_in_time_expires(room: Asking, house: House):
    await house.call()
    answer = await room.ask(expires_after=timedelta(seconds=30))
    assert answer.reason is Unanswered.EXPIRED
    assert house.ear.speech == []


async def test_a_question_that_the_room_cannot_say_fails(room: Asking, house: House):
    house.speaker.reply_error = speaker_error()
    assert (await room.ask()).reason is Unanswered.FAILED
    await house.quiet()


async def test_quiet_hours_refuse_a_question_that_can_wait(room: Asking, house: House):
    room.questions = Questions(partial(house.room.inject, wait=True, quiet=True), house.room.withdraw)
    assert (await room.ask(priority=NORMAL)).reason is Unanswered.REFUSED


async def test_the_latest_question_is_answered_first(room: Asking, house: House):
    first = room.ask("First?")
    second = room.ask("Second?")
    await asyncio.sleep(10)
    assert await room.person_says("yes")
    assert await room.person_says("no")
    assert (await second).id == "yes"
    assert (await first).id == "no"


async def test_a_room_that_closes_leaves_nobody_waiting(room: Asking, house: House):
    spoken = room.ask()
    await asyncio.sleep(5)
    await house.room.press()
    queued = room.ask("And this?")
    await asyncio.sleep(1)
    room.questions.close()
    assert (await spoken).reason is Unanswered.CLOSED
    assert (await queued).reason is Unanswered.CLOSED


async def test_a_question_that_nobody_waits_for_any_more_is_not_asked(room: Asking, house: House):
    await house.room.press()
    asked = room.ask()
    await asyncio.sleep(1)
    asked.cancel()
    await asyncio.sleep(1)
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.speech == []


async def test_an_answer_ends_the_listening_and_gives_the_book_back(room: Asking, house: House):
    await house.playing(book())
    asked = room.ask()
    await asyncio.sleep(5)
    assert await room.person_says("yes")
    await asked
    await house.quiet()
    assert house.room.state is TurnState.IDLE
    assert house.speaker.playbacks[-1].name == "book+"


async def test_an_answer_when_nobody_listens_changes_nothing(house: House):
    await house.inject()
    await asyncio.sleep(0.5)
    await house.room.answered()
    await house.quiet()
    assert house.ear.spoken() == ["Dinner is ready"]
