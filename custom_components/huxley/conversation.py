"""A conversation agent for each persona: words in, words out. It decides nothing; the room does."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

from homeassistant.components.conversation import (
    AssistantContent,
    AssistantContentDeltaDict,
    ChatLog,
    ConversationEntity,
    ConversationInput,
    ConversationResult,
)
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.intent import IntentResponse

from .const import CONF_PERSONA, SUBENTRY_PERSONA
from .engine.persona import Persona
from .entity import persona_device
from .runtime.house import House, HuxleyConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: HuxleyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the agents."""
    house = entry.runtime_data
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_PERSONA and (persona := house.personas.get(subentry.data[CONF_PERSONA])):
            async_add_entities(
                [PersonaAgentEntity(house, subentry.subentry_id, persona)], config_subentry_id=subentry.subentry_id
            )


class PersonaAgentEntity(ConversationEntity):
    """A persona that can be talked to."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_translation_key = "persona"
    _attr_supports_streaming = True

    def __init__(self, house: House, subentry_id: str, persona: Persona) -> None:
        self._house = house
        self._persona = persona
        self._attr_unique_id = subentry_id
        self._attr_device_info = persona_device(subentry_id, persona)

    @property
    def supported_languages(self) -> list[str] | Literal["*"]:
        """Any: a persona that does not speak a language answers in its own."""
        return MATCH_ALL

    async def _async_handle_message(self, user_input: ConversationInput, chat_log: ChatLog) -> ConversationResult:
        """Give the words to the room, and the room's words to whoever asked."""
        room = await self._house.room_for(self._persona.id, user_input.satellite_id, user_input.device_id)
        in_room = user_input.satellite_id is not None and user_input.satellite_id == room.config.satellite
        answering = await room.converse(
            await room.agent(room.choices.who_answers(self._persona, in_room=in_room)),
            user_input.text,
            language=user_input.language,
            conversation_id=chat_log.conversation_id,
            satellite_id=user_input.satellite_id,
        )
        response = IntentResponse(language=user_input.language)
        if answering is None:
            chat_log.async_add_assistant_content_without_tools(AssistantContent(self.entity_id, content=""))
            response.async_set_speech("")  # an empty answer is not spoken
            return ConversationResult(response=response, conversation_id=chat_log.conversation_id)
        turn, words = answering
        try:
            answer = [item async for item in chat_log.async_add_delta_content_stream(self.entity_id, _deltas(words))]
        except asyncio.CancelledError:
            room.lost(turn)
            raise
        response.async_set_speech(" ".join(item.content or "" for item in answer if isinstance(item, AssistantContent)))
        if turn.expects_answer and in_room and room.ears is not None:
            room.ears.invite()
        return ConversationResult(
            response=response,
            conversation_id=chat_log.conversation_id,
            continue_conversation=turn.expects_answer,  # never guessed from a question mark
        )


async def _deltas(words: AsyncGenerator[str]) -> AsyncGenerator[AssistantContentDeltaDict]:
    yield {"role": "assistant"}
    async for text in words:
        yield {"content": text}
