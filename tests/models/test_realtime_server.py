"""How our stand-in for the Realtime server keeps the protocol."""

import asyncio
from datetime import timedelta

import pytest

from tests.models.wire import PUSH_TO_TALK, TEXT, wire
from tests.realtime_server import (
    Answer,
    Call,
    Pause,
    RealtimeServer,
    Say,
    Transcript,
    say,
    silence,
    sound_of,
    tone,
)

SECOND = timedelta(seconds=1)
SPEECH_ORDER = [
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]
CALL_ORDER = [
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


@pytest.mark.parametrize(
    ("part", "order"), [(Say("Yes", sound=tone(SECOND / 10)), SPEECH_ORDER), (Call("play", '{"a": 1}'), CALL_ORDER)]
)
async def test_events_come_in_the_vendors_order(
    realtime_server: RealtimeServer, part: Say | Call, order: list[str]
) -> None:
    realtime_server.plan.answers.append(Answer((part,)))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await client.until("response.done")
        assert client.types[1:] == order


async def test_a_change_of_the_session_leaves_the_rest_as_it_was(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        await client.set({"type": "realtime", "instructions": "Be short."})
        await client.set({"type": "realtime", "audio": {"output": {"voice": "cedar"}}})
        detection = {"type": "server_vad", "threshold": 0.7}
        await client.set({"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
        session = client.heard[-1]["session"]
        assert session["audio"]["input"]["turn_detection"]["threshold"] == 0.7
        assert session["instructions"] == "Be short."
        assert session["audio"]["output"]["voice"] == "cedar"
        assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


async def test_the_session_says_when_it_expires(realtime_server: RealtimeServer) -> None:
    realtime_server.limit = timedelta(minutes=30)
    async with wire(realtime_server) as client:
        session = client.heard[0]["session"]
    realtime_server.limit = timedelta(minutes=60)
    async with wire(realtime_server) as client:
        assert 1795 <= client.heard[0]["session"]["expires_at"] - session["expires_at"] <= 1805


async def test_the_voice_is_frozen_once_it_was_heard(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await client.until("response.done")
        await client.send("session.update", session={"type": "realtime", "audio": {"output": {"voice": "cedar"}}})
        assert await client.refusal() == "cannot_update_voice"


async def test_a_second_response_beside_an_active_one_is_refused(realtime_server: RealtimeServer) -> None:
    pause = Pause()
    realtime_server.plan.answers.append(Answer((Say("Long story.", at={1: pause}),)))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await pause.held()
        await client.send("response.create", event_id="mine")
        error = (await client.until("error"))["error"]
        assert (error["code"], error["event_id"]) == ("conversation_already_has_active_response", "mine")
        pause.go.set()
        assert (await client.until("response.done"))["response"]["status"] == "completed"


async def test_an_out_of_band_response_runs_beside_an_active_one_and_leaves_no_item(
    realtime_server: RealtimeServer,
) -> None:
    pause = Pause()
    realtime_server.plan.answers.extend([Answer((Say("Long story.", at={0: pause}),)), say("A summary.")])
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await pause.held()
        wish = {"conversation": "none", "output_modalities": ["text"], "metadata": {"purpose": "summary"}}
        await client.send("response.create", response=wish)
        done = (await client.until("response.done"))["response"]
        assert done["metadata"] == {"purpose": "summary"}
        assert done["output"][0]["content"][0]["text"] == "A summary."
        pause.go.set()
        await client.until("response.done")
        assert len(realtime_server.session.talk.items) == 1


async def test_cancelling_ends_the_response_where_it_is(realtime_server: RealtimeServer) -> None:
    pause = Pause()
    realtime_server.plan.answers.append(Answer((Say("One two three four", at={4: pause}), Say("Never said."))))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await pause.held()
        await client.send("response.cancel")
        done = (await client.until("response.done"))["response"]
        assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
        assert [item["status"] for item in done["output"]] == ["incomplete"]
        assert client.sound == sound_of("One two three four")[: len(client.sound)]
        assert len(client.of("response.output_audio.delta")) == 4
        await client.send("response.cancel")
        assert await client.refusal() == "response_cancel_not_active"


async def test_speech_is_truncated_to_what_was_heard_and_never_beyond(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(Answer((Say("Long story.", sound=tone(SECOND)),)))
    async with wire(realtime_server) as client:
        await client.ask("Tell me")
        item = (await client.until("response.done"))["response"]["output"][0]["id"]
        await client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=1001)
        assert "already shorter than 1001ms" in (await client.until("error"))["error"]["message"]
        await client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=250)
        await client.until("conversation.item.truncated")
        assert realtime_server.session.talk.sound[item] == tone(SECOND)[:12000]
        assert realtime_server.session.talk.items[1]["content"] == [{"type": "output_audio"}]
        question = realtime_server.session.talk.items[0]["id"]
        await client.send("conversation.item.truncate", item_id=question, content_index=0, audio_end_ms=0)
        assert await client.refusal() == "unsupported_content_type"


async def test_a_commit_wants_a_tenth_of_a_second(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        await client.set(PUSH_TO_TALK)
        await client.speak(tone(SECOND / 11))
        await client.send("input_audio_buffer.commit")
        assert await client.refusal() == "input_audio_buffer_commit_empty"
        await client.speak(tone(SECOND / 10))
        await client.send("input_audio_buffer.clear")
        await client.send("input_audio_buffer.commit")
        assert await client.refusal() == "input_audio_buffer_commit_empty"
        await client.speak(tone(SECOND / 10))
        await client.send("input_audio_buffer.commit")
        await client.until("input_audio_buffer.committed")


@pytest.mark.parametrize("audio", ["no base64!", "AAA=", "AA=="])
async def test_sound_that_is_none_is_refused(realtime_server: RealtimeServer, audio: str) -> None:
    async with wire(realtime_server) as client:
        await client.send("input_audio_buffer.append", audio=audio)
        if audio == "AAA=":  # one sample
            await client.set(PUSH_TO_TALK)
            assert not client.of("error")
        else:
            assert await client.refusal() == "invalid_value"


async def test_silence_ends_a_turn_and_the_server_answers_by_itself(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        await client.speak(silence(SECOND) + tone(SECOND) + silence(SECOND / 4))
        assert (await client.until("input_audio_buffer.speech_started"))["audio_start_ms"] == 720
        assert not client.of("input_audio_buffer.speech_stopped")
        await client.speak(silence(SECOND))
        assert (await client.until("input_audio_buffer.speech_stopped"))["audio_end_ms"] == 2500
        await client.until("response.done")
        assert client.of("input_audio_buffer.committed")[0]["item_id"] == realtime_server.session.talk.items[0]["id"]


@pytest.mark.parametrize("decides", ["server", "client"])
async def test_speaking_interrupts_a_response_when_the_session_says_so(
    realtime_server: RealtimeServer, decides: str
) -> None:
    flags = {"create_response": decides == "server", "interrupt_response": decides == "server"}
    pause = Pause()
    realtime_server.plan.answers.append(Answer((Say("Long story.", at={1: pause}),)))
    async with wire(realtime_server) as client:
        await client.set({"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", **flags}}}})
        await client.send("response.create")
        await pause.held()
        await client.speak(tone(SECOND) + silence(SECOND))
        await client.until("input_audio_buffer.speech_stopped")
        if decides == "client":
            pause.go.set()
        await client.until("response.done")
        details = client.heard[-1]["response"]["status_details"]
        assert details == ({"type": "cancelled", "reason": "turn_detected"} if decides == "server" else None)
        if decides == "server":
            assert (await client.until("response.done"))["response"]["status"] == "completed"
        await client.set(PUSH_TO_TALK)
        assert len(client.of("response.created")) == (2 if decides == "server" else 1)


async def test_transcripts_come_before_the_answer_or_after_it_or_not_at_all(realtime_server: RealtimeServer) -> None:
    name = "conversation.item.input_audio_transcription"
    realtime_server.plan.transcripts.extend(
        [Transcript("Now."), Transcript("Later.", late=True), Transcript(failed=True)]
    )
    settings = {"turn_detection": None, "transcription": {"model": "gpt-transcribe"}}
    async with wire(realtime_server) as client:
        await client.set({"type": "realtime", "audio": {"input": settings}})
        for end in ("response.done", f"{name}.completed", "response.done"):
            await client.speak(tone(SECOND))
            await client.send("input_audio_buffer.commit")
            await client.send("response.create")
            await client.until(end)
        order = [kind.removeprefix(name) for kind in client.types if kind.startswith((name, "response.done"))]
    assert order == [
        ".delta",
        ".completed",
        "response.done",
        "response.done",
        ".delta",
        ".completed",
        ".failed",
        "response.done",
    ]


async def test_history_is_restored_in_writing_and_never_as_speech(realtime_server: RealtimeServer) -> None:
    items: list[dict[str, object]] = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Jazz"}]},
        {"type": "function_call", "call_id": "old", "name": "play", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "old", "output": "ok"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "There."}]},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Do not greet."}]},
    ]
    async with wire(realtime_server) as client:
        for item in items:
            await client.send("conversation.item.create", item=item)
            await client.until("conversation.item.done")
        assert [item["type"] for item in realtime_server.session.talk.items] == [item["type"] for item in items]
        assert realtime_server.session.talk.unanswered() == []
        spoken = {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "transcript": "Hm"}]}
        await client.send("conversation.item.create", item=spoken)
        assert await client.refusal() == "missing_required_parameter"


