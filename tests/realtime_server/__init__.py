"""A stand-in for OpenAI's Realtime server (GA): a real conversation, scripted faults, every event judged.

A test fills `RealtimeServer.plan` and `.doors`, lets a client talk, and reads `RealtimeServer.session`.
"""

from . import faults
from .contract import Contract, ContractError, Direction, Unchecked, VendorContract
from .doors import BROKEN, INVALID_KEY, RATE_LIMIT, Refuse, SlowHello, TurnAway
from .line import Line
from .script import Answer, Call, Close, Drop, Pause, Raw, Say, Silence, Trouble, say
from .server import RealtimeServer
from .session import Plan, Session, Transcript
from .sound import length_of, silence, sound_of, tone

__all__ = [
    "BROKEN",
    "INVALID_KEY",
    "RATE_LIMIT",
    "Answer",
    "Call",
    "Close",
    "Contract",
    "ContractError",
    "Direction",
    "Drop",
    "Line",
    "Pause",
    "Plan",
    "Raw",
    "RealtimeServer",
    "Refuse",
    "Say",
    "Session",
    "Silence",
    "SlowHello",
    "Transcript",
    "Trouble",
    "TurnAway",
    "Unchecked",
    "VendorContract",
    "faults",
    "length_of",
    "say",
    "silence",
    "sound_of",
    "tone",
]
