"""A turn's story tells each step of its state, so that whoever follows the story knows where the turn stands."""

from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import TurnState
from tests.engine.turn.house import Call, House, Say


async def test_the_wait_for_the_words_after_a_tool_is_told(house: House) -> None:
    states: list[TurnState] = []
    house.trace.listen(lambda record, mark: states.append(house.room.state))
    house.tool("time", ToolResult("five"))
    house.script([Call("time")], [Say("Five.")])
    await house.ask()
    await house.quiet()
    assert [state for index, state in enumerate(states) if state not in states[index - 1 : index]] == [
        TurnState.COMMITTING,
        TurnState.IN_RESPONSE,
        TurnState.AWAITING_NEXT_RESPONSE,
        TurnState.IN_RESPONSE,
        TurnState.APPLYING_FACTORIES,
        TurnState.IDLE,
    ]
