"""A stand-in for any server of `/v1/chat/completions`: scripted answers, scripted faults, every message checked.

A test fills `ChatServer.answers`, lets a client talk, and reads `ChatServer.exchanges`.
"""

from .answers import Answer, BreakOff, Calls, Garbage, Late, Pause, Refusal, ToolUse
from .contract import ContractError
from .server import ChatServer, Exchange

__all__ = [
    "Answer",
    "BreakOff",
    "Calls",
    "ChatServer",
    "ContractError",
    "Exchange",
    "Garbage",
    "Late",
    "Pause",
    "Refusal",
    "ToolUse",
]
