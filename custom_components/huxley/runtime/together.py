"""One action for several rooms: they begin to speak together."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import partial

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..engine.turn import Rendezvous, Seat


@dataclass(slots=True)
class _Call:
    """An action whose rooms sit down at this moment."""

    rendezvous: Rendezvous = field(default_factory=Rendezvous)
    rooms: set[str | None] = field(default_factory=set)


type _Key = tuple[str, Hashable]

_UNDER_WAY: HassKey[dict[_Key, _Call]] = HassKey("huxley_together")


@callback
def async_sit_down(hass: HomeAssistant, context: Context | None, room_id: str | None, words: Hashable) -> Seat | None:
    """A room's seat among the rooms of one action that has `words` said; None without a context.

    Home Assistant calls all entities of an action in one turn of its loop, with the same context. The same words in
    the same room are another action of the same automation: it gets a rendezvous of its own.
    """
    if context is None:
        return None
    under_way = hass.data.setdefault(_UNDER_WAY, {})
    key = (context.id, words)
    call = under_way.get(key)
    if call is None or room_id in call.rooms:
        call = under_way[key] = _Call()
        hass.loop.call_soon(partial(_begin, under_way, key, call))
    call.rooms.add(room_id)
    return call.rendezvous.sit_down()


@callback
def _begin(under_way: dict[_Key, _Call], key: _Key, call: _Call) -> None:
    if under_way.get(key) is call:
        del under_way[key]
    call.rendezvous.begin()
