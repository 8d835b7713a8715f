"""A chat model at work in a room: the coordinator, a speaker that takes time, and an ear."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
import pytest_asyncio

from custom_components.huxley.engine.model.chat import ChatError, ChatSession, Failure
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Injection
from tests.engine.model.chat.wire import ScriptedTransport, call, end, say
from tests.engine.turn.house import House

type Furnish = Callable[[ScriptedTransport], ChatSession]


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[House]:
    house = House()
    await house.open()
    yield house
    await house.close()
    assert house.ear.collisions() == []


@pytest.fixture
def furnish(house: House, make: Callable[..., ChatSession]) -> Furnish:
    """Put a session on that server into the room."""

    def put(wire: ScriptedTransport) -> ChatSession:
        session = make(wire)
        house.agent.session = session  # type: ignore[assignment]
        return session

    return put


async def test_tools_run_between_the_words(house: House, furnish: Furnish) -> None:
    house.tool("dim", ToolResult("dimmed"), seconds=1)
    wire = ScriptedTransport([say("One moment."), call("dim", "a", level=1), end()], [say("Done."), end()])
    furnish(wire)
    await house.ask("Dim the lamp")
    await house.quiet()
    assert house.ear.spoken() == ["One moment.", "Done."]
    assert wire.messages() == [("user", "Dim the lamp"), ("assistant", "One moment."), ("tool", "dimmed")]


async def test_press_in_the_middle_of_the_words_leaves_what_was_heard(house: House, furnish: Furnish) -> None:
    story = "Once upon a time there was a lamp that nobody had ever dimmed. "
    wire = ScriptedTransport([say(story), 60.0, say("And so on."), end()], [say("Yes?"), end()])
    furnish(wire)
    await house.ask("A story")
    await asyncio.sleep(2)
    await house.room.press()
    assert wire.open == 0
    await house.ask("Stop")
    await house.quiet()
    asked, told, stopped = wire.messages()
    assert (asked, stopped) == (("user", "A story"), ("user", "Stop"))
    assert told == ("assistant", "Once upon a time there was a…")
    assert wire.most_open == 1


async def test_press_after_the_last_word_was_sent_still_cuts_the_history(house: House, furnish: Furnish) -> None:
    wire = ScriptedTransport([say("Once upon a time there was a lamp."), end()], [say("Yes?"), end()])
    furnish(wire)
    await house.ask("A story")
    await asyncio.sleep(1)
    await house.room.press()
    await house.ask("Stop")
    await house.quiet()
    assert wire.messages()[1] == ("assistant", "Once upon a…")


async def test_what_the_room_has_to_tell_waits_for_a_server_that_is_away(house: House, furnish: Furnish) -> None:
    away = [ChatError(Failure.UNREACHABLE, "off")]
    wire = ScriptedTransport(away, [say("The wash is done."), end()])
    furnish(wire)
    await house.room.inject(Injection(house.agent, prompt="The washing machine has finished"))
    await house.quiet(120)
    assert house.ear.spoken() == ["The wash is done."]
    assert len(wire.messages()) == 1


@pytest.mark.parametrize("failure", [Failure.AUTH, Failure.QUOTA, Failure.BROKEN])
async def test_failure_that_stays_is_said(house: House, furnish: Furnish, failure: Failure) -> None:
    furnish(ScriptedTransport([ChatError(failure, "no")]))
    await house.ask("Hello")
    await house.quiet()
    assert house.ear.spoken() == ["(model_lost)"]


async def test_server_that_says_nothing_is_given_up_and_its_connection_closed(house: House, furnish: Furnish) -> None:
    wire = ScriptedTransport([3600.0], [say("Yes?"), end()])
    furnish(wire)
    await house.ask("Hello")
    await house.quiet()
    assert house.ear.spoken() == ["(timed_out)"]
    assert wire.open == 0
