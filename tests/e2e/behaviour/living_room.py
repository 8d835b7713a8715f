"""What must be heard in a living room with two devices, a Wyoming satellite and MPD."""

from .cells import Cell, Course, Device, Event, Line, Sentence, Situation, whole

IDLE, OWN, _, SPEAKING, *_ = Situation
WAKE, NORMAL, BLOCK, PREEMPT, ANNOUNCE, STOP, GONE, _ = Event
ANSWER, SHORT_ANSWER, ANNOUNCEMENT, NEWS, ALARM, AGAIN = Sentence
NOTHING, UNTOUCHED, DUCKED, STOPPED, RESUMED = Course


def _cell(
    situation: Situation,
    event: Event,
    heard: str,
    lines: tuple[Line, ...] = (),
    course: Course = NOTHING,
    *rules: str,
    broken: str | None = None,
) -> Cell:
    return Cell(Device.LIVING_ROOM, situation, event, heard, lines, course, rules, broken)


IDLE_CELLS = (
    _cell(
        IDLE, WAKE, "The room listens at once and answers. Nothing starts to play.", whole(SHORT_ANSWER), NOTHING, "T1"
    ),
    _cell(IDLE, NORMAL, "The message, at once. Nothing starts to play.", whole(NEWS), NOTHING, "I1", "T9"),
    _cell(IDLE, BLOCK, "The message, at once. Nothing starts to play.", whole(NEWS), NOTHING, "I2", "T9"),
    _cell(IDLE, PREEMPT, "The message, at once. Nothing starts to play.", whole(ALARM), NOTHING, "I3", "T9"),
    _cell(
        IDLE, ANNOUNCE, "The words; this satellite knows no chime. Nothing starts to play.", whole(NEWS), NOTHING, "T9"
    ),
    _cell(IDLE, STOP, "Nothing.", (), NOTHING, "T9"),
    _cell(IDLE, GONE, "Nothing. Meanwhile and afterwards the room speaks as before.", whole(AGAIN), NOTHING, "I7"),
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
    _cell(OWN, ANNOUNCE, "The music goes down under the words, and comes up again.", whole(NEWS), DUCKED, "F4", "A3"),
    _cell(OWN, STOP, "Silence, and it stays silent.", (), STOPPED, "T9"),
    _cell(
        OWN,
        GONE,
        "Silence with the player. When it is back within two minutes, the music goes on where it was.",
        whole(AGAIN),
        RESUMED,
        "T10",
    ),
)

SPEAKING_CELLS = (
    _cell(
        SPEAKING,
        WAKE,
        "The room listens at once. This satellite cannot be silenced, so the first answer is heard to its end; then the other one.",
        whole(ANSWER, SHORT_ANSWER),
        NOTHING,
        "T6",
    ),
    _cell(
        SPEAKING, NORMAL, "The answer to its end, then the message.", whole(ANSWER, NEWS), NOTHING, "I1", "I4", "T16"
    ),
    _cell(SPEAKING, BLOCK, "The answer to its end, then the message.", whole(ANSWER, NEWS), NOTHING, "I2", "I4", "T16"),
    _cell(
        SPEAKING,
        PREEMPT,
        "This satellite cannot be silenced: the answer to its end, then the message, before all others.",
        whole(ANSWER, ALARM),
        NOTHING,
        "I3",
        "T6",
    ),
    _cell(SPEAKING, ANNOUNCE, "The answer to its end, then the words.", whole(ANSWER, NEWS), NOTHING, "T1"),
    _cell(
        SPEAKING,
        STOP,
        "The answer to its end: stopping the player ends music, not words.",
        whole(ANSWER),
        NOTHING,
        "T4",
    ),
    _cell(
        SPEAKING, GONE, "The answer to its end; the satellite is another device.", whole(ANSWER, AGAIN), NOTHING, "T4"
    ),
)

CELLS = (*IDLE_CELLS, *OWN_CELLS, *SPEAKING_CELLS)
