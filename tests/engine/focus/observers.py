"""Observers that note what they hear, and managers made of them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusManager, FocusState
from custom_components.huxley.engine.focus import MixingBehavior as Behavior

FOREGROUND = (FocusState.FOREGROUND, Behavior.PRIMARY)
DUCKED = (FocusState.BACKGROUND, Behavior.MAY_DUCK)
PAUSED = (FocusState.BACKGROUND, Behavior.MUST_PAUSE)
NONE = (FocusState.NONE, Behavior.MUST_STOP)
EXPIRED = "patience expired"

MIXABLE = ContentType.MIXABLE
NONMIXABLE = ContentType.NONMIXABLE
MINUTES = timedelta(minutes=5)


class Log:
    """What several observers heard, in the order in which they began and finished."""

    def __init__(self):
        self.began = []
        self.done = []


class Observer:
    """Notes each notice; then does what `on` says for it, sleeps `delay` seconds, or raises."""

    def __init__(self, name="it", *, log=None, delay=0.0, error=None):
        self.name = name
        self.log = log or Log()
        self.delay = delay
        self.error = error
        self.on: dict[object, Callable[[], Awaitable[None]]] = {}

    @property
    def heard(self):
        return [what for name, what in self.log.began if name == self.name]

    @property
    def finished(self):
        return [what for name, what in self.log.done if name == self.name]

    async def on_focus_changed(self, state, behavior):
        await self._note((state, behavior))

    async def on_patience_expired(self):
        await self._note(EXPIRED)

    async def _note(self, what):
        self.log.began.append((self.name, what))
        if what in self.on:
            await self.on[what]()
        if self.delay:
            await asyncio.sleep(self.delay)
        self.log.done.append((self.name, what))
        if self.error:
            raise self.error


class Stage:
    """A manager and a short way to put activities on it."""

    def __init__(self, manager):
        self.manager = manager
        self.log = Log()

    def make(self, channel, name, content_type=NONMIXABLE, patience=timedelta(0), observer=None, **how):
        observer = observer or Observer(name, log=self.log, **how)
        return Activity(channel, name, observer, content_type, patience)

    async def acquire(self, activity):
        await self.manager.acquire(activity)
        await self.manager.settled()
        return activity

    async def release(self, activity):
        await self.manager.release(activity)
        await self.manager.settled()

    async def speech(self, name="speech", **how):
        return await self.acquire(self.make(Channel.DIALOG, name, MIXABLE, **how))

    async def call(self, name="call", **how):
        return await self.acquire(self.make(Channel.COMMS, name, NONMIXABLE, **how))

    async def siren(self, name="siren", **how):
        return await self.acquire(self.make(Channel.ALERT, name, MIXABLE, **how))

    async def book(self, name="book", patience=MINUTES, **how):
        return await self.acquire(self.make(Channel.CONTENT, name, NONMIXABLE, patience, **how))

    async def music(self, name="music", patience=MINUTES, **how):
        return await self.acquire(self.make(Channel.CONTENT, name, MIXABLE, patience, **how))


@asynccontextmanager
async def open_stage(**options) -> AsyncGenerator[Stage]:
    manager = FocusManager(**options)
    await manager.start()
    stage = Stage(manager)
    try:
        yield stage
    finally:
        await manager.stop()
