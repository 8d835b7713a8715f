"""The picture of a scenario: turn and states along the top, a lane for each channel, the waveform below."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from custom_components.huxley.engine.audio.pcm import RATE
from custom_components.huxley.engine.focus import Channel

from .room import SAMPLING, Look, SimulatedRoom

WIDTH, LEFT, RIGHT = 1280, 112, 28
TOP, LANE, GAP, WAVE = 118, 46, 10, 130
SCALE = 2  # drawn larger and made smaller, so that edges are smooth
COLOURS = 128

PAPER, FRAME_LINE, GRID, INK, SOFT_INK = "#fbfaf7", "#dcd7cd", "#ece8df", "#2b2f36", "#7a7f88"
LANE_COLOUR = {"dialog": "#c8553d", "comms": "#2f7f8f", "alert": "#c98a1b", "content": "#4a6fa5"}
LANE_TINT = {"dialog": "#f3d9d2", "comms": "#cfe4e8", "alert": "#f5e4c3", "content": "#d5dfee"}
STATE_COLOUR = {
    "listening": "#8fb996",
    "committing": "#e6d49c",
    "in_response": "#dba497",
    "awaiting_next_response": "#d9c8a9",
    "applying_factories": "#e8c6bd",
    "interrupted": "#b8b2c8",
}
SMALL = 12  # points; text of this size is not broken into two lines
NARROW = 24  # pixels; a label would not fit


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane, in seconds."""

    begin: float
    end: float
    key: tuple[str, ...]


def bars(looks: list[Look], key: Callable[[Look], tuple[str, ...] | None]) -> Iterator[Bar]:
    """Runs of equal keys; a look without a key ends a run."""
    for value, run in groupby(looks, key):
        if value is not None:
            same = list(run)
            yield Bar(same[0].at, same[-1].at + SAMPLING, value)


