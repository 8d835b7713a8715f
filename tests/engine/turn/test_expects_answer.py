"""The microphone opens again when the model or a tool says so, never because of a question mark."""

from custom_components.huxley.engine.model.protocol import ModelEvent, ResponseDone
from custom_components.huxley.engine.skill.result import ToolResult
from tests.engine.turn.house import Call, Done, House, Say, Step


async def test_a_tool_that_asks_wants_an_answer(house: House):
    house.tool("order", ToolResult("One or two?", expects_answer=True))
    house.script([Call("order")], [Say("One or two")])
    turn = await house.say_to()
    await house.quiet()
    assert turn.expects_answer


async def test_a_model_that_asks_wants_an_answer(house: House, monkeypatch):
    class Asks(type(house.session)):
        def _event(self, step: Step, own: str, number: int) -> ModelEvent:
            event = super()._event(step, own, number)
            return ResponseDone(event.response_id, expects_answer=True) if isinstance(event, ResponseDone) else event

    monkeypatch.setattr(house.session, "__class__", Asks)
    house.script([Say("One or two"), Done()])
    turn = await house.say_to()
    await house.quiet()
    assert turn.expects_answer


async def test_a_question_mark_wants_nothing(house: House):
    house.tool("order", ToolResult("Shall we?"))
    house.script([Call("order")], [Say("Is it not lovely?")])
    turn = await house.say_to()
    await house.quiet()
    assert not turn.expects_answer


async def test_a_tool_that_answers_too_late_asks_nothing(house: House):
    house.tool("order", ToolResult("One or two?", expects_answer=True), seconds=5)
    house.script([Call("order")], [Say("Hm")])
    turn = await house.say_to()
    await house.room.press()
    await house.room.nothing_said()
    await house.quiet()
    assert not turn.expects_answer


async def test_it_is_known_before_the_words_are_complete(house: House):
    house.tool("order", ToolResult("One or two?", expects_answer=True))
    house.script([Call("order")], [Say("One or two")])
    known: list[bool] = []
    turn = await house.say_to()
    reply = house.speaker.replies[-1]
    finish = reply.finish

    async def finished() -> None:
        known.append(turn.expects_answer)
        await finish()

    reply.finish = finished  # type: ignore[method-assign]
    await house.quiet()
    assert known == [True]
