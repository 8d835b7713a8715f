"""One turn's facts."""

from asyncio import Task
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from ..focus import Activity
from ..skill.inject import InjectStatus
from ..speaker import Reply
from .agent import Agent
from .context import new_turn_id
from .effects import Latch
from .injections import Injection
from .states import WAY_HOME, TurnEvent, TurnState, next_state


class TurnSource(StrEnum):
    """Who began a turn."""

    SATELLITE = "satellite"
    """A wake word or a button on a voice device."""

    TEXT = "text"
    """Words in writing, or speech that a pipeline without a satellite heard."""

    INJECT = "inject"
    """A skill or an automation."""

    CLAIM = "claim"
    """A call that announces itself (Engine C7)."""

    OTHER = "other"
    """Somebody else speaks on the room's satellite: another agent, an announcement not ours."""


class TurnOutcome(StrEnum):
    """How a turn ended."""

    FINISHED = "finished"
    """Heard out."""

    INTERRUPTED = "interrupted"
    """Cut off."""

    FAILED = "failed"
    """The model or the speaker gave up; the person was told where possible."""

    NOTHING_SAID = "nothing_said"
    """The microphone closed without words for us."""


STATUS_OF = {
    TurnOutcome.FINISHED: InjectStatus.SPOKEN,
    TurnOutcome.INTERRUPTED: InjectStatus.INTERRUPTED,
    TurnOutcome.FAILED: InjectStatus.FAILED,
    TurnOutcome.NOTHING_SAID: InjectStatus.FAILED,
}
"""What an inject's turn says about the inject (Engine I7)."""


@dataclass(slots=True, eq=False)
class Turn:
    """What is known of one turn. Only the coordinator moves it."""

    source: TurnSource
    agent: Agent | None = None
    id: str = field(default_factory=new_turn_id)
    state: TurnState = TurnState.IDLE
    outcome: TurnOutcome | None = None
    activity: Activity | None = None
    """What holds DIALOG for this turn."""

    reply: Reply | None = None
    response_id: str | None = None
    """The response that may still speak; deltas of any other are dropped (Engine T3)."""

    dropped: bool = False
    """The drop flag: nothing of this turn may pass any more (Engine T6, step 1)."""

    latch: Latch = field(default_factory=Latch)
    injection: Injection | None = None
    """What the room says by itself in this turn."""

    expects_answer: bool = False
    """The model or a tool asked something: the microphone is to open again, where it can."""

    model_away: bool = False
    """Nothing was said because the model cannot be reached; its injection waits for it (Engine I8)."""

    failure: str | None = None
    """Why it failed, for the log and the traces; never spoken."""

    heard: timedelta = timedelta(0)
    task: Task[None] | None = None

    def enter(self, event: TurnEvent) -> None:
        """Move along the table."""
        self.state = next_state(self.state, event)

    def come_to_rest(self) -> None:
        """Go to `IDLE` along the table, wherever it stands: a turn that failed half-way never sticks."""
        while self.state is not TurnState.IDLE:
            self.enter(WAY_HOME[self.state])
