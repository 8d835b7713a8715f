"""Who may speak now: the tiers of an inject against what the room is doing, as a pure function (Engine I1-I3)."""

from dataclasses import dataclass

from ..skill.inject import InjectPriority
from .states import TurnState


@dataclass(frozen=True, slots=True)
class Moment:
    """What the room is doing."""

    state: TurnState = TurnState.IDLE
    injecting: InjectPriority | None = None
    """The tier of the words that the room is saying by itself, if it is."""

    in_call: bool = False
    content: bool = False
    """Whether content is on the deck, audible or not."""

    heard_enough: bool = False
    """Whether the person who is talking has held off urgent words for long enough."""


def may_speak(priority: InjectPriority, moment: Moment) -> bool:
    """Whether words of this tier may begin. Urgent ones never cut off other urgent ones."""
    if priority is InjectPriority.PREEMPT:
        talking = moment.state is TurnState.LISTENING and not moment.heard_enough
        return not talking and moment.injecting is not InjectPriority.PREEMPT
    if moment.state is not TurnState.IDLE or moment.in_call:
        return False
    return priority is InjectPriority.BLOCK_BEHIND_COMMS or not moment.content
