"""The vendor's own client holds conversations with our stand-in for its server."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import openai
import pytest
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    RealtimeConversationItemUserMessageParam,
    RealtimeServerEvent,
    RealtimeSessionCreateRequestParam,
    ResponseDoneEvent,
)
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

from tests.realtime_server import INVALID_KEY, Answer, Call, Close, RealtimeServer, Say, say, sound_of, tone


@pytest.fixture
async def vendor(realtime_server: RealtimeServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=realtime_server.api_url, api_key="sk-test", max_retries=0) as client:
        yield client


@pytest.fixture
async def connection(vendor: openai.AsyncOpenAI) -> AsyncIterator[AsyncRealtimeConnection]:
    async with vendor.realtime.connect(model="gpt-realtime-2.1") as connection:
        assert (await connection.recv()).type == "session.created"
        yield connection


async def response(connection: AsyncRealtimeConnection) -> tuple[list[RealtimeServerEvent], ResponseDoneEvent]:
    events: list[RealtimeServerEvent] = []
    async for event in connection:
        events.append(event)
        if event.type == "response.done":
            return events, event
    raise AssertionError("the connection ended before the response")


async def write(connection: AsyncRealtimeConnection, words: str) -> None:
    item: RealtimeConversationItemUserMessageParam = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": words}],
    }
    await connection.conversation.item.create(item=item)
    await connection.response.create()


async def test_a_conversation_in_writing(realtime_server: RealtimeServer, connection: AsyncRealtimeConnection) -> None:
    realtime_server.plan.answers.extend([say("Good morning."), say("It is nine.")])
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    heard = []
    for words in ("Hello", "What time is it?"):
        await write(connection, words)
        events, done = await response(connection)
        heard.append("".join(event.delta for event in events if event.type == "response.output_text.delta"))
        assert done.response.status == "completed"
    assert heard == ["Good morning.", "It is nine."]
    assert [item["role"] for item in realtime_server.session.talk.items] == ["user", "assistant"] * 2


async def test_sound_in_and_sound_out(realtime_server: RealtimeServer, connection: AsyncRealtimeConnection) -> None:
    realtime_server.plan.answers.append(say("I put on some jazz."))
    session: RealtimeSessionCreateRequestParam = {
        "type": "realtime",
        "audio": {"input": {"turn_detection": None, "transcription": {"model": "gpt-transcribe"}}},
    }
    await connection.session.update(session=session)
    spoken = tone(timedelta(seconds=1))
    for start in range(0, len(spoken), 4800):
        await connection.input_audio_buffer.append(audio=base64.b64encode(spoken[start : start + 4800]).decode())
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    events, done = await response(connection)
    sound = b"".join(base64.b64decode(event.delta) for event in events if event.type == "response.output_audio.delta")
    words = "".join(event.delta for event in events if event.type == "response.output_audio_transcript.delta")
    transcripts = [
        event.transcript for event in events if event.type == "conversation.item.input_audio_transcription.completed"
    ]
    assert sound == sound_of("I put on some jazz.")
    assert words == "I put on some jazz."
    assert transcripts == ["Hello."]
    assert done.response.usage is not None
    assert done.response.usage.total_tokens == 180
    assert realtime_server.session.talk.sound[realtime_server.session.talk.items[0]["id"]] == spoken


async def test_a_preamble_two_calls_and_the_follow_up(
    realtime_server: RealtimeServer, connection: AsyncRealtimeConnection
) -> None:
    calls = (Call("play", '{"what": "jazz"}', "call_a"), Call("dim", '{"to": 20}', "call_b"))
    realtime_server.plan.refuse_unanswered = True
    realtime_server.plan.answers.extend([Answer((Say("One moment."), *calls)), say("Done.")])
    await write(connection, "Jazz, and less light")
    _, done = await response(connection)
    output = done.response.output or []
    assert [item.type for item in output] == ["message", "function_call", "function_call"]
    for item in output:
        if item.type == "function_call":
            assert item.call_id is not None
            assert json.loads(item.arguments)
            await connection.conversation.item.create(
                item={"type": "function_call_output", "call_id": item.call_id, "output": "ok"}
            )
    await connection.response.create()
    _, follow_up = await response(connection)
    assert follow_up.response.status == "completed"
    assert realtime_server.session.talk.unanswered() == []


async def test_a_wrong_key_is_refused_at_the_door(realtime_server: RealtimeServer, vendor: openai.AsyncOpenAI) -> None:
    realtime_server.doors.append(INVALID_KEY)
    with pytest.raises(InvalidStatus) as refused:
        async with vendor.realtime.connect(model="gpt-realtime-2.1"):
            pass
    assert refused.value.response.status_code == 401
    async with vendor.realtime.connect(model="gpt-realtime-2.1") as connection:
        assert (await connection.recv()).type == "session.created"


async def test_the_limit_of_a_session_closes_it(
    realtime_server: RealtimeServer, connection: AsyncRealtimeConnection
) -> None:
    await realtime_server.session.line.perform(Close())
    with pytest.raises(ConnectionClosedOK) as closed:
        await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    assert "60 minutes" in closed.value.rcvd.reason
