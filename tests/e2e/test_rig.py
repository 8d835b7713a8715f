"""The rig's parts by themselves: what the other tests of this tier lean on."""

import json
import socket
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from scripts.rig.config import prepare
from scripts.rig.grammar import Network, network
from scripts.rig.loudspeaker import Loudspeaker
from scripts.rig.ports import PortTakenError, free_port, refuse_taken
from scripts.rig.recording import RATE
from tests.e2e.listening import sounds


class Gramophone:
    """Music that comes when it is told to."""

    def __init__(self) -> None:
        self.waiting = b""

    def read(self) -> bytes:
        pcm, self.waiting = self.waiting, b""
        return pcm


@pytest.fixture
def gramophone() -> Gramophone:
    return Gramophone()


@pytest.fixture
async def room(gramophone: Gramophone) -> AsyncIterator[Loudspeaker]:
    loudspeaker = Loudspeaker(gramophone, record=True)
    await loudspeaker.start()
    yield loudspeaker
    await loudspeaker.stop()


def loud(seconds: float, rate: int = RATE, channels: int = 1) -> bytes:
    return np.full(int(seconds * rate) * channels, 8000, np.int16).tobytes()


async def said(room: Loudspeaker, pcm: bytes, rate: int) -> float:
    """Speak and return the time at which it was heard out."""
    heard: list[float] = []

    async def on_heard() -> None:
        heard.append(room.now)

    began = room.now
    room.begin_speech(rate, 1)
    room.speak(pcm)
    room.end_speech(on_heard)
    await room.happened("speech ends", began)
    await room.reaches(room.now + 0.02)
    return heard[0]


async def test_speech_is_heard_out_when_its_last_sample_was(room: Loudspeaker) -> None:
    heard = await said(room, loud(0.5, 22_050), 22_050)
    (sound,) = sounds(room.recording.channels()[0])
    assert sound.seconds == pytest.approx(0.5, abs=0.03)
    assert heard == pytest.approx(sound.end, abs=0.05)


async def test_music_keeps_its_samples_and_its_side(room: Loudspeaker, gramophone: Gramophone) -> None:
    gramophone.waiting = loud(0.3, channels=2)
    await room.happened("music stops", 0)
    speech, music = room.recording.channels()
    assert not np.any(speech)
    assert np.count_nonzero(music) == int(0.3 * RATE)


async def test_the_live_sound_is_the_sum_of_both(room: Loudspeaker, gramophone: Gramophone) -> None:
    listening = room.listen()
    first = await anext(listening)
    gramophone.waiting = loud(0.3, channels=2)
    room.begin_speech(RATE, 1)
    room.speak(loud(0.3))
    peak = 0
    while peak < 16_000:
        peak = int(np.frombuffer(await anext(listening), np.int16).max())
    await listening.aclose()
    assert not np.any(np.frombuffer(first, np.int16))
    assert peak == 16_000


async def test_nothing_is_kept_of_a_room_that_nobody_records() -> None:
    room = Loudspeaker()
    await room.start()
    await room.reaches(0.1)
    await room.stop()
    assert not room.recording.speech


def sentences_of(net: Network) -> set[str]:
    found, open_ends = set(), [(0, ())]
    while open_ends:
        state, words = open_ends.pop()
        if state == net.end:
            found.add(" ".join(words))
        open_ends += [(step.target, (*words, *step.word)) for step in net.steps if step.source == state]
    return found


def test_the_network_holds_exactly_the_sentences() -> None:
    sentences = {"stop", "stop the music", "play the music", "play music"}
    assert sentences_of(network(sentences)) == sentences


def test_the_network_shares_beginnings_and_ends() -> None:
    numbers = [f"number{number}" for number in range(50)]
    sentences = {f"{verb} it to {number} percent" for verb, number in product(("set", "turn"), numbers)}
    assert len(network(sentences).steps) < 60


def test_the_ways_on_share_the_probability() -> None:
    steps = [step for step in network({"a", "b", "b c"}).steps if step.source == 0]
    assert sum(step.probability for step in steps) == pytest.approx(1)


def test_a_taken_port_is_refused_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTakenError, match="the player"):
        refuse_taken(taken.getsockname()[1], "the player")


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    first = prepare(tmp_path, free_port())
    second = prepare(tmp_path, free_port())
    assert first.added
    assert not second.added
    assert (second.port, second.peers) == (first.port, first.peers)


def test_a_persons_own_configuration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / "http").write_text(json.dumps({"data": {"stable": {"server_port": 8999}}}))
    (tmp_path / "configuration.yaml").write_text("# mine\n")
    (tmp_path / "custom_components" / "huxley").mkdir(parents=True)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    development = prepare(tmp_path, 8123)
    assert development.port == 8999
    assert development.added == ("huxley-rig.json",)
    assert {file: file.read_bytes() for file in before} == before
