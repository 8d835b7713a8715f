"""Turns: from a press to silence (Engine T1-T16, I1-I10)."""

from .agent import Agent
from .coordinator import Coordinator
from .injections import Injection
from .interrupt import Cause
from .states import TurnEvent, TurnState
from .trace import Mark, Trace, TurnRecord
from .turn import Turn, TurnOutcome, TurnSource

__all__ = [
    "Agent",
    "Cause",
    "Coordinator",
    "Injection",
    "Mark",
    "Trace",
    "Turn",
    "TurnEvent",
    "TurnOutcome",
    "TurnRecord",
    "TurnSource",
    "TurnState",
]
