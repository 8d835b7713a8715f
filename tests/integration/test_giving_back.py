"""Whether what we paused is ours to play on: tables, and people, players and rooms in any order."""

from collections import deque

import pytest
from homeassistant.components.media_player import MediaPlayerState
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from hypothesis.strategies import sampled_from

from custom_components.huxley.runtime.speakers.giving_back import (
    ACTIONS,
    REPORTS,
    SOUND_OF,
    GiveBack,
    Grip,
    Identity,
    Sound,
)

SONG, OTHER, UNKNOWN = Identity("song", "Song"), Identity("other", "Other"), Identity()
PLAYS, PAUSES, IDLES = Sound.SOUNDS, Sound.PAUSES, Sound.SILENT

type Event = Sound | tuple[Sound, Identity] | str


def after(*events: Event) -> bool:
    """Pause it, let `events` happen, and give it back: whether the player is told to play on."""
    hold = GiveBack()
    assert hold.pause()
    for event in events:
        match event:
            case "answers idle":
                hold.reported(IDLES, UNKNOWN, answers=True)
            case Sound():
                hold.reported(event, SONG, answers=False)
            case str():
                hold.asked(event)
            case (sound, media):
                hold.reported(sound, media, answers=False)
    return hold.resume()


@pytest.mark.parametrize(
    "events",
    [
        [],
        [PAUSES],
        [PLAYS, PAUSES],
        [PLAYS, PLAYS],
        ["answers idle"],
        [PAUSES, (PAUSES, UNKNOWN)],
        [PAUSES, (PAUSES, Identity("song", "another spelling"))],
        [(PAUSES, OTHER)],
        [PAUSES, "volume_set"],
        [PAUSES, "media_seek"],
    ],
    ids=str,
)
def test_what_nobody_touched_is_given_back(events: list[Event]) -> None:
    assert after(*events)


@pytest.mark.parametrize(
    "events",
    [
        [IDLES],
        [PAUSES, IDLES],
        [PAUSES, (PAUSES, OTHER)],
        [PAUSES, (PAUSES, Identity(None, "Another"))],
        [PAUSES, PLAYS],
        [PAUSES, PLAYS, PAUSES],
        [PAUSES, PLAYS, IDLES],
        [PAUSES, "media_play"],
        [PAUSES, "media_play_pause"],
        [PAUSES, "media_play", PLAYS, PAUSES],
        *([PAUSES, action] for action in ACTIONS),
        *([action] for action in ACTIONS),
    ],
    ids=str,
)
def test_what_a_person_touched_is_not(events: list[Event]) -> None:
    assert not after(*events)


def test_what_a_person_plays_is_ours_again_once_silence_is_over() -> None:
    hold = GiveBack()
    hold.pause()
    for sound in (PAUSES, PLAYS):
        hold.reported(sound, SONG, answers=False)
    assert hold.grip is Grip.THEIRS
    assert not hold.pause()
    assert not hold.resume()
    assert hold.grip is Grip.FREE
    assert hold.pause()


@pytest.mark.parametrize("sound", [PAUSES, IDLES])
def test_what_a_person_silences_while_it_plays_is_not_ours(sound: Sound) -> None:
    hold = GiveBack()
    hold.reported(PLAYS, SONG, answers=False)
    hold.reported(sound, SONG, answers=False)
    assert not hold.is_ours


def test_a_late_pause_after_the_give_back_is_no_persons() -> None:
    hold = GiveBack()
    hold.pause()
    hold.resume()
    for sound in (PLAYS, PAUSES, PLAYS):
        hold.reported(sound, SONG, answers=False)
    assert hold.grip is Grip.FREE
    hold.late()
    hold.reported(PAUSES, SONG, answers=False)
    assert not hold.is_ours


def test_a_late_sound_after_the_next_pause_is_no_persons() -> None:
    hold = GiveBack()
    for step in (hold.pause, hold.resume, hold.pause):
        assert step()
    for sound in (PAUSES, PLAYS, PAUSES):
        hold.reported(sound, SONG, answers=False)
    assert hold.resume()


def test_a_player_that_does_not_play_on_is_given_up() -> None:
    hold = GiveBack()
    hold.pause()
    hold.reported(PAUSES, SONG, answers=False)
    hold.resume()
    hold.reported(PAUSES, SONG, answers=False)
    assert hold.is_ours
    hold.late()
    assert not hold.is_ours


def test_the_table_knows_every_report() -> None:
    assert set(REPORTS) == {(grip, sound) for grip in Grip if grip is not Grip.LOST for sound in Sound}


def test_every_state_of_a_player_is_sound_or_silence() -> None:
    assert set(SOUND_OF) == {str(state) for state in MediaPlayerState}


class AnyOrder(RuleBasedStateMachine):
    """A player that tells late what happened to it, a person with two ways to touch it, and a room."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = GiveBack()
        self.sound, self.media = PLAYS, SONG
        self.told: deque[tuple[Sound, Identity]] = deque()
        self.paused_by_us = False
        self.touched = False

    def now(self, sound: Sound, media: Identity | None = None) -> None:
        media = media or self.media
        if (sound, media) != (self.sound, self.media):
            self.sound, self.media = sound, media
            self.told.append((sound, media))

    def hear_all(self) -> None:
        while self.told:
            self.hold.reported(*self.told.popleft(), answers=False)

    @precondition(lambda self: self.told)
    @rule()
    def the_player_tells(self) -> None:
        self.hold.reported(*self.told.popleft(), answers=False)

    @precondition(lambda self: not self.told)
    @rule()
    def time_passes(self) -> None:
        self.hold.late()

    @rule()
    def the_room_wants_silence(self) -> None:
        if self.hold.pause():
            assert self.sound is PLAYS or self.told, "told to pause what did not play"
            if self.sound is PLAYS:
                self.paused_by_us, self.touched = True, False
                self.now(PAUSES)

    @rule()
    def the_room_gives_it_back(self) -> None:
        if self.hold.resume():
            assert self.paused_by_us, "what the room did not pause was played"
            assert not self.touched, "a person touched it, and the room played it"
            self.now(PLAYS)
            self.paused_by_us = False
        elif self.paused_by_us and not self.touched and self.sound is PAUSES:
            raise AssertionError("nobody touched it, and it was not given back")

    @rule(action=sampled_from(["media_play", "media_pause", "media_stop", "play_media"]))
    def a_person_asks_through_home_assistant(self, action: str) -> None:
        self.hear_all()
        self.hold.asked(action)
        self.happens(action)

    @rule(action=sampled_from(["media_play", "media_pause", "media_stop", "play_media"]))
    def a_person_touches_the_device(self, action: str) -> None:
        self.hear_all()
        before, touched = (self.sound, self.media), self.touched
        self.happens(action)
        if before == (self.sound, self.media):
            self.touched = touched  # nothing happened that anybody could see
        self.hear_all()

    def happens(self, action: str) -> None:
        self.touched = True
        match action:
            case "media_play":
                self.now(PLAYS)
            case "media_pause" if self.sound is PLAYS:
                self.now(PAUSES)
            case "media_stop":
                self.now(IDLES)
            case "play_media":
                self.now(PLAYS, OTHER if self.media is SONG else SONG)


AnyOrder.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
