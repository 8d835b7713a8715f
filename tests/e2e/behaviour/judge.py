"""Whether a recording holds what its cell says must be heard."""

from collections.abc import Callable, Mapping

import numpy as np

from .cells import Cell, Course, Event, Sentence, Situation
from .ramps import FOREIGN, OWN, Played, measure
from .tape import Tape
from .voices import Heard, Numbers, listen

QUIETER = 17.0  # dB at least, by which ducked music is below its own level
QUIETEST = 27.0  # dB at most: it ducks, it is not muted
LEVEL_SLACK = 1.5  # dB that a level may be off its own
MISSING = 0.08  # seconds by which the music may run ahead or behind; a device that waits for data does both
OVERLAP = 0.0  # seconds of speech over speech


def judge(cell: Cell, tape: Tape, known: Mapping[Sentence, Numbers]) -> None:
    """Raise `AssertionError` unless the tape is as the cell says."""
    heard = listen(tape.speech, tape.began, known)
    _judge_lines(cell, heard)
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
    for before, after in zip(heard, heard[1:], strict=False):
        assert after.start - before.end >= OVERLAP, f"{after.sentence.name} lies over {before.sentence.name}"


def _nothing(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    assert not music.audible, f"music from {music.time[np.isfinite(music.position)][0]:.2f} s on"


def _untouched(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    """At its level and without a gap until it is stopped; nothing is said before that, and nothing plays after."""
    assert tape.released is not None
    assert all(one.start > tape.released for one in heard), "it did not wait"
    playing = _from_its_start(music, tape).between(tape.began, tape.released)
    _runs_on(playing)
    _at_level(playing, _own_level(tape, music))
    assert not music.between(tape.released + tape.latencies.stop, np.inf).audible, "it plays on"


def _ducked(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    """Quiet under every word, at its own level before and afterwards, and no moment is missing."""
    own = _own_level(tape, music)
    playing = _from_its_start(music, tape)
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
    _runs_on(_from_its_start(music, tape).between(tape.began, tape.event))
    after = music.between(tape.event + tape.latencies.stop, np.inf)
    assert not after.audible, f"it plays {_seconds(after)} s of {after.time[-1] - tape.event:.1f} s after that"


def _resumed(cell: Cell, tape: Tape, music: Played, heard: list[Heard]) -> None:
    assert tape.back is not None
    own = _own_level(tape, music)
    before = _from_its_start(music, tape).between(tape.began, tape.event)
    assert not music.between(tape.event + tape.latencies.stop, tape.back).audible, "it plays while it is away"
    after = _sounding(music.between(tape.back, np.inf))
    assert after.audible, "it does not come back"
    _runs_on(after)
    missed = after.position[0] - before.position[-1]
    assert abs(missed) <= tape.latencies.resume, f"it comes back {missed:+.2f} s from where it was"
    _at_level(music.between(after.time[0] + 0.1, min(one.start for one in heard) - 0.1), own)


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


def _from_its_start(music: Played, tape: Tape) -> Played:
    return _sounding(music)


def _runs_on(music: Played) -> None:
    """Each moment follows the one before it: no gap, nothing twice, nothing left out."""
    ahead = music.position - music.time
    drift = ahead - ahead[0]
    worst = int(np.nanargmax(np.abs(drift)))
    assert np.all(np.isfinite(drift)), f"a gap of {np.sum(~np.isfinite(drift)) * 0.02:.2f} s at {_first_gap(music):.2f} s"
    assert abs(drift[worst]) <= MISSING, f"{drift[worst]:+.2f} s of it are missing at {music.time[worst]:.2f} s"


def _first_gap(music: Played) -> float:
    return float(music.time[~np.isfinite(music.position)][0])


def _at_level(music: Played, level: float, slack: float = LEVEL_SLACK) -> None:
    off = np.abs(music.level - level) > slack
    assert not np.any(off), (
        f"{_count(off)} s at {music.level[off][0]:.1f} dB from {music.time[off][0]:.2f} s on, not {level:.1f} dB"
    )


def _count(windows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    return f"{np.sum(windows) * 0.02:.2f}"


def _seconds(music: Played) -> str:
    return _count(np.isfinite(music.position))
