"""Whether a recording holds what its cell says must be heard."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from scripts.rig.recording import FRAME, RATE
from tests.e2e.listening import SILENCE, levels

from .cells import Cell, Course, Event, Sentence, Situation
from .ramps import FOREIGN, HOP, OWN, WINDOW, Numbers, Played, measure
from .tape import Tape
from .voices import Heard, listen

type Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

QUIETER = 17.0  # dB at least, by which ducked music is below its own level
QUIETEST = 27.0  # dB at most: it ducks, it is not muted
LEVEL_SLACK = 1.5  # dB that a level may be off its own
MISSING = 0.06  # seconds by which a position may be misread, or a sound be heard twice or never
BREAKS = 0.5  # seconds of silence, all together, in which a device may wait for data
STEP = HOP / RATE  # seconds from one measurement to the next
EDGE = 3  # measurements that hold something of a silence beside them
UNEVEN = 0.3  # dB
UNKNOWN = 0.2  # seconds of sound that may belong to none of the sentences
BREATH = 0.1  # seconds around a sentence that belong to it
OVERLAP = 0.0  # seconds of speech over speech


def judge(cell: Cell, tape: Tape, known: Mapping[Sentence, Numbers]) -> None:
    """Raise `AssertionError` unless the tape is as the cell says."""
    heard = listen(tape.speech, tape.began, known)
    _judge_lines(cell, heard)
    _judge_rest(cell, tape, heard)
    music = measure(tape.music, tape.began, FOREIGN if cell.situation is Situation.FOREIGN else OWN)
    COURSES[cell.course](cell, tape, music, heard)


def _judge_lines(cell: Cell, heard: list[Heard]) -> None:
    """The sentences are those, in that order, one after the other."""
    said = [one.sentence.name for one in heard]
    wanted = [line.sentence.name for line in cell.lines if line.whole is not None]
    if len(said) == len(cell.lines):
        wanted = [line.sentence.name for line in cell.lines]
    assert said == wanted, f"heard {said}, not {wanted}"
    expected = {line.sentence: line.whole for line in cell.lines}
    for one in heard:
        is_whole = expected[one.sentence]
        assert is_whole is None or one.whole is is_whole, f"{one.sentence.name} whole: {one.whole}, not {is_whole}"
    for before, after in pairwise(heard):
        assert after.start - before.end >= OVERLAP, f"{after.sentence.name} lies over {before.sentence.name}"


def _judge_rest(cell: Cell, tape: Tape, heard: list[Heard]) -> None:
    """Nobody says anything else; an automation's chime is no word."""
    if cell.event is Event.ANNOUNCE:
        return
    level = levels(tape.speech)
    time = tape.began + np.arange(len(level)) * FRAME
    unknown = level > SILENCE
    for one in heard:
        unknown &= (time < one.start - BREATH) | (time > one.end + BREATH)
    spoken = float(np.sum(unknown) * FRAME)
    assert spoken < UNKNOWN, f"something else is said for {spoken:.2f} s from {time[unknown][0]:.2f} s on"


