"""How the end of a turn is told to people: by what it was, not by how the engine calls it."""

from typing import Final

from ..engine.turn import TurnSource

FINISHED: Final = "finished"
INTERRUPTED: Final = "interrupted"
INJECTED: Final = "injected"
FAILED: Final = "failed"

OUTCOMES: Final = (FINISHED, INTERRUPTED, INJECTED, FAILED)
"""What became of a turn. An announcement that was heard out is `injected`; cut off or failed, it is like any other."""


def outcome_of(source: object, event: str) -> str | None:
    """The outcome that `event` of a turn tells; None for its other events, and for what others say in the room."""
    if source == TurnSource.OTHER or event not in OUTCOMES:
        return None
    return INJECTED if source == TurnSource.INJECT and event == FINISHED else event
