"""The turn machine's table, who may speak when, and what waits at the barrier, without a room."""

import itertools

import pytest

from custom_components.huxley.engine.skill.effects import CancelMedia, InputClaim, PlaySound, SetVolume
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn.context import new_turn_id
from custom_components.huxley.engine.turn.effects import Latch, owes_follow_up
from custom_components.huxley.engine.turn.precedence import Moment, may_speak
from custom_components.huxley.engine.turn.states import (
    TRANSITIONS,
    WAY_HOME,
    IllegalTransitionError,
    TurnEvent,
    TurnState,
    next_state,
)
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, book, music, radio


async def never(frame: bytes) -> None:
    raise AssertionError(frame)


CLAIM = InputClaim(never)


@pytest.mark.parametrize("state", TurnState)
def test_every_state_but_idle_can_be_interrupted_once(state: TurnState):
    resting = state in (TurnState.IDLE, TurnState.INTERRUPTED)
    assert ((state, TurnEvent.INTERRUPT) in TRANSITIONS) is not resting


def test_a_step_outside_the_table_is_an_error_that_names_it():
    with pytest.raises(IllegalTransitionError, match="idle on release"):
        next_state(TurnState.IDLE, TurnEvent.RELEASE)


@pytest.mark.parametrize("state", TurnState)
def test_every_state_has_a_way_home(state: TurnState):
    for _ in TurnState:
        if state is TurnState.IDLE:
            return
        state = next_state(state, WAY_HOME[state])
    pytest.fail("it goes in circles")


def test_turn_ids_are_short_and_do_not_come_again_soon():
    ids = [new_turn_id() for _ in range(65_536)]
    assert len(set(ids)) == len(ids)
    assert {len(turn_id) for turn_id in ids} == {6}


def test_a_claim_beats_a_stream_and_the_last_stream_wins():
    latch = Latch()
    for effect in (music(), CLAIM, book(), radio()):
        latch.add(effect)
    assert latch.take() is CLAIM
    assert latch.take() is None
    latch.add(music())
    latch.add(last := book())
    assert latch.take() is last


@pytest.mark.parametrize(
    ("effects", "spoke", "owed"),
    [
        ([], False, False),
        ([None], True, True),
        ([music()], True, False),
        ([music()], False, True),
        ([CLAIM], True, False),
        ([radio(), None], True, True),
        ([CancelMedia()], True, True),
        ([SetVolume(1)], True, True),
        ([PlaySound(b"")], True, True),
    ],
)
def test_what_asks_for_a_follow_up(effects: list, spoke: bool, owed: bool):
    assert owes_follow_up([ToolResult("ok", effect) for effect in effects], spoke=spoke) is owed


def moments(**fixed: object) -> list[Moment]:
    every = itertools.product(TurnState, [None, NORMAL, BLOCK, PREEMPT], [False, True], [False, True], [False, True])
    found = [Moment(*values) for values in every]
    return [moment for moment in found if all(getattr(moment, name) == value for name, value in fixed.items())]


def test_normal_words_wait_for_everything():
    open_for = [moment for moment in moments(injecting=None) if may_speak(NORMAL, moment)]
    assert {(moment.state, moment.in_call, moment.content) for moment in open_for} == {(TurnState.IDLE, False, False)}


def test_reminders_wait_for_turns_and_calls_and_not_for_content():
    open_for = [moment for moment in moments(injecting=None) if may_speak(BLOCK, moment)]
    assert {(moment.state, moment.in_call) for moment in open_for} == {(TurnState.IDLE, False)}
    assert {moment.content for moment in open_for} == {False, True}


def test_urgent_words_wait_for_a_person_who_talks_and_for_each_other_only():
    closed_for = [moment for moment in moments() if not may_speak(PREEMPT, moment)]
    assert closed_for
    assert all(
        moment.injecting is PREEMPT or (moment.state is TurnState.LISTENING and not moment.heard_enough)
        for moment in closed_for
    )
    assert all(not may_speak(PREEMPT, moment) for moment in moments(injecting=PREEMPT))
