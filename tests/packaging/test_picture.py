"""The picture at the top of the README says what the recording holds, and nothing else."""

import json
import wave
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from scripts.rig.picture import draw, read
from scripts.rig.recording import RATE

MOMENTS = (
    {"at": 1.0, "event": "button"},
    {"at": 2.0, "event": "transcript", "text": "put on <some> music"},
    {"at": 2.0, "event": "answer", "text": "Playing."},
    {"at": 2.0, "event": "speech starts"},
    {"at": 3.0, "event": "speech ends"},
    {"at": 6.0, "event": "message", "text": "Dinner."},
    {"at": 6.0, "event": "speech starts"},
    {"at": 8.0, "event": "speech ends"},
)
SPEECH = ((2.0, 3.0), (6.0, 8.0))


def _recording(folder: Path, *, music_from: float, ducked_to: float) -> Path:
    """Ten seconds with speech on the left and a tone on the right that goes down under the second speech."""
    time = np.arange(10 * RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time + 0.1) * 16_000
    talking = np.any([(time >= start) & (time < end) for start, end in SPEECH], axis=0)
    gain = np.where(time < music_from, 0.0, np.where((time >= 6) & (time < 8), ducked_to, 1.0))
    wav = folder / "room.wav"
    with wave.open(str(wav), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.stack((tone * talking, tone * gain), axis=1).astype(np.int16).tobytes())
    wav.with_suffix(".jsonl").write_text("\n".join(json.dumps(moment) for moment in MOMENTS))
    return wav


def _texts(svg: str) -> list[str]:
    picture = ET.fromstring(svg)  # noqa: S314 (our own)
    return [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_a_picture_tells_words_and_duck(tmp_path: Path) -> None:
    texts = _texts(draw(read(_recording(tmp_path, music_from=3.5, ducked_to=0.1))))
    assert "not one sample of music under the answer; music 20 dB down under the message, then back" in texts
    assert {"“put on <some> music”", "“Playing.”", "“Dinner.”"} <= set(texts)


@pytest.mark.parametrize(("early", "told"), [(0.5, "samples of music"), (1 / RATE, "1 sample of music")])
def test_a_picture_tells_music_under_the_answer(tmp_path: Path, early: float, told: str) -> None:
    texts = _texts(draw(read(_recording(tmp_path, music_from=3.0 - early, ducked_to=0.1))))
    assert any(told in text and "not one" not in text for text in texts)


def test_a_picture_tells_music_that_did_not_duck(tmp_path: Path) -> None:
    texts = _texts(draw(read(_recording(tmp_path, music_from=3.5, ducked_to=1.0))))
    assert any("music 0 dB" in text for text in texts)
