"""How notices travel: order, deadline, failure, re-entrancy, stop (Engine F9, F14-F16, F18)."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Activity, Channel, FocusManager
from tests.engine.focus.observers import (
    DUCKED,
    FOREGROUND,
    MINUTES,
    MIXABLE,
    NONE,
    NONMIXABLE,
    PAUSED,
    Observer,
    open_stage,
)


async def test_every_none_then_every_background_is_complete_before_the_foreground(stage):
    await stage.music(name="music", delay=0.4)
    await stage.book(patience=timedelta(0), delay=0.6)
    speech = stage.make(Channel.DIALOG, "speech", MIXABLE)
    await stage.acquire(speech)
    assert stage.log.done[-3:] == [("book", NONE), ("music", DUCKED), ("speech", FOREGROUND)]
    assert stage.log.began.index(("music", DUCKED)) > stage.log.began.index(("book", NONE))


async def test_two_that_pause_together_do_not_wait_for_each_other(stage):
    loop = asyncio.get_running_loop()
    await stage.music(delay=0.6)
    await stage.siren(patience=MINUTES, delay=0.6)
    speech = await stage.speech()
    before = loop.time()
    await stage.manager.set_content_type(speech, NONMIXABLE)
    await stage.manager.settled()
    assert stage.log.done[-2:] == [("siren", PAUSED), ("music", PAUSED)]
    assert loop.time() - before == pytest.approx(0.6)


async def test_a_slow_one_delays_the_next_by_the_deadline_and_no_more(stage, caplog):
    loop = asyncio.get_running_loop()
    book = await stage.book()
    book.observer.on[PAUSED] = asyncio.Event().wait
    before = loop.time()
    speech = await stage.speech()
    assert loop.time() - before == pytest.approx(1)
    assert speech.observer.heard == [FOREGROUND]
    assert "focus.observer_slow activity=book" in caplog.text


async def test_what_a_slow_one_is_told_later_arrives_in_order(stage):
    music = await stage.music()
    music.observer.delay = 3
    speech = await stage.speech()
    call = stage.make(Channel.COMMS, "call")
    await stage.release(speech)
    await stage.acquire(call)
    await stage.release(music)
    assert music.observer.heard == [FOREGROUND, DUCKED]
    await asyncio.sleep(20)
    assert music.observer.finished == [FOREGROUND, DUCKED, FOREGROUND, PAUSED, NONE]
    assert music.observer.heard == music.observer.finished


async def test_one_that_never_returns_delays_no_further_event(stage):
    loop = asyncio.get_running_loop()
    book = await stage.book()
    book.observer.on[PAUSED] = asyncio.Event().wait
    speech = await stage.speech()
    before = loop.time()
    for _ in range(10):
        await stage.release(speech)
        speech = await stage.speech()
    assert loop.time() == before


async def test_one_that_was_slow_and_is_back_is_waited_for_again(stage):
    book = await stage.book()
    book.observer.on[PAUSED] = lambda: asyncio.sleep(2)
    speech = await stage.speech()
    await asyncio.sleep(3)
    await stage.release(speech)
    book.observer.on[PAUSED] = lambda: asyncio.sleep(0.5)
    stage.log.done.clear()
    await stage.speech()
    assert stage.log.done == [("book", PAUSED), ("speech", FOREGROUND)]


async def test_a_slow_one_in_one_room_does_not_delay_another_room(stage):
    loop = asyncio.get_running_loop()
    async with open_stage() as other:
        await stage.book(observer=Observer(delay=0.9))
        pending = asyncio.create_task(stage.speech())
        await asyncio.sleep(0)
        before = loop.time()
        speech = await other.speech()
        assert speech.observer.heard == [FOREGROUND]
        assert loop.time() == before
        await pending


async def test_an_event_is_accepted_while_a_slow_one_is_waited_for(stage):
    await stage.manager.acquire(stage.make(Channel.CONTENT, "book", delay=0.9))
    speech = stage.make(Channel.DIALOG, "speech")
    await stage.manager.acquire(speech)
    assert stage.manager.foreground is speech
    await stage.manager.settled()
    assert stage.log.done == [("book", FOREGROUND), ("book", NONE), ("speech", FOREGROUND)]


async def test_the_deadline_is_the_managers_own():
    loop = asyncio.get_running_loop()
    async with open_stage(observer_deadline=timedelta(seconds=3)) as stage:
        before = loop.time()
        await stage.book(observer=Observer(delay=4))
        assert loop.time() - before == pytest.approx(3)


async def test_one_observer_of_two_activities_hears_one_thing_at_a_time(stage):
    both = Observer("both", log=stage.log, delay=0.2)
    await stage.acquire(stage.make(Channel.CONTENT, "one", observer=both, patience=MINUTES))
    await stage.acquire(stage.make(Channel.CONTENT, "two", observer=both, patience=MINUTES))
    await stage.speech()
    await stage.manager.stop()
    begun_and_done = [what for pair in zip(stage.log.began, stage.log.done, strict=True) for what in pair]
    assert begun_and_done[::2] == begun_and_done[1::2]
    assert both.heard == [FOREGROUND, PAUSED, FOREGROUND, PAUSED, NONE, NONE]


async def test_settled_waits_for_the_events_so_far_and_not_for_later_ones(stage):
    await stage.manager.acquire(stage.make(Channel.CONTENT, "book", delay=0.5))
    waiter = asyncio.create_task(stage.manager.settled())
    await asyncio.sleep(0.1)
    await stage.manager.acquire(stage.make(Channel.DIALOG, "speech", delay=0.9))
    await waiter
    assert stage.log.done == [("book", FOREGROUND)]


async def test_settled_may_be_given_up(stage):
    await stage.manager.acquire(stage.make(Channel.CONTENT, "book", delay=0.5))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await stage.manager.settled()
    await stage.manager.settled()
    assert stage.log.done == [("book", FOREGROUND)]


@pytest.mark.parametrize("delay", [0, 0.5])
async def test_one_that_raises_is_logged_by_name_and_the_others_live_on(stage, caplog, delay):
    book = await stage.book(error=ValueError("no such chapter"), delay=delay)
    speech = await stage.speech()
    await stage.release(speech)
    assert book.observer.heard == [FOREGROUND, PAUSED, FOREGROUND]
    assert speech.observer.heard == [FOREGROUND, NONE]
    assert "activity=book" in caplog.text
    assert "no such chapter" in caplog.text


@pytest.mark.parametrize("delay", [0, 0.5])
async def test_one_that_is_cancelled_from_elsewhere_is_logged_by_name(stage, caplog, delay):
    book = await stage.book(error=asyncio.CancelledError, delay=delay)
    await stage.speech()
    assert book.observer.heard == [FOREGROUND, PAUSED]
    assert "focus.observer_failed activity=book" in caplog.text


async def test_an_observer_without_the_methods_is_logged_by_name(stage, caplog):
    await stage.acquire(Activity(Channel.CONTENT, "broken", object()))
    speech = await stage.speech()
    assert speech.observer.heard == [FOREGROUND]
    assert "activity=broken" in caplog.text


async def test_what_an_observer_asks_for_takes_effect_after_the_transition(stage):
    siren = stage.make(Channel.ALERT, "siren")
    music = await stage.music(name="music")
    await stage.book(patience=timedelta(0))
    music.observer.on[DUCKED] = lambda: stage.manager.acquire(siren)
    stage.log.began.clear()
    speech = await stage.speech()
    assert stage.log.began == [("book", NONE), ("music", DUCKED), ("speech", FOREGROUND), ("siren", PAUSED)]
    assert stage.manager.foreground is speech


async def test_an_observer_may_release_itself_from_inside(stage):
    book = await stage.book()
    book.observer.on[PAUSED] = lambda: stage.manager.release(book)
    speech = await stage.speech()
    assert book.observer.heard == [FOREGROUND, PAUSED, NONE]
    assert speech.observer.heard == [FOREGROUND]


async def test_an_observer_may_ask_after_it_has_waited(stage):
    async def swap():
        await asyncio.sleep(0.3)
        await stage.manager.release(book)
        await stage.manager.acquire(stage.make(Channel.CONTENT, "next"))

    book = stage.make(Channel.CONTENT, "book")
    book.observer.on[FOREGROUND] = swap
    await stage.acquire(book)
    await stage.manager.settled()
    assert stage.log.done == [("book", FOREGROUND), ("book", NONE), ("next", FOREGROUND)]


async def test_a_late_one_that_asks_while_it_catches_up_is_served_after_its_notice(stage):
    book = await stage.book()
    book.observer.on[PAUSED] = lambda: asyncio.sleep(2)
    speech = await stage.speech()
    siren = stage.make(Channel.ALERT, "siren")
    book.observer.on[FOREGROUND] = lambda: stage.manager.acquire(siren)
    await stage.release(speech)
    await asyncio.sleep(2)
    assert stage.log.began[-3:] == [("book", FOREGROUND), ("book", PAUSED), ("siren", FOREGROUND)]
    await asyncio.sleep(3)


@pytest.mark.parametrize("delay", [0, 0.3])
@pytest.mark.parametrize("what", ["stop", "settled"])
async def test_waiting_for_itself_is_refused_inside_a_notice(stage, what, delay):
    refused = []

    async def wait_for_itself():
        await asyncio.sleep(delay) if delay else None
        try:
            await getattr(stage.manager, what)()
        except RuntimeError as error:
            refused.append(str(error))

    book = stage.make(Channel.CONTENT, "book")
    book.observer.on[FOREGROUND] = wait_for_itself
    await stage.acquire(book)
    assert len(refused) == 1
    assert what in refused[0]
    assert stage.manager.foreground is book


async def test_a_task_begun_by_an_observer_may_wait_for_the_manager(stage):
    async def begin():
        begin.task = asyncio.create_task(stage.manager.settled())

    book = stage.make(Channel.CONTENT, "book", delay=0.2)
    book.observer.on[FOREGROUND] = begin
    await stage.acquire(book)
    await begin.task


async def test_a_timeout_inside_an_observer_hits_the_observer_and_not_the_caller(stage):
    async def give_up():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asyncio.sleep(60)

    book = stage.make(Channel.CONTENT, "book")
    book.observer.on[FOREGROUND] = give_up
    await stage.manager.acquire(book)
    await asyncio.sleep(0.5)
    assert book.observer.finished == [FOREGROUND]


async def test_observers_that_call_each_other_up_for_ever_do_not_hold_up_the_house(stage):
    rounds = iter(range(5000))

    def ask_for(other):
        async def ask():
            if next(rounds, None) is not None:
                await stage.manager.acquire(other)

        return ask

    one, two = (stage.make(Channel.CONTENT, name) for name in ("one", "two"))
    one.observer.on[FOREGROUND] = ask_for(two)
    two.observer.on[FOREGROUND] = ask_for(one)
    await stage.manager.acquire(one)
    assert next(rounds, None) is not None
    await asyncio.sleep(0)
    assert next(rounds, None) is not None
    await stage.manager.stop()
    assert stage.manager.snapshot() == ()


async def test_stop_ends_everything_with_the_strongest_first(stage):
    await stage.book()
    await stage.call(patience=MINUTES)
    await stage.speech()
    await stage.siren()
    stage.log.began.clear()
    await stage.manager.stop()
    assert stage.log.began == [("speech", NONE), ("call", NONE), ("siren", NONE), ("book", NONE)]
    assert stage.manager.foreground is None


async def test_stop_cuts_a_hanging_call_short_and_still_says_none(stage):
    loop = asyncio.get_running_loop()
    book = await stage.book()
    book.observer.on[PAUSED] = asyncio.Event().wait
    speech = await stage.speech()
    await stage.release(speech)
    before = loop.time()
    await stage.manager.stop()
    assert book.observer.heard == [FOREGROUND, PAUSED, NONE]
    assert loop.time() - before < 3


async def test_stop_lets_a_late_call_finish_within_the_deadline(stage):
    book = await stage.book()
    book.observer.on[PAUSED] = lambda: asyncio.sleep(1.5)
    await stage.speech()
    await stage.manager.stop()
    assert book.observer.finished == [FOREGROUND, PAUSED, NONE]


async def test_stop_ends_though_an_observer_hangs_in_none_itself(stage):
    book = await stage.book()
    book.observer.on[NONE] = asyncio.Event().wait
    await stage.manager.stop()
    assert book.observer.heard == [FOREGROUND, NONE]
    assert len(asyncio.all_tasks()) == 1


async def test_stop_lets_go_of_an_observer_that_heeds_no_cancellation(stage, caplog):
    async def stubborn():
        for _ in range(5):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                await asyncio.sleep(10)

    book = await stage.book()
    book.observer.on[PAUSED] = stubborn
    await stage.speech()
    await stage.manager.stop()
    assert "focus.observer_ignores_cancellation activity=book" in caplog.text
    await asyncio.sleep(100)


async def test_stop_forgets_the_patience_of_everybody(stage):
    book = await stage.book(patience=timedelta(seconds=5))
    await stage.speech()
    await stage.manager.stop()
    await asyncio.sleep(10)
    assert book.observer.heard == [FOREGROUND, PAUSED, NONE]


async def test_stop_twice_or_before_start_is_no_error(stage):
    await FocusManager().stop()
    await stage.book()
    await asyncio.gather(stage.manager.stop(), stage.manager.stop())
    await stage.manager.stop()
    assert stage.log.began == [("book", FOREGROUND), ("book", NONE)]


async def test_nothing_is_accepted_before_start_or_after_stop_and_a_late_release_is_no_error(stage):
    book = stage.make(Channel.CONTENT, "book")
    with pytest.raises(RuntimeError, match="book"):
        await FocusManager().acquire(book)
    await FocusManager().release(book)
    await FocusManager().settled()
    await stage.manager.stop()
    with pytest.raises(RuntimeError, match="book"):
        await stage.manager.acquire(book)
    await stage.manager.release(book)


async def test_an_observer_that_wants_more_while_the_manager_stops_is_refused(stage, caplog):
    book = await stage.book()
    book.observer.on[NONE] = lambda: stage.manager.acquire(book)
    await stage.manager.stop()
    assert stage.manager.snapshot() == ()
    assert "not running" in caplog.text


async def test_a_stopped_manager_can_be_started_again(stage):
    await stage.manager.stop()
    await stage.manager.start()
    book = await stage.book()
    assert book.observer.heard == [FOREGROUND]


async def test_an_observer_that_does_not_wait_costs_no_turn_of_the_loop(stage):
    turns = []
    asyncio.get_running_loop().call_soon(turns.append, 1)
    music = stage.make(Channel.CONTENT, "music", MIXABLE, MINUTES)
    speech = stage.make(Channel.DIALOG, "speech", MIXABLE)
    await stage.manager.acquire(music)
    await stage.manager.acquire(speech)
    await stage.manager.release(speech)
    await stage.manager.settled()
    assert music.observer.finished == [FOREGROUND, DUCKED, FOREGROUND]
    assert turns == []
    assert len(asyncio.all_tasks()) == 1


async def test_an_observer_that_waits_gets_one_task_with_its_name(stage):
    await stage.manager.acquire(stage.make(Channel.CONTENT, "music", delay=0.1))
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert [task.get_name() for task in others] == ["huxley focus music"]
