"""`scripts/picture`: the main job as it was recorded, drawn as two lanes of sound over time."""

import argparse
import asyncio
import json
import sys
import wave
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from .main_job import record
from .process import ROOT
from .recording import RATE, Samples

RECORDING = ROOT / "build" / "picture" / "room.wav"
PICTURE = ROOT / "docs" / "images" / "main-job.svg"

WIDTH, HEIGHT = 1200, 430
LEFT, RIGHT = 96, 30  # margins of the lanes
VOICE, MUSIC = 190, 318  # the lanes' middles
HALF = 46  # the highest swing of a lane
AXIS = 386
COLUMNS = 900  # points of a waveform
STYLE = """
  .paper { fill: #141a26; } .rule { stroke: #2c3548; } .base { stroke: #3d4861; }
  .voice { fill: #ffb454; } .music { fill: #5cc8ff; } .you { fill: #b6f09c; }
  text { font: 17px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #e8ecf4; }
  .faint { fill: #9aa6bf; font-size: 15px; } .who { font-weight: 600; } .end { text-anchor: end; }
  .middle { text-anchor: middle; } .you-text { fill: #b6f09c; } .voice-text { fill: #ffb454; }
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn: the sound from the press of the button on, and what happened, in seconds from there."""

    speech: Samples
    music: Samples
    pressed: float
    heard_as: str
    understood: float
    spoken: tuple[tuple[float, float, str], ...]
    """Start, end and words of everything Huxley said."""

    @property
    def seconds(self) -> float:
        return len(self.speech) / RATE


def read(wav: Path) -> Scene:
    """Read a recording; begins a little before the button was pressed."""
    with wave.open(str(wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    moments = [json.loads(line) for line in wav.with_suffix(".jsonl").read_text().splitlines()]
    pressed = next(moment["at"] for moment in moments if moment["event"] == "button")
    origin = max(0.0, pressed - 0.4)
    words = [moment["text"] for moment in moments if moment["event"] in {"answer", "message"}]
    starts = [moment["at"] - origin for moment in moments if moment["event"] == "speech starts"]
    ends = [moment["at"] - origin for moment in moments if moment["event"] == "speech ends"]
    transcript = next(moment for moment in moments if moment["event"] == "transcript")
    lanes = samples[int(origin * RATE) :]
    return Scene(
        speech=lanes[:, 0],
        music=lanes[:, 1],
        pressed=pressed - origin,
        heard_as=transcript["text"],
        understood=transcript["at"] - origin,
        spoken=tuple(zip(starts, ends, dict.fromkeys(words), strict=True)),
    )


def draw(scene: Scene) -> str:
    """Return the scene as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(_told(scene))}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="18"/>',
        *_axis(scene),
        *_lane("Voice", VOICE, scene.speech, "voice"),
        *_lane("Music", MUSIC, scene.music, "music"),
        *_you(scene),
        *(part for said in scene.spoken for part in _said(scene, *said)),
        *_measured(scene),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(scene: Scene, time: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * time / scene.seconds


def _axis(scene: Scene) -> list[str]:
    parts = ['<text class="who" x="30" y="44">Recorded in a real Home Assistant</text>']
    for second in range(0, int(scene.seconds) + 1, 2):
        x = _x(scene, second)
        parts.append(f'<line class="rule" x1="{x:.1f}" y1="132" x2="{x:.1f}" y2="{AXIS}"/>')
        parts.append(f'<text class="faint middle" x="{x:.1f}" y="{AXIS + 24}">{second} s</text>')
    return parts


def _lane(name: str, middle: int, samples: Samples, kind: str) -> list[str]:
    """A waveform by the peaks of each column, mirrored."""
    size = len(samples) // COLUMNS
    peaks = np.abs(samples[: size * COLUMNS].reshape(COLUMNS, size).astype(np.int32)).max(axis=1)
    swings = peaks / max(int(peaks.max()), 1) * HALF
    step = (WIDTH - LEFT - RIGHT) / COLUMNS
    heard = [(LEFT + number * step, float(swing)) for number, swing in enumerate(swings)]
    upper = [f"{x:.1f},{middle - swing:.1f}" for x, swing in heard]
    lower = [f"{x:.1f},{middle + swing:.1f}" for x, swing in reversed(heard)]
    return [
        f'<text class="who" x="30" y="{middle + 6}">{name}</text>',
        f'<line class="base" x1="{LEFT}" y1="{middle}" x2="{WIDTH - RIGHT}" y2="{middle}"/>',
        f'<polygon class="{kind}" points="{" ".join(upper + lower)}"/>',
    ]


def _you(scene: Scene) -> list[str]:
    """The person speaks into the microphone, which the loudspeaker does not record."""
    x, end = _x(scene, scene.pressed), _x(scene, scene.understood)
    return [
        f'<rect class="you" x="{x:.1f}" y="{VOICE - 5}" width="{end - x:.1f}" height="10" rx="5"/>',
        f'<text class="you-text who" x="{x:.1f}" y="94">You</text>',
        f'<text x="{x:.1f}" y="118">“{escape(scene.heard_as)}”</text>',
    ]


def _said(scene: Scene, start: float, _end: float, words: str) -> list[str]:
    x = _x(scene, start)
    return [
        f'<text class="voice-text who" x="{x:.1f}" y="94">Huxley</text>',
        f'<text x="{x:.1f}" y="118">“{escape(words)}”</text>',
    ]


def _measured(scene: Scene) -> list[str]:
    (start, end, _), (duck, back, _) = scene.spoken
    under = int(np.count_nonzero(_part(scene.music, start, end)))
    down = _level(_part(scene.music, duck + 0.3, back)) - _level(_part(scene.music, end + 1, duck - 0.5))
    silent = f"{under or 'not one'} sample{'s' if under > 1 else ''} of music under the answer"
    ducked = f"music {abs(down):.0f} dB {'down' if down < 0 else 'up'} under the message, then back"
    return [f'<text class="faint end" x="{WIDTH - RIGHT}" y="44">{silent}; {ducked}</text>']


def _part(samples: Samples, start: float, end: float) -> Samples:
    return samples[int(start * RATE) : int(end * RATE)]


def _level(samples: Samples) -> float:
    """Return the RMS level in dBFS."""
    power = float(np.square(samples / 32768).mean())
    return float(10 * np.log10(max(power, 1e-12)))


def _told(scene: Scene) -> str:
    said = ", then ".join(f"“{words}”" for _, _, words in scene.spoken)
    return f"You say “{scene.heard_as}”. Huxley says {said}. Music plays between them and goes quiet under the second."


def main() -> int:
    """Record, or read a recording, and draw."""
    parser = argparse.ArgumentParser(prog="scripts/picture", description="Draw the main job as it was recorded.")
    parser.add_argument("--recording", type=Path, help="draw this recording (a .wav with its .jsonl) and record none")
    arguments = parser.parse_args()
    if arguments.recording is None:
        asyncio.run(record(RECORDING))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(read(arguments.recording or RECORDING)), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
