"""What must be heard in a kitchen with one device, an ESPHome satellite that has a player of its own."""

from .cells import Course, Device, Event, Line, Sentence, Situation, cut, row, whole
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

IDLE, OWN, FOREIGN, SPEAKING, LISTENING, ANNOUNCING = Situation
WAKE, NORMAL, BLOCK, PREEMPT, ANNOUNCE, STOP, GONE, RESTART = Event
ANSWER, SHORT_ANSWER, ANNOUNCEMENT, NEWS, ALARM, AGAIN = Sentence
NOTHING, UNTOUCHED, DUCKED, STOPPED, RESUMED = Course

CHIME = "The chime and the words. Nothing starts to play."
DUCKS_FOR_CHIME = "The music goes down under the chime and the words, and comes up again; no moment of it is missing."
BACK = "When the device is back, the room speaks as before."
ONCE_MORE = "This device does not listen then: say the wake word once more."
RESTARTED = "Nothing. After the restart the room speaks as before."
GOES_ON = "Silence with the device. When it is back within two minutes, the music goes on where it was."
NOT_OURS = "Silence with the device. Huxley did not start the music, and does not start it again."
FROM_US = (
    "The music ends with Home Assistant, which it comes from, and stays silent. "
    "In a room that is set to go on after a restart, it goes on where it was."
)
NOT_FROM_US = (
    "The music plays on, as it does not come from Home Assistant. The room speaks as before, and it goes down."
)
ANSWER_IN_HAND = "What the device has of the answer already, and nothing twice. The room speaks as before."
ANNOUNCEMENT_IN_HAND = "What the device has of the announcement already, and nothing twice. The room speaks as before."
UNHEARD = (
    "Home Assistant takes the microphone away for it: the chime and the words, and no answer. "
    "[Announce on the room](announcements.md#the-room-as-a-satellite)."
)
HEARD_OUT = "The person is heard out, and the answer; then the message."
HELD_OFF = "The person is heard out for at most five seconds; then the message, in the place of an answer."
WAKE_ENDS = "Nothing: on this device, a second wake word ends the listening, and the room rests."
BUSY = (
    "The announcement to its end. Home Assistant refuses the other one, as the device is busy. "
    "[Announce on the room](announcements.md#the-room-as-a-satellite)."
)
ANNOUNCED_TO_ITS_END = "The announcement to its end: stopping the player ends music, not words."
ANNOUNCEMENT_THEN_MESSAGE = "The announcement to its end, then the message."

