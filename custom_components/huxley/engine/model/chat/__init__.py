"""Chat models behind any OpenAI-compatible server: `/chat/completions`, streamed."""

from .answer import Usage
from .failures import ChatError, Failure
from .listing import read_models
from .model import ChatModel, ChatSettings
from .presets import OTHER, PRESETS, Preset, clean_base_url
from .retry import RetryPolicy, read_retry_after
from .session import ChatSession
from .sse import EventStreamParser
from .transport import Transport

__all__ = [
    "OTHER",
    "PRESETS",
    "ChatError",
    "ChatModel",
    "ChatSession",
    "ChatSettings",
    "EventStreamParser",
    "Failure",
    "Preset",
    "RetryPolicy",
    "Transport",
    "Usage",
    "clean_base_url",
    "read_models",
    "read_retry_after",
]
