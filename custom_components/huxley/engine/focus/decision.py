"""What focus an event leaves behind and who is told, as a pure function (Engine F1-F8, F10-F13, F17)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from ..errors import ChannelBusyError
from .activity import Activity
from .channels import Channel, ContentType, FocusState, MixingBehavior

FOREGROUND: Final = FocusState.FOREGROUND
BACKGROUND: Final = FocusState.BACKGROUND
NONE: Final = FocusState.NONE
PRIMARY: Final = MixingBehavior.PRIMARY
MUST_STOP: Final = MixingBehavior.MUST_STOP
MIXABLE: Final = ContentType.MIXABLE
NO_PATIENCE: Final = timedelta(0)


class HeldActivity(NamedTuple):
    """An activity and where it stands; `NONE` only between its arrival and its first judgement."""

    activity: Activity
    state: FocusState
    behavior: MixingBehavior
    since: float
    """Loop time, in seconds, at which `state` and `behavior` began."""

    content_type: ContentType
    """What `set_content_type` said last."""

    expires_at: float | None
    """Loop time, in seconds, at which its patience ends, if it was displaced."""


type Stack = tuple[HeldActivity, ...]
"""The whole state of a room's focus: strongest channel first, newest first within a channel (Engine F3)."""


class Notice(NamedTuple):
    """One call of an observer."""

    activity: Activity
    state: FocusState | None
    """The new state; None for `on_patience_expired`."""

    behavior: MixingBehavior


class Acquired(NamedTuple):
    """Somebody wants to be heard."""

    now: float
    activity: Activity


class Released(NamedTuple):
    """Somebody is done."""

    now: float
    activity: Activity


class ForegroundStopped(NamedTuple):
    """Whoever is heard is to stop, or only `expected` if that is still who is heard."""

    now: float
    expected: Activity | None


class ContentTypeSet(NamedTuple):
    """An activity became, or ceased to be, mixable."""

    now: float
    activity: Activity
    content_type: ContentType


class PatienceEnded(NamedTuple):
    """The clock reached the patience of at least one activity."""

    now: float


class Cleared(NamedTuple):
    """Everybody is to stop."""

    now: float


type Event = Acquired | Released | ForegroundStopped | ContentTypeSet | PatienceEnded | Cleared


class _Change(NamedTuple):
    """What an event does by itself, before anybody is judged again."""

    held: Iterable[HeldActivity]
    over: Iterable[HeldActivity] = ()
    expired: Iterable[HeldActivity] = ()
    """Those of `over` whose patience ended."""


def decide(stack: Stack, event: Event) -> tuple[Stack, tuple[Notice, ...]]:
    """Return the state after `event`, and the notices in the order of Engine F9.

    Raises ChannelBusyError when `event` acquires an exclusive channel that another name holds (Engine F11).
    """
    change = _CHANGES[type(event)](stack, event)
    if change is None:
        return stack, ()
    return _judge(change, event.now)


def next_expiry(stack: Stack) -> float | None:
    """Return the loop time, in seconds, at which the first patience ends."""
    first: float | None = None
    for held in stack:
        expires_at = held.expires_at
        if expires_at is not None and (first is None or expires_at < first):
            first = expires_at
    return first


def background_behavior(
    background: HeldActivity, foreground: HeldActivity, *, is_channels_primary: bool
) -> MixingBehavior:
    """How `background` sounds under `foreground` (Engine F4)."""
    if is_channels_primary and background.content_type is MIXABLE and foreground.content_type is MIXABLE:
        return MixingBehavior.MAY_DUCK
    return MixingBehavior.MUST_PAUSE


