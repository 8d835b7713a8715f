"""The emulated ESPHome device by itself, with the protocol's own client instead of a Home Assistant."""

import asyncio
import base64
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from aioesphomeapi import (
    APIClient,
    APIConnectionError,
    MediaPlayerCommand,
    MediaPlayerEntityState,
    MediaPlayerState,
    VoiceAssistantEventType,
)

from scripts.rig.espeak import MICROPHONE_RATE
from scripts.rig.esphome_device import EsphomeSatellite
from scripts.rig.esphome_player import KEY
from scripts.rig.esphome_wire import pack, pb, receive, varint
from scripts.rig.ports import LOOPBACK, free_port
from scripts.rig.recording import RATE

NOISE = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def clips(tmp_path: Path) -> dict[str, str]:
    """Sounds by name, with as many seconds."""
    made = {"short": 0.4, "other": 0.5, "long": 20.0}
    for name, seconds in made.items():
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as wav:
            wav.setparams((1, 2, RATE, 0, "NONE", ""))
            wav.writeframes(np.full(int(seconds * RATE), 8000, np.int16).tobytes())
    return {name: str(tmp_path / f"{name}.wav") for name in made}


@pytest.fixture
async def port() -> int:
    return free_port()


@pytest.fixture
async def device(port: int) -> AsyncIterator[EsphomeSatellite]:
    device = EsphomeSatellite(port)
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
def states() -> list[MediaPlayerState]:
    """What the player said of itself."""
    return []


@pytest.fixture
def aborts() -> list[bool]:
    """Whether each pipeline that the device ended was aborted."""
    return []


@pytest.fixture
def microphone() -> bytearray:
    """What the device sent of what it hears."""
    return bytearray()


@pytest.fixture
async def client(
    device: EsphomeSatellite, port: int, states: list[MediaPlayerState], aborts: list[bool], microphone: bytearray
) -> AsyncIterator[APIClient]:
    client = APIClient(LOOPBACK, port, None)
    await client.connect()
    await client.list_entities_services()

    def heard(state: object) -> None:
        if isinstance(state, MediaPlayerEntityState):
            states.append(MediaPlayerState(state.state))

    async def begin(*_: object) -> int:
        return 0

    async def listen(pcm: bytes, _second: bytes | None) -> None:
        microphone.extend(pcm)

    async def ignore(*_: object) -> None:
        return None

    async def stopped(abort: bool) -> None:
        aborts.append(abort)

    client.subscribe_states(heard)
    client.subscribe_voice_assistant(
        handle_start=begin, handle_stop=stopped, handle_audio=listen, handle_announcement_finished=ignore
    )
    await device.connected()
    yield client
    await client.disconnect()


async def heard(device: EsphomeSatellite, count: int) -> list[tuple[str, str, float]]:
    """Return kind, file and seconds of the first `count` stretches of sound, when they are over."""
    async with asyncio.timeout(10):
        while len([one for one in device.room.heard if one.end is not None]) < count:
            await device.room.reaches(device.room.now + 0.1)
    return [(one.kind, Path(one.url).stem, (one.end or 0) - one.start) for one in device.room.heard]


@pytest.mark.parametrize(
    ("number", "octets"), [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\x01"), (16384, b"\x80\x80\x01")]
)
def test_small_numbers_take_few_bytes(number: int, octets: bytes) -> None:
    assert varint(number) == octets


async def test_what_is_packed_is_received() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(pack(pb.VoiceAssistantAudio(data=bytes(1024))))
    assert (await receive(reader)).data == bytes(1024)


async def test_a_client_that_encrypts_is_refused(device: EsphomeSatellite, port: int) -> None:
    client = APIClient(LOOPBACK, port, None, noise_psk=NOISE)
    with pytest.raises(APIConnectionError):
        await client.connect()


async def test_a_sound_is_heard_as_long_as_it_lasts(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str], states: list[MediaPlayerState]
) -> None:
    client.media_player_command(KEY, media_url=clips["short"])
    ((kind, name, seconds),) = await heard(device, 1)
    assert (kind, name) == ("media", "short")
    assert seconds == pytest.approx(0.4, abs=0.03)
    await device.room.reaches(device.room.now + 0.1)
    assert states == [MediaPlayerState.IDLE, MediaPlayerState.PLAYING, MediaPlayerState.IDLE]


async def test_an_announcement_is_reported_as_playing(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str], states: list[MediaPlayerState]
) -> None:
    client.media_player_command(KEY, media_url=clips["short"], announcement=True)
    await heard(device, 1)
    await device.room.reaches(device.room.now + 0.1)
    assert states == [MediaPlayerState.IDLE, MediaPlayerState.PLAYING, MediaPlayerState.IDLE]


