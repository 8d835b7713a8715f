"""What a room's satellite is doing, and what the room makes of it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Final

from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import STATE_UNAVAILABLE

from ..engine.turn import Coordinator, TurnSource
from .questions import RoomQuestions
from .speakers.replies import OthersReply
from .speakers.satellite import Satellite

_LOGGER = logging.getLogger(__name__)

SPEAKING: Final = frozenset({AssistSatelliteState.PROCESSING, AssistSatelliteState.RESPONDING})
INVITATION: Final = timedelta(seconds=10)  # how long after the words a microphone may take to open by itself

HANDOVER: Final = timedelta(milliseconds=200)
"""A device opens its microphone in the moment in which it tells that its words are over: nobody cut them off."""


class Ears:
    """The room listens while its satellite listens, and makes way while others speak on it.

    `start` runs what a new state asks for.
    """

    def __init__(
        self,
        satellite: Satellite,
        coordinator: Coordinator,
        questions: RoomQuestions,
        start: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self.questions = questions
        self.is_first: Callable[[], bool] = lambda: True
        """Whether no other room heard the same wake word before this one; asked once for each."""

        self.deaf = False
        """Whether another room answers what this satellite hears now."""

        self._satellite = satellite
        self._coordinator = coordinator
        self._start = start
        self._invited = False
        self._invited_until: float | None = None

    def invite(self) -> None:
        """The microphone will open without a wake word after the next words, where the device can do that."""
        self._invited, self._invited_until = True, None

    async def keeps(self, text: str) -> bool:
        """Take words that are not for the persona: another room answers them, or they answer a question."""
        if self.deaf:
            _LOGGER.info("room.deaf satellite=%s: another room was first", self._satellite.entity_id)
            return True
        if not self.questions.hear(text):
            return False
        await self._coordinator.answered()
        return True

    def changed(self, state: str) -> None:
        """The satellite has a new state."""
        core = self.questions.core
        if core is not None and core.under_way:
            core.listened = core.listened or state == AssistSatelliteState.LISTENING
            if state == STATE_UNAVAILABLE:
                core.lost()
        elif state == AssistSatelliteState.LISTENING:
            invited = self._take_invitation()
            self.deaf = not invited and not self.is_first()
            if not self.deaf:
                self._start(self._listening(invited=invited))
        elif state not in SPEAKING:
            self._start(self._at_rest())
        elif not self.deaf or state == AssistSatelliteState.RESPONDING:
            self._start(self._others())

    async def _listening(self, *, invited: bool) -> None:
        turn = self._coordinator.turn
        if invited and turn is not None and turn.source is TurnSource.INJECT and turn.task is not None:
            await asyncio.wait([turn.task], timeout=HANDOVER.total_seconds())
            if self._satellite.state != AssistSatelliteState.LISTENING:
                return
        await self._coordinator.press()

    async def _others(self) -> None:
        if not self._satellite.announcing:
            await self._coordinator.others_speak(OthersReply(self._satellite))

    async def _at_rest(self) -> None:
        await self._satellite.at_rest()
        self.deaf = False
        if self._invited and self._invited_until is None:
            self._invited_until = asyncio.get_running_loop().time() + INVITATION.total_seconds()
        await self._coordinator.nothing_said()
        await self._coordinator.others_done()

    def _take_invitation(self) -> bool:
        until = self._invited_until
        invited = self._invited and (until is None or asyncio.get_running_loop().time() < until)
        self._invited = False
        return invited
