"""What Huxley adds to Home Assistant's start: seconds and MiB.

Pairs of boots of one configuration, with and without Huxley's entry, in turn; the figure is the median of the pairs'
differences. Speech servers, a satellite and a player run all the while, so that nobody waits for a device.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic

from scripts.rig.client import Client
from scripts.rig.config import Development, prepare
from scripts.rig.entries import ensure_huxley, ensure_peers
from scripts.rig.homeassistant import HomeAssistant
from scripts.rig.house import running_room
from scripts.rig.onboarding import access_token
from scripts.rig.ports import free_port

from .report import Report

PAIRS = 9
SETTLE = 4  # seconds after which memory no longer moves
MIB = 1024  # KiB
ENTRIES = Path(".storage") / "core.config_entries"


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of Home Assistant."""

    seconds: float
    """From the process's start until everything is set up."""

    rss: float
    pss: float
    """MiB, once it has settled."""


async def measure() -> list[tuple[Boot, Boot]]:
    """Return pairs of boots: without Huxley, with it."""
    with tempfile.TemporaryDirectory() as folder:
        development = prepare(Path(folder) / "house", free_port(), level="warning")
        async with running_room(development):
            await _once(development, _furnish)
            bare = Path(folder) / "bare"
            shutil.copytree(development.path, bare, symlinks=True, ignore=shutil.ignore_patterns("rig"))
            _remove_huxley(bare / ENTRIES)
            pairs = []
            for number in range(PAIRS):
                # Whoever boots second finds warmer caches, so the order changes.
                order = (bare, development.path) if number % 2 else (development.path, bare)
                boots = {config: await boot(config, development.port) for config in order}
                pairs.append((boots[bare], boots[development.path]))
            return pairs


async def boot(config: Path, port: int) -> Boot:
    """Start Home Assistant on `config`, measure it, stop it."""
    homeassistant = HomeAssistant(config, port)
    began = monotonic()
    try:
        await homeassistant.start()
        await homeassistant.initialized()
        seconds = monotonic() - began
        await asyncio.sleep(SETTLE)
        return Boot(seconds, *_memory(homeassistant.pid))
    finally:
        await homeassistant.stop()


async def _once(development: Development, work: Callable[[Client, Development], Awaitable[None]]) -> None:
    homeassistant = HomeAssistant(development.path, development.port)
    try:
        await homeassistant.start()
        await homeassistant.initialized()
        async with Client(homeassistant.url, await access_token(homeassistant.url)) as client:
            await work(client, development)
    finally:
        await homeassistant.stop()


async def _furnish(client: Client, development: Development) -> None:
    await ensure_huxley(client, await ensure_peers(client, development.peers))


def _remove_huxley(file: Path) -> None:
    store = json.loads(file.read_text())
    entries = store["data"]["entries"]
    store["data"]["entries"] = [entry for entry in entries if entry["domain"] != "huxley"]
    file.write_text(json.dumps(store))


def _memory(pid: int) -> tuple[float, float]:
    """Return RSS and PSS in MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(value.split()[0]) / MIB for name, value in (line.split(":", 1) for line in lines)}
    return sizes["Rss"], sizes["Pss"]


def main() -> None:
    """Measure and report."""
    report = Report.from_command_line("What Huxley adds to Home Assistant's start")
    pairs = asyncio.run(measure())
    for name, unit in (("seconds", "s"), ("rss", "MiB"), ("pss", "MiB")):
        without, with_huxley = ([getattr(boot, name) for boot in side] for side in zip(*pairs, strict=True))
        differences = [b - a for a, b in zip(without, with_huxley, strict=True)]
        label = "start" if unit == "s" else name.upper()
        report.add(f"{label}, without Huxley", median(without), unit, f"median of {PAIRS}")
        report.add(f"{label}, with Huxley", median(with_huxley), unit, f"median of {PAIRS}")
        spread = f"median of paired differences, {min(differences):.2f} to {max(differences):.2f}"
        report.add(f"{label}, added", median(differences), unit, spread)
    report.emit()


if __name__ == "__main__":
    main()
