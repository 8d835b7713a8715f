"""Focus: who may make sound now (Engine F1-F18)."""

from ..errors import ChannelBusyError
from .activity import Activity, FocusObserver
from .channels import Channel, ContentType, FocusState, MixingBehavior
from .decision import HeldActivity
from .manager import FocusManager

__all__ = [
    "Activity",
    "Channel",
    "ChannelBusyError",
    "ContentType",
    "FocusManager",
    "FocusObserver",
    "FocusState",
    "HeldActivity",
    "MixingBehavior",
]
