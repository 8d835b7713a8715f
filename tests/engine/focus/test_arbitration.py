"""Who is heard and how (Engine F1-F5, F8, F10-F13)."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Channel, ChannelBusyError, FocusState
from tests.engine.focus.observers import DUCKED, FOREGROUND, MINUTES, MIXABLE, NONE, NONMIXABLE, PAUSED, Observer


def test_the_four_channels_have_their_priorities_and_only_comms_is_exclusive():
    assert {channel: (channel.priority, channel.exclusive) for channel in Channel} == {
        Channel.DIALOG: (100, False),
        Channel.COMMS: (150, True),
        Channel.ALERT: (200, False),
        Channel.CONTENT: (300, False),
    }


async def test_who_comes_alone_is_heard_in_full(stage):
    book = await stage.book()
    assert book.observer.heard == [FOREGROUND]
    assert stage.manager.foreground is book


async def test_who_leaves_hears_none_and_nobody_is_foreground(stage):
    book = await stage.book()
    await stage.release(book)
    assert book.observer.heard == [FOREGROUND, NONE]
    assert stage.manager.foreground is None
    assert stage.manager.snapshot() == ()


async def test_the_same_name_replaces_the_older_one_whatever_its_patience(stage):
    first = await stage.book()
    second = await stage.book()
    assert first.observer.log is second.observer.log
    assert stage.log.began == [("book", FOREGROUND), ("book", NONE), ("book", FOREGROUND)]
    assert stage.manager.foreground is second


async def test_a_replaced_one_finishes_before_the_newcomer_hears_anything(stage):
    await stage.acquire(stage.make(Channel.CONTENT, "radio", observer=Observer("old", log=stage.log, delay=0.5)))
    await stage.acquire(stage.make(Channel.CONTENT, "radio", observer=Observer("new", log=stage.log)))
    assert stage.log.done == [("old", FOREGROUND), ("old", NONE), ("new", FOREGROUND)]


async def test_a_parked_one_is_replaced_by_its_namesake_without_disturbing_the_speech(stage):
    await stage.book(observer=Observer("old", log=stage.log))
    speech = await stage.speech()
    await stage.book(observer=Observer("new", log=stage.log))
    assert stage.log.began[-2:] == [("old", NONE), ("new", PAUSED)]
    assert speech.observer.heard == [FOREGROUND]


async def test_the_same_activity_acquired_again_ends_and_begins_again(stage):
    book = await stage.book()
    await stage.acquire(book)
    assert book.observer.heard == [FOREGROUND, NONE, FOREGROUND]


async def test_the_same_name_on_another_channel_is_another_activity(stage):
    book = await stage.book(name="story")
    await stage.speech(name="story", observer=Observer("voice"))
    assert book.observer.heard == [FOREGROUND, PAUSED]


async def test_the_newest_of_a_channel_is_heard_and_the_older_comes_back(stage):
    book = await stage.book()
    music = await stage.music()
    assert stage.manager.foreground is music
    await stage.release(music)
    assert stage.manager.foreground is book
    assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("book", "siren"),
        ("book", "call"),
        ("book", "speech"),
        ("siren", "call"),
        ("siren", "speech"),
        ("call", "speech"),
    ],
)
async def test_the_stronger_channel_is_heard_in_whatever_order_they_come(stage, weaker, stronger):
    low = await getattr(stage, weaker)(patience=MINUTES)
    high = await getattr(stage, stronger)()
    assert stage.manager.foreground is high
    await stage.release(high)
    assert stage.manager.foreground is low
    high = await getattr(stage, stronger)(name="again")
    late = await getattr(stage, weaker)(name="call" if weaker == "call" else "late")
    assert stage.manager.foreground is high
    assert late.observer.heard[-1][0] is FocusState.BACKGROUND


async def test_the_snapshot_lists_the_strongest_first_and_the_newest_first_within_a_channel(stage):
    book = await stage.book()
    music = await stage.music()
    speech = await stage.speech()
    siren = await stage.siren()
    assert [held.activity for held in stage.manager.snapshot()] == [speech, siren, music, book]
    assert [(held.state, held.behavior) for held in stage.manager.snapshot()] == [FOREGROUND, DUCKED, DUCKED, PAUSED]


@pytest.mark.parametrize(
    ("content", "over", "expected"),
    [
        (MIXABLE, "speech", DUCKED),
        (MIXABLE, "siren", DUCKED),
        (MIXABLE, "call", PAUSED),
        (NONMIXABLE, "speech", PAUSED),
        (NONMIXABLE, "siren", PAUSED),
        (NONMIXABLE, "call", PAUSED),
    ],
)
async def test_music_ducks_under_words_and_pauses_under_a_call_and_a_book_pauses_under_both(
    stage, content, over, expected
):
    activity = await stage.acquire(stage.make(Channel.CONTENT, "content", content, MINUTES))
    await getattr(stage, over)()
    assert activity.observer.heard == [FOREGROUND, expected]


async def test_only_the_primary_of_a_channel_may_duck(stage):
    older = await stage.music(name="older")
    newer = await stage.music(name="newer")
    await stage.speech()
    assert older.observer.heard[-1] == PAUSED
    assert newer.observer.heard[-1] == DUCKED


async def test_the_older_one_under_speech_may_duck_once_the_newer_has_left(stage):
    older = await stage.music(name="older")
    newer = await stage.music(name="newer")
    await stage.speech()
    await stage.release(newer)
    assert older.observer.heard == [FOREGROUND, PAUSED, DUCKED]


async def test_who_arrives_under_a_stronger_one_waits_without_a_limit(stage):
    speech = await stage.speech()
    music = await stage.music(patience=timedelta(0))
    assert music.observer.heard == [DUCKED]
    await asyncio.sleep(24 * 3600)
    await stage.release(speech)
    assert music.observer.heard == [DUCKED, FOREGROUND]


async def test_music_ducked_by_speech_pauses_for_a_call_and_ducks_again_after_it(stage):
    music = await stage.music()
    siren = await stage.siren(patience=MINUTES)
    call = await stage.call()
    assert music.observer.heard == [FOREGROUND, DUCKED, PAUSED]
    await stage.release(call)
    assert music.observer.heard == [FOREGROUND, DUCKED, PAUSED, DUCKED]
    await stage.release(siren)
    assert music.observer.heard[-1] == FOREGROUND


async def test_a_content_type_set_live_changes_how_it_sounds_under_speech(stage):
    music = await stage.music()
    await stage.speech()
    await stage.manager.set_content_type(music, NONMIXABLE)
    await stage.manager.set_content_type(music, MIXABLE)
    await stage.manager.settled()
    assert music.observer.heard == [FOREGROUND, DUCKED, PAUSED, DUCKED]


async def test_a_content_type_set_on_the_foreground_changes_those_below(stage):
    music = await stage.music()
    speech = await stage.speech()
    await stage.manager.set_content_type(speech, NONMIXABLE)
    await stage.manager.settled()
    assert music.observer.heard == [FOREGROUND, DUCKED, PAUSED]
    assert speech.observer.heard == [FOREGROUND]


async def test_a_content_type_that_changes_nothing_audible_tells_nobody_and_is_kept(stage):
    music = await stage.music()
    await stage.manager.set_content_type(music, NONMIXABLE)
    await stage.speech()
    assert music.observer.heard == [FOREGROUND, PAUSED]


async def test_the_content_type_of_one_that_is_gone_is_ignored(stage):
    music = await stage.music()
    book = await stage.book()
    await stage.release(music)
    await stage.manager.set_content_type(music, NONMIXABLE)
    assert stage.manager.foreground is book
    assert music.observer.heard[-1] == NONE


async def test_nobody_hears_the_same_twice_running(stage):
    book = await stage.book()
    siren = await stage.siren(patience=MINUTES)
    await stage.call()
    await stage.speech()
    assert book.observer.heard == [FOREGROUND, PAUSED]
    assert siren.observer.heard == [FOREGROUND, PAUSED, DUCKED]


async def test_a_second_call_is_refused_and_the_first_unharmed(stage):
    call = await stage.call("maria")
    with pytest.raises(ChannelBusyError, match="maria"):
        await stage.call("pedro")
    assert call.observer.heard == [FOREGROUND]
    assert [held.activity for held in stage.manager.snapshot()] == [call]


async def test_a_second_call_is_refused_while_the_first_is_in_the_background(stage):
    await stage.call("maria", patience=MINUTES)
    await stage.speech()
    with pytest.raises(ChannelBusyError):
        await stage.call("pedro")


async def test_the_line_is_free_once_the_call_has_ended(stage):
    await stage.release(await stage.call("maria"))
    pedro = await stage.call("pedro")
    assert stage.manager.foreground is pedro


async def test_stopping_the_foreground_brings_the_next_one_back(stage):
    book = await stage.book()
    speech = await stage.speech()
    await stage.manager.stop_foreground()
    await stage.manager.settled()
    assert speech.observer.heard == [FOREGROUND, NONE]
    assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]


async def test_a_stale_stop_is_ignored(stage):
    book = await stage.book()
    speech = await stage.speech()
    await stage.manager.stop_foreground(expected=book)
    assert stage.manager.foreground is speech
    await stage.manager.stop_foreground(expected=speech)
    assert stage.manager.foreground is book


async def test_stopping_when_nobody_is_heard_is_no_error(stage):
    await stage.manager.stop_foreground()
    assert stage.manager.snapshot() == ()


async def test_releasing_what_is_gone_or_never_came_is_no_error(stage):
    book = await stage.book()
    music = stage.make(Channel.CONTENT, "music")
    await stage.release(music)
    await stage.release(book)
    await stage.release(book)
    assert book.observer.heard == [FOREGROUND, NONE]
    assert music.observer.heard == []


async def test_a_late_release_of_a_replaced_one_does_not_touch_its_successor(stage):
    observer = Observer("radio", log=stage.log)
    first = await stage.acquire(stage.make(Channel.CONTENT, "radio", observer=observer))
    second = await stage.acquire(stage.make(Channel.CONTENT, "radio", observer=observer))
    assert first == second
    await stage.release(first)
    assert stage.manager.foreground is second
    assert observer.heard == [FOREGROUND, NONE, FOREGROUND]


async def test_releasing_a_background_does_not_disturb_the_foreground(stage):
    book = await stage.book()
    speech = await stage.speech()
    await stage.release(book)
    assert speech.observer.heard == [FOREGROUND]
    assert book.observer.heard == [FOREGROUND, PAUSED, NONE]
