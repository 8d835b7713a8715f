"""What a device receives can be decoded, and is what was sent."""

import io
import math
import struct
import wave
from array import array
from itertools import pairwise

import av
import pytest

from custom_components.huxley.engine.audio import encoding
from custom_components.huxley.engine.audio.encoding import FORMATS, best_format
from custom_components.huxley.engine.audio.pcm import BYTES_PER_SECOND, FRAME_BYTES, RATE

TONE = 440  # Hz


def tone(seconds: float) -> bytes:
    samples = range(round(seconds * RATE))
    return array("h", (round(12_000 * math.sin(2 * math.pi * TONE * n / RATE)) for n in samples)).tobytes()


def pack(name: str, pcm: bytes, piece: int = FRAME_BYTES * 5) -> bytes:
    encoder = FORMATS[name].encoder()
    pieces = [encoder.encode(pcm[at : at + piece]) for at in range(0, len(pcm), piece)]
    return b"".join([*pieces, encoder.finish()])


def unpack(packed: bytes) -> array[int]:
    decoded = array("h")
    with av.open(io.BytesIO(packed)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in container.decode(stream):
            for part in resampler.resample(frame):
                decoded.frombytes(bytes(part.planes[0])[: part.samples * 2])
    return decoded


def pitch(samples: array[int]) -> float:
    """Hz, by counting how often the sign turns to plus."""
    rises = sum(1 for before, after in pairwise(samples) if before < 0 <= after)
    return rises / (len(samples) / RATE)


def loudness(samples: array[int]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def test_a_wav_of_unknown_length_says_so_in_its_header():
    packed = pack("wav", tone(0.1))
    riff, size, kind, fmt, length, codec, channels, rate, per_second, align, bits, data, data_size = struct.unpack(
        "<4sI4s4sIHHIIHH4sI", packed[:44]
    )
    assert (riff, kind, fmt, data) == (b"RIFF", b"WAVE", b"fmt ", b"data")
    assert size == data_size == 0xFFFFFFFF
    assert (length, codec, channels, rate, bits) == (16, 1, 1, RATE, 16)
    assert (per_second, align) == (BYTES_PER_SECOND, 2)


def test_a_wav_carries_the_samples_untouched_and_its_header_once():
    pcm = tone(0.5)
    packed = pack("wav", pcm)
    assert packed[44:] == pcm
    with wave.open(io.BytesIO(packed)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)


def test_a_wav_without_a_sound_is_still_a_wav():
    assert pack("wav", b"")[:4] == b"RIFF"


def test_flac_gives_back_every_sample():
    pcm = tone(1)
    assert unpack(pack("flac", pcm)).tobytes() == pcm


def test_flac_gives_back_the_samples_of_uneven_pieces():
    pcm = tone(0.37)
    assert unpack(pack("flac", pcm, piece=1234)).tobytes() == pcm


def test_mp3_sounds_the_same():
    pcm = tone(2)
    decoded = unpack(pack("mp3", pcm))
    assert len(decoded) == pytest.approx(2 * RATE, abs=0.15 * RATE)
    middle = decoded[RATE // 2 : RATE * 3 // 2]
    assert pitch(middle) == pytest.approx(TONE, rel=0.02)
    assert loudness(middle) == pytest.approx(12_000 / math.sqrt(2), rel=0.1)


@pytest.mark.parametrize("name", ["mp3", "flac"])
def test_a_live_stream_is_given_away_while_it_comes(name: str):
    encoder = FORMATS[name].encoder()
    given = [len(encoder.encode(tone(0.1))) for _ in range(20)]
    assert sum(1 for length in given[5:] if length) >= 12
    encoder.finish()


@pytest.mark.parametrize("name", ["mp3", "flac"])
def test_an_empty_piece_is_no_trouble(name: str):
    encoder = FORMATS[name].encoder()
    assert encoder.encode(b"") == b""
    encoder.encode(tone(0.5))
    encoder.finish()


def test_every_format_names_its_content_type():
    assert {name: packing.content_type for name, packing in FORMATS.items()} == {
        "wav": "audio/wav",
        "mp3": "audio/mpeg",
        "flac": "audio/flac",
    }


def test_the_wanted_format_is_taken_where_it_can_be_made():
    assert [best_format(name) for name in FORMATS] == list(FORMATS)


def test_a_machine_without_an_encoder_sends_wav(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoding, "find_spec", lambda name: None)
    assert [best_format(name) for name in FORMATS] == ["wav", "wav", "wav"]
