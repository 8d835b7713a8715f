"""The scenarios of the concept pages, as scripts for a simulated room."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from custom_components.huxley.engine.skill.inject import InjectPriority
from custom_components.huxley.engine.skill.result import ToolResult

from .room import SimulatedRoom


@dataclass(frozen=True, slots=True)
class Scenario:
    """One script; `name` is the name of its files."""

    name: str
    title: str
    play: Callable[[SimulatedRoom], Awaitable[None]]


async def book_and_timer(room: SimulatedRoom) -> None:
    """A book waits for a reminder, and goes on with the next sample."""
    await room.room.play(room.book())
    await asyncio.sleep(5)
    await room.announce("Your tea is ready.")
    await asyncio.sleep(7)


async def book_and_call(room: SimulatedRoom) -> None:
    """A call is announced, opened, and hung up by the other side; the book comes back after the words about it."""
    await room.room.play(room.book())
    await asyncio.sleep(4)
    call = room.call(farewell="The call is over.")
    room.note_words(call.announce or "")
    handle = await room.room.start_input_claim(call, room.agent)
    for _ in range(400):
        room.microphone.feed(bytes(960))
        await asyncio.sleep(0.02)
    await handle.wait_end()
    await asyncio.sleep(6)


async def button_during_book(room: SimulatedRoom) -> None:
    """A press gives the book no grace; it comes back after the answer."""
    await room.room.play(room.book())
    await asyncio.sleep(4)
    room.agent.will_say("It is half past three.")
    await room.person_says("What time is it?")
    await asyncio.sleep(7)


async def music_and_reminder(room: SimulatedRoom) -> None:
    """Music goes on under the words, eighteen decibels down."""
    await room.room.play(room.music())
    await asyncio.sleep(4)
    await room.announce("Remember to water the tomatoes.")
    await asyncio.sleep(7)


async def call_and_alarm(room: SimulatedRoom) -> None:
    """An alarm ends a call; the siren is soft under the words, and the book waits for both."""
    await room.room.play(room.book())
    await asyncio.sleep(2)
    call = room.call()
    room.note_words(call.announce or "")
    await room.room.start_input_claim(call, room.agent)
    await asyncio.sleep(6)
    await room.announce("Smoke in the kitchen. Please leave the house.", InjectPriority.PREEMPT)
    siren = room.sound_alarm()
    await room.focus.acquire(siren)
    await asyncio.sleep(6)
    await room.focus.release(siren)
    await asyncio.sleep(3)


async def ok_playing(room: SimulatedRoom) -> None:
    """Speech before factories: the music starts when the last word was heard."""
    await asyncio.sleep(0.5)
    answer = "Okay, playing some guitar music."
    room.agent.will_say(answer, ToolResult("playing", room.music()))
    await room.person_says("Put on some music.")
    await asyncio.sleep(7)


SCENARIOS = (
    Scenario("book-and-timer", "A book is playing, a timer fires", book_and_timer),
    Scenario("book-and-call", "A book is playing, somebody calls", book_and_call),
    Scenario("button-during-book", "A press during a book", button_during_book),
    Scenario("music-and-reminder", "Music ducks under a reminder", music_and_reminder),
    Scenario("call-and-alarm", "An alarm ends a call", call_and_alarm),
    Scenario("ok-playing", "Speech before the music it announces", ok_playing),
)
