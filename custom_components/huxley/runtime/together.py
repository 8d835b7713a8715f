"""One action for several rooms: they begin to speak together."""

from functools import partial

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..engine.turn import Rendezvous, Seat

_UNDER_WAY: HassKey[dict[str, Rendezvous]] = HassKey("huxley_together")
"""By context id: calls whose rooms sit down at this moment."""


@callback
def async_sit_down(hass: HomeAssistant, context: Context | None) -> Seat | None:
    """A room's seat among the rooms of one action; None without a context.

    Home Assistant calls all entities of an action in one turn of its loop, with the same context. Whoever comes
    later, in the same automation, sits down with others.
    """
    if context is None:
        return None
    under_way = hass.data.setdefault(_UNDER_WAY, {})
    if (rendezvous := under_way.get(context.id)) is None:
        rendezvous = under_way[context.id] = Rendezvous()
        hass.loop.call_soon(partial(_begin, under_way, context.id))
    return rendezvous.sit_down()


@callback
def _begin(under_way: dict[str, Rendezvous], context_id: str) -> None:
    under_way.pop(context_id).begin()
