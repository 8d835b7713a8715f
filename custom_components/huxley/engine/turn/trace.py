"""Every turn's story: a bounded ring of timelines, fed by one observer that touches nothing else (Engine T2)."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ..listeners import Listeners
from .turn import Turn

_LOGGER = logging.getLogger(__name__)

KEPT_TURNS = 50

type Clock = Callable[[], float]
"""Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened in a turn, `at` after its start."""

    event: str
    at: timedelta
    details: Mapping[str, object]


@dataclass(slots=True)
class TurnRecord:
    """What is kept of a turn."""

    turn_id: str
    source: str
    persona: str | None = None
    outcome: str | None = None
    heard: timedelta = timedelta(0)
    began: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Plain values for diagnostics; times in milliseconds since the turn began."""
        return {
            "turn_id": self.turn_id,
            "source": self.source,
            "persona": self.persona,
            "outcome": self.outcome,
            "heard_ms": _milliseconds(self.heard),
            "marks": [{"event": mark.event, "at_ms": _milliseconds(mark.at), **mark.details} for mark in self.marks],
        }


type TraceListener = Callable[[TurnRecord, Mark], None]


class Trace:
    """Writes down what turns do, as log lines and as records."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: deque[TurnRecord] = deque(maxlen=KEPT_TURNS)
        self._listeners = Listeners[TurnRecord, Mark]("coord.trace")

    @property
    def records(self) -> tuple[TurnRecord, ...]:
        """The last turns, oldest first."""
        return tuple(self._records)

    def listen(self, listener: TraceListener) -> Callable[[], None]:
        """Hear of every mark; call the result to stop. A listener that raises is logged and kept."""
        return self._listeners.add(listener)

    def note(self, turn: Turn, event: str, **details: object) -> None:
        """Write down `event`, as `coord.<event> turn=t-7f3a state=LISTENING …` and in the record."""
        record = self._record_of(turn)
        record.persona = turn.agent.persona_id if turn.agent else record.persona
        record.outcome = turn.outcome.value if turn.outcome else None
        record.heard = turn.heard
        mark = Mark(event, timedelta(seconds=self._clock() - record.began), details)
        record.marks.append(mark)
        if _LOGGER.isEnabledFor(logging.INFO):
            rest = "".join(f" {key}={value}" for key, value in details.items())
            _LOGGER.info("coord.%s turn=%s state=%s%s", event, turn.id, turn.state.name, rest)
        self._listeners.tell(record, mark)

    def _record_of(self, turn: Turn) -> TurnRecord:
        for record in reversed(self._records):
            if record.turn_id == turn.id:
                return record
        record = TurnRecord(turn.id, turn.source.value, began=self._clock())
        self._records.append(record)
        return record


def _milliseconds(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
