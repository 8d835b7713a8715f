"""Engine T2, T16: who has the floor."""

from tests.engine.turn.house import House


async def test_the_floor_is_held_in_the_name_of_the_turn(house: House):
    turn = await house.room.press()
    assert turn is not None
    assert house.focus.foreground is not None
    assert house.focus.foreground.name == turn.id
    await house.room.nothing_said()
    assert house.focus.foreground is None
