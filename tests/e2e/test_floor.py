"""Who has the floor while the answer to a spoken question is heard."""

from scripts.rig.espeak import say_to_microphone
from tests.e2e.conftest import Home


async def test_a_turn_keeps_the_floor_until_its_answer_was_heard_out(home: Home) -> None:
    """Had it let go earlier, the rest of its answer would be somebody else's turn, which silences music that a slow
    player had not begun yet: nobody would hear the difference, until the player is a fast one.
    """
    async with home.client.subscribe("subscribe_events", event_type="huxley_turn") as told:
        pressed = home.room.now
        await home.satellite.ask(await say_to_microphone("put on some music"))
        await home.room.happened("music starts", pressed)
        turns = [told.get_nowait()["data"] for _ in range(told.qsize())]
    await home.client.action("media_player.media_stop", target={"entity_id": home.speaker})
    assert {turn["turn_id"] for turn in turns} == {turns[0]["turn_id"]}, turns
    assert turns[-1]["event"] == "finished"
    assert turns[-1]["heard"] > 1
