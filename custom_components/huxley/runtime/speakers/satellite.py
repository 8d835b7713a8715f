"""An Assist satellite: its states followed, its announcements made one at a time."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from homeassistant.components.assist_satellite.const import DOMAIN as ASSIST_SATELLITE
from homeassistant.components.assist_satellite.const import AssistSatelliteEntityFeature as Feature
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import ATTR_ENTITY_ID, ATTR_SUPPORTED_FEATURES, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from ...engine.errors import SpeakerError
from ...engine.speaker import PLAIN, Manner
from ...engine.turn.tasks import heed
from ..compat import pipeline_runs
from .kind import SatelliteKind
from .kinds import kind_of
from .pipelines import begins_conversations

_LOGGER = logging.getLogger(__name__)

GONE = frozenset({None, STATE_UNAVAILABLE, STATE_UNKNOWN})
GLANCE = timedelta(milliseconds=100)  # between two looks at a pipeline that should have ended
BUSY_LIMIT = timedelta(seconds=30)  # how long somebody else's speech may hold up ours
PIPELINE_LIMIT = timedelta(seconds=30)  # a satellite that has been idle this long is in no pipeline
ANNOUNCE_BASE = timedelta(seconds=60)  # for a slow voice to be made, and for its sound to travel
SLOWEST_SPEECH = 4  # characters a second; past this an announcement has got lost
LONGEST = timedelta(minutes=5)  # nobody knows the length of a recording or of a telephone call
STOP_LIMIT = timedelta(seconds=1)  # the command for silence is sent or it is not

type StateListener = Callable[[str], None]


class Satellite:
    """One `assist_satellite` entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self.entity_id = entity_id
        self._hass = hass
        self._resting = asyncio.Event()
        self._gone = asyncio.Event()
        self._announcing = asyncio.Lock()
        self._answered = False  # it has listened since we began to announce
        self._line: asyncio.Task[None] | None = None
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
    def kind(self) -> SatelliteKind:
        """What its platform makes of Home Assistant's actions."""
        return kind_of(self._hass, self.entity_id)

    @property
    def speaks(self) -> bool:
        """Whether it can announce now; old firmware may not be able to."""
        return self._can(Feature.ANNOUNCE)

    @property
    def listens_after_speech(self) -> bool:
        """Whether it can open its microphone after the room's own words, now."""
        return self._can(Feature.START_CONVERSATION) and begins_conversations(self._hass, self.entity_id)

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

    def close(self) -> None:
        """Wait no more for a telephone call to end; the call itself is the person's to end."""
        if self._line is not None:
            self._line.cancel()

    async def at_rest(self) -> None:
        """Return when it neither listens nor speaks; a satellite that is gone rests."""
        await self._resting.wait()
        with suppress(TimeoutError):  # then its state is believed
            async with asyncio.timeout(PIPELINE_LIMIT.total_seconds()):
                while self.available and pipeline_runs(self._hass, self.entity_id):  # noqa: ASYNC110 (nobody tells)
                    await asyncio.sleep(GLANCE.total_seconds())
        await self._resting.wait()

    async def announce(self, message: str, manner: Manner = PLAIN, *, on_air: Callable[[], None] | None = None) -> None:
        """Say `message` in that `manner`; returns when it was heard out. Raises `SpeakerError`.

        Home Assistant ends the satellite's running pipeline for an announcement and refuses a second one, so we
        wait for both to be over; `on_air` is called then. A satellite that opens its microphone afterwards does so
        a moment after this returns; one that stays on the line has opened it already, and this lasts on.
        """
        call = self._spoken(message, manner)
        async with self._turn():
            self._answered = False
            if on_air is not None:
                on_air()
            speaking = asyncio.create_task(self._call(*call), name=f"huxley announce {self.entity_id}")
            speaking.add_done_callback(heed)
            gone = asyncio.create_task(self._gone.wait(), name=f"huxley watch {self.entity_id}")
            limit = self._limit(message, manner)
            try:
                await asyncio.wait((speaking, gone), timeout=limit.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
                if not speaking.done():
                    why = "went away" if gone.done() else f"did not finish within {limit}"
                    raise SpeakerError(f"{self.entity_id} {why} while it announced")
                await speaking
            finally:
                gone.cancel()
                if not self._keeps_the_line(speaking, manner):
                    speaking.cancel()
                await asyncio.wait((speaking, gone), timeout=GLANCE.total_seconds())

    async def stop_speech(self) -> bool:
        """Be silent now, whoever made it speak; tells whether the device was asked to. No effect while it is idle.

        A device that cannot be stopped says its sentence to the end, and one that does not obey is not waited for.
        """
        kind = self.kind
        if self.state in (None, AssistSatelliteState.IDLE) or not kind.stops_speech:
            return False
        try:
            async with asyncio.timeout(STOP_LIMIT.total_seconds()):
                await kind.stop_speech()
        except Exception as err:  # noqa: BLE001 (a device's own library may raise anything, and silence must not wait)
            _LOGGER.warning("satellite.not_silenced entity=%s error=%s", self.entity_id, str(err) or type(err).__name__)
            return False
        return True

    def _keeps_the_line(self, call: asyncio.Task[None], manner: Manner) -> bool:
        """On the telephone a person answers within the call, so the call must not end with our words."""
        if not (manner.listen and self._answered and self.kind.stays_on_the_line) or call.done():
            return False
        self._line = call
        call.add_done_callback(self._hung_up)
        return True

    def _hung_up(self, call: asyncio.Task[None]) -> None:
        self._line = None
        if not call.cancelled() and (err := call.exception()) is not None:
            _LOGGER.info("satellite.call_ended entity=%s error=%s", self.entity_id, err)

    def _spoken(self, message: str, manner: Manner) -> tuple[str, dict[str, object]]:
        """The action that says it, and its data. What the device cannot do of the manner is left out (Engine A4)."""
        listen = manner.listen and self.listens_after_speech
        prefix = "start_" if listen else ""
        data: dict[str, object] = {"preannounce": manner.chime is not None and self.kind.chimes}
        if manner.chime and self.kind.chimes:
            data["preannounce_media_id"] = manner.chime
        if message:
            data[f"{prefix}message"] = message
        if manner.recording is not None and self.kind.plays_recordings:
            data[f"{prefix}media_id"] = manner.recording
        elif not message:
            raise SpeakerError(f"{self.entity_id} plays no recordings, and there are no words in its place")
        if listen and manner.brief is not None:
            data["extra_system_prompt"] = manner.brief
        return ("start_conversation" if listen else "announce"), data

    def _limit(self, message: str, manner: Manner) -> timedelta:
        if manner.recording is not None or self.kind.stays_on_the_line:
            return LONGEST
        return ANNOUNCE_BASE + timedelta(seconds=len(message) / SLOWEST_SPEECH)

    async def _call(self, action: str, data: dict[str, object]) -> None:
        try:
            await self._hass.services.async_call(
                ASSIST_SATELLITE, action, {ATTR_ENTITY_ID: self.entity_id, **data}, blocking=True
            )
        except Exception as err:  # a device's own library may raise anything
            raise SpeakerError(f"{self.entity_id} did not announce: {str(err) or type(err).__name__}") from err

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait until nobody else speaks on it, and speak alone. Raises `SpeakerError`."""
        try:
            async with asyncio.timeout(BUSY_LIMIT.total_seconds()):
                await self.at_rest()
        except TimeoutError:
            _LOGGER.warning("satellite.never_at_rest entity=%s state=%s", self.entity_id, self.state)
        if self._line is not None:
            await asyncio.wait([self._line], timeout=BUSY_LIMIT.total_seconds())
        if not self.available:
            raise SpeakerError(f"{self.entity_id} is not available")
        try:
            await asyncio.wait_for(self._announcing.acquire(), BUSY_LIMIT.total_seconds())
        except TimeoutError as err:
            raise SpeakerError(f"{self.entity_id} is still announcing something else") from err
        try:
            yield
        finally:
            self._announcing.release()

    def _can(self, feature: Feature) -> bool:
        state = self._hass.states.get(self.entity_id)
        return self.available and state is not None and bool(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & feature)

    def _follow(self, state: str | None) -> None:
        _set(self._resting, state in (None, AssistSatelliteState.IDLE))
        _set(self._gone, state is None)
        self._answered = self._answered or state == AssistSatelliteState.LISTENING


def _set(event: asyncio.Event, is_so: bool) -> None:  # noqa: FBT001 (an event's value)
    if is_so:
        event.set()
    else:
        event.clear()
