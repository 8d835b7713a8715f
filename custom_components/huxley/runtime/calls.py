"""A room's calls, told on the bus for automations: announced, started, ended, refused."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from ..const import EVENT_CALL
from ..engine.skill.effects import ClaimEndReason
from ..engine.turn import Mark, Trace, TurnRecord
from ..engine.turn.claims import Claim, Claims


class _Calls:
    """Follows the room's claims, one at a time, and tells each step once. It only looks."""

    def __init__(self, hass: HomeAssistant, room: str, room_id: str | None, claims: Claims) -> None:
        self._hass = hass
        self._room = room
        self._room_id = room_id
        self._claims = claims
        self._claim: Claim | None = None
        self._started = False

    @callback
    def noted(self, record: TurnRecord, mark: Mark) -> None:
        """The room begins to say who calls."""
        if mark.event == "announce" and (claim := self._claims.current) is not None:
            self._tell("announced", claim)

    @callback
    def changed(self) -> None:
        """A claim began, opened, or is over: the one that is over has left its place by then."""
        claim = self._claims.current
        if claim is not self._claim:
            self.over()
            self._claim, self._started = claim, False
        if claim is not None and claim.opened_at is not None and not self._started:
            self._started = True
            self._tell("started", claim)

    @callback
    def over(self) -> None:
        """Tell the end of the claim that was followed; without a reason it ends because the room does."""
        if (claim := self._claim) is None:
            return
        self._claim = None
        refused = claim.opened_at is None and claim.reason is ClaimEndReason.USER_PTT
        lasted = 0.0 if claim.opened_at is None else round(self._hass.loop.time() - claim.opened_at, 2)
        reason = (claim.reason or ClaimEndReason.ERROR).value
        self._tell("refused" if refused else "ended", claim, reason, lasted)

    def _tell(self, event: str, claim: Claim, reason: str | None = None, duration: float | None = None) -> None:
        self._hass.bus.async_fire(
            EVENT_CALL,
            {
                "room": self._room,
                "room_id": self._room_id,
                "call_id": claim.id,
                "event": event,
                "title": claim.wanted.title,
                "persona": claim.agent.persona_id if claim.agent else None,
                "reason": reason,
                "duration": duration,
            },
        )


def async_follow_calls(
    hass: HomeAssistant, room: str, room_id: str | None, claims: Claims, trace: Trace
) -> Callable[[], None]:
    """Tell the house of the calls in a room; call the result to stop, which ends a call that is open."""
    calls = _Calls(hass, room, room_id, claims)
    unlisten = (claims.listen(calls.changed), trace.listen(calls.noted))

    @callback
    def stop() -> None:
        for one in unlisten:
            one()
        calls.over()

    return stop
