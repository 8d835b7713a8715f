"""Writes docs/behaviour.md from the cells: `python -m tests.e2e.behaviour.page`."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from scripts.rig.process import ROOT

from . import kitchen, living_room
from .cells import Cell

PAGE = ROOT / "docs" / "behaviour.md"
SECTIONS: Mapping[str, str] = {"F": "focus", "T": "what-holds", "I": "what-holds", "A": "audio"}
"""Letter of a rule, and where the page about the engine tells of it."""

HEAD = """\
<!-- Written by scripts/behaviour from tests/e2e/behaviour; change it there. -->

# What is heard when

Each line of these tables is a test. In a real Home Assistant with real protocols, it brings a room into the situation,
lets the event happen, and compares what is recorded in the room with what is said here: each word, whether it was cut
off, how loud the music was under it, and at which moment of the music it went on. The letters and numbers are the
[rules of the engine](engine.md) that it follows from.
"""
KITCHEN = """
## One device: an ESPHome satellite with a player of its own

Such as a Voice PE. It plays words beside music, turns its own music down while it listens and speaks, and falls silent
at a wake word while it speaks. In the tests it is emulated, and speaks the native protocol of ESPHome.
"""
LIVING_ROOM = """
## Two devices: a Wyoming satellite and MPD

The satellite has no player of its own and cannot be silenced. Huxley turns the player down by its volume; the first
word may be heard a fifth of a second before the music is quiet.
"""
TAIL = """
## How it is measured

The music is a tone that rises by 100 Hz each second, so that its pitch tells which moment of it is heard. The sentences
are found in the recording by their own samples.

| what | bound |
|---|---|
| music under words | 17 to 27 dB quieter, from 40 ms (one device) or 200 ms (two) after the first word on |
| music again at its own level | 2 s after the last word; the one device lets it rise for a second |
| a moment that is heard twice or never | none above 60 ms |
| a place that is found again after the player was away | 1.5 s |
| silence after a stop by hand | 0.3 s (one device), 0.6 s (two) |
| words over words, other words, words that are missing | none |

The restart is one for all situations: each of them has a kitchen of its own, and Home Assistant is restarted under all
of them at once.

```sh
scripts/test e2e                             # all of it
.venv/bin/python -m pytest -q -c tests/e2e/pytest.ini tests/e2e/test_behaviour.py -k kitchen-own
scripts/behaviour                            # write this page
```

Recordings of cells that failed are in `build/e2e/behaviour`.
"""


def text() -> str:
    """Return the whole page."""
    parts = (HEAD, KITCHEN, _table(kitchen.CELLS), LIVING_ROOM, _table(living_room.CELLS), TAIL)
    return "".join(parts)


def _table(cells: Iterable[Cell]) -> str:
    lines = ["", "| situation | event | what is heard | rules |", "|---|---|---|---|"]
    for situation, group in groupby(cells, key=lambda cell: cell.situation):
        for number, cell in enumerate(group):
            first = f"**{situation}**" if number == 0 else ""
            rules = " ".join(f"[{rule}](engine.md#{SECTIONS[rule[0]]})" for rule in cell.rules)
            lines.append(f"| {first} | {cell.event} | {cell.heard} | {rules} |")
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")  # noqa: T201  for whoever runs it
