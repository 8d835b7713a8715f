"""Engine T7, T8, A4: which commands the device gets, and which it is spared."""

import asyncio
import logging
from dataclasses import replace

import pytest

from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.turn.content import Content
from tests.engine.turn.house import BLOCK, PREEMPT, House, book, music, speaker_error


def commands(house: House, title: str) -> list[str]:
    """What was asked of the device for `title`, in order."""
    return [what.removesuffix(f" {title}") for what in house.ear.commands() if what.endswith(f" {title}")]


@pytest.mark.parametrize("item", [music("it"), book("it")], ids=["music", "book"])
async def test_content_that_comes_under_speech_gets_no_command_before_it_starts(house: House, item: object):
    await house.inject("One two three four")
    await asyncio.sleep(0.5)
    await house.room.play(item)  # type: ignore[arg-type]
    await house.quiet()
    assert commands(house, "it") == ["start"]
    content = house.room.deck.content
    assert content is not None
    assert content.playing


async def test_content_that_is_paused_already_is_not_paused_again(house: House):
    await house.playing(book())
    content = house.room.deck.content
    assert content is not None
    await content.set_held(held=True)
    await house.inject("One two", BLOCK)
    await house.quiet()
    await content.set_held(held=False)
    assert commands(house, "book") == ["start", "pause", "resume"]


async def test_music_that_a_call_paused_is_heard_softly_under_the_words_that_end_the_call(house: House):
    await house.playing(music())
    await house.call()
    await asyncio.sleep(1)
    await house.inject("Smoke in the kitchen", PREEMPT)
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


@pytest.mark.parametrize("error", [speaker_error(), RuntimeError("a bug in the driver")])
async def test_a_device_that_failed_is_stopped_once(house: House, error: Exception):
    house.speaker.errors["start"] = error
    await house.room.play(music())
    await house.quiet()
    assert commands(house, "waltz") == ["start", "stop"]


async def test_content_stopped_while_it_starts_is_no_failure(house: House, caplog: pytest.LogCaptureFixture):
    house.speaker.delays["start"] = 2
    with caplog.at_level(logging.WARNING):
        await house.room.play(music())
        await asyncio.sleep(1)
        await house.room.stop_content()
        await house.quiet()
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_book_that_the_press_met_while_it_started_comes_back_by_its_own_way(house: House):
    house.speaker.delays["start"] = 2
    await house.room.play(book())
    await asyncio.sleep(1)
    await house.room.press()
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.heard_content() == ["book+"]


async def test_content_is_over_once_however_often_the_device_says_so(house: House):
    ends: list[PlaybackEnd] = []
    Content.of(music(), house.room.deck.stage(lambda _, end: ends.append(end)))
    house.speaker.playbacks[-1].end(PlaybackEnd.FINISHED)
    house.speaker.playbacks[-1].end(PlaybackEnd.FAILED)
    assert ends == [PlaybackEnd.FINISHED]


async def test_content_that_was_stopped_does_not_play(house: House):
    await house.playing(music())
    content = house.room.deck.content
    assert content is not None
    assert content.playing
    await house.room.stop_content()
    assert not content.playing


async def test_a_stop_clears_the_deck_at_once_although_the_device_is_still_pausing(house: House):
    house.speaker.delays["pause"] = 3
    await house.playing(book())
    await house.inject("One")
    await asyncio.sleep(0.5)
    assert await house.room.stop_content()
    assert house.room.deck.content is None
    await house.quiet()
    assert commands(house, "book")[-1] == "stop"


async def test_a_book_whose_way_back_raised_is_not_tried_again(house: House):
    tried: list[str] = []

    def lost() -> AudioStream:
        tried.append("resume")
        raise RuntimeError("the file is gone")

    await house.playing(replace(book(), resume=lost))
    await house.say_to()
    await house.quiet()
    await house.say_to()
    await house.quiet()
    assert tried == ["resume"]
    assert house.ear.spoken() == ["All right.", "(player_failed)", "All right."]