def _judge(change: _Change, now: float) -> tuple[Stack, tuple[Notice, ...]]:
    """Give everybody who is left a state and a behaviour (Engine F3-F8); tell those for whom it is new (Engine F10)."""
    stack: list[HeldActivity] = []
    over = list(change.over)
    backgrounds: list[Notice] = []
    foregrounds: list[Notice] = []
    above: Channel | None = None
    for held in change.held:
        activity = held.activity
        if not stack:
            judged = _judged(held, FOREGROUND, PRIMARY, now, None)
            told = foregrounds
        else:
            displaced = held.state is FOREGROUND
            if displaced and activity.patience <= NO_PATIENCE:
                over.append(held)
                continue
            behavior = background_behavior(held, stack[0], is_channels_primary=activity.channel is not above)
            expires_at = now + activity.patience.total_seconds() if displaced else held.expires_at
            judged = _judged(held, BACKGROUND, behavior, now, expires_at)
            told = backgrounds
        if judged is not held:
            told.append(Notice(activity, judged.state, judged.behavior))
        stack.append(judged)
        above = activity.channel
    notices = [Notice(held.activity, None, MUST_STOP) for held in change.expired]
    notices += [Notice(held.activity, NONE, MUST_STOP) for held in over]
    return tuple(stack), (*notices, *backgrounds, *foregrounds)


def _judged(
    held: HeldActivity, state: FocusState, behavior: MixingBehavior, now: float, expires_at: float | None
) -> HeldActivity:
    """Return `held` itself if it already stands so."""
    if held.state is state and held.behavior is behavior:
        return held
    return HeldActivity(held.activity, state, behavior, now, held.content_type, expires_at)


def _find(stack: Stack, activity: Activity | None) -> HeldActivity | None:
    """Look for the held object itself: an equal one may be its successor (Engine F13)."""
    for held in stack:
        if held.activity is activity:
            return held
    return None


def _without(stack: Stack, gone: HeldActivity | None) -> _Change | None:
    if gone is None:
        return None
    return _Change([held for held in stack if held is not gone], (gone,))


def _acquire(stack: Stack, event: Acquired) -> _Change:
    """Put the newcomer on top of its channel, in place of its namesake (Engine F2, F3, F11)."""
    activity = event.activity
    channel, name = activity.channel, activity.name
    newcomer = HeldActivity(activity, NONE, MUST_STOP, event.now, activity.content_type, None)
    if not stack:
        return _Change((newcomer,))
    held: list[HeldActivity] = []
    replaced: list[HeldActivity] = []
    place = 0
    for other in stack:
        if other.activity.channel is channel:
            if other.activity.name == name:
                replaced.append(other)
                continue
            if channel.exclusive:
                raise ChannelBusyError(f"{channel} is held by {other.activity.name!r}: release it before {name!r}")
        elif other.activity.channel.priority < channel.priority:
            place = len(held) + 1
        held.append(other)
    held.insert(place, newcomer)
    return _Change(held, replaced)


def _release(stack: Stack, event: Released) -> _Change | None:
    return _without(stack, _find(stack, event.activity))


def _stop_foreground(stack: Stack, event: ForegroundStopped) -> _Change | None:
    """Drop the foreground; a stop meant for another is stale (Engine F12)."""
    foreground = stack[0] if stack else None
    stale = event.expected is not None and (foreground is None or foreground.activity is not event.expected)
    return None if stale else _without(stack, foreground)


def _set_content_type(stack: Stack, event: ContentTypeSet) -> _Change | None:
    target = _find(stack, event.activity)
    if target is None:
        return None
    changed = target._replace(content_type=event.content_type)
    return _Change([changed if held is target else held for held in stack])


def _end_patience(stack: Stack, event: PatienceEnded) -> _Change:
    """Drop everybody whose time has come (Engine F7)."""
    held: list[HeldActivity] = []
    expired: list[HeldActivity] = []
    for each in stack:
        in_time = each.expires_at is None or each.expires_at > event.now
        (held if in_time else expired).append(each)
    return _Change(held, expired, expired)


def _clear(stack: Stack, _event: Cleared) -> _Change:
    return _Change((), stack)


_CHANGES: Final[dict[type[Event], Callable[[Stack, Any], _Change | None]]] = {
    Acquired: _acquire,
    Released: _release,
    ForegroundStopped: _stop_foreground,
    ContentTypeSet: _set_content_type,
    PatienceEnded: _end_patience,
    Cleared: _clear,
}
