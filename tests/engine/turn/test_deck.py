"""Engine T9: the deck of a room that closes, and who hears of what is on it."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.speaker import PlaybackEnd
from tests.engine.turn.house import NORMAL, FakePlayback, House, book, music, status
from tests.engine.turn.phone import Phone


async def test_closing_the_room_stops_the_music_and_waits_for_the_device(house: House):
    house.speaker.delays["stop"] = 3
    await house.playing(music())
    await house.room.close()
    assert house.ear.commands()[-1] == "stop waltz done"


async def test_closing_the_room_waits_for_a_stop_behind_a_pause(house: House):
    house.speaker.delays |= {"pause": 0.8, "stop": 0.8}
    await house.playing(book())
    call = await house.call()
    await asyncio.sleep(0.1)
    await house.room.close()
    assert house.ear.commands()[-1] == "stop book done"
    await house.focus.release(call)


async def test_closing_the_room_waits_for_a_device_that_is_slow_to_give_up_starting(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    async def start(playback: FakePlayback) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(8)
            house.ear.note(f"gave up {playback.name}")

    monkeypatch.setattr(FakePlayback, "start", start)
    await house.room.play(music())
    await asyncio.sleep(1)
    await house.room.close()
    assert "gave up waltz" in house.ear.commands()


async def test_who_listens_to_the_deck_hears_when_content_ends_by_itself(house: House):
    playback = await house.playing(music())
    heard: list[bool] = []
    stop = house.room.deck.listen(lambda: heard.append(house.room.deck.content is None))
    playback.end()
    stop()
    assert heard == [True]


async def test_a_listener_that_raises_keeps_nobody_from_hearing_of_an_end(house: House):
    playback = await house.playing(music())
    heard: list[object] = []

    def broken(item: object, end: object) -> None:
        raise RuntimeError("no such entity")

    house.room.deck.listen_ends(broken)
    house.room.deck.listen_ends(lambda item, end: heard.append(end))
    house.room.deck.listen(lambda: heard.append("changed"))
    playback.end()
    assert heard == [PlaybackEnd.FINISHED, "changed"]


async def test_who_listens_to_the_deck_hears_nothing_of_a_call(house: House, phone: Phone):
    heard: list[str] = []
    stop = house.room.deck.listen(lambda: heard.append("changed"))
    await phone.connected()
    await house.room.press()
    await house.quiet()
    stop()
    assert heard == []


async def test_a_listener_that_raises_does_not_keep_the_end_of_the_music_from_the_room(house: House):
    def listener() -> None:
        raise RuntimeError("bug in a sensor")

    playback = await house.playing(music())
    waiting = await house.inject("Doorbell", NORMAL)
    stop = house.room.deck.listen(listener)
    playback.end()
    await house.quiet()
    stop()
    assert status(waiting) is InjectStatus.SPOKEN
