"""Wyoming satellites: they announce words and recordings, and are heard out."""

from typing import ClassVar

from .kind import SatelliteKind


class WyomingSatellite(SatelliteKind):
    """Plays no sound before an announcement, opens no microphone by itself, and cannot be stopped (2026.10)."""

    name: ClassVar[str] = "wyoming"
    chimes: ClassVar[bool] = False