CELLS = (
    *row(
        Device.KITCHEN,
        IDLE,
        (WAKE, LISTENS, whole(SHORT_ANSWER), NOTHING, "T1"),
        (NORMAL, AT_ONCE, whole(NEWS), NOTHING, "I1 T9"),
        (BLOCK, AT_ONCE, whole(NEWS), NOTHING, "I2 T9"),
        (PREEMPT, AT_ONCE, whole(ALARM), NOTHING, "I3 T9"),
        (ANNOUNCE, CHIME, whole(NEWS), NOTHING, "T9"),
        (STOP, "Nothing.", (), NOTHING, "T9"),
        (GONE, f"Nothing. {BACK}", whole(AGAIN), NOTHING, "I7"),
        (RESTART, RESTARTED, whole(AGAIN), NOTHING, "T9"),
    ),
    *row(
        Device.KITCHEN,
        OWN,
        (WAKE, DUCKS_FOR_ANSWER, whole(SHORT_ANSWER), DUCKED, "T7 F4 A3"),
        (NORMAL, WAITS_FOR_MUSIC, whole(NEWS), UNTOUCHED, "I1 I4"),
        (BLOCK, DUCKS_FOR_MESSAGE, whole(NEWS), DUCKED, "I2 I9 F4 F6"),
        (PREEMPT, DUCKS_FOR_MESSAGE, whole(ALARM), DUCKED, "I3 I9 F4 F6"),
        (ANNOUNCE, DUCKS_FOR_CHIME, whole(NEWS), DUCKED, "F4 A3"),
        (STOP, STAYS_SILENT, (), STOPPED, "T9"),
        (GONE, GOES_ON, whole(AGAIN), RESUMED, "T10"),
        (RESTART, FROM_US, whole(AGAIN), STOPPED, "T10"),
    ),
    *row(
        Device.KITCHEN,
        FOREIGN,
        (WAKE, DUCKS_FOR_ANSWER, whole(SHORT_ANSWER), DUCKED, "T7 F4 A3"),
        (NORMAL, WAITS_FOR_MUSIC, whole(NEWS), UNTOUCHED, "I1 I4"),
        (BLOCK, DUCKS_FOR_MESSAGE, whole(NEWS), DUCKED, "I2 T7 F4"),
        (PREEMPT, DUCKS_FOR_MESSAGE, whole(ALARM), DUCKED, "I3 T7 F4"),
        (ANNOUNCE, DUCKS_FOR_CHIME, whole(NEWS), DUCKED, "T7 F4"),
        (STOP, STAYS_SILENT, (), STOPPED, "T7 T9"),
        (GONE, NOT_OURS, whole(AGAIN), STOPPED, "T7 T9"),
        (RESTART, NOT_FROM_US, whole(AGAIN), DUCKED, "T7"),
    ),
    *row(
        Device.KITCHEN,
        SPEAKING,
        (WAKE, f"The answer ends in the middle of the word. {ONCE_MORE}", (cut(ANSWER),), NOTHING, "T6"),
        (NORMAL, ANSWER_THEN_MESSAGE, whole(ANSWER, NEWS), NOTHING, "I1 I4"),
        (BLOCK, ANSWER_THEN_MESSAGE, whole(ANSWER, NEWS), NOTHING, "I2 I4"),
        (PREEMPT, "The answer ends at once; the message.", (cut(ANSWER), Line(ALARM)), NOTHING, "I3 T6"),
        (ANNOUNCE, "The answer ends at once; the chime and the words.", (cut(ANSWER), Line(NEWS)), NOTHING, "T1"),
        (STOP, ANSWER_TO_ITS_END, whole(ANSWER), NOTHING, "T4"),
        (GONE, f"The answer ends with the device. {BACK}", (cut(ANSWER), Line(AGAIN)), NOTHING, "T15 I7"),
        (RESTART, ANSWER_IN_HAND, (Line(ANSWER, whole=None), Line(AGAIN)), NOTHING, "T13"),
    ),
    *row(
        Device.KITCHEN,
        LISTENING,
        (WAKE, WAKE_ENDS, (), NOTHING, "T14"),
        (NORMAL, HEARD_OUT, whole(SHORT_ANSWER, NEWS), NOTHING, "I1 I4"),
        (BLOCK, HEARD_OUT, whole(SHORT_ANSWER, NEWS), NOTHING, "I2 I4"),
        (PREEMPT, HELD_OFF, whole(ALARM), NOTHING, "I3"),
        (ANNOUNCE, UNHEARD, whole(NEWS), NOTHING, "T1"),
        (STOP, "The person is heard out, and the answer.", whole(SHORT_ANSWER), NOTHING, "T14"),
        (GONE, f"Nothing, as nobody listens any more. {BACK}", whole(AGAIN), NOTHING, "T13"),
        (RESTART, RESTARTED, whole(AGAIN), NOTHING, "T13"),
    ),
    *row(
        Device.KITCHEN,
        ANNOUNCING,
        (WAKE, f"The announcement ends in the middle of the word. {ONCE_MORE}", (cut(ANNOUNCEMENT),), NOTHING, "T6 I7"),
        (NORMAL, ANNOUNCEMENT_THEN_MESSAGE, whole(ANNOUNCEMENT, NEWS), NOTHING, "I1 I4"),
        (BLOCK, ANNOUNCEMENT_THEN_MESSAGE, whole(ANNOUNCEMENT, NEWS), NOTHING, "I2 I4"),
        (PREEMPT, "The announcement ends at once; the message.", (cut(ANNOUNCEMENT), Line(ALARM)), NOTHING, "I3 I7"),
        (ANNOUNCE, BUSY, whole(ANNOUNCEMENT), NOTHING, "T1"),
        (STOP, ANNOUNCED_TO_ITS_END, whole(ANNOUNCEMENT), NOTHING, "I7"),
        (GONE, f"The announcement ends with the device. {BACK}", (cut(ANNOUNCEMENT), Line(AGAIN)), NOTHING, "I7"),
        (RESTART, ANNOUNCEMENT_IN_HAND, (Line(ANNOUNCEMENT, whole=None), Line(AGAIN)), NOTHING, "I7"),
    ),
)
