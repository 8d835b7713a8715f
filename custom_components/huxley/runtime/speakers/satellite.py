"""An Assist satellite: its states followed, its announcements made one at a time."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from ...engine.errors import SpeakerError
from ..compat import pipeline_runs

_LOGGER = logging.getLogger(__name__)

GONE = frozenset({None, STATE_UNAVAILABLE, STATE_UNKNOWN})
GLANCE = timedelta(milliseconds=100)  # between two looks at a pipeline that should have ended
BUSY_LIMIT = timedelta(seconds=30)  # how long somebody else's speech may hold up ours
PIPELINE_LIMIT = timedelta(seconds=30)  # a satellite that has been idle this long is in no pipeline
ANNOUNCE_BASE = timedelta(seconds=60)  # for a slow voice to be made, and for its sound to travel
SLOWEST_SPEECH = 4  # characters a second; past this an announcement has got lost

type StateListener = Callable[[str], None]


class Satellite:
    """One `assist_satellite` entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self.entity_id = entity_id
        self._hass = hass
        self._resting = asyncio.Event()
        self._gone = asyncio.Event()
        self._announcing = asyncio.Lock()
        self._follow(self.state)

    @property
    def state(self) -> str | None:
        """`idle`, `listening`, `processing`, `responding`, or None when it is gone."""
        state = self._hass.states.get(self.entity_id)
        return None if state is None or state.state in GONE else state.state

    @property
    def available(self) -> bool:
        """Whether the device is there."""
        return self.state is not None

    @property
    def announcing(self) -> bool:
        """Whether it speaks because we told it to."""
        return self._announcing.locked()

    @callback
    def listen(self, listener: StateListener) -> Callable[[], None]:
        """Hear of each new state; call the result to stop. Must be heard by somebody for `at_rest` to work."""

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            old, new = event.data["old_state"], event.data["new_state"]
            state = new.state if new else STATE_UNAVAILABLE
            self._follow(self.state)
            if old is None or old.state != state:
                listener(state)

        return async_track_state_change_event(self._hass, [self.entity_id], changed)

    async def at_rest(self) -> None:
        """Return when it neither listens nor speaks; a satellite that is gone rests."""
        await self._resting.wait()
        with suppress(TimeoutError):  # then its state is believed
            async with asyncio.timeout(PIPELINE_LIMIT.total_seconds()):
                while self.available and pipeline_runs(self._hass, self.entity_id):  # noqa: ASYNC110 (nobody tells)
                    await asyncio.sleep(GLANCE.total_seconds())
        await self._resting.wait()

    async def announce(self, message: str) -> None:
        """Say `message`; returns when it was heard out. Raises `SpeakerError`.

        Home Assistant ends the satellite's running pipeline for an announcement and refuses a second one, so we
        wait for both to be over.
        """
        async with self._turn():
            speaking = asyncio.create_task(self._announce(message), name=f"huxley announce {self.entity_id}")
            gone = asyncio.create_task(self._gone.wait(), name=f"huxley watch {self.entity_id}")
            limit = ANNOUNCE_BASE + timedelta(seconds=len(message) / SLOWEST_SPEECH)
            try:
                await asyncio.wait((speaking, gone), timeout=limit.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
                if not speaking.done():
                    why = "went away" if gone.done() else f"did not finish within {limit}"
                    raise SpeakerError(f"{self.entity_id} {why} while it announced")
                await speaking
            finally:
                speaking.cancel()
                gone.cancel()
                await asyncio.wait((speaking, gone), timeout=GLANCE.total_seconds())

    async def _announce(self, message: str) -> None:
        try:
            await self._hass.services.async_call(
                "assist_satellite",
                "announce",
                {ATTR_ENTITY_ID: self.entity_id, "message": message, "preannounce": False},
                blocking=True,
            )
        except Exception as err:  # a device's own library may raise anything
            raise SpeakerError(f"{self.entity_id} did not announce: {err}") from err

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(BUSY_LIMIT.total_seconds()):
                await self.at_rest()
        except TimeoutError:
            _LOGGER.warning("satellite.never_at_rest entity=%s state=%s", self.entity_id, self.state)
        if not self.available:
            raise SpeakerError(f"{self.entity_id} is not available")
        async with self._announcing:
            yield

    def _follow(self, state: str | None) -> None:
        _set(self._resting, state in (None, AssistSatelliteState.IDLE))
        _set(self._gone, state is None)


def _set(event: asyncio.Event, is_so: bool) -> None:  # noqa: FBT001 (an event's value)
    if is_so:
        event.set()
    else:
        event.clear()
