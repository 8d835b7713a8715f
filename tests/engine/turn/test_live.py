"""Engine T8: what is live is stopped and reopened, for it cannot be paused."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.huxley.engine.focus import ContentType
from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.speaker import PlaybackEnd
from tests.engine.turn.house import House, book, music, speaker_error


def live(*, mixable: bool = False) -> AudioStream:
    kind = ContentType.MIXABLE if mixable else ContentType.NONMIXABLE
    return replace(book("match"), live=True, content_type=kind)


def commands(house: House) -> list[str]:
    return [command for command in house.ear.commands() if command.endswith("match")]


async def test_a_live_stream_is_stopped_and_reopened_instead_of_paused(house: House):
    await house.playing(live())
    await house.inject("Dinner")
    await house.quiet()
    assert commands(house) == ["start match", "stop match", "start match"]
    assert len(house.speaker.playbacks) == 2
    assert house.ear.heard_content("full") == ["match", "match"]


async def test_a_live_stream_that_ends_after_it_was_reopened_is_over(house: House):
    await house.playing(live())
    await house.inject("Dinner")
    await house.quiet()
    house.speaker.playbacks[-1].end(PlaybackEnd.FINISHED)
    await house.quiet()
    assert house.room.deck.content is None
    assert house.focus.snapshot() == ()


async def test_live_music_ducks_like_any_other(house: House):
    await house.playing(live(mixable=True))
    await house.inject("Dinner")
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]
    assert commands(house)[0] == "start match"
    assert len(house.speaker.playbacks) == 1


async def test_live_music_that_was_closed_for_a_call_stays_closed_under_the_words_after_it(house: House):
    await house.playing(live(mixable=True))
    call = await house.call()
    await asyncio.sleep(1)
    await house.room.others_speak()
    await house.focus.release(call)
    await asyncio.sleep(1)
    assert house.ear.content[-1].end < house.ear.now()
    await house.room.others_done()
    await house.quiet()
    assert house.ear.heard_content() == ["match", "match"]
    assert house.ear.heard_content("ducked") == []


async def test_a_live_stream_paused_by_hand_is_reopened_by_hand(house: House):
    await house.playing(live())
    content = house.room.deck.content
    assert content is not None
    await content.set_held(held=True)
    assert not content.playing
    await content.set_held(held=False)
    await asyncio.sleep(1)
    assert content.playing
    assert commands(house) == ["start match", "stop match", "start match"]


async def test_a_live_stream_that_cannot_be_reopened_is_over_and_that_is_said(house: House):
    await house.playing(live())
    await house.room.others_speak()
    await asyncio.sleep(1)
    house.speaker.playback_error = speaker_error()
    await house.room.others_done()
    await house.quiet()
    assert house.room.deck.content is None
    assert house.ear.spoken() == ["(player_failed)"]


@pytest.mark.parametrize("item", [book, music])
async def test_what_is_not_live_is_never_reopened(house: House, item: object):
    await house.playing(item())  # type: ignore[operator]
    await house.inject("Dinner")
    await house.quiet()
    assert len(house.speaker.playbacks) == 1
