"""The benchmark of rooms runs: a house of its own starts, is used, and stops. How fast is not asked here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 180  # seconds; two starts of Home Assistant on a busy machine


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    file = tmp_path_factory.mktemp("rooms") / "rooms.json"
    command = [sys.executable, "-m", "benchmarks.rooms", "--rooms", "2", "--rounds", "2", "--seconds", "0.2"]
    subprocess.run([*command, "--json", str(file)], cwd=ROOT, timeout=LIMIT, check=True, capture_output=True)
    return {row["name"]: row for row in json.loads(file.read_text())["rows"]}


@pytest.mark.parametrize(
    "name",
    [
        "wake word → player told to be quiet",
        "inject → announce",
        "answer heard out → player told to play",
        "all wake words at once → each player told",
    ],
)
@pytest.mark.parametrize("label", ["p50", "p99"])
def test_each_way_through_a_room_is_measured_next_to_plain_actions(
    rows: dict[str, dict[str, object]], name: str, label: str
) -> None:
    row = rows[f"{name}, 2 rooms, {label}"]
    assert isinstance(row["value"], float)
    assert row["value"] > 0
    assert "plain: " in str(row["note"])


@pytest.mark.parametrize("name", ["idle, CPU", "playing streams, CPU", "idle, memory added"])
def test_what_rooms_take_is_measured(rows: dict[str, dict[str, object]], name: str) -> None:
    assert f"2 rooms {name}" in rows
