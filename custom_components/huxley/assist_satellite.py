"""A room as an Assist satellite: core's announcements and questions, on the room's terms and in its queue."""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from datetime import timedelta
from typing import Any, Final, Never

from homeassistant.components.assist_pipeline import PipelineEvent
from homeassistant.components.assist_satellite.const import PREANNOUNCE_URL
from homeassistant.components.assist_satellite.const import AssistSatelliteEntityFeature as Feature
from homeassistant.components.assist_satellite.entity import (
    AssistSatelliteAnswer,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .engine.skill.inject import InjectPriority, InjectStatus
from .engine.speaker import Manner
from .engine.turn import BrokenAnswerError, Seat, TurnState
from .entity import RoomEntity
from .runtime.house import HuxleyConfigEntry
from .runtime.questions import Asked
from .runtime.room import Room
from .runtime.together import async_sit_down

PARALLEL_UPDATES = 0

LONGEST_QUEUE: Final = timedelta(minutes=5)  # an announcement that waited longer is an error, not news

STATES: Final = {
    TurnState.IDLE: AssistSatelliteState.IDLE,
    TurnState.LISTENING: AssistSatelliteState.LISTENING,
    TurnState.COMMITTING: AssistSatelliteState.PROCESSING,
    TurnState.AWAITING_NEXT_RESPONSE: AssistSatelliteState.PROCESSING,
    TurnState.IN_RESPONSE: AssistSatelliteState.RESPONDING,
    TurnState.APPLYING_FACTORIES: AssistSatelliteState.RESPONDING,
    TurnState.INTERRUPTED: AssistSatelliteState.IDLE,
}
"""What a room's turn looks like to whoever watches satellites."""

HEARD: Final = frozenset({InjectStatus.SPOKEN, InjectStatus.INTERRUPTED, InjectStatus.QUEUED})
"""Outcomes that are no error: a person may cut an announcement off, and a tool does not wait for its own turn."""


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the rooms."""
    for subentry_id, room in entry.runtime_data.rooms.items():
        async_add_entities([RoomSatellite(room)], config_subentry_id=subentry_id)


class RoomSatellite(RoomEntity, AssistSatelliteEntity):
    """What core's satellite actions reach a room by. It hears nothing itself: the room's own satellite does."""

    _attr_name = None
    _attr_supported_features = Feature(0)

    def __init__(self, room: Room) -> None:
        super().__init__(room, "satellite")

    def follow(self) -> Iterator[Callable[[], None]]:
        """The state follows the room's turns, what it can do follows its devices."""
        yield self.room.trace.listen(lambda record, mark: self._mirror())
        if self.room.satellite is not None:
            yield self.room.satellite.listen(lambda state: self._mirror())
        if self.room.player is not None:
            yield self.room.player.listen(lambda state: self._mirror())

    @property
    def available(self) -> bool:
        """A room that cannot speak up announces nothing."""
        return self.room.speaker.capabilities.speak

    @property
    def supported_features(self) -> Feature:
        """What the room's devices can do; while they are away, what they could."""
        can = self.room.speaker.capabilities
        if can.speak:
            opens = Feature.START_CONVERSATION if can.listen else Feature(0)
            self._attr_supported_features = Feature.ANNOUNCE | opens
        return self._attr_supported_features

    async def async_internal_announce(
        self,
        message: str | None = None,
        media_id: str | None = None,
        preannounce: bool = True,  # noqa: FBT001, FBT002 (core's signature)
        preannounce_media_id: str = PREANNOUNCE_URL,
    ) -> None:
        """Announce when the room is free; return when it was heard."""
        manner = Manner(chime=_chime(preannounce, preannounce_media_id), recording=media_id)
        await self._announce(message, manner)

    async def async_internal_start_conversation(
        self,
        start_message: str | None = None,
        start_media_id: str | None = None,
        extra_system_prompt: str | None = None,
        preannounce: bool = True,  # noqa: FBT001, FBT002 (core's signature)
        preannounce_media_id: str = PREANNOUNCE_URL,
    ) -> None:
        """Announce when the room is free, and let the person answer without a wake word."""
        chime = _chime(preannounce, preannounce_media_id)
        await self._announce(start_message, Manner(chime, start_media_id, listen=True, brief=extra_system_prompt))

    async def async_internal_ask_question(
        self,
        question: str | None = None,
        question_media_id: str | None = None,
        preannounce: bool = True,  # noqa: FBT001, FBT002 (core's signature)
        preannounce_media_id: str = PREANNOUNCE_URL,
        answers: list[dict[str, Any]] | None = None,
    ) -> AssistSatelliteAnswer:
        """Ask when the room is free; words that are no answer go to the persona, and the last of them are returned."""
        asked = Asked(
            question or "",
            {answer["id"]: answer["sentences"] for answer in answers or ()},
            Manner(_chime(preannounce, preannounce_media_id), question_media_id, listen=True),
            expires_after=LONGEST_QUEUE,
        )
        seat = self._sit_down(asked.text, asked.manner)
        try:
            answer = await self.room.ask(asked, seat)
        except BrokenAnswerError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="answer_broken", translation_placeholders={"error": str(err)}
            ) from err
        finally:
            if seat is not None:
                seat.leave()  # a room that cannot ask keeps the others waiting for nothing
        if answer.sentence is None:
            raise self._failed("no_answer", f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason)
        return AssistSatelliteAnswer(answer.id, answer.sentence, dict(answer.slots))

    async def async_intercept_wake_word(self) -> Never:
        """Refuse: wake words belong to the satellite itself."""
        raise self._not_ours()

    @callback
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """No wake words: they belong to the satellite itself."""
        return AssistSatelliteConfiguration(available_wake_words=[], active_wake_words=[], max_active_wake_words=1)

    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Refuse: wake words belong to the satellite itself."""
        raise self._not_ours()

    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """No pipeline runs here."""

    async def _announce(self, message: str | None, manner: Manner) -> None:
        seat = self._sit_down(message, manner)
        if await self._said_by_the_satellite():
            if seat is not None:
                seat.leave()
            return
        outcome = await self.room.inject(
            message=message or "",
            priority=InjectPriority.BLOCK_BEHIND_COMMS,
            expires_after=LONGEST_QUEUE,
            manner=manner,
            seat=seat,
            wait=True,
        )
        if outcome.status not in HEARD:
            raise self._failed("not_announced", outcome.reason or outcome.status.value)

    async def _said_by_the_satellite(self) -> bool:
        """Whether the same action makes the room's own satellite speak, as one for an area does: once is enough."""
        satellite = self.room.satellite
        if satellite is None or self._context is None:
            return False
        await asyncio.sleep(0)  # Home Assistant calls the entities of an action one after the other
        state = self.hass.states.get(satellite.entity_id)
        if state is None or state.context.id != self._context.id or state.state != AssistSatelliteState.RESPONDING:
            return False
        try:
            async with asyncio.timeout(LONGEST_QUEUE.total_seconds()):
                await satellite.at_rest()
        except TimeoutError as err:
            raise self._failed("not_announced", f"{satellite.entity_id} does not come to an end") from err
        return True

    def _sit_down(self, message: str | None, manner: Manner) -> Seat | None:
        words: Hashable = (message, manner)
        return async_sit_down(self.hass, self._context, self.room.config.id, words)

    @callback
    def _mirror(self) -> None:
        self._set_state(STATES[self.room.coordinator.state])

    def _failed(self, key: str, reason: str | None) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={"room": self.room.config.name, "reason": reason or ""},
        )

    def _not_ours(self) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="wake_words_elsewhere",
            translation_placeholders={"room": self.room.config.name},
        )


def _chime(preannounce: bool, media_id: str) -> str | None:  # noqa: FBT001 (core's option)
    """What `Manner.chime` makes of core's two options."""
    if not preannounce:
        return None
    return "" if media_id == PREANNOUNCE_URL else media_id