async def test_items_have_places_and_can_be_fetched_and_deleted(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        await client.set(TEXT)
        for name, after in (("b", None), ("a", "root"), ("c", "b")):
            item = {"id": name, "type": "message", "role": "user", "content": [{"type": "input_text", "text": name}]}
            place = {} if after is None else {"previous_item_id": after}
            await client.send("conversation.item.create", item=item, **place)
        await client.send("conversation.item.retrieve", item_id="c")
        assert (await client.until("conversation.item.retrieved"))["item"]["content"][0]["text"] == "c"
        await client.send("conversation.item.delete", item_id="b")
        await client.until("conversation.item.deleted")
        assert [item["id"] for item in realtime_server.session.talk.items] == ["a", "c"]
        await client.send("conversation.item.delete", item_id="b")
        assert await client.refusal() == "item_delete_invalid_item_id"
        await client.send("conversation.item.retrieve", item_id="b")
        assert await client.refusal() == "item_retrieve_invalid_item_id"


async def test_a_call_that_nobody_answered_is_seen_and_can_be_refused(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(Answer((Call("play"),)))
    realtime_server.plan.refuse_unanswered = True
    output = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await client.until("response.done")
        assert realtime_server.session.talk.unanswered() == ["call_1"]
        await client.send("response.create")
        assert await client.refusal() == "invalid_value"
        await client.send("conversation.item.create", item=output | {"call_id": "call_9"})
        assert await client.refusal() == "invalid_tool_call_id"
        for _ in range(2):
            await client.send("conversation.item.create", item=output)
            await client.until("conversation.item.done")
        assert realtime_server.session.talk.unanswered() == []
        assert realtime_server.session.talk.answered_twice() == ["call_1"]


async def test_a_test_can_wait_for_what_a_client_says(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        line = (await realtime_server.connected()).line
        waiting = asyncio.create_task(line.received("session.update", 2))
        await client.set(TEXT)
        assert not waiting.done()
        await client.set(PUSH_TO_TALK)
        assert (await waiting)["session"] == PUSH_TO_TALK
