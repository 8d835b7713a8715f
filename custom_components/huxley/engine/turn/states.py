"""The turn machine: seven states, and the table of what leads where.

The table in the documentation is this table. Nothing else decides where a turn goes.
"""

from enum import StrEnum

from ..errors import HuxleyError


class TurnState(StrEnum):
    """Where a turn stands. `IDLE` and `INTERRUPTED` rest; the others pass through."""

    IDLE = "idle"
    """Nobody speaks; content may play."""

    LISTENING = "listening"
    """The microphone is open for a person."""

    COMMITTING = "committing"
    """The person's words are with the model; nothing came back yet."""

    IN_RESPONSE = "in_response"
    """A response is under way: words, tool calls."""

    AWAITING_NEXT_RESPONSE = "awaiting_next_response"
    """Tools have answered; the model was asked to go on."""

    APPLYING_FACTORIES = "applying_factories"
    """The terminal barrier: the last words are being heard out, then the latched side effect starts."""

    INTERRUPTED = "interrupted"
    """Cut off; on the way to idle, or to listening when a press did it."""


class TurnEvent(StrEnum):
    """What moves a turn."""

    PRESS = "press"
    """Push-to-talk or wake word: the microphone opened."""

    TEXT = "text"
    """Words came in writing."""

    SPEAK = "speak"
    """The room itself has something to say: an inject, or another agent's speech on its satellite."""

    NOTHING_SAID = "nothing_said"
    """The microphone closed without words for us: a tap, silence, or words meant for another agent."""

    RELEASE = "release"
    """The microphone closed and the words are there."""

    FIRST_OUTPUT = "first_output"
    """First audio, text or tool call of a response."""

    FOLLOW_UP = "follow_up"
    """The response is done and a tool's output wants another."""

    RESPONSE_DONE = "response_done"
    """The response is done and nothing is owed."""

    SETTLED = "settled"
    """Heard out, side effect started; or, after an interrupt, all producers are gone."""

    INTERRUPT = "interrupt"
    """Somebody wants silence, or the word."""


_S, _E = TurnState, TurnEvent

TRANSITIONS: dict[tuple[TurnState, TurnEvent], TurnState] = {
    (_S.IDLE, _E.PRESS): _S.LISTENING,
    (_S.IDLE, _E.TEXT): _S.COMMITTING,
    (_S.IDLE, _E.SPEAK): _S.IN_RESPONSE,
    (_S.LISTENING, _E.NOTHING_SAID): _S.IDLE,
    (_S.LISTENING, _E.RELEASE): _S.COMMITTING,
    (_S.COMMITTING, _E.FIRST_OUTPUT): _S.IN_RESPONSE,
    (_S.AWAITING_NEXT_RESPONSE, _E.FIRST_OUTPUT): _S.IN_RESPONSE,
    (_S.IN_RESPONSE, _E.FOLLOW_UP): _S.AWAITING_NEXT_RESPONSE,
    (_S.IN_RESPONSE, _E.RESPONSE_DONE): _S.APPLYING_FACTORIES,
    (_S.APPLYING_FACTORIES, _E.SETTLED): _S.IDLE,
    **{(state, _E.INTERRUPT): _S.INTERRUPTED for state in _S if state not in (_S.IDLE, _S.INTERRUPTED)},
    (_S.INTERRUPTED, _E.SETTLED): _S.IDLE,
}


WAY_HOME: dict[TurnState, TurnEvent] = {
    _S.LISTENING: _E.NOTHING_SAID,
    _S.COMMITTING: _E.FIRST_OUTPUT,
    _S.AWAITING_NEXT_RESPONSE: _E.FIRST_OUTPUT,
    _S.IN_RESPONSE: _E.RESPONSE_DONE,
    _S.APPLYING_FACTORIES: _E.SETTLED,
    _S.INTERRUPTED: _E.SETTLED,
}
"""The next step towards `IDLE` from everywhere else; what a turn that failed half-way has behind it counts as done."""


class IllegalTransitionError(HuxleyError):
    """The machine was asked for a step that the table does not have: a bug of ours."""


def next_state(state: TurnState, event: TurnEvent) -> TurnState:
    """Where `event` leads from `state`. Raises `IllegalTransitionError` outside the table."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(f"no transition from {state} on {event}") from None
