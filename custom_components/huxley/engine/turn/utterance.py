"""The words of one turn on their way to its reply."""

from collections.abc import Awaitable, Callable

from ..speaker import Reply
from .turn import Turn


class Utterance:
    """Lets words through until the turn is dropped (Engine T6, step 1), and none before the content is quiet."""

    def __init__(self, turn: Turn, reply: Reply, hushed: Callable[[], Awaitable[None]]) -> None:
        self._turn = turn
        self._reply = reply
        self._hushed = hushed
        self._last = ""
        self._new_piece = False

    async def write(self, text: str) -> None:
        """Say a piece of text. Raises `SpeakerError`."""
        if not text or self._turn.dropped:
            return
        if not self._last:
            await self._hushed()
            if self._turn.dropped:
                return
        elif self._new_piece and not (self._last.isspace() or text[0].isspace()):
            text = f" {text}"
        self._new_piece, self._last = False, text[-1]
        await self._reply.write(text)

    def new_piece(self) -> None:
        """What follows is another response: a space belongs in between."""
        self._new_piece = True
