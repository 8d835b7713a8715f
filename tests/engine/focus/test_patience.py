"""How long a displaced one waits, and how it ends (Engine F5-F7)."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Channel
from tests.engine.focus.observers import (
    DUCKED,
    EXPIRED,
    FOREGROUND,
    MIXABLE,
    NONE,
    NONMIXABLE,
    PAUSED,
    Observer,
    open_stage,
)

FIVE_SECONDS = timedelta(seconds=5)


async def test_without_patience_a_displaced_one_is_over_at_once(stage):
    book = await stage.book(patience=timedelta(0))
    await stage.speech()
    assert book.observer.heard == [FOREGROUND, NONE]
    assert len(stage.manager.snapshot()) == 1


async def test_back_in_time_it_is_heard_again_and_its_patience_never_ends(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    speech = await stage.speech()
    await asyncio.sleep(4.9)
    await stage.release(speech)
    await asyncio.sleep(60)
    assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]


async def test_its_patience_begins_anew_when_it_is_displaced_again(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    for _ in range(3):
        speech = await stage.speech()
        await asyncio.sleep(4)
        await stage.release(speech)
    assert book.observer.heard == [FOREGROUND, *[PAUSED, FOREGROUND] * 3]


async def test_a_further_interruption_does_not_renew_its_patience(stage):
    music = await stage.music(patience=FIVE_SECONDS)
    await stage.speech()
    await asyncio.sleep(3)
    await stage.speech("more speech")
    await asyncio.sleep(1.9)
    assert music.observer.heard == [FOREGROUND, DUCKED]
    await asyncio.sleep(0.2)
    assert music.observer.heard == [FOREGROUND, DUCKED, EXPIRED, NONE]


async def test_when_its_patience_ends_it_says_goodbye_once_and_then_is_over(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    speech = await stage.speech()
    await asyncio.sleep(5.1)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
    await stage.release(speech)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
    assert stage.manager.foreground is None


async def test_each_waits_its_own_patience(stage):
    patient = await stage.book(name="patient", patience=timedelta(seconds=20))
    hasty = await stage.book(name="hasty", patience=FIVE_SECONDS)
    await stage.speech()
    await asyncio.sleep(5.1)
    assert hasty.observer.heard[-1] == NONE
    assert patient.observer.heard[-1] == PAUSED
    await asyncio.sleep(15)
    assert patient.observer.heard[-2:] == [EXPIRED, NONE]


async def test_two_whose_patience_ends_together_both_say_goodbye_before_either_is_over(stage):
    siren = await stage.siren(patience=FIVE_SECONDS)
    book = stage.make(Channel.CONTENT, "book", patience=FIVE_SECONDS)
    await stage.release(siren)
    await stage.acquire(book)
    await stage.siren(name="second siren", patience=FIVE_SECONDS)
    await stage.speech()
    await asyncio.sleep(5.1)
    assert stage.log.began[-4:] == [
        ("second siren", EXPIRED),
        ("book", EXPIRED),
        ("second siren", NONE),
        ("book", NONE),
    ]


async def test_one_whose_patience_ends_lets_the_next_of_its_channel_duck(stage):
    older = await stage.music(name="older")
    await stage.music(name="newer", patience=FIVE_SECONDS)
    await stage.speech()
    await asyncio.sleep(5.1)
    assert older.observer.heard == [FOREGROUND, PAUSED, DUCKED]


async def test_a_farewell_that_raises_is_logged_and_it_is_over_all_the_same(stage, caplog):
    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = raises(OSError("the disk is full"))
    await stage.speech()
    await asyncio.sleep(5.1)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
    assert "activity=book" in caplog.text
    assert "the disk is full" in caplog.text


async def test_a_farewell_that_outlasts_the_deadline_is_cancelled_and_it_is_over(stage, caplog):
    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = asyncio.Event().wait
    await stage.speech()
    await asyncio.sleep(5.5)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED]
    await asyncio.sleep(0.6)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
    assert EXPIRED not in book.observer.finished
    assert "focus.observer_slow activity=book" in caplog.text
    assert "focus.observer_failed" not in caplog.text


async def test_a_farewell_that_heeds_no_cancellation_holds_up_only_itself(stage):
    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(10)

    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = stubborn
    speech = await stage.speech()
    await asyncio.sleep(5.1)
    await stage.manager.release(speech)
    await asyncio.sleep(2)
    assert speech.observer.heard == [FOREGROUND, NONE]
    assert NONE not in book.observer.heard
    await asyncio.sleep(9)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]


async def test_a_promotion_during_the_farewell_comes_too_late(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = sleeps(0.5)
    speech = await stage.speech()
    await asyncio.sleep(5.2)
    await stage.release(speech)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
    assert stage.manager.foreground is None


async def test_a_release_during_the_farewell_adds_nothing(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = sleeps(0.5)
    await stage.speech()
    await asyncio.sleep(5.2)
    await stage.release(book)
    assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]


@pytest.mark.parametrize("first", ["promotion", "expiry"])
async def test_a_promotion_at_the_very_moment_of_expiry_wins_or_loses_as_a_whole(stage, first):
    loop = asyncio.get_running_loop()
    book = await stage.book(patience=FIVE_SECONDS)
    speech = stage.make(Channel.DIALOG, "speech")
    moment = loop.time() + FIVE_SECONDS.total_seconds()

    def promote():
        asyncio.Task(stage.manager.release(speech), loop=loop, eager_start=True)

    if first == "promotion":
        loop.call_at(moment, promote)
    await stage.acquire(speech)
    if first == "expiry":
        loop.call_at(moment, promote)
    await asyncio.sleep(10)
    if first == "promotion":
        assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]
        assert stage.manager.foreground is book
    else:
        assert book.observer.heard == [FOREGROUND, PAUSED, EXPIRED, NONE]
        assert stage.manager.foreground is None


async def test_a_promotion_decided_before_the_expiry_wins_though_its_notice_is_still_on_its_way(stage):
    book = await stage.book(patience=FIVE_SECONDS)
    speech = await stage.speech(delay=0.9)
    await asyncio.sleep(3.8)
    await stage.manager.release(speech)
    await asyncio.sleep(10)
    assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]


async def test_the_farewell_may_ask_to_speak(stage):
    goodbye = stage.make(Channel.DIALOG, "goodbye", MIXABLE)
    book = await stage.book(patience=FIVE_SECONDS)
    book.observer.on[EXPIRED] = lambda: stage.manager.acquire(goodbye)
    await stage.call()
    await asyncio.sleep(5.1)
    assert stage.log.began[-4:] == [
        ("book", EXPIRED),
        ("book", NONE),
        ("call", NONE),
        ("goodbye", FOREGROUND),
    ]


async def test_a_content_type_set_while_it_waits_does_not_renew_its_patience(stage):
    music = await stage.music(patience=FIVE_SECONDS)
    await stage.speech()
    await asyncio.sleep(3)
    await stage.manager.set_content_type(music, NONMIXABLE)
    await asyncio.sleep(2.1)
    assert music.observer.heard == [FOREGROUND, DUCKED, PAUSED, EXPIRED, NONE]


async def test_the_snapshot_says_since_when():
    async with open_stage() as stage:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await stage.book(observer=Observer())
        await asyncio.sleep(7)
        await stage.speech()
        await asyncio.sleep(7)
        assert [held.since - began for held in stage.manager.snapshot()] == pytest.approx([7, 7])


def raises(error):
    async def hook():
        raise error

    return hook


def sleeps(seconds):
    async def hook():
        await asyncio.sleep(seconds)

    return hook
