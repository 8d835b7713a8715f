"""Telephones: an announcement is a call, and a conversation goes on until somebody hangs up."""

from typing import ClassVar

from .kind import SatelliteKind


class VoipSatellite(SatelliteKind):
    """Speaks words only; an announcement is repeated until the person hangs up, and lasts as long (2026.10)."""

    name: ClassVar[str] = "voip"
    chimes: ClassVar[bool] = False
    plays_recordings: ClassVar[bool] = False
    stays_on_the_line: ClassVar[bool] = True
