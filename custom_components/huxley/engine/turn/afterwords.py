"""What the room has to say about content that ended or failed (Engine T9, T15)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from ..skill.effects import AudioStream
from ..skill.inject import InjectPriority
from ..speaker import OnDeck, PlaybackEnd
from .agent import Agent
from .injections import Injection, Injections
from .phrases import phrase
from .tasks import Tasks

WORDS_LIFE = timedelta(seconds=30)  # words about the end of a stream are pointless later


class Afterwords:
    """Queues words of the room about itself; `drain` lets the queue be looked through.

    `speaker` is who says them, `is_free` whether nobody talks and nothing plays.
    """

    def __init__(
        self,
        injections: Injections,
        tasks: Tasks,
        *,
        speaker: Callable[[], Agent | None],
        is_free: Callable[[], bool],
        drain: Callable[[], None],
    ) -> None:
        self._injections = injections
        self._tasks = tasks
        self._speaker = speaker
        self._is_free = is_free
        self._drain = drain

    def content_ended(self, item: OnDeck, end: PlaybackEnd) -> None:
        """Content ended by itself: a stream may have a word to say, and what waited for the end may speak."""
        if end is PlaybackEnd.FAILED:
            self.failed("player_failed")
        if end is PlaybackEnd.FINISHED and isinstance(item, AudioStream) and item.on_complete_prompt is not None:
            self._tasks.errand(self._complete(item.on_complete_prompt, item.completion_silence), "completion")
        self._drain()

    def failed(
        self, key: str, agent: Agent | None = None, priority: InjectPriority = InjectPriority.BLOCK_BEHIND_COMMS
    ) -> None:
        """Have a failure said, once; whoever calls sees to it that the queue drains."""
        agent = agent or self._speaker()
        if agent is not None:
            self._injections.add(Injection(agent, None, phrase(agent, key), priority, key, WORDS_LIFE))

    async def _complete(self, prompt: str, silence: timedelta) -> None:
        await asyncio.sleep(silence.total_seconds())
        agent = self._speaker()
        if agent is not None and self._is_free():
            self._injections.add(Injection(agent, prompt=prompt, expires_after=WORDS_LIFE))
            self._drain()
