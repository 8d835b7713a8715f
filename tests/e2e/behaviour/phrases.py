"""Sentences about what is heard that stand in several cells."""

AT_ONCE = "The message, at once. Nothing starts to play."
LISTENS = "The room listens at once and answers. Nothing starts to play."
DUCKS_FOR_ANSWER = (
    "The music goes down while the room listens and answers, and comes up again; no moment of it is missing."
)
DUCKS_FOR_MESSAGE = "The music goes down, the message is said, the music comes up again; no moment of it is missing."
WAITS_FOR_MUSIC = "The music, untouched. The message follows when the music has ended."
STAYS_SILENT = "Silence, and it stays silent."
ANSWER_THEN_MESSAGE = "The answer to its end, then the message."
ANSWER_TO_ITS_END = "The answer to its end: stopping the player ends music, not words."
