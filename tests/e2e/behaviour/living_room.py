"""What must be heard in a living room with two devices, a Wyoming satellite and MPD."""

from .cells import Course, Device, Event, Sentence, Situation, row, whole
from .phrases import (
    ANSWER_THEN_MESSAGE,
    ANSWER_TO_ITS_END,
    AT_ONCE,
    DUCKS_FOR_ANSWER,
    DUCKS_FOR_MESSAGE,
    LISTENS,
    STAYS_SILENT,
    WAITS_FOR_MUSIC,
)

WAKE, NORMAL, BLOCK, PREEMPT, ANNOUNCE, STOP, GONE, RESTART = Event
ANSWER, SHORT_ANSWER, ANNOUNCEMENT, NEWS, ALARM, AGAIN = Sentence
NOTHING, UNTOUCHED, DUCKED, STOPPED, RESUMED = Course

WORDS = "The words; this satellite knows no chime. Nothing starts to play."
DUCKS_FOR_WORDS = "The music goes down under the words, and comes up again; no moment of it is missing."
GOES_ON = "Silence with the player. When it is back within two minutes, the music goes on where it was."
LISTENS_MEANWHILE = (
    "The room listens at once. This satellite cannot be silenced: the first answer is heard to its end, then the other."
)
CANNOT_STOP = "This satellite cannot be silenced: the answer to its end, then the message."

CELLS = (
    *row(
        Device.LIVING_ROOM,
        Situation.IDLE,
        (WAKE, LISTENS, whole(SHORT_ANSWER), NOTHING, "T1"),
        (NORMAL, AT_ONCE, whole(NEWS), NOTHING, "I1 T9"),
        (BLOCK, AT_ONCE, whole(NEWS), NOTHING, "I2 T9"),
        (PREEMPT, AT_ONCE, whole(ALARM), NOTHING, "I3 T9"),
        (ANNOUNCE, WORDS, whole(NEWS), NOTHING, "T9"),
        (STOP, "Nothing.", (), NOTHING, "T9"),
        (GONE, "Nothing. The room speaks as before.", whole(AGAIN), NOTHING, "I7"),
    ),
    *row(
        Device.LIVING_ROOM,
        Situation.OWN,
        (WAKE, DUCKS_FOR_ANSWER, whole(SHORT_ANSWER), DUCKED, "T7 F4 A3"),
        (NORMAL, WAITS_FOR_MUSIC, whole(NEWS), UNTOUCHED, "I1 I4"),
        (BLOCK, DUCKS_FOR_MESSAGE, whole(NEWS), DUCKED, "I2 I9 F4 F6"),
        (PREEMPT, DUCKS_FOR_MESSAGE, whole(ALARM), DUCKED, "I3 I9 F4 F6"),
        (ANNOUNCE, DUCKS_FOR_WORDS, whole(NEWS), DUCKED, "F4 A3"),
        (STOP, STAYS_SILENT, (), STOPPED, "T9"),
        (GONE, GOES_ON, whole(AGAIN), RESUMED, "T10"),
    ),
    *row(
        Device.LIVING_ROOM,
        Situation.SPEAKING,
        (WAKE, LISTENS_MEANWHILE, whole(ANSWER, SHORT_ANSWER), NOTHING, "T6"),
        (NORMAL, ANSWER_THEN_MESSAGE, whole(ANSWER, NEWS), NOTHING, "I1 I4"),
        (BLOCK, ANSWER_THEN_MESSAGE, whole(ANSWER, NEWS), NOTHING, "I2 I4"),
        (PREEMPT, CANNOT_STOP, whole(ANSWER, ALARM), NOTHING, "I3 T6"),
        (ANNOUNCE, "The answer to its end, then the words.", whole(ANSWER, NEWS), NOTHING, "T1"),
        (STOP, ANSWER_TO_ITS_END, whole(ANSWER), NOTHING, "T4"),
        (GONE, "The answer to its end; the satellite is another device.", whole(ANSWER, AGAIN), NOTHING, "T4"),
    ),
)
