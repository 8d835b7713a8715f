"""Companions: other players that make way for a room's speech, by the rules of media that is not ours (Engine T7)."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, override

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant

from ...engine.focus import Channel, FocusManager, FocusState, MixingBehavior
from ...engine.speaker import PlaybackEnd, SpeakerCapabilities
from ...engine.turn.adopted import AdoptedContent
from ...engine.turn.content import Content, Stage
from ...engine.turn.tasks import Tasks
from .adopter import media_of
from .foreign import ForeignPlayback
from .group import at_one_level
from .player import Player
from .room_speaker import RoomSpeaker
from .watch import Watch

SPEECH = frozenset({Channel.DIALOG, Channel.ALERT})


def wanted(channels: Iterable[Channel]) -> MixingBehavior:
    """What is asked of companions while `channels` are held: quiet under speech, silence under a call (Engine F4)."""
    held = frozenset(channels)
    if Channel.COMMS in held:
        return MixingBehavior.MUST_PAUSE
    return MixingBehavior.MAY_DUCK if held & SPEECH else MixingBehavior.PRIMARY


class CompanionSpeaker(RoomSpeaker):
    """A player through which the room never speaks, so that it never makes way by itself."""

    @property
    @override
    def capabilities(self) -> SpeakerCapabilities:
        """How it can be made quiet now."""
        player = self.player
        if player is None or player.clip is not None:
            return SpeakerCapabilities()
        ducks = player.can(Feature.VOLUME_SET) and at_one_level(self._hass, player.state)
        return SpeakerCapabilities(duck=ducks, pause=player.can(Feature.PAUSE))


class Companion:
    """One player. It is touched only if it plays when the room begins to speak, and given back as it was."""

    def __init__(self, hass: HomeAssistant, entity_id: str, tasks: Tasks) -> None:
        self._hass = hass
        self._player = Player(hass, entity_id)
        self._watch = Watch(hass, self._player)
        self._tasks = tasks
        speaker = CompanionSpeaker(hass, None, self._player)
        self._stage = Stage(speaker, asyncio.Lock(), self._spawn, self._ended, lambda: None)
        self._content: AdoptedContent | None = None
        self._wish = MixingBehavior.PRIMARY

    def start(self) -> None:
        """Begin to look."""
        self._watch.start()

    async def stop(self) -> None:
        """Give it back and touch it no more."""
        if (content := self._content) is not None:
            await content.hand_back()
            await content.on_focus_changed(FocusState.NONE, MixingBehavior.MUST_STOP)
        self._watch.stop()
        self._player.close()

    def make_way(self, wish: MixingBehavior) -> None:
        """The room's speech asks for `wish`. The newest wish wins."""
        if wish is self._wish:
            return
        self._wish = wish
        quiet = wish is not MixingBehavior.PRIMARY
        if quiet and self._content is None:
            self._content = self._take_hold()
        if self._content is not None:
            state = FocusState.BACKGROUND if quiet else FocusState.FOREGROUND
            self._spawn(self._content.on_focus_changed(state, wish), "companion")

    def _take_hold(self) -> AdoptedContent | None:
        state = self._watch.state
        if state is None or state.state != MediaPlayerState.PLAYING:
            return None
        return AdoptedContent(media_of(state), self._stage, partial(ForeignPlayback, self._hass, self._watch))

    def _ended(self, content: Content, end: PlaybackEnd) -> None:
        """A person paused it or stopped it, it ended, or it does not obey."""
        if content is self._content:
            self._content = None
            self._spawn(content.on_focus_changed(FocusState.NONE, MixingBehavior.MUST_STOP), "companion")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._tasks.work(work, name)


class Companions:
    """All companions of a room, from `start` to `stop`."""

    def __init__(self, hass: HomeAssistant, focus: FocusManager, entity_ids: Iterable[str]) -> None:
        self._focus = focus
        self._tasks = Tasks()
        self._all = [Companion(hass, entity_id, self._tasks) for entity_id in entity_ids]
        self._unlisten: Callable[[], None] | None = None

    def start(self) -> None:
        """Make way from now on."""
        if self._all:
            self._unlisten = self._focus.listen(self._focus_changed)
        for companion in self._all:
            companion.start()

    async def stop(self) -> None:
        """Give everything back."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        for companion in self._all:
            await companion.stop()
        await self._tasks.close()

    def _focus_changed(self) -> None:
        wish = wanted(held.activity.channel for held in self._focus.snapshot())
        for companion in self._all:
            companion.make_way(wish)
