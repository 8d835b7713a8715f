"""Engine T6: the six steps of an interrupt, one by one, and how long each may take."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from types import SimpleNamespace

import pytest

from custom_components.huxley.engine.model.protocol import ModelEvent, ModelRequest
from custom_components.huxley.engine.turn import Cause, Turn, TurnOutcome, TurnSource, TurnState
from custom_components.huxley.engine.turn.interrupt import Scene, interrupt
from tests.engine.turn.house import House, Say, Wait, book


class WatchedTurn(Turn):
    """A turn in the middle of an answer; it writes down when an interrupt changes it."""

    def __init__(self, seen: list[str]) -> None:
        object.__setattr__(self, "seen", seen)
        super().__init__(TurnSource.SATELLITE, state=TurnState.IN_RESPONSE)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if value in (True, TurnOutcome.INTERRUPTED, TurnState.INTERRUPTED):
            self.seen.append(f"{name} {value}")


def noting(seen: list[str], what: str, result: object = None) -> Callable[[], object]:
    async def step() -> object:
        seen.append(what)
        return result

    return step


def scene(cause: Cause, seen: list[str]) -> Scene:
    """A turn in the middle of an answer, whose parts write down what is done to them."""

    async def cancel(response: str, heard: timedelta) -> None:
        seen.append(f"model cancels {response} after {heard.total_seconds()} s")

    turn = WatchedTurn(seen)
    turn.agent = SimpleNamespace(session=SimpleNamespace(cancel=cancel))  # type: ignore[assignment]
    turn.response_id = "r1"
    turn.latch = SimpleNamespace(clear=lambda: seen.append("latch cleared"))  # type: ignore[assignment]
    turn.task = SimpleNamespace(cancel=lambda: seen.append("producer cancelled"))  # type: ignore[assignment]
    turn.reply = SimpleNamespace(abort=noting(seen, "client flushed", timedelta(seconds=1.5)))  # type: ignore[assignment]
    deck = SimpleNamespace(press=noting(seen, "deck pressed"), stop=noting(seen, "deck stopped"))
    return Scene(turn, deck, cause)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "deck"),
    [
        (Cause.PRESS, ["deck pressed"]),
        (Cause.STOP, ["deck stopped"]),
        (Cause.HANG_UP, []),
        (Cause.PREEMPT, []),
        (Cause.LOST, []),
    ],
)
async def test_the_six_steps_come_in_this_order(cause: Cause, deck: list[str]):
    seen: list[str] = []
    await interrupt(scene(cause, seen))
    assert seen == [
        "dropped True",
        "latch cleared",
        "producer cancelled",
        *deck,
        "client flushed",
        "model cancels r1 after 1.5 s",
        "outcome interrupted",
        "state interrupted",
    ]


async def test_steps_with_nothing_to_do_are_harmless():
    seen: list[str] = []
    await interrupt(Scene(WatchedTurn(seen), SimpleNamespace(), Cause.PREEMPT))  # type: ignore[arg-type]
    assert seen == ["dropped True", "outcome interrupted", "state interrupted"]


async def speaking(house: House) -> None:
    house.script([Say("One two three four five six."), Wait(100)])
    await house.ask()
    await asyncio.sleep(1)


async def test_a_device_that_hangs_holds_an_interrupt_up_for_two_seconds(house: House):
    async def hang() -> None:
        await asyncio.Event().wait()

    await speaking(house)
    house.speaker.on_abort = hang
    since = house.ear.now()
    await house.room.interrupt()
    assert house.ear.now() - since == pytest.approx(2)
    house.speaker.on_abort = None


def ends_slowly(house: House, seconds: float) -> None:
    """The next response takes `seconds` to run its `finally` block."""
    respond = house.session.respond

    async def slowly(request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        house.session.respond = respond  # type: ignore[method-assign]
        try:
            async with aclosing(respond(request)) as events:
                async for event in events:
                    yield event
        finally:
            await asyncio.sleep(seconds)
            house.ear.note("response ended")

    house.session.respond = slowly  # type: ignore[method-assign]


async def test_nothing_new_begins_before_the_old_producers_have_ended(house: House):
    ends_slowly(house, 1)
    await speaking(house)
    since = house.ear.now()
    await house.room.press()
    assert house.ear.commands()[-1] == "response ended"
    assert house.ear.now() - since == pytest.approx(1)


async def test_a_producer_that_does_not_end_holds_the_next_turn_up_for_two_seconds(house: House):
    ends_slowly(house, 10)
    await speaking(house)
    since = house.ear.now()
    await house.room.press()
    assert house.ear.now() - since == pytest.approx(2)
    assert house.room.state is TurnState.LISTENING
    await house.ask()
    await house.quiet()
    assert house.ear.spoken()[-1] == "All right."


async def test_a_press_into_an_announcement_stops_the_book_that_waits_under_it(house: House):
    await house.playing(book())
    await house.inject("One two three four")
    await asyncio.sleep(1)
    await house.room.press()
    assert house.room.deck.content is None
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.heard_content() == ["book", "book+"]
