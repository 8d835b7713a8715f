"""Media that somebody started at the device: it makes way, and is given back as it was (Engine T7)."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.effects import CancelMedia
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.speaker import ForeignMedia, PlaybackEnd, SpeakerCapabilities
from tests.engine.turn.ear import DUCKED, FULL
from tests.engine.turn.house import (
    NORMAL,
    Call,
    FakePlayback,
    House,
    Say,
    book,
    music,
    radio,
    speaker_error,
    status,
)


class Hands(FakePlayback):
    """What the room does with somebody's music."""

    async def let_go(self) -> None:
        await self._command("let go")


async def starts_music(house: House, title: str = "jazz") -> Hands:
    """Somebody starts music at the device, and the room sees it."""
    found: list[Hands] = []

    def adopt(on_end):
        hands = Hands(title, house.speaker, on_end)
        hands._sounds = True
        found.append(hands)
        return hands

    house.ear.level(title, FULL)
    await house.room.adopt(lambda: (ForeignMedia(title), adopt))
    await asyncio.sleep(1)
    return found[0] if found else Hands(title, house.speaker, lambda end: None)


def told(house: House, title: str = "jazz") -> list[str]:
    return [what for what in house.ear.commands() if what.endswith(title) and not what.startswith("unduck")]


async def test_what_plays_already_is_not_started(house: House) -> None:
    await starts_music(house)
    assert house.room.deck.content.playing
    assert told(house) == []


async def test_what_somebody_left_ducked_is_loud_again(house: House) -> None:
    await starts_music(house)
    assert house.ear.commands() == ["unduck jazz", "unduck jazz done"]


async def test_speech_ducks_it_and_gives_it_back(house: House) -> None:
    await starts_music(house)
    await house.inject()
    await house.quiet()
    assert told(house) == ["duck jazz"]
    assert [part.level for part in house.ear.content] == [FULL, DUCKED, FULL]


async def test_a_call_pauses_it_and_gives_it_back(house: House) -> None:
    await starts_music(house)
    call = await house.call()
    await asyncio.sleep(10)
    assert told(house) == ["pause jazz"]
    await house.focus.release(call)
    await asyncio.sleep(1)
    assert told(house) == ["pause jazz", "resume jazz"]


async def test_music_that_starts_under_speech_is_ducked_at_once(house: House) -> None:
    house.script([Say("one two three four five six seven eight nine ten")])
    await house.ask()
    await starts_music(house)
    assert told(house) == ["duck jazz"]
    house.ear.speech.clear()  # nobody can duck what starts under speech before it is heard
    await house.quiet()


async def test_after_five_minutes_it_stays_as_it_is_and_is_not_ours_any_more(house: House) -> None:
    await starts_music(house)
    call = await house.call()
    await asyncio.sleep(301)
    assert house.room.deck.content is None
    await house.focus.release(call)
    await asyncio.sleep(1)
    assert told(house) == ["pause jazz", "let go jazz"]


@pytest.mark.parametrize("own", [music(), book(), radio()], ids=["music", "book", "radio"])
async def test_own_content_takes_its_place_without_a_stray_command(house: House, own) -> None:
    await starts_music(house)
    await house.playing(own)
    assert told(house) == ["let go jazz"]
    assert house.room.deck.content.item is own


async def test_it_is_adopted_only_onto_an_empty_deck(house: House) -> None:
    await house.playing(music())
    await starts_music(house)
    assert house.room.deck.content.item.title == "waltz"
    house.ear.level("jazz", "silent")


async def test_what_ended_before_its_turn_came_is_not_adopted(house: House) -> None:
    await house.room.adopt(lambda: None)
    assert house.room.deck.content is None


@pytest.mark.parametrize("by", ["hand", "voice", "interrupt"])
async def test_stop_in_the_room_stops_it(house: House, by: str) -> None:
    await starts_music(house)
    if by == "hand":
        assert await house.room.stop_content()
    elif by == "voice":
        house.tool("stop", ToolResult("ok", CancelMedia()))
        house.script([Call("stop")])
        await house.say_to("stop")
        await house.quiet()
    else:
        assert await house.room.interrupt()
    await asyncio.sleep(1)
    assert told(house)[-1] == "stop jazz"
    assert "resume jazz" not in told(house)
    assert house.room.deck.content is None


async def test_a_pause_by_hand_in_the_room_outlasts_speech(house: House) -> None:
    await starts_music(house)
    await house.room.deck.content.set_held(held=True)
    await house.inject()
    await house.quiet()
    assert told(house) == ["pause jazz"]
    await house.room.deck.content.set_held(held=False)
    assert told(house) == ["pause jazz", "resume jazz"]


async def test_words_that_can_wait_wait_for_it(house: House) -> None:
    hands = await starts_music(house)
    parcel = await house.inject("The parcel came", NORMAL)
    await asyncio.sleep(60)
    assert status(parcel) is None
    hands.end(PlaybackEnd.STOPPED)
    await house.quiet()
    assert house.ear.spoken() == ["The parcel came"]


async def test_nobody_complains_about_music_that_the_room_did_not_start(house: House) -> None:
    hands = await starts_music(house)
    hands.end(PlaybackEnd.FAILED)
    await house.quiet()
    assert house.ear.spoken() == []


async def test_a_device_that_refuses_to_pause_is_left_alone(house: House) -> None:
    await starts_music(house)
    house.speaker.errors["pause"] = speaker_error()
    await house.call()
    await asyncio.sleep(1)
    assert house.room.deck.content is None
    assert told(house) == ["pause jazz", "let go jazz"]
    assert house.ear.spoken() == []


async def test_a_closing_room_gives_it_back_and_stops_nothing(house: House) -> None:
    await starts_music(house)
    await house.call()
    await asyncio.sleep(1)
    await house.close()
    assert told(house) == ["pause jazz", "resume jazz", "let go jazz"]


async def test_a_room_that_closes_while_it_speaks_stops_nothing(house: House) -> None:
    await starts_music(house)
    await house.inject("a very long story that never ends")
    await asyncio.sleep(1)
    await house.close()
    assert told(house) == ["duck jazz", "let go jazz"]


async def test_a_device_that_ducks_by_itself_is_not_told_to(house: House) -> None:
    house.speaker.capabilities = SpeakerCapabilities(speak=True, play=True, duck=True, ducks_itself=True, pause=True)
    await starts_music(house)
    house.ear.level("jazz", "silent")  # the ear does not know what the device does
    await house.inject()
    await house.quiet()
    assert told(house) == []
    call = await house.call()
    await asyncio.sleep(1)
    await house.focus.release(call)
    await asyncio.sleep(1)
    assert told(house) == ["pause jazz", "resume jazz"]


async def test_a_book_that_a_press_parked_does_not_come_back_over_it(house: House) -> None:
    await house.playing(book())
    await house.room.press()
    await starts_music(house)
    house.ear.level("jazz", "ducked")
    await house.room.nothing_said()
    await house.quiet()
    assert house.room.deck.content.item.title == "jazz"


async def test_the_next_title_is_told_to_whoever_shows_it(house: House) -> None:
    await starts_music(house)
    seen: list[str] = []
    unlisten = house.room.deck.listen(lambda: seen.append(house.room.deck.content.item.title))
    house.room.deck.describe(ForeignMedia("blues"))
    house.room.deck.describe(ForeignMedia("blues"))
    unlisten()
    assert seen == ["blues"]


async def test_own_content_is_never_described_by_the_device(house: House) -> None:
    await house.playing(music())
    house.room.deck.describe(ForeignMedia("blues"))
    assert house.room.deck.content.item.title == "waltz"
