"""What happens instead of everything that a room's devices cannot do (Engine A4)."""

from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from ...engine.speaker import SpeakerCapabilities

FALLBACKS: Final = MappingProxyType(
    {
        "speak": "an inject fails with its reason; answers are heard where they were asked for",
        "chime": "the words come without a sound before them",
        "recording": "the words are spoken in its place; without words the announcement fails with its reason",
        "listen": "the question is announced, and the person says the wake word first",
        "play": "content is declined in words",
        "duck": "content pauses while somebody speaks",
        "pause": "a stream is stopped and opened anew at the place that was heard; media by its id begins anew",
        "seek": "media by its id begins anew after a restart, and after a stop",
        "position": "media by its id counts as heard from its beginning",
        "volume": "a wish for another volume is declined in words; quiet hours speak at the usual volume",
        "stop_speech": "speech that the device has begun is said to its end, although the room listens again at once",
        "microphone": "calls that need the room's microphone are declined",
        "sounds": "no tone covers a slow model, and a tool's short sound is left out",
    }
)
"""By capability; `ducks_itself` is no lack."""


def fallbacks(capabilities: SpeakerCapabilities) -> dict[str, str]:
    """What happens instead, for each capability that is missing."""
    return {name: FALLBACKS[name] for name, able in asdict(capabilities).items() if able is False and name in FALLBACKS}
