"""The vocabulary of the behaviour matrix: a cell says what must be heard when something happens in a situation."""

from dataclasses import dataclass
from enum import StrEnum


class Device(StrEnum):
    """What the room is made of."""

    KITCHEN = "kitchen"
    """One device: an ESPHome satellite with a player of its own, such as a Voice PE."""

    LIVING_ROOM = "living room"
    """Two devices: a Wyoming satellite, and MPD as the player."""


class Situation(StrEnum):
    """What the room is doing."""

    IDLE = "Nothing is going on"
    OWN = "The room plays music"
    FOREIGN = "Somebody plays music past Huxley"
    SPEAKING = "The persona answers"
    LISTENING = "Somebody speaks to the room"
    ANNOUNCING = "The room announces something"


class Event(StrEnum):
    """What happens then."""

    WAKE = "the wake word"
    NORMAL = "`inject_turn`, normal"
    BLOCK = "`inject_turn`, reminder"
    PREEMPT = "`inject_turn`, emergency"
    ANNOUNCE = "an automation's `assist_satellite.announce` on the device itself"
    STOP = "somebody stops the player by hand"
    GONE = "the player is gone, and comes back"
    RESTART = "Home Assistant is restarted"


class Sentence(StrEnum):
    """Everything that can be said in the matrix; each begins with other words."""

    ANSWER = "It is late, and there is more to tell about that than you want to hear."
    """What the persona answers to `SITUATION_QUESTION`."""

    SHORT_ANSWER = "Two tunes."
    """What the persona answers to `EVENT_QUESTION`."""

    ANNOUNCEMENT = "The washing machine has finished, and somebody has to empty it before it smells."
    NEWS = "Dinner is ready."
    ALARM = "Leave the house."
    AGAIN = "Here I am again."
    """Said at the end of a cell in which something was away: the room works."""


SITUATION_QUESTION = "what time is it"
EVENT_QUESTION = "what music is there"


class Course(StrEnum):
    """What becomes of what plays."""

    NOTHING = "nothing"
    """Not one sample of music, from before the event to the end."""

    UNTOUCHED = "untouched"
    """It plays on at its level, without a gap, as long as nobody stops it."""

    DUCKED = "ducked"
    """It goes on quietly under speech and listening, then at its level again, and no moment of it is missing."""

    STOPPED = "stopped"
    """It ends with the event and does not come back."""

    RESUMED = "resumed"
    """It ends with the event and goes on where it was, when what was away is back."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence that is heard."""

    sentence: Sentence
    whole: bool | None = True
    """To its last word; False for one that is cut off, None where both will do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the matrix."""

    device: Device
    situation: Situation
    event: Event
    heard: str
    """What must be heard, in words for people."""

    lines: tuple[Line, ...] = ()
    """What is said from the beginning of the situation on, one after the other, and nothing else."""

    course: Course = Course.NOTHING
    rules: tuple[str, ...] = ()
    """Numbers of the engine's rules that it follows from."""

    @property
    def id(self) -> str:
        """A name for the test."""
        return f"{self.device}-{self.situation.name}-{self.event.name}".lower().replace(" ", "_")


type Field = tuple[Event, str, tuple[Line, ...], Course, str]
"""Event, what must be heard, what is said, what becomes of the music, and the rules, with spaces between them."""


def row(device: Device, situation: Situation, *fields: Field) -> tuple[Cell, ...]:
    """Return the cells of one situation."""
    return tuple(
        Cell(device, situation, event, heard, lines, course, tuple(rules.split()))
        for event, heard, lines, course, rules in fields
    )


def whole(*sentences: Sentence) -> tuple[Line, ...]:
    """Each of them to its last word."""
    return tuple(Line(sentence) for sentence in sentences)


def cut(sentence: Sentence) -> Line:
    """The beginning of it."""
    return Line(sentence, whole=False)
