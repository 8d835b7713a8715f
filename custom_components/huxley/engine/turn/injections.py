"""The queue of what the room has to say by itself, and what becomes of each entry (Engine I1-I10)."""

import asyncio
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from ..skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..speaker import PLAIN, Manner, Reply
from .agent import Agent
from .rendezvous import Seat

MODEL_PATIENCE = timedelta(minutes=1)  # how long a prompt without `expires_after` waits for its model (Engine I8)
MODEL_RETRY = timedelta(seconds=5)  # how often an absent model is asked again
QUEUE_LIMIT = 64  # a room that owes more than an hour of talk is broken, not busy (Engine I6)

RANK = {InjectPriority.PREEMPT: 0, InjectPriority.BLOCK_BEHIND_COMMS: 1, InjectPriority.NORMAL: 2}


@dataclass(slots=True, eq=False)
class Injection:
    """One thing to say. Exactly one of `prompt` (the model's words) and `message` (word for word).

    A `message` may be empty when `manner` has a recording.
    """

    agent: Agent | None
    prompt: str | None = None
    message: str | None = None
    priority: InjectPriority = InjectPriority.NORMAL
    dedup_key: str | None = None
    expires_after: timedelta | None = None
    volume: int | None = None
    """Speak at this, 1 to 100, and at the usual volume afterwards."""

    quiet_volume: int | None = None
    """Speak no louder than this, 0 to 100 (Engine I10)."""

    manner: Manner = PLAIN
    """How it is brought."""

    mouth: Callable[[], Reply] | None = None
    """What speaks it, asked when its moment is here; None for the room's speaker in that manner."""

    seat: Seat | None = None
    """Where other rooms are waited for before the first word."""

    outcome: asyncio.Future[InjectOutcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    timer: asyncio.TimerHandle | None = None
    deadline: float | None = None
    """Loop time, in seconds, at which it is too late."""

    model_away: str | None = None
    """Why its model could not be reached, if it was asked."""

    place: int = 0
    """Its place in the order of arrival; one that replaces another takes that one's."""

    asleep: bool = False
    """It waits for its model and is not to be taken."""

    def resolve(self, status: InjectStatus, heard: timedelta = timedelta(0), reason: str | None = None) -> None:
        """Say what became of it; only the first word counts."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.seat is not None:
            self.seat.leave()
        if not self.outcome.done():
            self.outcome.set_result(InjectOutcome(status, heard, reason))


class Injections:
    """Waiting entries: higher tier first, first in first out within a tier (Engine I4).

    `drain` is called when a model may be back, `lost` with a prompt whose model never came back (Engine I8).
    """

    def __init__(self, drain: Callable[[], None], lost: Callable[[Injection], None]) -> None:
        self._drain = drain
        self._lost = lost
        self._retry: asyncio.TimerHandle | None = None
        self._waiting: list[Injection] = []
        self._in_flight: Injection | None = None
        self._arrived = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, injection: Injection) -> bool:
        """Queue it; False when its fate is known at once (a duplicate in flight, a full queue)."""
        key = injection.dedup_key
        if key is not None and self._in_flight is not None and self._in_flight.dedup_key == key:
            injection.resolve(InjectStatus.REPLACED, reason="the same one is being spoken")
            return False
        for index, waiting in enumerate(self._waiting):
            if key is not None and waiting.dedup_key == key:
                self._waiting[index] = injection
                injection.place = waiting.place
                waiting.resolve(InjectStatus.REPLACED)
                self._arm(injection)
                return True
        if len(self._waiting) >= QUEUE_LIMIT and not self._make_room(injection):
            injection.resolve(InjectStatus.REFUSED, reason=f"{QUEUE_LIMIT} announcements are waiting already")
            return False
        self._arrived += 1
        injection.place = self._arrived
        self._waiting.append(injection)
        self._arm(injection)
        return True

    def take(self, is_open: Callable[[InjectPriority], bool]) -> Injection | None:
        """The next entry whose tier may speak now; it is in flight until `done`."""
        ready = [injection for injection in self._waiting if not injection.asleep and is_open(injection.priority)]
        if not ready:
            return None
        chosen = min(ready, key=lambda injection: RANK[injection.priority])
        self._waiting.remove(chosen)
        if chosen.timer is not None:
            chosen.timer.cancel()
        self._in_flight = chosen
        return chosen

    def withdraw(self, injection: Injection) -> None:
        """Take a waiting entry out; one that is in flight stays there."""
        if injection in self._waiting:
            self._waiting.remove(injection)
            injection.resolve(InjectStatus.EXPIRED, reason="nobody waits for it any more")

    def has(self, priority: InjectPriority) -> bool:
        """Whether an entry of this tier waits."""
        return any(injection.priority is priority and not injection.asleep for injection in self._waiting)

    def done(self, injection: Injection, outcome: InjectStatus, heard: timedelta, reason: str | None = None) -> None:
        """`injection` is no longer in flight."""
        if self._in_flight is injection:
            self._in_flight = None
        injection.resolve(outcome, heard, reason)

    def postpone(self, injection: Injection, reason: str) -> None:
        """Its model is away: it goes back to its place and sleeps until the next attempt (Engine I8)."""
        loop = asyncio.get_running_loop()
        if self._in_flight is injection:
            self._in_flight = None
        if injection.deadline is None:
            injection.deadline = loop.time() + MODEL_PATIENCE.total_seconds()
        injection.model_away, injection.asleep = reason, True
        insort(self._waiting, injection, key=lambda waiting: waiting.place)
        injection.timer = loop.call_at(injection.deadline, self._expire, injection)
        if self._retry is None:
            self._retry = loop.call_later(MODEL_RETRY.total_seconds(), self.wake)

    def wake(self) -> None:
        """A model may be back: whoever waits for one may be taken again."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        sleeping = [injection for injection in self._waiting if injection.asleep]
        for injection in sleeping:
            injection.asleep = False
        if sleeping:
            self._drain()

    def close(self) -> None:
        """Nothing will be spoken any more; nobody waits for ever."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        waiting, self._waiting = self._waiting, []
        for injection in waiting:
            injection.resolve(InjectStatus.FAILED, reason="the room was closed")

    def _make_room(self, injection: Injection) -> bool:
        """Turn the newest of the lowest tier away, if that is lower than the newcomer's."""
        last = max(reversed(self._waiting), key=lambda waiting: RANK[waiting.priority])
        if RANK[last.priority] <= RANK[injection.priority]:
            return False
        self._waiting.remove(last)
        last.resolve(InjectStatus.REFUSED, reason="more urgent announcements took its place")
        return True

    def _arm(self, injection: Injection) -> None:
        if injection.expires_after is not None:
            loop = asyncio.get_running_loop()
            injection.deadline = loop.time() + injection.expires_after.total_seconds()
            injection.timer = loop.call_at(injection.deadline, self._expire, injection)

    def _expire(self, injection: Injection) -> None:
        if injection in self._waiting:
            self._waiting.remove(injection)
            if injection.model_away is None:
                injection.resolve(InjectStatus.EXPIRED)
            else:
                injection.resolve(InjectStatus.FAILED, reason=injection.model_away)
                self._lost(injection)