async def test_an_announcement_without_a_chime_waits_for_the_one_that_plays(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, media_url=clips["short"], announcement=True)
    await client.send_voice_assistant_announcement_await_response(clips["other"], 10, "Hello")
    assert [one.end is not None for one in device.room.heard] == [True, True], "it tells when it was heard out"
    assert [(kind, name) for kind, name, _ in await heard(device, 2)] == [("speech", "short"), ("speech", "other")]
    assert device.voice.answer == "Hello"


async def test_an_announcement_with_a_chime_replaces_the_one_that_plays(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, media_url=clips["long"], announcement=True)
    await device.room.happened("speech starts", 0)
    await client.send_voice_assistant_announcement_await_response(
        clips["other"], 10, "Hello", preannounce_media_id=clips["short"]
    )
    (_, cut, seconds), *rest = await heard(device, 3)
    assert cut == "long"
    assert seconds < 1
    assert [name for _, name, _ in rest] == ["short", "other"]


async def test_media_enqueued_follows_and_media_played_replaces(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, media_url=clips["long"])
    await device.room.happened("music starts", 0)
    client.media_player_command(KEY, media_url=clips["short"])
    client.media_player_command(KEY, media_url=clips["other"], command=MediaPlayerCommand.ENQUEUE)
    assert [name for _, name, _ in await heard(device, 3)] == ["long", "short", "other"]


async def test_a_stop_for_announcements_leaves_the_media_alone(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, media_url=clips["long"])
    client.media_player_command(KEY, media_url=clips["long"], announcement=True)
    await device.room.happened("music starts", 0)
    began = (await device.room.happened("speech starts", 0)).at
    client.media_player_command(KEY, command=MediaPlayerCommand.STOP, announcement=True)
    await device.room.happened("speech ends", began)
    assert [one.end for one in device.room.heard_since(0, "media")] == [None]


async def test_a_wake_word_while_it_listens_aborts_the_run_and_nobody_listens(
    device: EsphomeSatellite, client: APIClient, aborts: list[bool]
) -> None:
    assert device.wake()
    async with asyncio.timeout(5):
        while device.voice.state != "listening":
            await device.room.reaches(device.room.now + 0.02)
    assert not device.wake()
    await device.room.reaches(device.room.now + 0.2)
    assert device.voice.state == "idle"
    assert aborts == [True]


async def test_the_microphone_is_open_from_the_wake_word_until_home_assistant_has_heard_enough(
    device: EsphomeSatellite, client: APIClient, microphone: bytearray
) -> None:
    question = bytes(range(1, 251)) * 64
    assert device.wake(question)
    await device.room.reaches(device.room.now + 0.7)
    client.send_voice_assistant_event(VoiceAssistantEventType.VOICE_ASSISTANT_STT_VAD_END, {})
    await device.room.happened("stt vad end", 0)
    await device.room.reaches(device.room.now + 0.1)
    sent = len(microphone)
    await device.room.reaches(device.room.now + 0.3)
    assert len(microphone) == sent
    assert bytes(microphone).rstrip(b"\0") == question
    assert sent / 2 / MICROPHONE_RATE == pytest.approx(0.7, abs=0.15)


async def test_what_cannot_be_fetched_is_noted_and_over(
    device: EsphomeSatellite, client: APIClient, tmp_path: Path, states: list[MediaPlayerState]
) -> None:
    client.media_player_command(KEY, media_url=str(tmp_path / "nothing.flac"))
    failed = await device.room.happened("fetch failed", 0)
    assert "nothing.flac" in failed.data["url"]
    await device.room.reaches(failed.at + 0.2)
    assert states[-1] is MediaPlayerState.IDLE
    assert not device.room.heard


async def test_a_muted_device_plays_and_is_not_heard(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, command=MediaPlayerCommand.MUTE)
    client.media_player_command(KEY, media_url=clips["short"])
    await heard(device, 1)
    assert not np.any(device.room.recording.channels()[1])


async def test_commands_are_logged_in_words_with_their_time(
    device: EsphomeSatellite, client: APIClient, clips: dict[str, str]
) -> None:
    client.media_player_command(KEY, volume=0.5)
    await client.send_voice_assistant_announcement_await_response(clips["short"], 10, "Hello")
    volume, told = device.commands
    assert (volume.name, volume.data) == ("MediaPlayerCommand", {"volume": 0.5})
    assert (told.name, told.data["text"]) == ("VoiceAssistantAnnounce", "Hello")
    assert 0 <= volume.at <= told.at <= device.room.now
