"""The room's deck: at most one piece of content, and what comes back after a press (Engine T7-T9)."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..focus import Activity, Channel, ContentType, FocusManager
from ..listeners import Listeners
from ..skill.effects import AudioStream
from ..speaker import ForeignMedia, OnDeck, Playable, PlaybackEnd, Speaker
from .adopted import AdoptedContent, Adoption
from .content import Content, Stage
from .tasks import ended

_LOGGER = logging.getLogger(__name__)

CONTENT_NAME = "media"
"""One name for all content, so that a newcomer replaces what played (Engine F2)."""

MEDIA_PATIENCE = timedelta(minutes=5)  # media by id may wait as long as a stream does by default
HUSH_LIMIT = timedelta(seconds=5)  # how long speech waits for a device that is still starting or stopping

type EndListener = Callable[[OnDeck, PlaybackEnd], None]


class Deck:
    """Plays content under the focus manager. `on_end` hears of content that nobody stopped through the deck."""

    def __init__(self, focus: FocusManager, speaker: Speaker, on_end: EndListener) -> None:
        self._focus = focus
        self._stage = Stage(speaker, asyncio.Lock(), self._spawn, self._ended, self._changed)
        self._on_end = on_end
        self._current: tuple[Content, Activity] | None = None
        self._parked: tuple[AudioStream, Callable[[], AudioStream]] | None = None
        self.stops = 0
        """How often somebody wanted it cleared, also when there was nothing on it."""

        self._listeners = Listeners[[]]("content")
        self._end_listeners = Listeners[OnDeck, PlaybackEnd]("content.end")
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_call = False

    @property
    def content(self) -> Content | None:
        """What is on the deck, audible or not."""
        return self._current[0] if self._current else None

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear when other content is on the deck, or none, or it obeyed the focus; call the result to stop."""
        return self._listeners.add(listener)

    def listen_ends(self, listener: EndListener) -> Callable[[], None]:
        """Hear why content ended that nobody stopped through the deck; call the result to stop."""
        return self._end_listeners.add(listener)

    async def play(self, item: Playable) -> None:
        """Put `item` on the deck; it is heard as soon as CONTENT is the foreground.

        Raises `SpeakerError` when the speaker cannot play; what was on the deck stays there.
        """
        await self._take(Content.of(item, self._stage))

    async def adopt(self, media: ForeignMedia, prepare: Adoption) -> None:
        """Put media on the deck that somebody started at the device; it plays already (Engine T7).

        No effect while there is content. Raises `SpeakerError` when the device is gone.
        """
        if self._current is None:
            await self._take(AdoptedContent(media, self._stage, prepare))

    def describe(self, media: ForeignMedia) -> None:
        """The device goes on with `media`. No effect when what is on the deck is the room's own."""
        content = self.content
        if isinstance(content, AdoptedContent) and content.item != media:
            content.item = media
            self._changed()

    async def _take(self, content: Content) -> None:
        item = content.item
        patience = item.patience if isinstance(item, AudioStream) else MEDIA_PATIENCE
        content_type = ContentType.NONMIXABLE if self._in_call else item.content_type
        activity = Activity(Channel.CONTENT, CONTENT_NAME, content, content_type, patience)
        before, self._current = self._current, (content, activity)
        try:
            await self._focus.acquire(activity)
        except BaseException:
            self._current = before
            raise
        self._parked = None
        self._changed()

    async def stop(self) -> bool:
        """Clear the deck; tells whether there was anything, parked or not."""
        self.stops += 1
        had_parked, self._parked = self._parked is not None, None
        if self._current is None:
            return had_parked
        self._current[0].dismiss()
        await self._clear()
        return True

    async def press(self) -> None:
        """A person's press gives a book no grace (Engine T7): it stops, and waits for `give_back`.

        Music ducks by its focus, and media by id is paused by it; neither needs anything here. Nor does a book
        that a person paused by hand: it keeps its place and its silence.
        """
        content = self.content
        if content is None or content.held or not isinstance(item := content.item, AudioStream):
            return
        if item.content_type is ContentType.NONMIXABLE:
            back = item.resume if content.started else lambda: item
            await self.stop()
            self._parked = (item, back) if back is not None else None

    async def give_back(self) -> None:
        """Go on with the book that a press stopped, if it wants to (Engine T7)."""
        parked, self._parked = self._parked, None
        if parked is None:
            return
        item, back = parked
        try:
            await self.play(back())
        except Exception:
            _LOGGER.exception("content.resume_failed title=%s", item.title)
            self._on_end(item, PlaybackEnd.FAILED)

    async def call_begins(self) -> None:
        """Nothing is heard beside a call and the words around it, whatever it bears otherwise (Engine C7)."""
        self._in_call = True
        await self._set_content_type()

    async def call_over(self) -> None:
        """Music may be heard under words again. No effect when there was no call."""
        if self._in_call:
            self._in_call = False
            await self._set_content_type()

    def stage(self, ended: Callable[[Content, PlaybackEnd], None]) -> Stage:
        """The same device for sound that is not content: a call's other side."""
        return replace(self._stage, ended=ended, changed=lambda: None)

    async def hushed(self) -> None:
        """Return when the device has done what focus asked of the content, or takes too long."""
        try:
            async with asyncio.timeout(HUSH_LIMIT.total_seconds()), self._stage.device:
                return
        except TimeoutError:
            _LOGGER.warning("content.device_slow after=%s", HUSH_LIMIT)

    async def close(self) -> None:
        """Stop everything and wait for what was ending. What is not ours plays on."""
        if isinstance(self.content, AdoptedContent):
            await self.content.hand_back()
        self._parked = None
        await self._clear()
        await self._focus.settled()
        await self.hushed()
        await ended(set(self._tasks))

    async def _clear(self) -> None:
        if self._current is not None:
            _, activity = self._current
            self._current = None
            await self._focus.release(activity)
            self._changed()

    async def _set_content_type(self) -> None:
        if self._current is not None:
            content, activity = self._current
            kind = ContentType.NONMIXABLE if self._in_call else content.item.content_type
            await self._focus.set_content_type(activity, kind)

    def _ended(self, content: Content, end: PlaybackEnd) -> None:
        """Content that ended releases CONTENT and never plays again by itself (Engine T9)."""
        if self._current is None or self._current[0] is not content:
            return
        _, activity = self._current
        self._current = None
        _LOGGER.info("content.ended title=%s how=%s", content.item.title, end.value)
        self._spawn(self._focus.release(activity), "content end")
        self._end_listeners.tell(content.item, end)
        self._changed()
        # What the room did not start, it does not complain about.
        self._on_end(content.item, PlaybackEnd.STOPPED if isinstance(content, AdoptedContent) else end)

    def _changed(self) -> None:
        self._listeners.tell()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"huxley {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
