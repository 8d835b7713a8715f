"""Whether what we paused is still ours to play on: a person's hand on the device wins (Engine T7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import State

MEDIA_ID, MEDIA_TITLE = "media_content_id", "media_title"


class Grip(StrEnum):
    """What we hold of a player that plays for somebody else."""

    FREE = "free"
    """It plays, and we let it."""

    PAUSING = "pausing"
    """We told it to pause, and it has not said that it did."""

    PAUSED = "paused"
    """It pauses because we told it to."""

    CLOSED = "closed"
    """It stopped where we told it to pause."""

    RESUMING = "resuming"
    """We told it to play on, and it has not said that it does."""

    THEIRS = "theirs"
    """A person plays it although we wanted silence; we keep our hands off until that is over."""

    LOST = "lost"
    """It is not ours to give back any more, and never will be again."""


class Sound(StrEnum):
    """What a player reports, as far as it matters here."""

    SOUNDS = "sounds"
    PAUSES = "pauses"
    SILENT = "silent"


SOUND_OF: Final[Mapping[str, Sound]] = MappingProxyType(
    {
        MediaPlayerState.PLAYING: Sound.SOUNDS,
        MediaPlayerState.BUFFERING: Sound.SOUNDS,
        MediaPlayerState.PAUSED: Sound.PAUSES,
        MediaPlayerState.IDLE: Sound.SILENT,
        MediaPlayerState.OFF: Sound.SILENT,
        MediaPlayerState.ON: Sound.SILENT,
    }
)
"""The other states say nothing about sound: the player is away, or does not know itself."""

_G, _S = Grip, Sound

REPORTS: Final = MappingProxyType(
    {
        (_G.FREE, _S.SOUNDS): _G.FREE,
        (_G.FREE, _S.PAUSES): _G.LOST,
        (_G.FREE, _S.SILENT): _G.LOST,
        (_G.PAUSING, _S.SOUNDS): _G.PAUSING,
        (_G.PAUSING, _S.PAUSES): _G.PAUSED,
        (_G.PAUSING, _S.SILENT): _G.LOST,
        (_G.PAUSED, _S.SOUNDS): _G.THEIRS,
        (_G.PAUSED, _S.PAUSES): _G.PAUSED,
        (_G.PAUSED, _S.SILENT): _G.LOST,
        (_G.CLOSED, _S.SOUNDS): _G.THEIRS,
        (_G.CLOSED, _S.PAUSES): _G.PAUSED,
        (_G.CLOSED, _S.SILENT): _G.CLOSED,
        (_G.RESUMING, _S.SOUNDS): _G.FREE,
        (_G.RESUMING, _S.PAUSES): _G.RESUMING,
        (_G.RESUMING, _S.SILENT): _G.RESUMING,
        (_G.THEIRS, _S.SOUNDS): _G.THEIRS,
        (_G.THEIRS, _S.PAUSES): _G.LOST,
        (_G.THEIRS, _S.SILENT): _G.LOST,
    }
)
"""From what we hold, and what the player reports by itself, to what we hold then."""

ANSWERS: Final = MappingProxyType({(_G.PAUSING, _S.SILENT): _G.CLOSED})
"""Where it matters that the report answers to what we told the player: some players stop when they are to pause."""

HELD: Final = frozenset({Grip.PAUSING, Grip.PAUSED, Grip.CLOSED})
"""What we silenced, and may play on."""

PLAYS, TOGGLES, ENDS = "plays", "toggles", "ends"

ACTIONS: Final = MappingProxyType(
    {
        "media_play": PLAYS,
        "media_play_pause": TOGGLES,
        "media_pause": ENDS,
        "media_stop": ENDS,
        "turn_off": ENDS,
        "toggle": ENDS,
        "clear_playlist": ENDS,
        "media_next_track": ENDS,
        "media_previous_track": ENDS,
        "select_source": ENDS,
        "play_media": ENDS,
    }
)
"""What a person may ask of a player through Home Assistant, and what that says about media that we paused."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which media it is, as far as the player tells."""

    media_id: str | None = None
    title: str | None = None

    def is_other(self, other: Identity) -> bool:
        """Whether both are known and differ; the id counts, where both have one."""
        if self.media_id and other.media_id:
            return self.media_id != other.media_id
        return bool(self.title and other.title) and self.title != other.title


def identity_of(state: State) -> Identity:
    """Which media a player is at."""
    return Identity(state.attributes.get(MEDIA_ID), state.attributes.get(MEDIA_TITLE))


class GiveBack:
    """Decides from reports and from people's actions; knows no device."""

    def __init__(self) -> None:
        self.grip = Grip.FREE
        self._media: Identity | None = None
        self._owes_sound = self._owes_pause = False

    @property
    def is_ours(self) -> bool:
        """Whether it is ours to touch at all."""
        return self.grip is not Grip.LOST

    def pause(self) -> bool:
        """We want silence; tells whether the player is to be told."""
        if self.grip not in (Grip.FREE, Grip.RESUMING):
            return False
        self._owes_sound = self.grip is Grip.RESUMING  # it may yet report that it plays, before it pauses again
        self.grip, self._media = Grip.PAUSING, None
        return True

    def resume(self) -> bool:
        """It may play on; tells whether the player is to be told."""
        if self.grip is Grip.THEIRS:
            self.grip = Grip.FREE
        if self.grip not in HELD:
            return False
        self._owes_pause = self.grip is Grip.PAUSING  # likewise
        self.grip = Grip.RESUMING
        return True

    def late(self) -> None:
        """By now the player has said everything that it owes; one that we told to play on and that does not is lost."""
        self._owes_pause = False
        if self.grip is Grip.RESUMING:
            self.grip = Grip.LOST

    def lose(self) -> None:
        """The device is beyond belief."""
        self.grip = Grip.LOST

    def reported(self, sound: Sound, media: Identity, *, answers: bool) -> None:
        """The player reports; `answers` is whether it does so because we told it something."""
        if self.grip is Grip.LOST:
            return
        if sound is Sound.SOUNDS and self._owes_sound and self.grip in HELD:
            self._owes_sound = False
            self.grip = Grip.PAUSING
            return
        if sound is Sound.PAUSES and self._owes_pause and self.grip is Grip.FREE:
            self._owes_pause = False
            self.grip = Grip.RESUMING
            return
        before = self.grip, sound
        self.grip = ANSWERS.get(before, REPORTS[before]) if answers else REPORTS[before]
        if self.grip in (Grip.PAUSED, Grip.CLOSED):
            self._compare(media)

    def asked(self, action: str) -> None:
        """Somebody else asked for `action` of the player through Home Assistant."""
        meaning = ACTIONS.get(action)
        if meaning is None or self.grip not in (*HELD, Grip.RESUMING):
            return
        if meaning is ENDS or (meaning is TOGGLES and self.grip is Grip.RESUMING):
            self.grip = Grip.LOST
        elif self.grip is not Grip.RESUMING:
            self.grip = Grip.THEIRS

    def _compare(self, media: Identity) -> None:
        """Other media than was paused is not ours. A first report may be late, and counts as what was paused."""
        if self._media is not None and media.is_other(self._media):
            self.grip = Grip.LOST
        if media != Identity():  # many players forget what they pause
            self._media = media
