"""The decision alone, without a loop (Engine F17)."""

from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Activity, Channel, ChannelBusyError
from custom_components.huxley.engine.focus.decision import (
    Acquired,
    Cleared,
    ContentTypeSet,
    ForegroundStopped,
    PatienceEnded,
    Released,
    decide,
    next_expiry,
)
from tests.engine.focus.observers import DUCKED, EXPIRED, FOREGROUND, MIXABLE, NONE, NONMIXABLE, PAUSED, Observer

SECONDS = timedelta(seconds=5)
SPEECH = Activity(Channel.DIALOG, "speech", Observer(), MIXABLE)
CALL = Activity(Channel.COMMS, "call", Observer(), NONMIXABLE)
OTHER_CALL = Activity(Channel.COMMS, "other call", Observer(), NONMIXABLE)
SIREN = Activity(Channel.ALERT, "siren", Observer(), MIXABLE, SECONDS)
MUSIC = Activity(Channel.CONTENT, "music", Observer(), MIXABLE, SECONDS)
MUSIC_AGAIN = Activity(Channel.CONTENT, "music", Observer(), MIXABLE, SECONDS)
BOOK = Activity(Channel.CONTENT, "book", Observer(), NONMIXABLE, SECONDS)
JINGLE = Activity(Channel.CONTENT, "jingle", Observer(), MIXABLE)


def acquired(*activities):
    """Events that put `activities` on the stage, a second apart, from 0 on."""
    return [Acquired(float(now), activity) for now, activity in enumerate(activities)]


def play(events):
    stack, notices = (), ()
    for event in events:
        stack, notices = decide(stack, event)
    told = [
        (notice.activity.name, EXPIRED if notice.state is None else (notice.state, notice.behavior))
        for notice in notices
    ]
    return stack, told


TABLE = {
    "first": (acquired(MUSIC), [("music", FOREGROUND)]),
    "music under speech": (acquired(MUSIC, SPEECH), [("music", DUCKED), ("speech", FOREGROUND)]),
    "music under a call": (acquired(MUSIC, CALL), [("music", PAUSED), ("call", FOREGROUND)]),
    "book under speech": (acquired(BOOK, SPEECH), [("book", PAUSED), ("speech", FOREGROUND)]),
    "no patience": (acquired(JINGLE, SPEECH), [("jingle", NONE), ("speech", FOREGROUND)]),
    "a call without patience ends under speech and music may duck again": (
        acquired(MUSIC, CALL, SPEECH),
        [("call", NONE), ("music", DUCKED), ("speech", FOREGROUND)],
    ),
    "arrives under a stronger one": (acquired(SPEECH, JINGLE), [("jingle", DUCKED)]),
    "the older of a channel may not duck": (acquired(SPEECH, MUSIC, JINGLE), [("jingle", DUCKED), ("music", PAUSED)]),
    "replaced in the foreground": (acquired(MUSIC, MUSIC_AGAIN), [("music", NONE), ("music", FOREGROUND)]),
    "replaced in the background": (acquired(SPEECH, MUSIC, MUSIC_AGAIN), [("music", NONE), ("music", DUCKED)]),
    "released in the foreground": (
        [*acquired(MUSIC, SPEECH), Released(5, SPEECH)],
        [("speech", NONE), ("music", FOREGROUND)],
    ),
    "released in the background": ([*acquired(MUSIC, SPEECH), Released(5, MUSIC)], [("music", NONE)]),
    "released but replaced": ([*acquired(MUSIC, MUSIC_AGAIN), Released(5, MUSIC)], []),
    "released but never held": ([*acquired(MUSIC), Released(5, BOOK)], []),
    "foreground stopped": (
        [*acquired(MUSIC, SPEECH), ForegroundStopped(5, None)],
        [("speech", NONE), ("music", FOREGROUND)],
    ),
    "foreground stopped as expected": ([*acquired(MUSIC), ForegroundStopped(5, MUSIC)], [("music", NONE)]),
    "stale stop": ([*acquired(MUSIC, SPEECH), ForegroundStopped(5, MUSIC)], []),
    "stop of nothing": ([ForegroundStopped(5, None)], []),
    "stale stop of nothing": ([ForegroundStopped(5, MUSIC)], []),
    "no longer mixable": ([*acquired(MUSIC, SPEECH), ContentTypeSet(5, MUSIC, NONMIXABLE)], [("music", PAUSED)]),
    "mixable now": ([*acquired(BOOK, SPEECH), ContentTypeSet(5, BOOK, MIXABLE)], [("book", DUCKED)]),
    "content type of the foreground": ([*acquired(MUSIC), ContentTypeSet(5, MUSIC, NONMIXABLE)], []),
    "content type of a stranger": ([*acquired(MUSIC), ContentTypeSet(5, BOOK, MIXABLE)], []),
    "patience ended": ([*acquired(MUSIC, SPEECH), PatienceEnded(6)], [("music", EXPIRED), ("music", NONE)]),
    "patience not yet ended": ([*acquired(MUSIC, SPEECH), PatienceEnded(5.9)], []),
    "patience of two ended": (
        [*acquired(MUSIC, SIREN, SPEECH), PatienceEnded(9)],
        [("siren", EXPIRED), ("music", EXPIRED), ("siren", NONE), ("music", NONE)],
    ),
    "cleared": (
        [*acquired(BOOK, SIREN, CALL), Cleared(5)],
        [("call", NONE), ("siren", NONE), ("book", NONE)],
    ),
    "cleared when empty": ([Cleared(5)], []),
}


@pytest.mark.parametrize(("events", "expected"), TABLE.values(), ids=TABLE.keys())
def test_the_last_event_tells(events, expected):
    _, told = play(events)
    assert told == expected


def test_the_decision_leaves_its_input_alone():
    before, _ = play(acquired(MUSIC, BOOK))
    kept = tuple(before)
    decide(before, Acquired(5, SPEECH))
    assert before == kept
    assert play(acquired(MUSIC, BOOK))[0] == kept


def test_a_taken_exclusive_channel_is_refused():
    with pytest.raises(ChannelBusyError, match="call"):
        play(acquired(CALL, OTHER_CALL))


def test_who_is_displaced_waits_from_that_moment_on():
    stack, _ = play(acquired(MUSIC, SPEECH))
    assert next_expiry(stack) == 1 + 5
    stack, _ = decide(stack, Acquired(3, CALL))
    assert next_expiry(stack) == 6
    stack, _ = decide(stack, Released(4, SPEECH))
    assert next_expiry(stack) == 6
    stack, _ = decide(stack, Released(5, CALL))
    assert next_expiry(stack) is None


def test_the_first_patience_to_end_counts():
    stack, _ = play([Acquired(0, MUSIC), Acquired(1, SIREN), Acquired(2, SPEECH)])
    assert next_expiry(stack) == 6
    stack, _ = decide(stack, PatienceEnded(6))
    assert [held.activity for held in stack] == [SPEECH, SIREN]
    assert next_expiry(stack) == 7


def test_who_was_never_heard_has_no_end_of_patience():
    stack, _ = play(acquired(SPEECH, MUSIC))
    assert next_expiry(stack) is None
