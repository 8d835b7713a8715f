"""Engine C2, C4: what plays is silent around a call and comes back after it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusState, MixingBehavior
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Cause
from tests.engine.turn.hang_ups import ENDS, by_button, by_silence, by_the_skill
from tests.engine.turn.house import PREEMPT, Call, House, book, music
from tests.engine.turn.phone import Phone, at_rest


@pytest.mark.parametrize("item", [book, music])
@pytest.mark.parametrize("end", [end for end in ENDS if end is not by_silence], ids=lambda end: end.__name__)
async def test_whoever_hangs_up_the_content_comes_back(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]], item: Callable[[], object]
):
    playback = await house.playing(item())  # type: ignore[arg-type]
    await phone.connected()
    assert [part.what for part in house.ear.content if part.end == house.ear.now()] == ["María"]
    await end(phone)
    await at_rest(house)
    assert house.ear.content[-1].what == playback.name
    assert house.ear.content[-1].level == "full"
    assert house.ear.commands().count(f"start {playback.name}") == 1


@pytest.mark.parametrize("end", [by_button, by_the_skill], ids=lambda end: end.__name__)
async def test_hang_up_brings_the_parked_book_back(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await house.playing(book())
    phone.dials()
    await house.say_to("call María")
    await asyncio.sleep(10)
    assert house.room.in_call
    assert house.ear.heard_content() == ["book", "María"]
    assert house.room.deck.content is None
    phone.handle = house.room.claims.current
    await end(phone)
    await at_rest(house)
    assert house.ear.heard_content() == ["book", "María", "book+"]


async def test_silence_ends_the_call_and_the_content(house: House, phone: Phone):
    await house.playing(book())
    await phone.connected()
    assert await house.room.interrupt(Cause.STOP)
    await at_rest(house)
    assert house.ear.heard_content() == ["book", "María"]


async def test_a_call_beats_music_that_the_same_turn_wanted(house: House, phone: Phone):
    phone.dials()
    house.tool("play", ToolResult("ok", music()))
    house.session.scripts[0].insert(1, Call("play"))
    await house.say_to()
    await asyncio.sleep(10)
    assert house.ear.heard_content() == ["María"]
    assert await house.room.hang_up()
    await at_rest(house)
    assert house.ear.heard_content() == ["María"]


async def test_music_stays_silent_through_the_alarm_that_ended_the_call(house: House, phone: Phone):
    await house.playing(music())
    await phone.connected()
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert [(part.what, part.level) for part in house.ear.content] == [
        ("waltz", "full"),
        ("María", "full"),
        ("waltz", "full"),
    ]


async def test_music_is_paused_and_not_ducked_first_when_a_call_begins(house: House, phone: Phone):
    await house.playing(music())
    await phone.connected()
    assert "duck waltz" not in house.ear.commands()
    await house.room.press()


class Bell:
    """An alert's sound; it writes down what focus tells it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        self.told.append(behavior)

    async def on_patience_expired(self) -> None:
        return


@pytest.mark.parametrize("first", ["bell", "call"])
async def test_an_alert_stays_audible_in_a_call_and_music_does_not(house: House, phone: Phone, first: str):
    await house.playing(music())
    bell = Bell()
    alert = Activity(Channel.ALERT, "timer", bell, ContentType.MIXABLE, timedelta(hours=1))
    if first == "bell":
        await house.focus.acquire(alert)
        await phone.connected()
    else:
        await phone.connected()
        await house.focus.acquire(alert)
    await house.focus.settled()
    assert bell.told[-1] == "may_duck"
    assert [part.what for part in house.ear.content if part.end == house.ear.now()] == ["María"]
    await house.focus.release(alert)
    await house.room.press()


async def test_content_started_during_a_call_begins_after_it(house: House, phone: Phone):
    await phone.connected()
    await house.room.play(music())
    await asyncio.sleep(5)
    assert house.ear.heard_content() == ["María"]
    await house.room.press()
    await at_rest(house)
    assert house.ear.heard_content() == ["María", "waltz"]
    await house.inject("Dinner")
    await asyncio.sleep(0.5)
    assert house.ear.content[-1].level == "ducked"


async def test_what_is_weaker_waits_for_the_words_about_a_call_without_a_gap(house: House, phone: Phone):
    bell = Bell()
    await house.focus.acquire(Activity(Channel.ALERT, "timer", bell, ContentType.MIXABLE, timedelta(hours=1)))
    await phone.connected()
    await house.inject("Take the pills")
    bell.told.clear()
    await house.room.press()
    await at_rest(house)
    assert house.ear.spoken() == ["Take the pills"]
    assert bell.told == ["primary"]


async def test_music_that_is_put_on_during_a_call_is_told_to_be_silent(house: House, phone: Phone):
    await phone.connected()
    await house.room.play(music())
    await house.focus.settled()
    behaviors = {held.activity.name: held.behavior for held in house.focus.snapshot()}
    assert behaviors["media"] is MixingBehavior.MUST_PAUSE
    await house.room.press()