class Canvas:
    """Pixels of the finished picture, drawn larger."""

    def __init__(self, seconds: float, height: int) -> None:
        self.height = height
        self.seconds = seconds
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def x(self, seconds: float) -> float:
        """Where a moment is."""
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds

    def box(self, left: float, top: float, right: float, bottom: float, **how: str | int) -> None:
        """A rounded box; thin ones are less round."""
        radius = min(6.0, max(0.0, (right - left) / 2 - 1)) * SCALE
        corners = (left * SCALE, top * SCALE, max(right, left + 1.5) * SCALE, bottom * SCALE)
        self._draw.rounded_rectangle(corners, radius, **how)  # type: ignore[arg-type]

    def line(self, left: float, top: float, right: float, bottom: float, colour: str, width: int = 1) -> None:
        """A line."""
        self._draw.line([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=colour, width=width * SCALE)

    def text(self, left: float, middle: float, words: str, colour: str, size: int = 13, *, bold: bool = False) -> None:
        """Text, centred on a height."""
        self._draw.text((left * SCALE, middle * SCALE), words, colour, _font(size, bold=bold), anchor="lm")

    def fitting(self, left: float, right: float, middle: float, words: str, colour: str, size: int = 13) -> None:
        """Text on one line, on two smaller ones, or as far as it fits."""
        room = right - left - 14
        if _length(words, size) <= room:
            self.text(left + 7, middle, words, colour, size)
            return
        first, second = _halves(words, room, size - 2)
        if size > SMALL and not second:
            self.text(left + 7, middle, words, colour, size - 2)
        elif size > SMALL:
            self.text(left + 7, middle - 8, first, colour, size - 2)
            self.text(left + 7, middle + 8, _cut(second, room, size - 2), colour, size - 2)
        else:
            self.text(left + 7, middle, _cut(words, room, size), colour, size)

    def save(self, path: Path) -> None:
        """Make it small and write it."""
        small = self.image.resize((WIDTH, self.height), Image.Resampling.LANCZOS)
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def draw(title: str, room: SimulatedRoom, path: Path) -> None:
    """Draw what happened in `room`."""
    lanes = [channel.value for channel in Channel if _used(room, channel.value) or channel is not Channel.ALERT]
    wave_top = TOP + len(lanes) * (LANE + GAP) + 6
    canvas = Canvas(len(room.recording) / RATE, wave_top + WAVE + 44)
    canvas.text(24, 30, title, INK, 20, bold=True)
    _seconds(canvas, wave_top + WAVE)
    _turns(canvas, room)
    for index, channel in enumerate(lanes):
        _lane(canvas, room, channel, TOP + index * (LANE + GAP))
    _waveform(canvas, room, wave_top)
    canvas.save(path)


def _used(room: SimulatedRoom, channel: str) -> bool:
    return any(held[0] == channel for look in room.looks for held in look.held)


def _seconds(canvas: Canvas, bottom: float) -> None:
    for second in range(int(canvas.seconds) + 1):
        canvas.line(canvas.x(second), TOP - 8, canvas.x(second), bottom, GRID)
        canvas.text(canvas.x(second) - (4 if second < 10 else 8), bottom + 18, str(second), SOFT_INK, 12)  # noqa: PLR2004
    canvas.text(24, bottom + 18, "seconds", SOFT_INK, 12)


def _turns(canvas: Canvas, room: SimulatedRoom) -> None:
    canvas.text(24, 68, "turn", SOFT_INK, 12)
    canvas.text(24, 94, "state", SOFT_INK, 12)
    for bar in bars(room.looks, lambda look: (look.turn_id,) if look.turn_id else None):
        left, right = canvas.x(bar.begin), canvas.x(bar.end)
        canvas.line(left, 78, right, 78, INK, 2)
        canvas.text(left, 66, bar.key[0], INK, 13, bold=True)
    for bar in bars(room.looks, lambda look: (look.state,) if look.turn_id else None):
        left, right, (state,) = canvas.x(bar.begin), canvas.x(bar.end), bar.key
        canvas.box(left, 84, right - 1, 104, fill=STATE_COLOUR.get(state, GRID))
        if right - left > NARROW:
            canvas.fitting(left, right, 94, state.replace("_", " "), INK, 11)


def _lane(canvas: Canvas, room: SimulatedRoom, channel: str, top: float) -> None:
    canvas.text(24, top + LANE / 2, channel.upper(), LANE_COLOUR[channel], 13, bold=True)
    canvas.line(LEFT, top + LANE, WIDTH - RIGHT, top + LANE, FRAME_LINE)
    for bar in bars(room.looks, lambda look: _held(look, channel)):
        left, right, (name, how) = canvas.x(bar.begin), canvas.x(bar.end), bar.key
        words = _words(room, channel, name, bar)
        if name == "listening":
            canvas.box(left, top + 4, right - 1, top + LANE - 3, fill=LANE_TINT[channel])
            canvas.fitting(left, right, top + LANE / 2, f"hears {words}", LANE_COLOUR[channel])
        elif how == "primary":
            canvas.box(left, top + 4, right - 1, top + LANE - 3, fill=LANE_COLOUR[channel])
            canvas.fitting(left, right, top + LANE / 2, words, "#ffffff")
        elif how == "may_duck" and channel != "comms":
            canvas.box(left, top + LANE / 2, right - 1, top + LANE - 3, fill=LANE_TINT[channel])
            canvas.fitting(left, right, top + LANE * 0.72, f"{words}, ducked", LANE_COLOUR[channel], 12)
        else:
            canvas.box(left, top + 4, right - 1, top + LANE - 3, outline=LANE_COLOUR[channel], width=SCALE)
            waits = "waits" if channel == "comms" else "paused, keeps its place"
            canvas.fitting(left, right, top + LANE / 2, f"{words}: {waits}", LANE_COLOUR[channel], 12)


def _held(look: Look, channel: str) -> tuple[str, ...] | None:
    for held, name, behavior in look.held:
        if held == channel:
            phase = "listening" if channel == "dialog" and look.state in ("listening", "committing") else name
            return phase, behavior
    return None


def _words(room: SimulatedRoom, channel: str, name: str, bar: Bar) -> str:
    """What the lane says: the words that are spoken in it, or its title."""
    if channel == "dialog":
        who = "person" if name == "listening" else "persona"
        said = [spoken.text for spoken in room.spoken if spoken.who == who and _overlap(spoken.begin, spoken.end, bar)]
        return f"“{said[0]}”" if said else name
    if channel == "content":
        return room.content_title
    return "Call" if channel == "comms" else name


def _overlap(begin: float, end: float, bar: Bar) -> bool:
    return begin < bar.end and bar.begin < end


def _waveform(canvas: Canvas, room: SimulatedRoom, top: float) -> None:
    canvas.text(24, top + WAVE / 2, "speaker", SOFT_INK, 12)
    middle, heard = top + WAVE / 2, room.recording
    columns = np.linspace(0, len(heard), (WIDTH - LEFT - RIGHT) * SCALE // 2 + 1).astype(int)
    loudest = max(1, int(np.abs(heard.astype(int)).max()))
    for number, (begin, end) in enumerate(pairwise(columns)):
        part = heard[begin:end].astype(int)
        peak = float(np.abs(part).max()) / loudest * (WAVE / 2 - 6) if len(part) else 0.0
        colour = LANE_COLOUR.get(_front(room, (begin + end) / 2 / RATE), SOFT_INK)
        x = LEFT + number * 2 / SCALE
        canvas.line(x, middle - max(peak, 0.5), x, middle + max(peak, 0.5), colour)


def _front(room: SimulatedRoom, seconds: float) -> str:
    look = room.looks[min(int(seconds / SAMPLING), len(room.looks) - 1)]
    return look.held[0][0] if look.held else ""


def _length(words: str, size: int) -> float:
    return _font(size, bold=False).getlength(words) / SCALE


def _halves(words: str, room: float, size: int) -> tuple[str, str]:
    """As many words as fit, and the others."""
    parts = words.split(" ")
    count = max((n for n in range(len(parts) + 1) if _length(" ".join(parts[:n]), size) <= room), default=0)
    return " ".join(parts[:count]), " ".join(parts[count:])


def _cut(words: str, room: float, size: int) -> str:
    if _length(words, size) <= room:
        return words
    count = max((n for n in range(len(words)) if _length(words[:n] + "…", size) <= room), default=0)
    return f"{words[:count].rstrip()}…" if count > 1 else ""


def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf", size * SCALE)
    except OSError:
        return ImageFont.load_default(size * SCALE)
