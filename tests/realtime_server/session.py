"""One session: what each of the client's events does. A table of handlers over the pure parts."""

import asyncio
import base64
import binascii
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .conversation import Conversation
from .ear import Ear, Heard, Notice
from .errors import Refused
from .line import Line
from .response import Response
from .script import Answer
from .sound import WIDTH

LARGEST_APPEND = 15 * 1024 * 1024  # bytes
MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the server's transcription makes of one turn."""

    words: str = "Hello."
    late: bool = False
    """It comes after the response that answers it."""
    failed: bool = False


@dataclass(slots=True)
class Plan:
    """What the sessions of a server will do; shared, so that a new socket goes on where the old one was."""

    answers: deque[Answer] = field(default_factory=deque)
    """Next answers; when there is none left, `Answer()`."""
    rivals: deque[Answer] = field(default_factory=deque)
    """Responses that the server starts just before the client's own request for one."""
    transcripts: deque[Transcript] = field(default_factory=deque)
    refuse_unanswered: bool = False
    """Refuse a response while a call is unanswered."""


class Session:
    """One client's conversation. A test reads `line`, `talk`, and may `start` a response unasked."""

    def __init__(self, line: Line, plan: Plan, model: str) -> None:
        self.line = line
        self.talk = Conversation(model)
        self.plan = plan
        self._ear = Ear()
        self._turn_id: str | None = None
        self._running: dict[Response, asyncio.Task[None]] = {}
        self._owed: list[tuple[str, Transcript]] = []

    async def serve(self) -> None:
        """Answer the client until the line ends."""
        try:
            async for event in self.line.events():
                await self._handle(event)
        except Exception as error:
            self.line.complain(f"the server failed: {error!r}")
            raise
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, event: Mapping[str, Any]) -> None:
        try:
            await HANDLERS[event["type"]](self, event)
        except Refused as refused:
            await self.line.error(refused.code, refused.message, refused.param, event.get("event_id"))

    @property
    def active(self) -> Response | None:
        """The response that writes to the conversation now."""
        return next((response for response in self._running if response.in_conversation), None)

    def start(self, answer: Answer, wish: Mapping[str, Any] | None = None) -> Response:
        """Begin a response, asked for or not; one that is still ending in the conversation is waited for."""
        response = Response(self.line, self.talk, answer, wish or {})
        before = self._running.get(self.active) if self.active is not None and response.in_conversation else None
        # Begun at once: a task that is cancelled before its first step would say nothing of its end.
        asyncio.Task(self._play(response, before), name=f"response {response.id}", eager_start=True)
        return response

    async def _play(self, response: Response, before: asyncio.Task[None] | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running[response] = task
        try:
            if before is not None:
                await asyncio.wait([before])
            await response.run()
        except Exception as error:  # noqa: BLE001  # whatever fails in here fails the test, by name
            self.line.complain(f"the script failed: {error!r}")
        finally:
            del self._running[response]
        while response.in_conversation and self._owed:
            await self._transcribed(*self._owed.pop(0))

    def _stop(self, response: Response, reason: str) -> bool:
        return response.stop(reason, self._running[response])

    async def _update(self, event: Mapping[str, Any]) -> None:
        self.talk.update(event["session"])
        await self.line.send("session.updated", session=self.talk.session)

    async def _append(self, event: Mapping[str, Any]) -> None:
        pcm = _decoded(event["audio"])
        if len(pcm) > LARGEST_APPEND:
            raise Refused("invalid_value", "Audio is longer than 15 MiB.", "audio")
        detection = self.talk.session["audio"]["input"]["turn_detection"]
        for notice in self._ear.take(pcm, detection):
            await self._noticed(notice, detection)

    async def _noticed(self, notice: Notice, detection: Mapping[str, Any]) -> None:
        if self._turn_id is None:
            self._turn_id = self.line.new_id("item")
        at = round(notice.at / MS)
        if notice.what is Heard.STARTED:
            start = max(0, at - (detection.get("prefix_padding_ms") or 0))
            await self.line.send("input_audio_buffer.speech_started", audio_start_ms=start, item_id=self._turn_id)
            if detection.get("interrupt_response") is not False and self.active is not None:
                self._stop(self.active, "turn_detected")
            return
        await self.line.send("input_audio_buffer.speech_stopped", audio_end_ms=at, item_id=self._turn_id)
        await self._commit_turn()
        if detection.get("create_response") is not False:
            self.start(self._next_answer())

    async def _commit(self, event: Mapping[str, Any]) -> None:
        await self._commit_turn()

    async def _commit_turn(self) -> None:
        pcm = self._ear.commit()
        item_id, self._turn_id = self._turn_id or self.line.new_id("item"), None
        self.talk.sound[item_id] = pcm
        await self.line.send("input_audio_buffer.committed", item_id=item_id, previous_item_id=self.talk.last_id)
        await self._put({"id": item_id, "type": "message", "role": "user", "content": [{"type": "input_audio"}]})
        if self.talk.session["audio"]["input"]["transcription"] is not None:
            transcript = self.plan.transcripts.popleft() if self.plan.transcripts else Transcript()
            if transcript.late:
                self._owed.append((item_id, transcript))
            else:
                await self._transcribed(item_id, transcript)

    async def _transcribed(self, item_id: str, transcript: Transcript) -> None:
        name = "conversation.item.input_audio_transcription"
        where: dict[str, Any] = {"item_id": item_id, "content_index": 0}
        if transcript.failed:
            error = {"type": "transcription_error", "code": "audio_unintelligible", "message": "Unintelligible."}
            await self.line.send(f"{name}.failed", error=error, **where)
            return
        await self.line.send(f"{name}.delta", delta=transcript.words, **where)
        usage = {"type": "tokens", "input_tokens": 10, "output_tokens": 4, "total_tokens": 14}
        await self.line.send(f"{name}.completed", transcript=transcript.words, usage=usage, **where)

    async def _clear(self, event: Mapping[str, Any]) -> None:
        self._ear.clear()
        await self.line.send("input_audio_buffer.cleared")

    async def _create_item(self, event: Mapping[str, Any]) -> None:
        item = dict(event["item"])
        if any(part["type"] == "output_audio" for part in item.get("content", ()) if item.get("role") == "assistant"):
            raise Refused("missing_required_parameter", param="item.content[0].text")
        item.setdefault("id", self.line.new_id("item"))
        await self._put(item, event.get("previous_item_id"))

    async def _put(self, item: dict[str, Any], after: str | None = None) -> None:
        item |= {"object": "realtime.item", "status": "completed"}
        before = self.talk.add(item, after)
        for name in ("added", "done"):
            await self.line.send(f"conversation.item.{name}", item=item, previous_item_id=before)

    async def _retrieve(self, event: Mapping[str, Any]) -> None:
        item = dict(self.talk.find(event["item_id"], "item_retrieve_invalid_item_id"))
        if (sound := self.talk.sound.get(item["id"])) is not None and item["content"]:
            item["content"] = [item["content"][0] | {"audio": base64.b64encode(sound).decode()}]
        await self.line.send("conversation.item.retrieved", item=item)

    async def _truncate(self, event: Mapping[str, Any]) -> None:
        place = {key: event[key] for key in ("item_id", "content_index", "audio_end_ms")}
        self.talk.truncate(place["item_id"], place["content_index"], place["audio_end_ms"] * MS)
        await self.line.send("conversation.item.truncated", **place)

    async def _delete(self, event: Mapping[str, Any]) -> None:
        self.talk.delete(event["item_id"])
        await self.line.send("conversation.item.deleted", item_id=event["item_id"])

    async def _respond(self, event: Mapping[str, Any]) -> None:
        wish = event.get("response") or {}
        in_conversation = wish.get("conversation") != "none"
        if in_conversation and self.plan.rivals:
            self.start(self.plan.rivals.popleft())
        if in_conversation and self.active is not None:
            raise Refused("conversation_already_has_active_response", param="response")
        if in_conversation and self.plan.refuse_unanswered and (calls := self.talk.unanswered()):
            raise Refused("invalid_value", f"No tool output found for function call {calls[0]}.", "input")
        self.start(self._next_answer(), wish)

    async def _cancel(self, event: Mapping[str, Any]) -> None:
        wanted = event.get("response_id")
        found = self.active if wanted is None else next((one for one in self._running if one.id == wanted), None)
        if found is None or not self._stop(found, "client_cancelled"):
            raise Refused("response_cancel_not_active")

    async def _clear_output(self, event: Mapping[str, Any]) -> None:
        raise Refused("invalid_event", "output_audio_buffer.clear is for WebRTC and SIP only.")

    def _next_answer(self) -> Answer:
        return self.plan.answers.popleft() if self.plan.answers else Answer()


def _decoded(audio: str) -> bytes:
    """The sound of an event, in whole samples."""
    try:
        pcm = base64.b64decode(audio, validate=True)
    except binascii.Error as error:
        raise Refused("invalid_value", "Audio is not valid base64.", "audio") from error
    if len(pcm) % WIDTH:
        raise Refused("invalid_value", "Audio has half a sample.", "audio")
    return pcm


HANDLERS: Mapping[str, Callable[[Session, Mapping[str, Any]], Awaitable[None]]] = {
    "session.update": Session._update,
    "input_audio_buffer.append": Session._append,
    "input_audio_buffer.commit": Session._commit,
    "input_audio_buffer.clear": Session._clear,
    "conversation.item.create": Session._create_item,
    "conversation.item.retrieve": Session._retrieve,
    "conversation.item.truncate": Session._truncate,
    "conversation.item.delete": Session._delete,
    "response.create": Session._respond,
    "response.cancel": Session._cancel,
    "output_audio_buffer.clear": Session._clear_output,
}
