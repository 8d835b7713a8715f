"""Whatever happens, in whatever order, focus keeps its promises (Engine F2, F3, F6-F10, F14-F16)."""

import asyncio
import logging
from datetime import timedelta
from itertools import count, pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from custom_components.huxley.engine.focus import (
    Activity,
    Channel,
    ChannelBusyError,
    ContentType,
    FocusManager,
    FocusState,
)
from tests.engine.focus.observers import EXPIRED, FOREGROUND, NONE, Log, Observer
from tests.engine.virtual_time import VirtualTimeLoop, check_clean

DELAYS = {"prompt": 0.0, "slow": 0.6, "too slow": 2.5, "hangs": 10_000.0, "raises": 0.0}  # seconds
PATIENCE = st.sampled_from([timedelta(0), timedelta(seconds=2), timedelta(seconds=5)])


class Actor(Observer):
    """An observer whose style is known, and who may ask for more from inside a notice."""

    def __init__(self, number, style, log):
        super().__init__(number, log=log, delay=DELAYS[style], error=OSError if style == "raises" else None)
        self.on_time = DELAYS[style] < 1
        self.busy = False
        self.heard_two_at_once = False

    async def _note(self, what):
        self.heard_two_at_once |= self.busy
        self.busy = True
        try:
            await super()._note(what)
        finally:
            self.busy = False


class FocusMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.manager = FocusManager()
        self.runner.run(self.manager.start())
        self.log = Log()
        self.activities = []
        self.numbers = count()

    def make(self, data, channel):
        style = data.draw(st.sampled_from(sorted(DELAYS)))
        activity = Activity(
            channel,
            data.draw(st.sampled_from(["a", "b", "c"])),
            Actor(next(self.numbers), style, self.log),
            data.draw(st.sampled_from(ContentType)),
            data.draw(PATIENCE),
        )
        self.activities.append(activity)
        return activity

    def pick(self, data):
        return data.draw(st.sampled_from(self.activities))

    async def try_acquire(self, activity):
        holders = [held.activity for held in self.manager.snapshot() if held.activity.channel is Channel.COMMS]
        busy = activity.channel is Channel.COMMS and any(holder.name != activity.name for holder in holders)
        try:
            await self.manager.acquire(activity)
            assert not busy
        except ChannelBusyError:
            assert busy
            self.activities.remove(activity)

    @rule(data=st.data(), channel=st.sampled_from(Channel))
    def acquire(self, data, channel):
        self.runner.run(self.try_acquire(self.make(data, channel)))

    @precondition(lambda self: self.activities)
    @rule(data=st.data())
    def release(self, data):
        self.runner.run(self.manager.release(self.pick(data)))

    @precondition(lambda self: self.activities)
    @rule(data=st.data(), channel=st.sampled_from([Channel.DIALOG, Channel.ALERT, Channel.CONTENT]))
    def swap_from_inside(self, data, channel):
        """The next time it goes to the background or ends, it releases itself and asks for another."""
        activity = self.pick(data)
        successor = self.make(data, channel)
        pending = [successor]
        self.activities.remove(successor)

        async def swap():
            await self.manager.release(activity)
            if pending:
                self.activities.append(pending.pop())
                try:
                    await self.manager.acquire(successor)
                except RuntimeError:  # the manager stops
                    self.activities.remove(successor)

        for state in (*[(FocusState.BACKGROUND, b) for b in ("may_duck", "must_pause")], NONE, EXPIRED):
            activity.observer.on[state] = swap

    @precondition(lambda self: self.activities)
    @rule(data=st.data(), content_type=st.sampled_from(ContentType))
    def set_content_type(self, data, content_type):
        self.runner.run(self.manager.set_content_type(self.pick(data), content_type))

    @rule(data=st.data())
    def stop_foreground(self, data):
        expected = data.draw(st.sampled_from([None, *self.activities]))
        was = self.manager.foreground
        self.runner.run(self.manager.stop_foreground(expected))
        if was is not None:
            stopped = self.manager.foreground is not was
            assert stopped == (expected is None or expected is was)

    @rule(seconds=st.sampled_from([0.0, 0.3, 1.0, 2.0, 5.0]))
    def wait(self, seconds):
        self.runner.run(asyncio.sleep(seconds))

    async def settle_all(self):
        """Settle what observers ask for from inside, too."""
        told = -1
        while told != len(self.log.began):
            told = len(self.log.began)
            await self.manager.settled()

    @rule()
    def settle(self):
        self.runner.run(self.settle_all())
        for held in self.manager.snapshot():
            if held.activity.observer.on_time:
                assert held.activity.observer.heard[-1] == (held.state, held.behavior)

    @invariant()
    def at_most_one_is_in_the_foreground_and_it_is_the_strongest(self):
        snapshot = self.manager.snapshot()
        in_foreground = [held.activity for held in snapshot if held.state is FocusState.FOREGROUND]
        assert in_foreground == [held.activity for held in snapshot[:1]]
        assert all(held.state is not FocusState.NONE for held in snapshot)
        priorities = [held.activity.channel.priority for held in snapshot]
        assert priorities == sorted(priorities)
        identities = [(held.activity.channel, held.activity.name) for held in snapshot]
        assert len(set(identities)) == len(identities)

    def teardown(self):
        self.runner.run(self.manager.stop())
        loop = self.runner.get_loop()
        self.runner.close()
        check_clean(loop)
        self.check_that_nobody_on_time_talked_over_another()
        for activity in self.activities:
            check_one_life(activity.observer)

    def check_that_nobody_on_time_talked_over_another(self):
        on_time = {activity.observer.name for activity in self.activities if activity.observer.on_time}
        heard = set()
        for name, what in self.log.began:
            if name not in on_time:
                continue
            heard.discard(name)
            if what == FOREGROUND:
                assert not heard
                heard.add(name)


def check_one_life(observer):
    heard = observer.heard
    assert not observer.heard_two_at_once
    assert heard.count(NONE) == 1
    assert heard[-1] == NONE
    assert all(one != following for one, following in pairwise(heard))
    assert heard.count(EXPIRED) <= 1
    if EXPIRED in heard:
        assert heard[-2] == EXPIRED


def test_any_order_of_events(caplog):
    caplog.set_level(logging.CRITICAL, logger="custom_components.huxley.engine.focus")
    run_state_machine_as_test(
        FocusMachine,
        settings=settings(
            max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
