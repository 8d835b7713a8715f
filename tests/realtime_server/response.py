"""One response on its way out: the events of its parts in the vendor's order, until it is done or cut off."""

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any

from .conversation import Conversation
from .errors import ERRORS
from .line import Line
from .script import Answer, Call, Close, Drop, Say, Silence, Step
from .sound import bytes_of

ENDS_THE_LINE = (Close, Drop, Silence)
ARGUMENT_PIECES = 3  # deltas of one call's arguments


class Response:
    """Plays one answer. A task that was told its `reason` before it is cancelled still says how it ended."""

    def __init__(self, line: Line, talk: Conversation, answer: Answer, wish: Mapping[str, Any]) -> None:
        self.id = line.new_id("resp")
        self.in_conversation = wish.get("conversation") != "none"
        self._line = line
        self._talk = talk
        self._answer = answer
        self._wish = wish
        self._modalities = wish.get("output_modalities") or talk.session["output_modalities"]
        self._output: list[dict[str, Any]] = []
        self._open: dict[str, Any] | None = None
        self._last: Mapping[str, Any] | None = None
        self._ending = False
        self.reason: str | None = None
        """Why it is being cut off, in the vendor's word."""

    async def run(self) -> None:
        """Send everything, from `response.created` to `response.done`."""
        try:
            await self._begin()
            for part in self._answer.parts:
                await self._part(part)
        except asyncio.CancelledError:
            if self.reason is None:
                raise
        self._ending = True
        await self._end()

    def stop(self, reason: str, task: asyncio.Task[None]) -> bool:
        """Cut it off by way of the task that runs it; False when it is too late for that."""
        if self._ending or self.reason is not None:
            return False
        self.reason = reason
        return task.cancel()

    async def _begin(self) -> None:
        if self._answer.announced:
            await self._line.send("response.created", response=self._body("in_progress"))
            limits = [{"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}]
            await self._line.send("rate_limits.updated", rate_limits=limits)

    async def _part(self, part: Say | Call | Step) -> None:
        match part:
            case Say():
                await self._say(part)
            case Call():
                await self._call(part)
            case _:
                await self._step(part)

    async def _step(self, step: Step) -> None:
        await self._line.perform(step)
        if isinstance(step, ENDS_THE_LINE):
            await asyncio.Event().wait()  # the session ends this task with the line

    async def _say(self, part: Say) -> None:
        spoken = "audio" in self._modalities
        item: dict[str, Any] = {"type": "message", "role": "assistant", "content": []}
        where = await self._add(item)
        if spoken and self.in_conversation:
            self._talk.spoke = True
            self._talk.sound[item["id"]] = b""
        where |= {"content_index": 0}
        empty = {"type": "audio", "transcript": ""} if spoken else {"type": "text", "text": ""}
        await self._line.send("response.content_part.added", part=empty, **where)
        await (self._speak if spoken else self._write)(part, where)
        full = {"type": "audio", "transcript": part.words} if spoken else {"type": "text", "text": part.words}
        await self._line.send("response.content_part.done", part=full, **where)
        content = {"type": "output_audio", "transcript": part.words}
        item["content"] = [content if spoken else {"type": "output_text", "text": part.words}]
        await self._close(item, "completed")

    async def _speak(self, part: Say, where: Mapping[str, Any]) -> None:
        size, words = bytes_of(part.delta), _pieces(part.words)
        chunks = [part.pcm[start : start + size] for start in range(0, len(part.pcm), size)]
        total = max(1, len(chunks))
        for n, sound in enumerate(chunks):
            await self._fault(part, n)
            if text := "".join(words[n * len(words) // total : (n + 1) * len(words) // total]):
                await self._delta("output_audio_transcript", text, where, twice=part.twice)
            if where["item_id"] in self._talk.sound:
                self._talk.sound[where["item_id"]] += sound
            await self._delta("output_audio", base64.b64encode(sound).decode(), where, twice=part.twice)
        await self._rest(part, len(chunks))
        await self._line.send("response.output_audio.done", **where)
        await self._line.send("response.output_audio_transcript.done", transcript=part.words, **where)

    async def _write(self, part: Say, where: Mapping[str, Any]) -> None:
        words = _pieces(part.words)
        for n, text in enumerate(words):
            await self._fault(part, n)
            await self._delta("output_text", text, where, twice=part.twice)
        await self._rest(part, len(words))
        await self._line.send("response.output_text.done", text=part.words, **where)

    async def _fault(self, part: Say, place: int) -> None:
        if place in part.at:
            await self._step(part.at[place])

    async def _rest(self, part: Say, count: int) -> None:
        """Faults behind the last delta."""
        for place in sorted(part.at):
            if place >= count:
                await self._step(part.at[place])

    async def _delta(self, name: str, delta: str, where: Mapping[str, Any], *, twice: bool = False) -> None:
        self._last = await self._line.send(f"response.{name}.delta", twice=twice, delta=delta, **where)

    async def _call(self, part: Call) -> None:
        item: dict[str, Any] = {"type": "function_call", "name": part.name, "call_id": part.call_id, "arguments": ""}
        where = await self._add(item) | {"call_id": part.call_id}
        size = -(-len(part.arguments) // ARGUMENT_PIECES)
        pieces = [part.arguments[at : at + size] for at in range(0, len(part.arguments), size or 1)]
        for piece in pieces if part.finished else pieces[:1]:
            await self._delta("function_call_arguments", piece, where)
        if part.finished:
            item["arguments"] = part.arguments
            await self._line.send(
                "response.function_call_arguments.done", arguments=part.arguments, name=part.name, **where
            )
            await self._close(item, "completed")

    async def _add(self, item: dict[str, Any]) -> dict[str, Any]:
        """Announce an item; the ids that its events carry."""
        item |= {"id": self._line.new_id("item"), "object": "realtime.item", "status": "in_progress"}
        where: dict[str, Any] = {"response_id": self.id, "output_index": len(self._output)}
        self._output.append(item)
        self._open = item
        await self._line.send("response.output_item.added", item=dict(item), **where)
        if self.in_conversation:
            before = self._talk.add(item)
            await self._line.send("conversation.item.added", item=dict(item), previous_item_id=before)
        return where | {"item_id": item["id"]}

    async def _close(self, item: dict[str, Any], status: str) -> None:
        item["status"] = status
        self._open = None
        where: dict[str, Any] = {"response_id": self.id, "output_index": self._output.index(item)}
        await self._line.send("response.output_item.done", item=dict(item), **where)
        if self.in_conversation and any(known is item for known in self._talk.items):
            before = self._talk.before(item["id"])
            await self._line.send("conversation.item.done", item=dict(item), previous_item_id=before)

    async def _end(self) -> None:
        if self._open is not None and self._open["type"] == "message":
            await self._close(self._open, "incomplete")
        elif self._open is not None:
            self._open["status"] = "incomplete"  # a call that was cut off is never closed
        await self._line.send("response.done", response=self._body(self._status()))
        if self._answer.late and self._last is not None:
            await self._line.repeat(self._last)

    def _status(self) -> str:
        if self.reason is not None:
            return "cancelled"
        if self._answer.error is not None:
            return "failed"
        return "incomplete" if self._answer.incomplete else "completed"

    def _body(self, status: str) -> dict[str, Any]:
        session = self._talk.session
        output = {key: session["audio"]["output"][key] for key in ("format", "voice")}
        return {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": self._details(status),
            "output": [dict(item) for item in self._output],
            "conversation_id": "conv_1" if self.in_conversation else None,
            "output_modalities": list(self._modalities),
            "max_output_tokens": session["max_output_tokens"],
            "audio": {"output": output},
            "usage": None if status in {"in_progress", "failed"} else usage(*self._answer.usage),
            "metadata": self._wish.get("metadata"),
        }

    def _details(self, status: str) -> dict[str, Any] | None:
        error = self._answer.error
        if status == "failed" and error is not None:
            return {"type": "failed", "error": {"type": ERRORS[error][0], "code": error}}
        reason = {"cancelled": self.reason, "incomplete": "max_output_tokens"}.get(status)
        return None if reason is None else {"type": status, "reason": reason}


def usage(taken: int, given: int) -> dict[str, Any]:
    """The bill of a response, in tokens: two thirds of them sound, none cached."""
    heard, spoken = taken * 2 // 3, given * 2 // 3
    cached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
    return {
        "total_tokens": taken + given,
        "input_tokens": taken,
        "output_tokens": given,
        "input_token_details": {
            "text_tokens": taken - heard,
            "audio_tokens": heard,
            "image_tokens": 0,
            "cached_tokens": 0,
            "cached_tokens_details": cached,
        },
        "output_token_details": {"text_tokens": given - spoken, "audio_tokens": spoken},
    }


def _pieces(words: str) -> list[str]:
    """Word by word, each with the space behind it."""
    return re.findall(r"\S+\s*", words)
