"""What must be heard in a kitchen with one device, an ESPHome satellite that has a player of its own."""

from .cells import Cell, Course, Device, Event, Line, Sentence, Situation, cut, whole

IDLE, OWN, FOREIGN, SPEAKING, LISTENING, ANNOUNCING = Situation
WAKE, NORMAL, BLOCK, PREEMPT, ANNOUNCE, STOP, GONE, RESTART = Event
ANSWER, SHORT_ANSWER, ANNOUNCEMENT, NEWS, ALARM, AGAIN = Sentence
NOTHING, UNTOUCHED, DUCKED, STOPPED, RESUMED = Course

ENDS_THERE = (Line(ANSWER, whole=None), *whole(AGAIN))
"""A device says what it has fetched, or not."""


def _cell(
    situation: Situation,
    event: Event,
    heard: str,
    lines: tuple[Line, ...] = (),
    course: Course = NOTHING,
    *rules: str,
    broken: str | None = None,
) -> Cell:
    return Cell(Device.KITCHEN, situation, event, heard, lines, course, rules, broken)


IDLE_CELLS = (
    _cell(
        IDLE, WAKE, "The room listens at once and answers. Nothing starts to play.", whole(SHORT_ANSWER), NOTHING, "T1"
    ),
    _cell(IDLE, NORMAL, "The message, at once. Nothing starts to play.", whole(NEWS), NOTHING, "I1", "T9"),
    _cell(IDLE, BLOCK, "The message, at once. Nothing starts to play.", whole(NEWS), NOTHING, "I2", "T9"),
    _cell(IDLE, PREEMPT, "The message, at once. Nothing starts to play.", whole(ALARM), NOTHING, "I3", "T9"),
    _cell(IDLE, ANNOUNCE, "The chime and the words. Nothing starts to play.", whole(NEWS), NOTHING, "T9"),
    _cell(IDLE, STOP, "Nothing.", (), NOTHING, "T9"),
    _cell(IDLE, GONE, "Nothing. When the device is back, the room speaks as before.", whole(AGAIN), NOTHING, "I7"),
    _cell(IDLE, RESTART, "Nothing. After the restart the room speaks as before.", whole(AGAIN), NOTHING, "T9"),
)

OWN_CELLS = (
    _cell(
        OWN,
        WAKE,
        "The music goes down while the room listens and answers, then comes up again, and no moment of it is missing.",
        whole(SHORT_ANSWER),
        DUCKED,
        "T7",
        "F4",
        "A3",
    ),
    _cell(
        OWN,
        NORMAL,
        "The music, untouched. The message follows when the music has ended.",
        whole(NEWS),
        UNTOUCHED,
        "I1",
        "I4",
    ),
    _cell(
        OWN,
        BLOCK,
        "The music goes down, the message is said, the music comes up again; no moment of it is missing.",
        whole(NEWS),
        DUCKED,
        "I2",
        "I9",
        "F4",
        "F6",
    ),
    _cell(
        OWN,
        PREEMPT,
        "The music goes down, the message is said, the music comes up again; no moment of it is missing.",
        whole(ALARM),
        DUCKED,
        "I3",
        "I9",
        "F4",
        "F6",
    ),
    _cell(
        OWN,
        ANNOUNCE,
        "The music goes down under the chime and the words, and comes up again.",
        whole(NEWS),
        DUCKED,
        "F4",
        "A3",
    ),
    _cell(OWN, STOP, "Silence, and it stays silent.", (), STOPPED, "T9"),
    _cell(
        OWN,
        GONE,
        "Silence with the device. When it is back within two minutes, the music goes on where it was.",
        whole(AGAIN),
        RESUMED,
        "T10",
        "I7",
    ),
    _cell(
        OWN,
        RESTART,
        "The music ends with Home Assistant, which makes it. A room that is set to *go on after a restart* goes on where it was; "
        "the others stay silent.",
        whole(AGAIN),
        STOPPED,
        "T10",
    ),
)

FOREIGN_CELLS = (
    _cell(
        FOREIGN,
        WAKE,
        "The music goes down while the room listens and answers, then comes up again, and no moment of it is missing.",
        whole(SHORT_ANSWER),
        DUCKED,
        "T7",
        "F4",
        "A3",
    ),
    _cell(
        FOREIGN,
        NORMAL,
        "The music, untouched. The message follows when the music has ended.",
        whole(NEWS),
        UNTOUCHED,
        "I1",
        "I4",
    ),
    _cell(
        FOREIGN,
        BLOCK,
        "The music goes down, the message is said, the music comes up again; no moment of it is missing.",
        whole(NEWS),
        DUCKED,
        "I2",
        "T7",
        "F4",
    ),
    _cell(
        FOREIGN,
        PREEMPT,
        "The music goes down, the message is said, the music comes up again; no moment of it is missing.",
        whole(ALARM),
        DUCKED,
        "I3",
        "T7",
        "F4",
    ),
    _cell(
        FOREIGN,
        ANNOUNCE,
        "The music goes down under the chime and the words, and comes up again.",
        whole(NEWS),
        DUCKED,
        "T7",
    ),
    _cell(FOREIGN, STOP, "Silence, and it stays silent.", (), STOPPED, "T7", "T9"),
    _cell(
        FOREIGN,
        GONE,
        "Silence with the device. Huxley did not start the music and does not start it again.",
        whole(AGAIN),
        STOPPED,
        "T7",
        "I7",
    ),
    _cell(
        FOREIGN,
        RESTART,
        "The music plays on, untouched, as it does not come from Home Assistant.",
        whole(AGAIN),
        DUCKED,
        "T7",
    ),
)

