"""The stand-in for chat completions, judged by the vendor's own client."""

import asyncio
import json
from collections.abc import AsyncIterator

import openai
import pytest
from aiohttp import ClientPayloadError, ClientSession
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from tests.chat_server import (
    Answer,
    BreakOff,
    Calls,
    ChatServer,
    ContractError,
    Garbage,
    Late,
    Pause,
    Refusal,
    ToolUse,
)

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
BODY = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
KEY = {"Authorization": "Bearer sk-test"}


@pytest.fixture
async def client(chat_server: ChatServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=chat_server.url, api_key="sk-test", max_retries=0) as client:
        yield client


async def chunks(client: openai.AsyncOpenAI) -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(
        model="test-model", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    return [chunk async for chunk in stream]


def words(heard: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in heard for choice in chunk.choices)


async def test_the_vendors_client_hears_the_words_and_the_bill(
    chat_server: ChatServer, client: openai.AsyncOpenAI
) -> None:
    chat_server.answers.append(Answer(("Good ", "morning."), usage=(30, 7)))
    heard = await chunks(client)
    assert words(heard) == "Good morning."
    assert heard[-1].usage is not None
    assert heard[-1].usage.total_tokens == 37
    assert await chat_server.exchanges[0].ended()


async def test_parallel_calls_come_in_alternating_fragments(
    chat_server: ChatServer, client: openai.AsyncOpenAI
) -> None:
    uses = (ToolUse("play", '{"what": "jazz"}', "call_a"), ToolUse("dim", '{"to": 20}', "call_b"))
    chat_server.answers.append(Answer(("One moment.", Calls(uses))))
    heard = await chunks(client)
    parts = [call for chunk in heard for choice in chunk.choices for call in choice.delta.tool_calls or []]
    whole = ["", ""]
    for part in parts:
        assert part.function is not None
        whole[part.index] += part.function.arguments or ""
    assert [part.id for part in parts if part.id] == ["call_a", "call_b"]
    assert [part.index for part in parts[2:6]] == [0, 1, 0, 1]
    assert [json.loads(text) for text in whole] == [{"what": "jazz"}, {"to": 20}]
    assert heard[-2].choices[0].finish_reason == "tool_calls"


async def test_an_answer_in_one_piece(chat_server: ChatServer, client: openai.AsyncOpenAI) -> None:
    chat_server.answers.append(Answer(("Fine.", Calls((ToolUse("play"),)))))
    answer = await client.chat.completions.create(model="test-model", messages=HELLO)
    assert answer.choices[0].message.content == "Fine."
    assert [call.id for call in answer.choices[0].message.tool_calls or []] == ["call_1"]


async def test_models_are_listed(chat_server: ChatServer, client: openai.AsyncOpenAI) -> None:
    chat_server.models = ("small", "large")
    assert [model.id async for model in client.models.list()] == ["small", "large"]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal(429, "rate_limit_exceeded", retry_after="2"), openai.RateLimitError),
        (Refusal(503, retry_after="1"), openai.InternalServerError),
        (Refusal(502, body="<html>Bad gateway</html>"), openai.InternalServerError),
    ],
)
async def test_refusals_reach_the_client(
    chat_server: ChatServer, client: openai.AsyncOpenAI, refusal: Refusal, error: type[openai.APIStatusError]
) -> None:
    chat_server.answers.append(refusal)
    with pytest.raises(error) as caught:
        await chunks(client)
    assert caught.value.response.headers.get("Retry-After") == refusal.retry_after


async def test_a_wrong_key_and_an_unknown_model_are_refused(chat_server: ChatServer) -> None:
    async with openai.AsyncOpenAI(base_url=chat_server.url, api_key="sk-other", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            await chunks(stranger)
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()
    chat_server.models = ("another",)
    async with openai.AsyncOpenAI(base_url=chat_server.url, api_key="sk-test", max_retries=0) as client:
        with pytest.raises(openai.NotFoundError):
            await chunks(client)


async def test_the_first_byte_waits_for_the_test(chat_server: ChatServer, client: openai.AsyncOpenAI) -> None:
    pause = Pause()
    chat_server.answers.append(Late(pause, Answer(("At last.",))))
    asking = asyncio.create_task(chunks(client))
    await pause.held()
    assert not asking.done()
    pause.go.set()
    assert words(await asking) == "At last."


async def test_a_client_that_leaves_is_noticed_at_once(chat_server: ChatServer) -> None:
    pause = Pause()
    chat_server.answers.append(Answer(("Long ", pause, "story.")))
    async with ClientSession(headers=KEY) as session:
        response = await session.post(f"{chat_server.url}/chat/completions", json=BODY)
        await pause.held()
        response.close()
    assert not await (await chat_server.asked()).ended()


async def test_garbage_stands_between_sound_chunks(chat_server: ChatServer) -> None:
    chat_server.answers.append(Answer(("One ", Garbage(b"data: {oops\n\n"), "two.")))
    async with (
        ClientSession(headers=KEY) as session,
        session.post(f"{chat_server.url}/chat/completions", json=BODY) as response,
    ):
        body = await response.text()
    assert body.index('"One "') < body.index("{oops") < body.index('"two."') < body.index("[DONE]")


async def test_a_stream_breaks_off(chat_server: ChatServer) -> None:
    pause = Pause()
    chat_server.answers.append(Answer(("One ", pause, BreakOff(), "two.")))
    async with (
        ClientSession(headers=KEY) as session,
        session.post(f"{chat_server.url}/chat/completions", json=BODY) as response,
    ):
        assert b'"One "' in await response.content.readuntil(b'"One "')
        pause.go.set()
        with pytest.raises(ClientPayloadError):
            await response.text()
    assert not await chat_server.exchanges[0].ended()


async def test_a_stream_ends_without_its_end(chat_server: ChatServer, client: openai.AsyncOpenAI) -> None:
    chat_server.answers.append(Answer(("One ",), ends=False))
    heard = await chunks(client)
    assert words(heard) == "One "
    assert all(choice.finish_reason is None for chunk in heard for choice in chunk.choices)


@pytest.mark.parametrize(
    "change",
    [
        {"temprature": 1},
        {"messages": [{"role": "user", "content": "Hello", "mood": "good"}]},
        {"messages": [{"role": "tool", "content": "done"}]},
        {"tools": [{"type": "function", "name": "flat"}]},
        {
            "messages": [
                {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "x"}}]}
            ]
        },
    ],
)
async def test_a_request_outside_the_contract_is_refused_and_fails_the_test(change: dict[str, object]) -> None:
    async def ask() -> None:
        async with (
            ChatServer() as server,
            ClientSession(headers=KEY) as session,
            session.post(f"{server.url}/chat/completions", json=BODY | change) as response,
        ):
            assert response.status == 400

    with pytest.raises(ContractError):
        await ask()


async def test_a_request_inside_the_contract_passes(chat_server: ChatServer) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "x", "arguments": "{}"}}
    body = BODY | {
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": "done"},
        ],
        "tools": [{"type": "function", "function": {"name": "x", "parameters": {"type": "object"}}}],
    }
    async with (
        ClientSession(headers=KEY) as session,
        session.post(f"{chat_server.url}/chat/completions", json=body) as response,
    ):
        assert response.status == 200
