"""The floor: DIALOG, held by one turn and handed to the next without a gap (Engine T16)."""

from ..focus import Activity, Channel, ContentType, FocusManager, FocusState, MixingBehavior
from .turn import Turn


class _Speech:
    """DIALOG is never preempted, so speech has nothing to do when the focus moves."""

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Speak on."""

    async def on_patience_expired(self) -> None:
        """Speech has no patience to lose."""


class Floor:
    """Gives DIALOG to turns. Speech is MIXABLE: music ducks under it, a book pauses (Engine I9)."""

    def __init__(self, focus: FocusManager) -> None:
        self._focus = focus

    async def take(self, turn: Turn) -> None:
        """Return when `turn` has DIALOG and everything weaker was told to be quiet."""
        turn.activity = Activity(Channel.DIALOG, turn.id, _Speech(), ContentType.MIXABLE)
        await self._focus.acquire(turn.activity)
        await self._focus.settled()

    async def leave(self, turn: Turn) -> None:
        """Let what is weaker come back, unless another turn has the floor by now."""
        if turn.activity is not None:
            activity, turn.activity = turn.activity, None
            await self._focus.release(activity)
