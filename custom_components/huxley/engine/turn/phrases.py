"""What the room says about itself, so that nothing is silent (Engine T15)."""

import logging
from collections.abc import Mapping

from .agent import Agent

_LOGGER = logging.getLogger(__name__)


def phrase(agent: Agent, key: str, slots: Mapping[str, str] | None = None) -> str:
    """The agent's words for `key`; the key itself when the agent cannot find them."""
    try:
        return agent.phrase(key, slots)
    except Exception:
        _LOGGER.exception("room.phrase_failed persona=%s key=%s", agent.persona_id, key)
        return key.replace("_", " ")
