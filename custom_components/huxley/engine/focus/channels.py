"""The words of focus: channels, states, behaviours, content types (Engine F1, F4)."""

from enum import StrEnum
from typing import Self


class Channel(StrEnum):
    """What kind of sound an activity makes; the channel is the policy."""

    priority: int
    exclusive: bool

    def __new__(cls, value: str, priority: int, exclusive: bool = False) -> Self:  # noqa: FBT001, FBT002
        """Make a member of `value` with its AVS priority number."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.priority = priority
        member.exclusive = exclusive
        return member

    DIALOG = "dialog", 100
    """The model's voice and the person it listens to; never preempted."""

    COMMS = "comms", 150, True
    """A live call or intercom; one at a time (Engine F11)."""

    ALERT = "alert", 200
    """A siren or an urgent sound."""

    CONTENT = "content", 300
    """Music, radio, audiobooks."""


class FocusState(StrEnum):
    """Where an activity stands."""

    FOREGROUND = "foreground"
    """It is the one that is meant to be heard."""

    BACKGROUND = "background"
    """Something stronger is heard; it ducks or pauses and may come back."""

    NONE = "none"
    """It is over; nothing follows (Engine F10)."""


class MixingBehavior(StrEnum):
    """What an activity must do with its sound."""

    PRIMARY = "primary"
    """Full volume."""

    MAY_DUCK = "may_duck"
    """Go on, quietly."""

    MUST_PAUSE = "must_pause"
    """Be silent, keep the place."""

    MUST_STOP = "must_stop"
    """Be silent and let go of everything."""


class ContentType(StrEnum):
    """Whether an activity bears to be mixed with another."""

    MIXABLE = "mixable"
    """May be heard softly under speech: music."""

    NONMIXABLE = "nonmixable"
    """Means nothing under speech: a book, a call."""
