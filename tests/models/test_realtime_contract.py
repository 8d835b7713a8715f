"""What the judge of our stand-in for the Realtime server lets pass, on either side."""

import base64
from datetime import timedelta

import pytest

from tests.models.wire import TEXT, wire
from tests.realtime_server import ContractError, Direction, RealtimeServer, Unchecked, VendorContract, tone

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.create", "respons": {}},
        {"type": "conversation.item.created"},
        {"type": "session.update", "session": {"modalities": ["text"], "type": "realtime"}},
        {"type": "session.update", "session": {"instructions": "No type."}},
        {
            "type": "session.update",
            "session": {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
        },
        {"type": "conversation.item.truncate", "item_id": "a", "content_index": 0, "audio_end_ms": "100"},
    ],
)
async def test_an_event_outside_the_contract_is_refused_and_fails_the_test(event: dict[str, object]) -> None:
    async def misbehave() -> None:
        async with RealtimeServer() as server, wire(server) as client:
            await client.socket.send_json(event)
            assert await client.refusal() == "invalid_event"

    with pytest.raises(ContractError):
        await misbehave()


@pytest.mark.parametrize("frame", ["{not json", "[]"])
async def test_a_frame_that_is_no_event_is_refused_and_can_be_forgiven(
    realtime_server: RealtimeServer, frame: str
) -> None:
    async with wire(realtime_server) as client:
        await client.socket.send_str(frame)
        assert await client.refusal() == "invalid_event"
        await client.set(TEXT)
    assert len(realtime_server.take_violations()) == 1


async def test_nothing_is_judged_when_the_time_counts() -> None:
    async with RealtimeServer(contract=Unchecked()) as server, wire(server) as client:
        await client.send("response.create", mood="good")
        await client.until("response.done")


async def test_the_server_itself_is_judged() -> None:
    async def misbehave() -> None:
        async with RealtimeServer() as server, wire(server) as client:
            await server.session.line.send("response.audio.delta", delta="AAAA")
            await client.until("response.audio.delta")

    with pytest.raises(ContractError, match="no event of the server"):
        await misbehave()


def test_an_event_of_one_side_is_none_of_the_other() -> None:
    contract = VendorContract()
    contract.check({"type": "response.cancel"}, Direction.CLIENT)
    with pytest.raises(ContractError):
        contract.check({"type": "response.cancel"}, Direction.SERVER)
    delta = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0, "event_id": "e"}
    sound = base64.b64encode(tone(SECOND / 50)).decode()
    contract.check({"type": "response.output_audio.delta", "delta": sound, **delta}, Direction.SERVER)
