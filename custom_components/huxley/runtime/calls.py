"""Calls on the bus: each one that is put through, and why it ended, for automations."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from ..const import EVENT_CALL
from ..engine.skill.effects import ClaimEndReason
from ..engine.turn.claims import Claim, Claims


class _Calls:
    """Follows a room's claims; one that never opened was no call."""

    def __init__(self, hass: HomeAssistant, room: str, room_id: str | None, claims: Claims) -> None:
        self._hass = hass
        self._room = room
        self._room_id = room_id
        self._claims = claims
        self._open: Claim | None = None

    @callback
    def changed(self) -> None:
        """A claim began, opened, or is over."""
        claim = self._claims.current
        if claim is self._open:
            return
        self.hung_up()
        if claim is not None and claim.opened_at is not None:
            self._open = claim
            self._tell("started", claim)

    @callback
    def hung_up(self) -> None:
        """Tell the end of the call that was open; without a reason it ends because the room does."""
        if self._open is not None:
            claim, self._open = self._open, None
            self._tell("ended", claim, reason=(claim.reason or ClaimEndReason.ERROR).value)

    def _tell(self, event: str, claim: Claim, **more: str) -> None:
        self._hass.bus.async_fire(
            EVENT_CALL,
            {
                "room": self._room,
                "room_id": self._room_id,
                "call_id": claim.id,
                "event": event,
                "title": claim.wanted.title,
                "persona": claim.agent.persona_id if claim.agent else None,
                **more,
            },
        )


def async_follow_calls(hass: HomeAssistant, room: str, room_id: str | None, claims: Claims) -> Callable[[], None]:
    """Tell the house of the calls in a room; call the result to stop, which ends a call that is open."""
    calls = _Calls(hass, room, room_id, claims)
    unlisten = claims.listen(calls.changed)

    @callback
    def stop() -> None:
        unlisten()
        calls.hung_up()

    return stop
