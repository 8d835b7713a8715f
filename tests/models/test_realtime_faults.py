"""The faults that our stand-in for the Realtime server can be told to have."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientWSTimeout, WSMsgType, WSServerHandshakeError

from tests.models.wire import PATIENCE, PUSH_TO_TALK, TEXT, Wire, wire
from tests.realtime_server import (
    BROKEN,
    RATE_LIMIT,
    Answer,
    Call,
    Close,
    Direction,
    Drop,
    Pause,
    Raw,
    RealtimeServer,
    Refuse,
    Say,
    Silence,
    SlowHello,
    Trouble,
    TurnAway,
    faults,
    say,
)

HEARTBEAT = 0.2  # seconds; the client's


async def end(client: Wire) -> int | None:
    """Listen to the end of the socket; its code."""
    async with asyncio.timeout(PATIENCE):
        while (message := await client.socket.receive()).type is WSMsgType.TEXT:
            client.heard.append(message.json())
    return client.socket.close_code


async def test_the_socket_closes_in_the_middle_of_a_sentence(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.closes_mid_sentence())
    async with wire(realtime_server) as client:
        await client.send("response.create")
        assert await end(client) == 1001
        assert len(client.of("response.output_audio.delta")) == 2
        assert not client.of("response.done")
    await realtime_server.session.line.ended()


async def test_the_connection_is_cut_in_the_middle_of_a_sentence(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.closes_mid_sentence(step=Drop()))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        assert await end(client) in {1006, None}
        assert not client.of("response.done")


async def test_a_session_says_that_it_expired_and_closes(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server) as client:
        for step in faults.expires():
            await realtime_server.session.line.perform(step)
        assert await end(client) == 1001
        assert client.heard[-1]["error"]["code"] == "session_expired"
    async with wire(realtime_server):
        assert len(realtime_server.sessions) == 2


async def test_a_response_of_the_servers_own_wins_over_the_one_that_is_asked_for(
    realtime_server: RealtimeServer,
) -> None:
    pause = Pause()
    realtime_server.plan.rivals.append(Answer((Say("I was first.", at={0: pause}),)))
    async with wire(realtime_server) as client:
        await client.set(TEXT)
        await client.send("response.create")
        assert await client.refusal() == "conversation_already_has_active_response"
        pause.go.set()
        done = (await client.until("response.done"))["response"]
        assert done["output"][0]["content"][0]["text"] == "I was first."
        await client.send("response.create")
        assert (await client.until("response.done"))["response"]["output"][0]["content"][0]["text"] == "Yes."


async def test_a_delta_comes_after_the_end(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.late_delta())
    async with wire(realtime_server) as client:
        await client.send("response.create")
        done = await client.until("response.done")
        late = await client.until("response.output_audio.delta")
        assert late["response_id"] == done["response"]["id"]


async def test_every_delta_comes_twice(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.duplicate_deltas("Good morning."))
    async with wire(realtime_server) as client:
        await client.set(TEXT)
        await client.send("response.create")
        await client.until("response.done")
        deltas = client.of("response.output_text.delta")
        assert [delta["delta"] for delta in deltas] == ["Good ", "Good ", "morning.", "morning."]
        assert deltas[0] == deltas[1]


async def test_one_response_has_several_messages(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.several_messages("First.", "Second."))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        done = await client.until("response.done")
        ids = [item["id"] for item in done["response"]["output"]]
        deltas = client.of("response.output_audio_transcript.delta")
        assert [(delta["item_id"], delta["output_index"]) for delta in deltas] == [(ids[0], 0), (ids[1], 1)]


async def test_words_and_calls_come_in_one_response(realtime_server: RealtimeServer) -> None:
    calls = (Call("play", call_id="a"), Call("dim", call_id="b"))
    realtime_server.plan.answers.append(faults.preamble_and_calls("One moment.", *calls))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        done = await client.until("response.done")
        assert [item["type"] for item in done["response"]["output"]] == ["message", "function_call", "function_call"]
        assert realtime_server.session.talk.unanswered() == ["a", "b"]


@pytest.mark.parametrize(("cancels", "status"), [(True, "cancelled"), (False, "incomplete")])
async def test_a_call_is_never_finished(realtime_server: RealtimeServer, cancels: bool, status: str) -> None:
    pause = Pause()
    realtime_server.plan.answers.append(faults.unfinished_call(pause))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await client.until("response.function_call_arguments.delta")
        if cancels:
            await client.send("response.cancel")
        else:
            pause.go.set()
        assert (await client.until("response.done"))["response"]["status"] == status
        assert len(client.of("response.function_call_arguments.delta")) == 1
        assert not client.of("response.function_call_arguments.done")
        assert realtime_server.session.talk.unanswered() == []


@pytest.mark.parametrize("refusal", [RATE_LIMIT, BROKEN, faults.FORBIDDEN])
async def test_the_upgrade_is_refused_and_the_next_one_is_not(realtime_server: RealtimeServer, refusal: Refuse) -> None:
    realtime_server.doors.append(refusal)
    with pytest.raises(WSServerHandshakeError) as refused:
        async with wire(realtime_server):
            pass
    assert refused.value.status == refusal.status
    assert refused.value.headers is not None
    assert refused.value.headers.get("Retry-After") == refusal.retry_after
    async with wire(realtime_server):
        assert len(realtime_server.requests) == 2


@pytest.mark.parametrize("door", [faults.OUT_OF_QUOTA, faults.KEY_REVOKED, faults.ACCOUNT_CLOSED])
async def test_the_socket_opens_only_to_say_no(realtime_server: RealtimeServer, door: TurnAway) -> None:
    realtime_server.doors.append(door)
    with pytest.raises(TypeError):  # the close comes where the session should
        async with wire(realtime_server):
            pass
    assert realtime_server.sessions == []


async def test_a_wrong_key_is_refused(realtime_server: RealtimeServer) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with wire(realtime_server, headers={"Authorization": "Bearer sk-other"}):
            pass
    assert refused.value.status == 401


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "insufficient_quota", "server_error"])
async def test_a_response_fails_and_the_session_goes_on(realtime_server: RealtimeServer, code: str) -> None:
    realtime_server.plan.answers.append(faults.fails(code))
    async with wire(realtime_server) as client:
        for status in ("failed", "completed"):
            await client.send("response.create")
            done = (await client.until("response.done"))["response"]
            assert done["status"] == status
        failed = client.of("response.done")[0]["response"]
        assert (failed["status_details"]["error"]["code"], failed["usage"]) == (code, None)


async def test_the_first_byte_waits_for_the_test(realtime_server: RealtimeServer) -> None:
    pause = Pause()
    realtime_server.plan.answers.append(faults.slow_first_byte(pause))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await client.until("response.content_part.added")
        await pause.held()
        await realtime_server.session.line.error("server_error")
        await client.until("error")
        assert not client.of("response.output_audio.delta")
        pause.go.set()
        await client.until("response.output_audio.delta")


async def test_the_hello_waits_for_the_test(realtime_server: RealtimeServer) -> None:
    pause = Pause()
    realtime_server.doors.append(SlowHello(pause))

    async def connect() -> None:
        async with wire(realtime_server):
            pass

    connecting = asyncio.create_task(connect())
    await pause.held()
    assert not connecting.done()
    pause.go.set()
    await connecting


@pytest.mark.parametrize("step", [faults.GARBAGE, faults.NO_OBJECT, faults.UNKNOWN_EVENT, faults.BYTES])
async def test_nonsense_stands_between_sound_events(realtime_server: RealtimeServer, step: Raw) -> None:
    realtime_server.plan.answers.append(faults.stumbles(step))
    frames: list[str | bytes] = []
    async with wire(realtime_server) as client:
        await client.send("response.create")
        while not any(isinstance(frame, str) and '"response.done"' in frame for frame in frames):
            frames.append((await client.socket.receive()).data)
    place = frames.index(step.frame)
    deltas = [
        n for n, frame in enumerate(frames) if isinstance(frame, str) and '"response.output_audio.delta"' in frame
    ]
    assert deltas[0] < place < deltas[1]


async def test_an_error_in_the_middle_leaves_the_response_whole(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.stumbles(Trouble("server_error")))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        assert await client.refusal() == "server_error"
        assert (await client.until("response.done"))["response"]["status"] == "completed"


async def test_an_event_is_larger_than_a_client_takes_by_default(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.extend([faults.huge(), faults.huge()])
    async with wire(realtime_server, max_msg_size=4 * 1024 * 1024) as client:
        await client.send("response.create")
        assert await end(client) == 1009
    async with wire(realtime_server, max_msg_size=16 * 1024 * 1024) as client:
        await client.send("response.create")
        await client.until("response.done")
        assert len(client.sound) == 120 * 48_000


async def test_a_heartbeat_is_answered_until_the_server_goes_silent(realtime_server: RealtimeServer) -> None:
    realtime_server.plan.answers.append(faults.goes_silent())
    async with wire(realtime_server, heartbeat=HEARTBEAT) as client:
        await client.set(PUSH_TO_TALK)
        line = realtime_server.session.line
        async with asyncio.timeout(PATIENCE):
            while line.pings < 2:
                await client.socket.ping()
                await client.set(PUSH_TO_TALK)
        await client.send("response.create")
        assert await end(client) == 1006
        assert len(client.of("response.output_audio.delta")) == 1
    await line.ended()


async def test_a_silent_server_does_not_even_say_goodbye(realtime_server: RealtimeServer) -> None:
    async with wire(realtime_server, timeout=ClientWSTimeout(ws_close=HEARTBEAT)) as client:
        line = realtime_server.session.line
        await line.perform(Silence())
        await line.error("server_error")
        await client.send("response.create")
    assert await line.ended() is None
    assert line.of("response.create") == []
    assert line.of("error", Direction.SERVER) == []


async def test_a_client_that_leaves_ends_its_responses(realtime_server: RealtimeServer) -> None:
    pause = Pause()
    realtime_server.plan.answers.append(faults.slow_first_byte(pause))
    async with wire(realtime_server) as client:
        await client.send("response.create")
        await pause.held()
    assert await realtime_server.session.line.ended() == 1000
    assert realtime_server.session.active is None


async def test_a_new_session_goes_on_with_the_plan_and_knows_nothing_of_the_old_one(
    realtime_server: RealtimeServer,
) -> None:
    realtime_server.plan.answers.extend([say("First."), say("Second.")])
    said = []
    for _ in range(2):
        async with wire(realtime_server) as client:
            await client.ask("Hello")
            done = await client.until("response.done")
            said.append(done["response"]["output"][0]["content"][0]["transcript"])
            await realtime_server.session.line.perform(Close(1000, "Bye"))
    assert said == ["First.", "Second."]
    assert [len(session.talk.items) for session in realtime_server.sessions] == [2, 2]


def test_a_length_of_sound_is_what_it_says() -> None:
    assert Say("One two three").length == timedelta(milliseconds=900)
