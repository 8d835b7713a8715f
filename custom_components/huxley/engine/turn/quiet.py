"""Speaking quietly at night, and giving the volume back exactly as it was (Engine I10)."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from ..skill.inject import InjectPriority
from ..speaker import Speaker
from .injections import Injection
from .tasks import attempt

_LOGGER = logging.getLogger(__name__)

ROUNDING = 5  # percent; a device with ten steps of volume takes the nearest one for what it was told
VOLUME_LIMIT = timedelta(seconds=2)  # a device that does not answer must not hold up the words


@asynccontextmanager
async def quieter(speaker: Speaker, injection: Injection | None) -> AsyncGenerator[None]:
    """Speak at the injection's quiet volume inside; never louder than before, and never an alarm.

    A volume that a person sets meanwhile stays.
    """
    before, level = speaker.volume, None if injection is None else injection.quiet_volume
    urgent = injection is not None and injection.priority is InjectPriority.PREEMPT
    if urgent or level is None or before is None or before <= level or not speaker.capabilities.volume:
        yield
        return
    try:
        await attempt("quiet volume", lambda: speaker.set_volume(level), VOLUME_LIMIT)
        yield
    finally:
        now = speaker.volume
        if now is not None and abs(now - level) <= ROUNDING:
            await attempt("usual volume", lambda: speaker.set_volume(before), VOLUME_LIMIT)
