"""The atomic interruption: six steps in this order, each harmless when it has nothing to do (Engine T6)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from .deck import Deck
from .states import TurnEvent
from .tasks import attempt
from .turn import Turn, TurnOutcome

STEP_LIMIT = timedelta(seconds=2)  # a device that does not answer must not hold up the person


class Cause(StrEnum):
    """Who interrupts."""

    PRESS = "press"
    """A person wants the word: books stop, music ducks (Engine T7)."""

    STOP = "stop"
    """Somebody wants silence: content ends as well."""

    HANG_UP = "hang_up"
    """A call ends, or a person refuses it: focus decides about the content (Engine C4)."""

    PREEMPT = "preempt"
    """Something urgent: focus decides about the content (Engine T8)."""

    LOST = "lost"
    """The pipeline that carried the turn is gone; content was never part of it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an interruption works on."""

    turn: Turn
    deck: Deck
    cause: Cause


async def _raise_drop_flag(scene: Scene) -> None:
    scene.turn.dropped = True


async def _clear_latched(scene: Scene) -> None:
    scene.turn.latch.clear()


async def _stop_producers(scene: Scene) -> None:
    if scene.turn.task is not None:
        scene.turn.task.cancel()
    if scene.cause is Cause.PRESS:
        await scene.deck.press()
    elif scene.cause is Cause.STOP:
        await scene.deck.stop()


async def _flush_client(scene: Scene) -> None:
    if scene.turn.reply is not None:
        scene.turn.heard = await scene.turn.reply.abort()


async def _cancel_response(scene: Scene) -> None:
    turn = scene.turn
    if turn.agent is not None and turn.response_id is not None:
        await turn.agent.session.cancel(turn.response_id, turn.heard)


async def _mark_interrupted(scene: Scene) -> None:
    scene.turn.outcome = TurnOutcome.INTERRUPTED
    scene.turn.enter(TurnEvent.INTERRUPT)


STEPS: tuple[tuple[str, Callable[[Scene], Awaitable[None]]], ...] = (
    ("drop flag", _raise_drop_flag),
    ("latched effects", _clear_latched),
    ("producers", _stop_producers),
    ("client buffer", _flush_client),
    ("model response", _cancel_response),
    ("mark", _mark_interrupted),
)


async def interrupt(scene: Scene) -> None:
    """Take the six steps. One that fails or hangs is logged and does not spare the others."""
    for name, step in STEPS:
        await attempt(f"interrupt {scene.turn.id}: {name}", partial(step, scene), STEP_LIMIT)


async def producers_gone(turn: Turn) -> None:
    """Wait until the turn's task has run its `finally` blocks, before anything new may start."""
    if turn.task is not None:
        await asyncio.wait([turn.task], timeout=STEP_LIMIT.total_seconds())
