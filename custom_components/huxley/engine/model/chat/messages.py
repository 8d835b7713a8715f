"""A conversation as the `messages` of a `/chat/completions` body."""

import json
from collections.abc import Iterable, Iterator

from ..protocol import Narration
from .history import Exchanged, Response

type Message = dict[str, object]

DONE = '{"status": "done"}'
"""What a call is told to have answered when no follow-up was asked for: the model announced it, and it began."""

INTERRUPTED = '{"status": "interrupted"}'
"""The same for a call of a turn that a person cut short: servers refuse a call without an answer."""


def render(prompt: str, turns: Iterable[Exchanged], *, system_anywhere: bool) -> list[Message]:
    """Return the messages, system prompt first.

    Many local models take a system message only as the first (their template raises otherwise). Where
    `system_anywhere` is False, an instruction goes as a marked message in the person's place, the only one left.
    """
    messages: list[Message] = [{"role": "system", "content": prompt}] if prompt else []
    for turn in turns:
        _append(messages, _request(turn, system_anywhere=system_anywhere))
        for response in turn.responses:
            messages.extend(_response(response, INTERRUPTED if turn.cut else DONE))
    return messages


def _request(turn: Exchanged, *, system_anywhere: bool) -> Message:
    if not isinstance(turn.request, Narration):
        return {"role": "user", "content": turn.request.text}
    if system_anywhere:
        return {"role": "system", "content": turn.request.prompt}
    return {"role": "user", "content": f"<instruction>\n{turn.request.prompt}\n</instruction>"}


def _append(messages: list[Message], message: Message) -> None:
    """Add a request; after an unanswered one it joins that message, because templates want turns to alternate."""
    last = messages[-1] if messages else {}
    if message["role"] == "user" == last.get("role"):
        last["content"] = f"{last['content']}\n\n{message['content']}"
    else:
        messages.append(message)


def _response(response: Response, unanswered: str) -> Iterator[Message]:
    if not response.text and not response.calls:
        return
    message: Message = {"role": "assistant", "content": response.text}
    if response.calls:
        message["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in response.calls
        ]
    yield message
    for call in response.calls:
        output = response.outputs.get(call.call_id, unanswered)
        yield {"role": "tool", "tool_call_id": call.call_id, "content": output}
