"""A clip on a media player, heard out by its length and by what the player reports."""

import asyncio
import logging
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import State, callback

from ...engine.errors import SpeakerError
from .player import Player

_LOGGER = logging.getLogger(__name__)

SOUNDING = frozenset({MediaPlayerState.PLAYING, MediaPlayerState.BUFFERING})
START_GRACE = timedelta(seconds=5)  # a cast device loads for seconds before it makes a sound
BESIDE_GRACE = timedelta(seconds=1)  # an announcement beside content is mostly not reported, and begins at once
TAIL = timedelta(milliseconds=500)  # fetched and buffered, but not heard yet
LINGER = timedelta(seconds=3)  # how long a player may go on reporting a clip that is over
AWAY = timedelta(seconds=2)  # a player that is away for less goes on


class _Watch:
    """What a player reported since it was told to play the clip."""

    def __init__(self, *, silence_counts: bool) -> None:
        self._silence_counts = silence_counts
        self.changed = asyncio.Event()
        self.sounding = self.fell_silent = self.away = False

    @callback
    def reported(self, state: State | None) -> None:
        """The player is in `state`; None when it is gone."""
        self.away = state is None or state.state == "unavailable"
        if state is not None and state.state in SOUNDING:
            self.sounding, self.fell_silent = True, False
        elif self.sounding and not self.away:
            self.sounding, self.fell_silent = False, self._silence_counts
        self.changed.set()

    async def until(self, deadline: timedelta, *, sounding: bool | None = None) -> None:
        """Return at `deadline` from now, or when it fell silent, went away, or `sounding` is as asked."""
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                while not (self.fell_silent or self.away or (sounding is not None and self.sounding is sounding)):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return


async def heard_clip(player: Player, url: str, length: timedelta, *, announce: bool, measured: bool) -> None:
    """Play `url`, which lasts `length` (at most, unless `measured`); returns when it was heard. Raises `SpeakerError`.

    A clip in the place of content is over when the player says so, one beside content when its time has passed. A
    player that never says that it plays is believed to have played, and one that never says that it stopped is stopped:
    players are asked for their state only now and then, and some lie.
    """
    # Beside content the player may report that this makes way, or nothing at all: only time tells.
    watch = _Watch(silence_counts=not (announce and measured))
    unlisten = player.listen(watch.reported)
    try:
        await player.play_clip(url, announce=announce)
        await _hear_out(player, watch, length, announce=announce, measured=measured)
    finally:
        unlisten()


async def _hear_out(player: Player, watch: _Watch, length: timedelta, *, announce: bool, measured: bool) -> None:
    await watch.until(BESIDE_GRACE if announce else START_GRACE, sounding=True)
    await _come_back(player, watch)
    if not announce and not (watch.sounding or watch.fell_silent):
        _LOGGER.info("player.clip_unseen entity=%s", player.entity_id)
        left = length + TAIL - START_GRACE
        if measured and left > timedelta(0):
            await watch.until(left)
        return
    await watch.until(length + TAIL)
    await _come_back(player, watch)
    if announce or watch.fell_silent:
        return
    await watch.until(LINGER)
    if not watch.fell_silent:
        _LOGGER.info("player.clip_never_ends entity=%s after=%s", player.entity_id, length + TAIL + LINGER)
        await player.stop()


async def _come_back(player: Player, watch: _Watch) -> None:
    """Wait for a player that is away for a moment. Raises `SpeakerError` when it stays away."""
    if watch.away:
        await asyncio.sleep(AWAY.total_seconds())
        if player.state is None:
            raise SpeakerError(f"{player.entity_id} went away while it spoke")
        watch.away = False
