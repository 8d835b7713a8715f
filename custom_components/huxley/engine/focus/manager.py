"""The actor around the decision: takes events one by one, tells observers in order (Engine F9, F14-F18)."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Final

from ..listeners import Listeners
from .activity import Activity
from .channels import ContentType
from .decision import (
    NONE,
    Acquired,
    Cleared,
    ContentTypeSet,
    Event,
    ForegroundStopped,
    HeldActivity,
    Notice,
    PatienceEnded,
    Released,
    Stack,
    decide,
    next_expiry,
)

_LOGGER = logging.getLogger(__name__)

OBSERVER_DEADLINE: Final = timedelta(seconds=1)  # a media player that takes longer is not coming back soon
BURST: Final = 256  # steps told without a break; observers that acquire for ever must not hold up the house


class _Lane:
    """An observer in the middle of a call, and what it is told next."""

    __slots__ = ("call", "cancelled", "late", "notice", "queue", "timer")

    call: asyncio.Task[None]
    notice: Notice
    timer: asyncio.TimerHandle

    def __init__(self) -> None:
        self.queue: deque[Notice] = deque()
        self.cancelled = False
        """The call in progress was cancelled and is expected to end."""

        self.late = False
        """It has outlasted its deadline; nobody waits for it any more (Engine F9)."""


class FocusManager:
    """Decides who may make sound in one room and tells them.

    An event is decided at once, when it arrives. Its notices go out in order: nothing of a transition before the one
    ahead of it is done, and inside one the notices of the same state together, strongest first, each state complete
    before the next. Whoever outlasts the deadline is left behind: the others go on, and what it is told later waits
    until it is back.
    """

    def __init__(self, *, observer_deadline: timedelta = OBSERVER_DEADLINE) -> None:
        self._deadline = observer_deadline.total_seconds()
        self._loop: asyncio.AbstractEventLoop  # from start() on
        self._accepting = False
        self._stack: Stack = ()
        self._expiry: asyncio.TimerHandle | None = None
        self._steps: deque[tuple[Notice, ...]] = deque()
        self._enqueued = 0
        self._begun = 0
        self._lanes: dict[int, _Lane] = {}  # by id() of the observer: it need not be hashable
        self._awaited: set[_Lane] = set()
        self._inside_a_call = False
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._listeners = Listeners[[]]("focus")

    @property
    def foreground(self) -> Activity | None:
        """Who is meant to be heard, as decided by the events so far."""
        return self._stack[0].activity if self._stack else None

    def snapshot(self) -> tuple[HeldActivity, ...]:
        """Return all that hold focus, strongest first."""
        return self._stack

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear that the snapshot changed, as an onlooker who holds no focus; call the result to stop."""
        return self._listeners.add(listener)

    async def start(self) -> None:
        """Begin to accept activities on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._accepting = True

    async def stop(self) -> None:
        """Give every activity NONE, strongest first, and leave no task and no timer behind (Engine F16).

        An observer that still hangs a deadline later has its call cancelled, and then hears NONE. Raises RuntimeError
        from inside a notice, because it would wait for itself (Engine F15).
        """
        self._refuse_inside_a_call("stop")
        self._accepting = False
        if self._stack:
            self._handle(Cleared(self._loop.time()))
        await self.settled()
        for lane in self._lanes.values():
            lane.queue = deque(notice for notice in lane.queue if notice.state is NONE)
        while self._lanes:
            _, hanging = await asyncio.wait([lane.call for lane in self._lanes.values()], timeout=self._deadline)
            self._end_calls(hanging)

    async def acquire(self, activity: Activity) -> None:
        """Ask for `activity` to be heard.

        Raises ChannelBusyError if its channel is exclusive and taken by another name (Engine F11), and RuntimeError
        while the manager is not running.
        """
        if not self._accepting:
            raise RuntimeError(f"focus manager is not running: start it before acquiring {activity.name!r}")
        self._handle(Acquired(self._loop.time(), activity))

    async def release(self, activity: Activity) -> None:
        """End `activity`; no effect if it is gone or was replaced (Engine F13)."""
        if self._stack:
            self._handle(Released(self._loop.time(), activity))

    async def stop_foreground(self, expected: Activity | None = None) -> None:
        """End whoever is heard; with `expected`, only if it is still the one (Engine F12)."""
        if self._stack:
            self._handle(ForegroundStopped(self._loop.time(), expected))

    async def set_content_type(self, activity: Activity, content_type: ContentType) -> None:
        """Change whether `activity` bears to be mixed, now (Engine F8); no effect if it is gone."""
        if self._stack:
            self._handle(ContentTypeSet(self._loop.time(), activity, content_type))

    async def settled(self) -> None:
        """Wait until every notice for events so far was delivered, or its observer's deadline has passed (Engine F9).

        Raises RuntimeError from inside a notice, because it would wait for itself (Engine F15).
        """
        self._refuse_inside_a_call("settled")
        if not (self._steps or self._awaited):
            return
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append((self._enqueued, future))
        await future

    def _refuse_inside_a_call(self, what: str) -> None:
        if self._inside_a_call or (
            self._lanes and asyncio.current_task() in [lane.call for lane in self._lanes.values()]
        ):
            raise RuntimeError(f"{what}() from inside a focus notice would wait for itself")

    def _handle(self, event: Event) -> None:
        """Decide `event` now; its notices go out as soon as those before them are done."""
        self._stack, notices = decide(self._stack, event)
        if not notices:
            return
        expires_at = next_expiry(self._stack)
        if expires_at is not None or self._expiry is not None:
            self._watch_patience(expires_at)
        # Most transitions tell one observer; grouping costs more than telling it.
        alone = len(notices) == 1
        steps = (notices,) if alone else [tuple(step) for _, step in groupby(notices, key=lambda notice: notice.state)]
        self._steps.extend(steps)
        self._enqueued += len(steps)
        if not self._inside_a_call:
            self._deliver_steps()
        self._listeners.tell()

    def _watch_patience(self, expires_at: float | None) -> None:
        """Keep one timer, for the patience that ends first (Engine F6)."""
        if self._expiry is not None:
            if self._expiry.when() == expires_at:
                return
            self._expiry.cancel()
            self._expiry = None
        if expires_at is not None:
            self._expiry = self._loop.call_at(expires_at, self._patience_ended, expires_at)

    def _patience_ended(self, expires_at: float) -> None:
        self._expiry = None
        # A loop may fire a timer a tick of its clock early.
        self._handle(PatienceEnded(expires_at))

    def _deliver_steps(self) -> None:
        """Tell, step by step, until somebody has to be waited for."""
        begun = 0
        while not self._awaited:
            if self._waiters:
                self._wake_waiters()
            if not self._steps:
                return
            if begun == BURST:
                self._loop.call_soon(self._deliver_steps)
                return
            begun += 1
            self._begun += 1
            for notice in self._steps.popleft():
                self._deliver(notice)

    def _wake_waiters(self) -> None:
        while self._waiters and self._waiters[0][0] <= self._begun:
            _, future = self._waiters.popleft()
            if not future.done():
                future.set_result(None)

    def _deliver(self, notice: Notice) -> None:
        """Call the observer, or queue behind the call that it is in the middle of."""
        key = id(notice.activity.observer)
        if self._lanes and (lane := self._lanes.get(key)) is not None:
            lane.queue.append(notice)
            return
        call = self._call(notice)
        if call is not None:
            lane = self._lanes[key] = _Lane()
            self._awaited.add(lane)
            self._watch(lane, notice, call)

    def _call(self, notice: Notice) -> asyncio.Task[None] | None:
        """Run the observer's call until it first waits; return the rest of it, or None if it is done (Engine F18).

        The eager task is what makes `asyncio.timeout` work inside; the loop hears of it only if it waits.
        """
        activity, state, behavior = notice
        observer = activity.observer
        self._inside_a_call = True
        try:
            coroutine = observer.on_patience_expired() if state is None else observer.on_focus_changed(state, behavior)
            call = asyncio.Task(coroutine, loop=self._loop, eager_start=True)
        except Exception:
            _LOGGER.exception("focus.observer_failed activity=%s", activity.name)
            return None
        finally:
            self._inside_a_call = False
        if not call.done():
            return call
        _report(notice, call)
        return None

    def _watch(self, lane: _Lane, notice: Notice, call: asyncio.Task[None]) -> None:
        call.set_name(f"huxley focus {notice.activity.name}")
        call.add_done_callback(partial(self._call_done, lane))
        lane.notice, lane.call, lane.cancelled = notice, call, False
        lane.timer = self._loop.call_later(self._deadline, self._call_slow, lane)

    def _call_done(self, lane: _Lane, call: asyncio.Task[None]) -> None:
        """Tell the observer what came in meanwhile, then go on with the others."""
        lane.timer.cancel()
        if not (lane.cancelled and call.cancelled()):
            _report(lane.notice, call)
        while lane.queue:
            notice = lane.queue.popleft()
            rest = self._call(notice)
            if rest is not None:
                self._watch(lane, notice, rest)
                break
        else:
            self._lanes.pop(id(lane.notice.activity.observer), None)
            self._awaited.discard(lane)
        self._deliver_steps()

    def _call_slow(self, lane: _Lane) -> None:
        """Leave a slow observer behind; a farewell is cut short first, for NONE waits behind it (Engine F7, F9)."""
        if not lane.cancelled:
            _LOGGER.warning("focus.observer_slow activity=%s deadline=%ss", lane.notice.activity.name, self._deadline)
            if lane.notice.state is None:
                self._cancel(lane)
                return
        lane.late = True
        self._awaited.discard(lane)
        self._deliver_steps()

    def _cancel(self, lane: _Lane) -> None:
        lane.cancelled = True
        lane.call.cancel()
        lane.timer = self._loop.call_later(self._deadline, self._call_slow, lane)

    def _end_calls(self, hanging: set[asyncio.Task[None]]) -> None:
        """Cancel calls that hang while the manager stops; let go of one that does not heed it."""
        for key, lane in list(self._lanes.items()):
            if lane.call not in hanging:
                continue
            if lane.cancelled:
                _LOGGER.error("focus.observer_ignores_cancellation activity=%s", lane.notice.activity.name)
                lane.timer.cancel()
                lane.queue.clear()
                del self._lanes[key]
            else:
                self._cancel(lane)


def _report(notice: Notice, call: asyncio.Task[None]) -> None:
    """Log what a finished call raised; the others live on (Engine F14)."""
    error = asyncio.CancelledError() if call.cancelled() else call.exception()
    if error is not None:
        _LOGGER.error("focus.observer_failed activity=%s", notice.activity.name, exc_info=error)
