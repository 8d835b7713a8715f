"""What was said in a conversation with a chat model: bounded, and only as far as it was heard (Engine T6, step 5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ..protocol import Narration, ToolOutput, UserText
from .calls import RequestedCall
from .heard import heard_part

MOST_TURNS = 20  # beyond this a small model forgets the beginning anyway, and every turn costs more
MOST_CHARACTERS = 24_000  # about 6000 tokens


@dataclass(slots=True, eq=False)
class Response:
    """One response of the model inside a turn."""

    response_id: str
    text: str = ""
    calls: list[RequestedCall] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    """By call id. A call may stay without one: nobody asks for a follow-up to a stream that was announced."""

    over: bool = False
    """Nothing is added any more."""

    def size(self) -> int:
        """Characters, roughly."""
        arguments = sum(len(str(call.arguments)) + len(call.name) for call in self.calls)
        return len(self.text) + arguments + sum(map(len, self.outputs.values()))


@dataclass(slots=True, eq=False)
class Exchanged:
    """A turn: what came in, and the responses to it."""

    request: UserText | Narration
    responses: list[Response] = field(default_factory=list)
    cut: bool = False
    """It was interrupted, and what nobody heard is gone."""

    @property
    def nothing_came(self) -> bool:
        """Whether the model neither said nor called anything."""
        return not any(response.text or response.calls for response in self.responses)

    def size(self) -> int:
        """Characters, roughly."""
        asked = self.request.text if isinstance(self.request, UserText) else self.request.prompt
        return len(asked) + sum(response.size() for response in self.responses)


class History:
    """The turns that the model is told of, oldest first. Whole turns are forgotten, never the newest."""

    def __init__(self, *, most_turns: int = MOST_TURNS, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_turns = most_turns
        self._most_characters = most_characters
        self._turns: list[Exchanged] = []

    @property
    def turns(self) -> Sequence[Exchanged]:
        """Every turn that is remembered."""
        return tuple(self._turns)

    def ask(self, request: UserText | Narration) -> None:
        """Begin a turn."""
        self._turns.append(Exchanged(request))
        self._forget()

    def answer(self, outputs: Sequence[ToolOutput]) -> Sequence[str]:
        """Note what the tools of the newest response answered; returns the ids of calls that it never made."""
        response = self._turns[-1].responses[-1] if self._turns and self._turns[-1].responses else None
        asked = {call.call_id for call in response.calls} if response is not None else set()
        for output in outputs:
            if response is not None and output.call_id in asked:
                response.outputs[output.call_id] = output.output
        self._forget()
        return [output.call_id for output in outputs if output.call_id not in asked]

    def begin(self, response_id: str) -> Response:
        """Begin a response in the newest turn."""
        response = Response(response_id)
        if self._turns:
            self._turns[-1].responses.append(response)
        return response

    def cut(self, response_id: str, heard: timedelta | None) -> None:
        """End the turn of that response, and keep of it what was heard; None keeps all that it said.

        `heard` counts from the turn's first word. Calls stay: what they did is done.
        """
        turn = next((turn for turn in self._turns if any(r.response_id == response_id for r in turn.responses)), None)
        if turn is None:
            return
        for response in turn.responses:
            response.over = True
        if turn.cut or heard is None:
            return
        turn.cut, left = True, heard
        for response in turn.responses:
            response.text, left = heard_part(response.text, left)

    def withdraw(self) -> None:
        """Forget the newest turn if nothing came of it: it failed, and may be asked again."""
        if self._turns and self._turns[-1].nothing_came:
            self._turns.pop()

    def shrink(self) -> bool:
        """Forget the older half, for a model that reads less than we keep; False when there is nothing to forget."""
        forgotten = len(self._turns) // 2
        del self._turns[:forgotten]
        return forgotten > 0

    def clear(self) -> None:
        """Forget everything."""
        self._turns.clear()

    def _forget(self) -> None:
        sizes = [turn.size() for turn in self._turns]
        while len(sizes) > 1 and (len(sizes) > self._most_turns or sum(sizes) > self._most_characters):
            del self._turns[0], sizes[0]