SPEAKING_CELLS = (
    _cell(
        SPEAKING,
        WAKE,
        "The answer ends in the middle of the word. This device does not listen then: say the wake word once more.",
        (cut(ANSWER),),
        NOTHING,
        "T6",
    ),
    _cell(
        SPEAKING, NORMAL, "The answer to its end, then the message.", whole(ANSWER, NEWS), NOTHING, "I1", "I4", "T16"
    ),
    _cell(SPEAKING, BLOCK, "The answer to its end, then the message.", whole(ANSWER, NEWS), NOTHING, "I2", "I4", "T16"),
    _cell(SPEAKING, PREEMPT, "The answer ends at once; the message.", (cut(ANSWER), Line(ALARM)), NOTHING, "I3", "T6"),
    _cell(
        SPEAKING,
        ANNOUNCE,
        "The answer ends at once; the chime and the words.",
        (cut(ANSWER), Line(NEWS)),
        NOTHING,
        "T1",
    ),
    _cell(
        SPEAKING,
        STOP,
        "The answer to its end: stopping the player ends music, not words.",
        whole(ANSWER),
        NOTHING,
        "T4",
    ),
    _cell(
        SPEAKING,
        GONE,
        "The answer ends with the device. When it is back, the room speaks as before.",
        (cut(ANSWER), Line(AGAIN)),
        NOTHING,
        "T15",
        "I7",
    ),
    _cell(
        SPEAKING,
        RESTART,
        "What the device has of the answer already, and nothing of it twice. The room speaks as before.",
        ENDS_THERE,
        NOTHING,
        "T13",
    ),
)

LISTENING_CELLS = (
    _cell(
        LISTENING,
        WAKE,
        "Nothing: on this device the wake word ends the listening, and the room rests.",
        (),
        NOTHING,
        "T14",
    ),
    _cell(
        LISTENING,
        NORMAL,
        "The person is heard out; the answer; then the message.",
        whole(SHORT_ANSWER, NEWS),
        NOTHING,
        "I1",
        "I4",
    ),
    _cell(
        LISTENING,
        BLOCK,
        "The person is heard out; the answer; then the message.",
        whole(SHORT_ANSWER, NEWS),
        NOTHING,
        "I2",
        "I4",
    ),
    _cell(
        LISTENING,
        PREEMPT,
        "The person is heard out for at most five seconds; then the message instead of an answer.",
        whole(ALARM),
        NOTHING,
        "I3",
    ),
    _cell(
        LISTENING,
        ANNOUNCE,
        "Home Assistant closes the microphone for it: the chime and the words, and no answer. To be heard out, announce on the room.",
        whole(NEWS),
        NOTHING,
        "T1",
    ),
    _cell(LISTENING, STOP, "The person is heard out, and the answer.", whole(SHORT_ANSWER), NOTHING, "T14"),
    _cell(
        LISTENING,
        GONE,
        "Nothing, since nobody listens any more. When the device is back, the room speaks as before.",
        whole(AGAIN),
        NOTHING,
        "T13",
        "I7",
    ),
    _cell(LISTENING, RESTART, "Nothing. After the restart the room speaks as before.", whole(AGAIN), NOTHING, "T13"),
)

ANNOUNCING_CELLS = (
    _cell(
        ANNOUNCING,
        WAKE,
        "The announcement ends in the middle of the word. This device does not listen then: say the wake word once more.",
        (cut(ANNOUNCEMENT),),
        NOTHING,
        "T6",
        "I7",
    ),
    _cell(
        ANNOUNCING,
        NORMAL,
        "The announcement to its end, then the message.",
        whole(ANNOUNCEMENT, NEWS),
        NOTHING,
        "I1",
        "I4",
    ),
    _cell(
        ANNOUNCING,
        BLOCK,
        "The announcement to its end, then the message.",
        whole(ANNOUNCEMENT, NEWS),
        NOTHING,
        "I2",
        "I4",
    ),
    _cell(
        ANNOUNCING,
        PREEMPT,
        "The announcement ends at once; the message.",
        (cut(ANNOUNCEMENT), Line(ALARM)),
        NOTHING,
        "I3",
        "I7",
    ),
    _cell(
        ANNOUNCING,
        ANNOUNCE,
        "The announcement to its end. Home Assistant refuses the other one because the device is busy; announced on the room, it would wait.",
        whole(ANNOUNCEMENT),
        NOTHING,
        "T1",
    ),
    _cell(
        ANNOUNCING,
        STOP,
        "The announcement to its end: stopping the player ends music, not words.",
        whole(ANNOUNCEMENT),
        NOTHING,
        "I7",
    ),
    _cell(
        ANNOUNCING,
        GONE,
        "The announcement ends with the device. When it is back, the room speaks as before.",
        (cut(ANNOUNCEMENT), Line(AGAIN)),
        NOTHING,
        "I7",
    ),
    _cell(
        ANNOUNCING,
        RESTART,
        "What the device has of the announcement already, and nothing of it twice. The room speaks as before.",
        (Line(ANNOUNCEMENT, whole=None), Line(AGAIN)),
        NOTHING,
        "I7",
    ),
)

CELLS = (*IDLE_CELLS, *OWN_CELLS, *FOREIGN_CELLS, *SPEAKING_CELLS, *LISTENING_CELLS, *ANNOUNCING_CELLS)
