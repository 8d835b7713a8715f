"""The id of the turn that this code runs in, without anybody passing it on (Engine T2)."""

import itertools
import secrets
from contextvars import ContextVar

current_turn_id: ContextVar[str | None] = ContextVar("huxley_turn_id", default=None)
"""Set by the task that runs a turn; tools and everything they start inherit it."""

_numbers = itertools.count(secrets.randbelow(0x10000))


def new_turn_id() -> str:
    """A short id such as `t-7f3a`; it does not come again within 65,536 turns, so that no two stories mix."""
    return f"t-{next(_numbers) & 0xFFFF:04x}"
