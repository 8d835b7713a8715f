"""How long a person waited in a turn, by the marks of its trace."""

from datetime import timedelta
from typing import Final

from ..engine.turn import TurnRecord, TurnSource

PARTS: Final = {
    "latency_listening": ("ptt_start", "commit"),
    "latency_thinking": ("commit", "response"),
    "latency_speaking": ("response", "first_sound"),
    "latency_total": ("commit", "first_sound"),
}
"""Each part by its first and its last mark. The total is what a person waits: from the last word to the first sound."""

BY_PEOPLE: Final = frozenset({TurnSource.SATELLITE, TurnSource.TEXT})


def latencies(record: TurnRecord) -> dict[str, timedelta | None]:
    """The parts of one turn, None where it has no such part: words in writing are not listened to."""
    at: dict[str, timedelta] = {}
    for mark in record.marks:
        at.setdefault(mark.event, mark.at)
    return {part: at[last] - at[first] if first in at and last in at else None for part, (first, last) in PARTS.items()}


def tells_latency(record: TurnRecord) -> bool:
    """Whether somebody waited for this turn: a person who asked, and was answered or failed."""
    return record.source in BY_PEOPLE and record.outcome is not None and any(m.event == "commit" for m in record.marks)
