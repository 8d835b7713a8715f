"""Turns: from a press to silence (Engine T1-T16, I1-I10)."""

from .agent import Agent
from .answers import AnswerSheet, BrokenAnswerError
from .coordinator import Coordinator
from .injections import Injection
from .interrupt import Cause
from .questions import Answer, Question, Questions, Unanswered
from .rendezvous import Rendezvous, Seat
from .states import TurnEvent, TurnState
from .trace import Mark, Trace, TurnRecord
from .turn import Turn, TurnOutcome, TurnSource

__all__ = [
    "Agent",
    "Answer",
    "AnswerSheet",
    "BrokenAnswerError",
    "Cause",
    "Coordinator",
    "Injection",
    "Mark",
    "Question",
    "Questions",
    "Rendezvous",
    "Seat",
    "Trace",
    "Turn",
    "TurnEvent",
    "TurnOutcome",
    "TurnRecord",
    "TurnSource",
    "TurnState",
    "Unanswered",
]
