"""Sees what plays on the room's player that the room did not start, and brings it on the deck (Engine T7)."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant, State

from ...engine.speaker import ForeignMedia, OnDeck, PlaybackEnd
from ...engine.turn import Coordinator
from ...engine.turn.adopted import AdoptedContent, Adoption
from ...engine.turn.content import Content
from .clips import is_our_stream
from .foreign import ForeignPlayback
from .giving_back import ACTIONS, SOUND_OF, Asked, Identity, Sound, identity_of
from .playbacks import OwnPlayback
from .player import Player, told_span
from .satellite import Satellite
from .watch import Watch

STALE: Final = timedelta(seconds=15)  # a player that is asked for its state now and then has told the truth by then

STARTS: Final = frozenset({"play_media", "media_play", "media_play_pause", "select_source"})
"""What people ask of a player to hear something."""

TAKES_OVER: Final = frozenset({"play_media", "select_source"})
"""What puts something else in the place of what plays."""

type Do = Callable[[Coroutine[Any, Any, None]], None]


def media_of(state: State) -> ForeignMedia:
    """What a player says of what it plays; where there is no title, the app or the source that it comes from."""
    shown = state.attributes
    title = shown.get("media_title") or shown.get("app_name") or shown.get("source")
    artist = shown.get("media_artist") or shown.get("media_album_artist") or shown.get("media_series_title")
    return ForeignMedia(
        title=title,
        artist=artist,
        image_url=shown.get("entity_picture"),
        duration=told_span(state, "media_duration") or None,
    )


class Adopter:
    """Follows the room's player from `start` to `stop`."""

    def __init__(
        self, hass: HomeAssistant, player: Player, satellite: Satellite | None, coordinator: Coordinator, do: Do
    ) -> None:
        self._hass = hass
        self._coordinator = coordinator
        self._deck = coordinator.deck
        self._do = do
        self.watch = Watch(
            hass,
            player,
            satellite,
            speaks=lambda: do(coordinator.others_speak()),
            done=lambda: do(coordinator.others_done()),
        )
        self._unlisten: list[Callable[[], None]] = []
        self._own: Content | None = None
        self._taken: Identity | None = None
        self._hopeless: Identity | None = None
        self._stale: Identity | None = None
        self._stale_until: asyncio.TimerHandle | None = None

    def start(self) -> Callable[[], None]:
        """Adopt what plays already, and what is started from now on; call the result to stop."""
        self.watch.start()
        self._unlisten += [self.watch.follow(self), self._deck.listen(self._look), self._deck.listen_ends(self._ended)]
        self._look()
        return self.stop

    def stop(self) -> None:
        """Look no more."""
        for unlisten in self._unlisten:
            unlisten()
        self._unlisten.clear()
        self.watch.stop()
        self._believe()

    def reported(self, state: State | None) -> None:
        """The player reports."""
        if state is None or SOUND_OF.get(state.state) is not Sound.SOUNDS:
            self._taken = self._hopeless = None
            if state is not None and state.state in SOUND_OF:
                self._believe()
        elif self._taken is not None and identity_of(state).is_other(self._taken):
            self._takes_over()
        elif state.state == MediaPlayerState.PLAYING:
            self._deck.describe(media_of(state))
        self._look()

    def asked(self, action: str) -> None:
        """Somebody asked the player for something through Home Assistant."""
        state = self.watch.state
        if action in STARTS:
            self._believe()
        elif ACTIONS.get(action) is Asked.SILENCE and state is not None:
            self._doubt(state)
        if action in TAKES_OVER and self._own is not None and state is not None:
            self._taken = identity_of(state)

    def _ended(self, item: OnDeck, end: PlaybackEnd) -> None:
        """What a device did not obey for is left alone until it plays something else, or anew."""
        state = self.watch.player.state
        if isinstance(item, ForeignMedia) and end is PlaybackEnd.FAILED and state is not None:
            self._hopeless = identity_of(state)

    def _takes_over(self) -> None:
        """Somebody put other media in the place of ours."""
        self._taken = None
        content = self._deck.content
        if content is not None and isinstance(content.playback, OwnPlayback):
            content.playback.taken_over()

    def _look(self) -> None:
        """Something changed: adopt what plays, if nothing of ours does."""
        content = self._deck.content
        if content is None:
            self._has_left()
            if self._find() is not None:
                self._do(self._coordinator.adopt(self._find))
        elif not isinstance(content, AdoptedContent):
            self._own = content

    def _has_left(self) -> None:
        """What was ours left the deck; the player may go on saying that it plays it."""
        own, self._own = self._own, None
        state = self.watch.state
        if own is None or not own.started or state is None or SOUND_OF.get(state.state) is not Sound.SOUNDS:
            return
        if isinstance(own.playback, OwnPlayback) and own.playback.was_taken_over:
            return
        self._doubt(state)

    def _doubt(self, state: State) -> None:
        """The player was told to be silent, and may say for a while that it plays."""
        self._believe()
        self._stale = identity_of(state)
        self._stale_until = self._hass.loop.call_later(STALE.total_seconds(), self._believe_and_look)

    def _believe(self) -> None:
        self._stale = None
        if self._stale_until is not None:
            self._stale_until.cancel()
            self._stale_until = None

    def _believe_and_look(self) -> None:
        self._believe()
        self._look()

    def _find(self) -> tuple[ForeignMedia, Adoption] | None:
        """What plays that is not ours, and how to take hold of it."""
        state = self.watch.state
        if state is None or state.state != MediaPlayerState.PLAYING:
            return None
        media = identity_of(state)
        known = [one for one in (self._stale, self._hopeless) if one is not None]
        if is_our_stream(media.media_id) or any(not media.is_other(one) for one in known):
            return None
        return media_of(state), self._take_hold

    def _take_hold(self, on_end: Callable[[PlaybackEnd], None]) -> ForeignPlayback:
        return ForeignPlayback(self._hass, self.watch, on_end, self._played_by_hand)

    def _played_by_hand(self) -> None:
        """What the room's hand paused, another hand plays: nobody holds it any more."""
        content = self._deck.content
        if isinstance(content, AdoptedContent) and content.held:
            self._do(content.set_held(held=False))
