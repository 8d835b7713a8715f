"""A configuration directory for development: what is missing is made, what exists is left alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ports import LOOPBACK, PortTakenError, free_port, refuse_taken
from .process import ROOT

CONFIGURATION = """\
# Made by scripts/run for development; yours to change, it is never written again.
# `http:` is left out on purpose: Home Assistant keeps host and port in .storage/http.
homeassistant:
  name: Huxley development
  country: US
  language: en
  time_zone: UTC
  unit_system: metric
  latitude: 52.0
  longitude: 5.0
  elevation: 10
  internal_url: http://127.0.0.1:{port}
  media_dirs:
    local: {media}
frontend:
config:
conversation:
assist_pipeline:
media_source:
logger:
  default: warning
  logs:
    homeassistant.bootstrap: info
    custom_components.huxley: {level}
"""
INTEGRATION = ROOT / "custom_components" / "huxley"
PEERS = ("tts", "stt", "satellite", "player", "kitchen", "page")


@dataclass(frozen=True, slots=True)
class Development:
    """A configuration directory that is ready to start."""

    path: Path
    port: int
    """Where its Home Assistant listens."""

    peers: Mapping[str, int]
    """Port of each of `PEERS`; kept in the directory, because entries remember them."""

    added: tuple[str, ...]
    """What was put into the directory just now, relative to it."""

    fresh: bool
    """The directory had no Home Assistant configuration before."""


def prepare(path: Path, port: int, *, host: str = LOOPBACK, level: str = "info") -> Development:
    """Add to `path` what a development house needs and it lacks."""
    path = path.absolute()
    storage = path / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    added: list[str] = []

    def add(name: str, text: str) -> None:
        file = path / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            added.append(name)

    fresh = not (path / "configuration.yaml").exists()
    if fresh:
        (path / "media").mkdir(exist_ok=True)
        add("configuration.yaml", CONFIGURATION.format(port=port, media=path / "media", level=level))
        add(".storage/http", json.dumps(_http(host, port)))
        if not (storage / "auth").exists():
            add(".storage/onboarding", json.dumps(_onboarding()))
    integration = path / "custom_components" / "huxley"
    if not integration.exists(follow_symlinks=False):
        integration.parent.mkdir(exist_ok=True)
        integration.symlink_to(INTEGRATION)
        added.append("custom_components/huxley")
    add("huxley-rig.json", json.dumps({name: free_port() for name in PEERS} | {"page": _page_port(port)}, indent=1))
    peers: dict[str, int] = json.loads((path / "huxley-rig.json").read_text())
    return Development(path, port if fresh else _port(storage, port), peers, tuple(added), fresh)


def _http(host: str, port: int) -> dict[str, Any]:
    """Host and port as Home Assistant stores them; in YAML they would start a trial that restarts it."""
    stable = {
        "server_host": [host],
        "server_port": port,
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 2, "minor_version": 2, "key": "http", "data": data}


def _onboarding() -> dict[str, Any]:
    """Mark the steps that would start integrations which call out (weather, radio) as done."""
    return {"version": 4, "minor_version": 1, "key": "onboarding", "data": {"done": ["core_config", "analytics"]}}


def _page_port(port: int) -> int:
    """Return the port beside Home Assistant's, which is easy to remember, when it is free."""
    try:
        refuse_taken(port + 1, "the room's page")
    except PortTakenError:
        return free_port()
    return port + 1


def _port(storage: Path, fallback: int) -> int:
    """Return the port that an existing configuration uses."""
    file = storage / "http"
    if not file.exists():
        return fallback
    stable = json.loads(file.read_text())["data"].get("stable") or {}
    return int(stable.get("server_port", fallback))
