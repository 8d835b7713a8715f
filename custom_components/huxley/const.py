"""Names that Home Assistant stores or shows; changing one breaks somebody's house."""

from typing import Final

DOMAIN: Final = "huxley"

CONF_MODEL: Final = "model"
"""Entry data: which model thinks, one of `MODELS`."""

MODEL_OFFLINE: Final = "offline"
MODELS: Final = (MODEL_OFFLINE,)

SUBENTRY_PERSONA: Final = "persona"
"""Subentry type; its unique id is the persona's id, its data holds `CONF_PERSONA`."""

SUBENTRY_ROOM: Final = "room"
"""Subentry type; its title is the room's name, its data holds the keys below."""

CONF_PERSONA: Final = "persona"
"""A persona's id: the stem of its file (`abuelos` for `abuelos.yaml`)."""

CONF_SATELLITE: Final = "satellite"
"""Entity id of an `assist_satellite`, or absent."""

CONF_PLAYER: Final = "player"
"""Entity id of a `media_player`, or absent."""

CONF_LANGUAGE: Final = "language"
"""Language the room speaks (BCP 47), or absent for the persona's own."""

CONF_QUIET_FROM: Final = "quiet_from"
CONF_QUIET_TO: Final = "quiet_to"
"""Quiet hours as `HH:MM:SS`, both or neither (Engine I10)."""

CONF_RESUME_AFTER_RESTART: Final = "resume_after_restart"
"""Whether a room goes on by itself with what it played before a restart, or absent for no."""

CONF_COMPANIONS: Final = "companions"
"""Entity ids of other `media_player`s that make way for the room's speech, or absent."""

CONF_VOICE: Final = "voice"
"""Entity id of the `tts` that speaks through the player, or absent for the preferred voice assistant's."""

CONF_LINKED_ROOMS: Final = "linked_rooms"
"""Subentry ids of rooms that hear the same wake word, or absent."""

CONF_QUIET_VOLUME: Final = "quiet_volume"
"""How loud the room speaks up in its quiet hours, 1 to 100, or absent for `DEFAULT_QUIET_VOLUME` (Engine I10)."""

DEFAULT_QUIET_VOLUME: Final = 20

EVENT_TURN: Final = "huxley_turn"
"""Bus event, one for each thing worth telling in a turn's life."""

EVENT_CALL: Final = "huxley_call"
"""Bus event, one for each step of a call: announced, started, ended, refused."""