def _nothing(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    assert not music.audible, f"music from {music.time[np.isfinite(music.position)][0]:.2f} s on"


def _untouched(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    """At its level and without a gap until it is stopped; nothing is said before that, and nothing plays after."""
    assert tape.released is not None
    assert all(one.start > tape.released for one in heard), "it did not wait"
    playing = _sounding(music).between(tape.began, tape.released)
    _runs_on(playing)
    _at_level(playing, _own_level(tape, music))
    assert not music.between(tape.released + tape.latencies.stop, np.inf).audible, "it plays on"


def _ducked(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    """Quiet under every word, at its own level before and afterwards, and no moment is missing."""
    own = _own_level(tape, music)
    playing = _sounding(music)
    _runs_on(playing)
    quiet = [(one.start + tape.latencies.duck, one.end) for one in heard]
    if cell.event is Event.WAKE:
        quiet.append((tape.event + tape.latencies.listen, max(one.end for one in heard)))
    for start, end in quiet:
        _at_level(music.between(start, end), own - (QUIETER + QUIETEST) / 2, (QUIETEST - QUIETER) / 2)
    _at_level(music.between(max(end for _, end in quiet) + tape.latencies.back, np.inf), own)
    _at_level(playing.between(tape.began, tape.event), own)
    assert not tape.volume_commands, "a device that ducks by itself was told to be quiet as well"


def _stopped(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    _runs_on(_sounding(music.between(tape.began, tape.event)))
    after = music.between(tape.event + tape.latencies.stop, np.inf)
    assert not after.audible, f"it plays {_seconds(after)} s of {after.time[-1] - tape.event:.1f} s after that"


def _resumed(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    assert tape.back is not None
    own = _own_level(tape, music)
    before = _sounding(music.between(tape.began, tape.event))
    assert not music.between(tape.event + tape.latencies.stop, tape.back).audible, "it plays while it is away"
    after = _sounding(music.between(tape.back, np.inf))
    assert after.audible, "it does not come back"
    _runs_on(after)
    missed = after.position[0] - before.position[-1]
    assert abs(missed) <= tape.latencies.resume, f"it comes back {missed:+.2f} s from where it was"
    _at_level(music.between(after.time[0] + 0.1, after.time[0] + 0.8), own)


COURSES: Mapping[Course, Callable[[Cell, Tape, Played, list[Heard]], None]] = {
    Course.NOTHING: _nothing,
    Course.UNTOUCHED: _untouched,
    Course.DUCKED: _ducked,
    Course.STOPPED: _stopped,
    Course.RESUMED: _resumed,
}


def _own_level(tape: Tape, music: Played) -> float:
    """How loud it is before the event."""
    before = _sounding(music.between(tape.began, tape.event))
    assert before.audible, "nothing played"
    return float(np.median(before.level))


def _sounding(music: Played) -> Played:
    """Without the silence around it, and without what a window at its edge holds of that."""
    heard = np.flatnonzero(np.isfinite(music.position))
    inside = slice(heard[0] + 3, heard[-1] - 1) if len(heard) else slice(0)
    return Played(music.time[inside], music.level[inside], music.position[inside])


def _runs_on(music: Played) -> None:
    """Each moment follows the one before it: nothing twice, nothing left out, and hardly a break.

    A machine that has too much to do lets a device run dry for a moment; it goes on with the very next sample then.
    """
    there = np.isfinite(music.position)
    assert np.any(there), "nothing plays"
    good = np.flatnonzero(_inside(there) & _even(music.level))
    playing = np.diff(np.cumsum(there)[good]) * STEP
    playing -= np.where(np.diff(np.cumsum(~there)[good]) > 0, WINDOW / RATE, 0)  # windows reach into a silence
    missing = np.diff(music.position[good]) - playing
    worst = int(np.argmax(np.abs(missing)))
    when = float(music.time[good[worst]])
    assert abs(missing[worst]) <= MISSING, f"{missing[worst]:+.2f} s of it are missing at {when:.2f} s"
    silent = float(np.sum(~there) * STEP)
    assert silent <= BREAKS, f"silent for {silent:.2f} s between {music.time[0]:.2f} and {music.time[-1]:.2f} s"


def _even(level: Numbers) -> Flags:
    """Where the level is that of its surroundings: half a window of silence hides the pitch of the other half."""
    padded = np.pad(level, EDGE, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * EDGE + 1), axis=1)
    even: Flags = np.abs(level - around) < UNEVEN
    return even


def _inside(there: Flags) -> Flags:
    """Without the windows at the edge of a silence, which hold some of it."""
    padded = np.pad(there, EDGE, constant_values=True)
    inside: Flags = np.lib.stride_tricks.sliding_window_view(padded, 2 * EDGE + 1).all(axis=1)
    return inside


def _at_level(music: Played, level: float, slack: float = LEVEL_SLACK) -> None:
    off = (np.abs(music.level - level) > slack) & _inside(np.isfinite(music.position))
    assert not np.any(off), (
        f"{_count(off)} s at {music.level[off][0]:.1f} dB from {music.time[off][0]:.2f} s on, not {level:.1f} dB"
    )


def _count(windows: Flags) -> str:
    return f"{np.sum(windows) * STEP:.2f}"


def _seconds(music: Played) -> str:
    return _count(np.isfinite(music.position))
