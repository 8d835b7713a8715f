"""The catalogs of a room's skills: asked with a limit, and their streams made to be found again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta

from ..engine.audio.pcm import frames
from ..engine.errors import HuxleyError
from ..engine.skill.catalog import Catalog, CatalogError, CatalogItem, CatalogPage, MediaId
from ..engine.skill.effects import AudioStream, Place
from ..engine.speaker import Playable
from .agents import PersonaAgent
from .playlist import MOST_ENTRIES, Entry
from .trouble import MediaTrouble

_LOGGER = logging.getLogger(__name__)

ANSWER_LIMIT = timedelta(seconds=15)  # for one question; a person looks at an empty page no longer

type Reopen = Callable[[timedelta], Awaitable[Playable]]


@dataclass(frozen=True, slots=True)
class Found:
    """An item, and the id under which the house knows it."""

    media_id: MediaId
    item: CatalogItem


class Catalogs:
    """What the personas of a room have to offer. Every method raises a skill's `CatalogError`, or `MediaTrouble`."""

    def __init__(self, agents: Callable[[], Mapping[str, PersonaAgent]]) -> None:
        self._agents = agents

    async def shelves(self) -> Sequence[tuple[MediaId, str]]:
        """The first page of each catalog, and what to call it; one that fails is called by its skill's name."""
        found = [
            (MediaId(persona_id, skill), agent.persona.name)
            for persona_id, agent in self._agents().items()
            for skill in agent.catalogs
        ]
        titles = await asyncio.gather(*(self._title(media_id) for media_id, _ in found))
        return [
            (media_id, title if titles.count(title) == 1 else f"{title} ({persona})")
            for (media_id, persona), title in zip(found, titles, strict=True)
        ]

    async def browse(self, media_id: MediaId) -> CatalogPage:
        """One page."""
        return await self._ask(media_id, lambda catalog: catalog.browse(media_id.item))

    async def search(self, query: str, within: MediaId | None = None) -> Sequence[Found]:
        """What fits, from one catalog or all; when all fail, the error of the first."""
        where = [within] if within is not None else [shelf for shelf, _ in await self.shelves()]
        answers = await asyncio.gather(*(self._search(shelf, query) for shelf in where), return_exceptions=True)
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in failed:
            if not isinstance(error, HuxleyError) or len(failed) == len(answers):
                raise error
            _LOGGER.warning("catalog.search_failed error=%s", error)
        return [found for answer in answers if not isinstance(answer, BaseException) for found in answer]

    async def entries(self, media_id: MediaId) -> Sequence[Entry]:
        """What is played when somebody plays an item: itself, or what stands on its page."""
        if media_id.item:
            item = await self._ask(media_id, lambda catalog: catalog.item(media_id.item))
            if not item.plays:
                raise MediaTrouble("item_not_playable", title=item.title)
            if not item.opens:
                return [_entry(media_id, item)]
        page = await self.browse(media_id)
        items = [(replace(media_id, item=one.id), one) for one in page.items if one.plays and not one.opens]
        if not items or not (media_id.item or page.plays):
            raise MediaTrouble("item_not_playable", title=page.title)
        return [_entry(where, one) for where, one in items[:MOST_ENTRIES]]

    async def open(self, media_id: MediaId, start: timedelta) -> Playable:
        """The sound of an item from `start` on; a stream that can be paused, found and opened again at any place."""

        async def reopen(at: timedelta) -> Playable:
            return await self._ask(media_id, lambda catalog: catalog.open(media_id.item, at))

        opened = await reopen(start)
        if not isinstance(opened, AudioStream):
            return opened if opened.start else replace(opened, start=start)
        return opened if opened.place is not None else _findable(opened, str(media_id), start, reopen)

    async def _title(self, media_id: MediaId) -> str:
        try:
            return (await self.browse(media_id)).title
        except HuxleyError as err:
            _LOGGER.warning("catalog.no_first_page catalog=%s error=%s", media_id, err)
            return media_id.skill.replace("_", " ").capitalize()

    async def _search(self, shelf: MediaId, query: str) -> Sequence[Found]:
        items = await self._ask(shelf, lambda catalog: catalog.search(query))
        return [Found(replace(shelf, item=item.id), item) for item in items]

    async def _ask[T](self, media_id: MediaId, question: Callable[[Catalog], Awaitable[T]]) -> T:
        agent = self._agents().get(media_id.persona)
        catalog = agent.catalogs.get(media_id.skill) if agent is not None else None
        if catalog is None:
            raise MediaTrouble("catalog_gone", skill=media_id.skill, persona=media_id.persona)
        try:
            async with asyncio.timeout(ANSWER_LIMIT.total_seconds()):
                return await question(catalog)
        except CatalogError:
            raise
        except TimeoutError as err:
            _LOGGER.warning("catalog.does_not_answer catalog=%s within=%s", media_id, ANSWER_LIMIT)
            raise MediaTrouble("catalog_silent", skill=media_id.skill) from err
        except Exception as err:
            _LOGGER.exception("catalog.failed catalog=%s", media_id)
            raise MediaTrouble("catalog_broken", skill=media_id.skill, error=str(err) or type(err).__name__) from err


def _entry(media_id: MediaId, item: CatalogItem) -> Entry:
    return Entry(str(media_id), title=item.title, artist=item.artist, image_url=item.image_url, duration=item.duration)


def _findable(stream: AudioStream, media_id: str, start: timedelta, reopen: Reopen) -> AudioStream:
    """Give a plain stream its place, and a way to go on from where it was heard (Engine T7)."""
    heard = timedelta(0)

    async def on_progress(now: timedelta) -> None:
        nonlocal heard
        heard = now
        if stream.on_progress is not None:
            await stream.on_progress(now)

    def resume() -> AudioStream:
        at = start + heard
        again = replace(stream, factory=lambda: _opened(reopen, at), resume=None)
        return _findable(again, media_id, at, reopen)

    return replace(stream, place=lambda now: Place(media_id, start + now), on_progress=on_progress, resume=resume)


async def _opened(reopen: Reopen, at: timedelta) -> AsyncIterator[bytes]:
    """Open only when it is about to be heard: a stream that waits holds nothing."""
    opened = await reopen(at)
    if not isinstance(opened, AudioStream):
        raise MediaTrouble("item_not_playable", title="")
    async with aclosing(frames(opened.factory())) as audio:
        async for frame in audio:
            yield frame
