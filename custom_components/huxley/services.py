"""The actions: what automations can have a room do."""

from datetime import timedelta
from typing import Any, Protocol

import voluptuous as vol
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.service import async_register_admin_service, async_register_platform_entity_service

from .const import DOMAIN
from .engine.skill.inject import InjectPriority
from .engine.turn import BrokenAnswerError
from .runtime.house import HuxleyConfigEntry
from .runtime.questions import ASK_FOR, BUILT_IN, Asked
from .runtime.residence import async_give_room_to
from .runtime.room import Room
from .runtime.together import async_sit_down

SERVICE_INJECT_TURN = "inject_turn"
SERVICE_ASK = "ask"
SERVICE_INTERRUPT = "interrupt"
SERVICE_END_CALL = "end_call"
SERVICE_SET_PERSONA = "set_persona"
SERVICE_RELOAD = "reload"

INJECT_SCHEMA: dict[Any, Any] = {
    vol.Optional("prompt"): cv.string,
    vol.Optional("message"): cv.string,
    vol.Optional("priority", default=InjectPriority.BLOCK_BEHIND_COMMS): vol.Coerce(InjectPriority),
    vol.Optional("dedup_key"): cv.string,
    vol.Optional("expires_after"): vol.All(cv.positive_time_period, vol.Range(min=timedelta(seconds=1))),
    vol.Optional("volume"): vol.All(vol.Coerce(int), vol.Range(min=1, max=100)),
    vol.Optional("wait", default=False): cv.boolean,
}

ASK_SCHEMA: dict[Any, Any] = {
    vol.Required("question"): cv.string,
    vol.Optional("answers", default=[]): [
        {
            vol.Required("id"): cv.string,
            vol.Optional("sentences", default=[]): vol.All(cv.ensure_list, [cv.string]),
        }
    ],
    vol.Optional("priority", default=InjectPriority.BLOCK_BEHIND_COMMS): vol.Coerce(InjectPriority),
    vol.Optional("expires_after", default=ASK_FOR): vol.All(
        cv.positive_time_period, vol.Range(min=timedelta(seconds=1))
    ),
}

PERSONA_SCHEMA: dict[Any, Any] = {vol.Required("persona"): cv.string}


class _InRoom(Protocol):
    """What these actions need of a room's media player."""

    room: Room
    platform: EntityPlatform


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they exist as long as Home Assistant runs."""
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_INJECT_TURN,
        entity_domain=MEDIA_PLAYER,
        schema=INJECT_SCHEMA,
        func="async_inject_turn",
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_ASK,
        entity_domain=MEDIA_PLAYER,
        schema=ASK_SCHEMA,
        func=_ask,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_platform_entity_service(
        hass, DOMAIN, SERVICE_INTERRUPT, entity_domain=MEDIA_PLAYER, schema={}, func="async_interrupt"
    )

    async_register_platform_entity_service(
        hass, DOMAIN, SERVICE_END_CALL, entity_domain=MEDIA_PLAYER, schema={}, func=_end_call
    )
    async_register_platform_entity_service(
        hass, DOMAIN, SERVICE_SET_PERSONA, entity_domain=MEDIA_PLAYER, schema=PERSONA_SCHEMA, func=_set_persona
    )

    async def reload(call: ServiceCall) -> None:
        """Read personas and skills again."""
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            if not await hass.config_entries.async_reload(entry.entry_id):
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="reload_failed",
                    translation_placeholders={"error": entry.reason or entry.state.value},
                )

    async_register_admin_service(hass, DOMAIN, SERVICE_RELOAD, reload)


async def _ask(entity: _InRoom, call: ServiceCall) -> ServiceResponse:
    """Ask the people in a room; the response says what they answered."""
    given: list[dict[str, Any]] = call.data["answers"]
    for one in given:
        if not one["sentences"] and one["id"] not in BUILT_IN:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="answer_without_sentences",
                translation_placeholders={"id": one["id"]},
            )
    expires_after: timedelta = call.data["expires_after"]
    asked = Asked(
        call.data["question"],
        {one["id"]: one["sentences"] for one in given},
        priority=call.data["priority"],
        expires_after=expires_after,
        patience=expires_after,
    )
    room = entity.room
    seat = async_sit_down(call.hass, call.context, room.config.id, asked.text)
    try:
        answer = await room.ask(asked, seat)
    except BrokenAnswerError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="answer_broken", translation_placeholders={"error": str(err)}
        ) from err
    finally:
        if seat is not None:
            seat.leave()  # a room that cannot ask keeps the others waiting for nothing
    return {
        "answered": answer.answered,
        "id": answer.id,
        "sentence": answer.sentence,
        "slots": dict(answer.slots),
        "reason": answer.reason,
        "detail": answer.detail,
    }


async def _end_call(entity: _InRoom, call: ServiceCall) -> None:
    """Hang up in a room; no effect without a call."""
    await entity.room.coordinator.hang_up()


async def _set_persona(entity: _InRoom, call: ServiceCall) -> None:
    """Move a persona, given by its id or its name, into a room."""
    wanted: str = call.data["persona"].strip()
    entry: HuxleyConfigEntry | None = entity.platform.config_entry
    personas = entry.runtime_data.personas if entry is not None else {}
    named = [persona for persona in personas.values() if persona.name.casefold() == wanted.casefold()]
    persona = personas.get(wanted) or (named[0] if len(named) == 1 else None)
    if persona is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="persona_not_in_house",
            translation_placeholders={"persona": wanted, "known": ", ".join(sorted(personas))},
        )
    await async_give_room_to(entity.room, persona)
