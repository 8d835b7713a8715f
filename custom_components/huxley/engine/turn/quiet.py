"""Speaking at a volume of its own, quietly at night, and giving the usual one back as it was (Engine I10)."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from ..skill.inject import InjectPriority
from ..speaker import Speaker
from .injections import Injection
from .tasks import attempt

_LOGGER = logging.getLogger(__name__)

ROUNDING = 7  # percent; a device with few steps of volume takes the nearest one for what it was told
VOLUME_LIMIT = timedelta(seconds=2)  # a device that does not answer must not hold up the words


@asynccontextmanager
async def at_its_volume(speaker: Speaker, injection: Injection | None) -> AsyncGenerator[None]:
    """Speak at the injection's volume inside, and give the one before back exactly.

    A volume that a person sets meanwhile stays.
    """
    before = speaker.volume if speaker.capabilities.volume else None
    level = None if injection is None or before is None else _level(injection, before)
    if before is None or level is None or level == before:
        yield
        return
    try:
        await attempt("volume of the words", lambda: speaker.set_volume(level), VOLUME_LIMIT)
        yield
    finally:
        now = speaker.volume  # a device that is asked now and then may still report the one before
        if now is not None and (abs(now - level) <= ROUNDING or now == before):
            await attempt("usual volume", lambda: speaker.set_volume(before), VOLUME_LIMIT)


def _level(injection: Injection, before: int) -> int | None:
    """The volume of the words: the one asked for; in quiet hours no louder than those allow, and never an alarm's."""
    wanted, quiet = injection.volume, injection.quiet_volume
    if quiet is None or injection.priority is InjectPriority.PREEMPT:
        return wanted
    return min(before if wanted is None else wanted, quiet)
