"""Errors that a caller of the engine may want to catch."""


class HuxleyError(Exception):
    """Base of every error that Huxley raises on purpose."""


class ChannelBusyError(HuxleyError):
    """An exclusive channel is already held by another activity (Engine F11)."""


class ClaimBusyError(HuxleyError):
    """Somebody already holds the room's microphone (Engine C1)."""


class ModelUnavailableError(HuxleyError):
    """The model cannot be reached now; a later attempt may work."""


class SpeakerError(HuxleyError):
    """The room's speaker refused or failed; the message names the device."""


class SkillError(HuxleyError):
    """A skill could not be loaded or set up; the message names it and the remedy."""
