"""Onlookers hear that the focus changed, and change nothing themselves."""

import asyncio

from custom_components.huxley.engine.focus import Channel
from tests.engine.focus.observers import MINUTES


async def test_an_onlooker_sees_each_new_foreground(stage):
    seen = []
    stage.manager.listen(lambda: seen.append(stage.manager.foreground))
    book = await stage.book()
    speech = await stage.speech()
    await stage.release(speech)
    await stage.release(book)
    assert seen == [book, speech, book, None]


async def test_an_onlooker_hears_of_what_runs_out_of_patience_in_the_background(stage):
    await stage.book()
    await stage.speech()
    channels = []
    stage.manager.listen(lambda: channels.append([held.activity.channel for held in stage.manager.snapshot()]))
    await asyncio.sleep(MINUTES.total_seconds() + 1)
    assert channels == [[Channel.DIALOG]]


async def test_an_onlooker_that_looks_away_hears_no_more(stage):
    seen = []
    look_away = stage.manager.listen(lambda: seen.append("changed"))
    look_away()
    await stage.book()
    assert seen == []


async def test_an_onlooker_that_raises_disturbs_nobody(stage, caplog):
    def trip():
        raise RuntimeError("tripped")

    seen = []
    stage.manager.listen(trip)
    stage.manager.listen(lambda: seen.append("changed"))
    book = await stage.book()
    assert stage.manager.foreground is book
    assert seen == ["changed"]
    assert "focus.listener_failed" in caplog.text
