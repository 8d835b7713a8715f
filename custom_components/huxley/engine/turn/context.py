"""The id of the turn that this code runs in, without anybody passing it on (Engine T2)."""

import secrets
from contextvars import ContextVar

current_turn_id: ContextVar[str | None] = ContextVar("huxley_turn_id", default=None)
"""Set by the task that runs a turn; tools and everything they start inherit it."""


def new_turn_id() -> str:
    """A short id such as `t-7f3a`."""
    return f"t-{secrets.token_hex(2)}"
