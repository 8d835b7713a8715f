"""A room's playlist: what comes next, by itself and by hand."""

import json
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.runtime.playlist import MOST_ENTRIES, Entry, Playlist, PlaylistFullError, Repeat


def entries(names: Iterable[str]) -> list[Entry]:
    return [Entry(name) for name in names]


def playlist(names: Iterable[str], repeat: Repeat = Repeat.OFF) -> Playlist:
    made = Playlist(random.Random(7))  # noqa: S311 (the same order each time)
    made.repeat = repeat
    made.set_to(entries(names))
    return made


def names(of: Playlist) -> str:
    return "".join(entry.media_id for entry in of.entries)


def current(of: Playlist) -> str | None:
    return of.current.media_id if of.current else None


def heard(of: Playlist, most: int = 7) -> str:
    """What is played when nobody touches it."""
    sound = current(of) or ""
    while len(sound) < most and (entry := of.ended()) is not None:
        sound += entry.media_id
    return sound


@pytest.mark.parametrize(
    ("repeat", "sound"), [(Repeat.OFF, "abc"), (Repeat.ONE, "aaaaaaa"), (Repeat.ALL, "abcabca")], ids=str
)
def test_what_comes_after_an_end(repeat: Repeat, sound: str) -> None:
    assert heard(playlist("abc", repeat)) == sound


def test_after_the_last_one_it_stands_at_the_first() -> None:
    played = playlist("abc")
    heard(played)
    assert current(played) == "a"


def test_an_empty_one_plays_nothing() -> None:
    for repeat in Repeat:
        empty = playlist("", repeat)
        assert (empty.current, empty.ended(), empty.go_on(), empty.go_back()) == (None, None, None, None)


def test_ways_to_enqueue() -> None:
    for add, order, now in (
        (Playlist.add, "abcxy", "b"),
        (Playlist.add_next, "abxyc", "b"),
        (Playlist.play_now, "abxyc", "x"),
        (Playlist.set_to, "xy", "x"),
    ):
        changed = playlist("abc")
        changed.go_on()
        add(changed, entries("xy"))
        assert (names(changed), current(changed)) == (order, now)


def test_the_first_ones_of_all_are_played_from_the_first() -> None:
    for add in (Playlist.add, Playlist.add_next, Playlist.play_now, Playlist.set_to):
        changed = playlist("")
        add(changed, entries("xy"))
        assert current(changed) == "x"


def test_skipping_by_hand_leaves_a_repeated_one_and_stops_at_the_last() -> None:
    skipped = playlist("ab", Repeat.ONE)
    assert skipped.has_next
    assert skipped.go_on() is skipped.entries[1]
    assert not skipped.has_next
    assert skipped.go_on() is None
    assert current(skipped) == "b"


def test_skipping_goes_round_when_all_is_repeated() -> None:
    skipped = playlist("ab", Repeat.ALL)
    assert [entry.media_id for entry in (skipped.go_back(), skipped.go_on(), skipped.go_on()) if entry] == list("bab")


def test_back_at_the_first_is_the_first_again() -> None:
    assert playlist("ab").go_back().media_id == "a"  # type: ignore[union-attr]


def test_shuffling_keeps_what_plays_and_plays_each_once() -> None:
    mixed = playlist("abcdefgh")
    mixed.go_on()
    mixed.set_shuffle(on=True)
    assert current(mixed) == "b"
    assert names(mixed) != "abcdefgh"
    assert sorted(heard(mixed, 8)) == list("abcdefgh")


def test_order_comes_back_after_shuffling_with_what_was_added_meanwhile() -> None:
    mixed = playlist("abcdefgh")
    mixed.set_shuffle(on=True)
    mixed.go_on()
    now = current(mixed)
    mixed.add_next(entries("x"))
    mixed.set_shuffle(on=False)
    assert (names(mixed), current(mixed)) == ("abcdefghx", now)


def test_what_is_set_while_shuffled_is_shuffled_too() -> None:
    mixed = playlist("")
    mixed.set_shuffle(on=True)
    mixed.set_to(entries("abcdefgh"))
    assert mixed.shuffle
    assert names(mixed) != "abcdefgh"
    mixed.set_shuffle(on=False)
    assert names(mixed) == "abcdefgh"


def test_the_same_song_twice_is_two_entries() -> None:
    song = entries("a")
    twice = playlist("")
    twice.add(song)
    twice.add(song)
    twice.set_shuffle(on=True)
    assert heard(twice) == "aa"


def test_only_so_many_are_kept_and_a_refusal_changes_nothing() -> None:
    full = playlist(["x"] * (MOST_ENTRIES - 1))
    for add in (Playlist.add, Playlist.add_next, Playlist.play_now):
        with pytest.raises(PlaylistFullError):
            add(full, entries("ab"))
    with pytest.raises(PlaylistFullError):
        full.set_to(entries(["y"] * (MOST_ENTRIES + 1)))
    assert len(full.entries) == MOST_ENTRIES - 1
    assert full.index == 0


@given(st.text("abc", max_size=6), st.sampled_from(Repeat), st.booleans(), st.integers(0, 6))
def test_it_is_the_same_after_a_restart(songs: str, repeat: Repeat, shuffled: bool, skips: int) -> None:
    before, after = playlist(songs, repeat), Playlist()
    before.set_shuffle(on=shuffled)
    for _ in range(skips):
        before.go_on()
    after.load(json.loads(json.dumps(before.as_dict())))
    assert (names(after), current(after), after.repeat, after.shuffle) == (
        names(before),
        current(before),
        repeat,
        shuffled,
    )
    before.set_shuffle(on=False)
    after.set_shuffle(on=False)
    assert names(after) == names(before)


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"entries": [{}], "index": 0, "repeat": "off", "as_added": None},
        {"entries": [{"media_id": 1, "media_type": "music"}], "index": 0, "repeat": "off", "as_added": None},
        {"entries": "none", "index": 0, "repeat": "off", "as_added": None},
        {"entries": [], "index": 0, "repeat": "twice", "as_added": None},
        {"entries": [], "index": None, "repeat": "off", "as_added": None},
        {"entries": [], "index": 0, "repeat": "off", "as_added": [3]},
    ],
)
def test_what_was_kept_badly_changes_nothing(kept: dict[str, object]) -> None:
    sound = playlist("ab")
    with pytest.raises((KeyError, TypeError, ValueError)):
        sound.load(kept)
    assert names(sound) == "ab"
