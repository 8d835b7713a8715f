"""The room's deck: at most one piece of content, and what comes back after a press (Engine T7-T9)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from ..focus import Activity, Channel, ContentType, FocusManager
from ..skill.effects import AudioStream
from ..speaker import Playable, PlaybackEnd, Speaker
from .content import Content

_LOGGER = logging.getLogger(__name__)

CONTENT_NAME = "media"
"""One name for all content, so that a newcomer replaces what played (Engine F2)."""

MEDIA_PATIENCE = timedelta(minutes=5)  # media by id may wait as long as a stream does by default

type EndListener = Callable[[Playable, PlaybackEnd], None]


class Deck:
    """Plays content under the focus manager. `on_end` hears of content that ended by itself."""

    def __init__(self, focus: FocusManager, speaker: Speaker, on_end: EndListener) -> None:
        self._focus = focus
        self._speaker = speaker
        self._on_end = on_end
        self._current: tuple[Content, Activity] | None = None
        self._parked: AudioStream | None = None
        self._listeners: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def content(self) -> Content | None:
        """What is on the deck, audible or not."""
        return self._current[0] if self._current else None

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear when other content is on the deck, or none; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def play(self, item: Playable) -> None:
        """Put `item` on the deck; it is heard as soon as CONTENT is the foreground."""
        content = Content(item, self._speaker, self._ended)
        patience = item.patience if isinstance(item, AudioStream) else MEDIA_PATIENCE
        activity = Activity(Channel.CONTENT, CONTENT_NAME, content, item.content_type, patience)
        self._parked = None
        self._current = (content, activity)
        await self._focus.acquire(activity)
        self._changed()

    async def stop(self) -> bool:
        """Clear the deck; tells whether there was anything, parked or not."""
        had_parked, self._parked = self._parked is not None, None
        if self._current is None:
            return had_parked
        _, activity = self._current
        self._current = None
        await self._focus.release(activity)
        self._changed()
        return True

    async def press(self) -> None:
        """A person's press gives a book no grace (Engine T7): it stops, and waits for `give_back`.

        Music ducks by its focus, and media by id is paused by it; neither needs anything here.
        """
        item = self.content.item if self.content else None
        if isinstance(item, AudioStream) and item.content_type is ContentType.NONMIXABLE:
            await self.stop()
            await self._focus.settled()
            self._parked = item

    async def give_back(self) -> None:
        """Go on with the book that a press stopped, if it wants to (Engine T7)."""
        parked, self._parked = self._parked, None
        if parked is not None and parked.resume is not None and self._current is None:
            await self.play(parked.resume())

    async def close(self) -> None:
        """Stop everything and wait for what was ending."""
        await self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, content: Content, end: PlaybackEnd) -> None:
        task = asyncio.create_task(self._let_go(content, end), name="huxley content end")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _let_go(self, content: Content, end: PlaybackEnd) -> None:
        """Content that ended releases CONTENT and never plays again by itself (Engine T9)."""
        if self._current is None or self._current[0] is not content:
            return
        _LOGGER.info("content.ended title=%s how=%s", content.item.title, end.value)
        await self.stop()
        self._on_end(content.item, end)

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
