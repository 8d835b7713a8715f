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
        "standby": Sound.SILENT,
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

LATE: Final = MappingProxyType({(_G.FREE, _S.PAUSES): _G.RESUMING, (_G.PAUSED, _S.SOUNDS): _G.PAUSING})
"""What we hold when a report is the late answer to something that we told the player before."""

HELD: Final = frozenset({Grip.PAUSING, Grip.PAUSED, Grip.CLOSED})
"""What we silenced, and may play on."""


class Asked(StrEnum):
    """What somebody else asked of a player, as far as it matters here."""

    PLAY = "play"
    TOGGLE = "toggle"
    SILENCE = "silence"
    CHANGE = "change"


ACTIONS: Final[Mapping[str, Asked]] = MappingProxyType(
    {
        "media_play": Asked.PLAY,
        "media_play_pause": Asked.TOGGLE,
        "media_pause": Asked.SILENCE,
        "media_stop": Asked.SILENCE,
        "turn_off": Asked.SILENCE,
        "toggle": Asked.SILENCE,
        "clear_playlist": Asked.SILENCE,
        "media_next_track": Asked.CHANGE,
        "media_previous_track": Asked.CHANGE,
        "select_source": Asked.CHANGE,
        "play_media": Asked.CHANGE,
    }
)
"""The actions of `media_player` by which a person takes media out of our hands."""

_A = Asked

ASKS: Final = MappingProxyType(
    {
        **{(grip, _A.PLAY): _G.THEIRS for grip in HELD},
        **{(grip, _A.TOGGLE): _G.THEIRS for grip in HELD},
        **{(grip, ask): _G.LOST for grip in HELD for ask in (_A.SILENCE, _A.CHANGE)},
        **{(_G.RESUMING, ask): _G.LOST for ask in (_A.TOGGLE, _A.SILENCE, _A.CHANGE)},
        **{(grip, ask): _G.LOST for grip in (_G.FREE, _G.THEIRS) for ask in (_A.TOGGLE, _A.SILENCE)},
    }
)
"""From what we hold, and what somebody asks, to what we hold then. What is not here changes nothing."""


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
        self._expected: list[Sound] = []
        self._skipped: set[Sound] = set()

    @property
    def is_ours(self) -> bool:
        """Whether it is ours to touch at all."""
        return self.grip is not Grip.LOST

    def pause(self) -> bool:
        """We want silence; tells whether the player is to be told."""
        if self.grip not in (Grip.FREE, Grip.RESUMING):
            return False
        self._expected.append(Sound.PAUSES)
        self.grip, self._media = Grip.PAUSING, None
        return True

    def resume(self) -> bool:
        """It may play on; tells whether the player is to be told."""
        if self.grip is Grip.THEIRS:
            self.grip = Grip.FREE
        if self.grip not in HELD:
            return False
        self._expected.append(Sound.SOUNDS)
        self.grip = Grip.RESUMING
        return True

    def late(self) -> None:
        """By now the player has said everything that it owes; one that we told to play on and that does not is lost."""
        self._expected.clear()
        self._skipped.clear()
        if self.grip is Grip.RESUMING:
            self.grip = Grip.LOST

    def lose(self) -> None:
        """The device is beyond belief."""
        self.grip = Grip.LOST

    def reported(self, sound: Sound, media: Identity, *, answers: bool) -> None:
        """The player reports; `answers` is whether it does so because we told it something."""
        if self.grip is Grip.LOST:
            return
        if sound in self._expected:
            at = self._expected.index(sound)
            self._skipped.update(self._expected[:at])
            del self._expected[: at + 1]
            if self._expected:
                return  # it answers to what we told it before the last
        elif sound in self._skipped and (late := LATE.get((self.grip, sound))) is not None:
            self._skipped.discard(sound)
            self.grip = late
            return
        before = self.grip, sound
        self.grip = ANSWERS.get(before, REPORTS[before]) if answers else REPORTS[before]
        if self.grip in (Grip.PAUSED, Grip.CLOSED):
            self._compare(media)

    def asked(self, action: str) -> None:
        """Somebody else asked for `action` of the player through Home Assistant."""
        asked = ACTIONS.get(action)
        if asked is not None:
            self.grip = ASKS.get((self.grip, asked), self.grip)

    def _compare(self, media: Identity) -> None:
        """Other media than was paused is not ours. A first report may be late, and counts as what was paused."""
        if self._media is not None and media.is_other(self._media):
            self.grip = Grip.LOST
        if media != Identity():  # many players forget what they pause
            self._media = media
