"""Play the scenarios of the concept pages in virtual time: one WAV and one picture each.

`python -m benchmarks.scenarios [--out DIR] [--tones]`. With espeak-ng installed everybody speaks; else they beep.
"""

import argparse
import wave
from pathlib import Path

from custom_components.huxley.engine.audio.pcm import RATE, WIDTH
from tests.engine.virtual_time import run

from .simulation.cast import Cast, can_speak, spoken_cast, tone_cast
from .simulation.picture import draw
from .simulation.room import SimulatedRoom
from .simulation.scenarios import SCENARIOS, Scenario


def play(scenario: Scenario, cast: Cast) -> SimulatedRoom:
    """Play one scenario and return the room with its recording."""

    async def main() -> SimulatedRoom:
        async with SimulatedRoom(cast) as room:
            await scenario.play(room)
        return room

    return run(main())


def write_wav(path: Path, room: SimulatedRoom) -> None:
    """Write what was heard."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(WIDTH)
        file.setframerate(RATE)
        file.writeframes(room.recording.astype("<i2").tobytes())


def main() -> None:
    """Play them all."""
    parser = argparse.ArgumentParser(description="Play the scenarios of the concept pages")
    parser.add_argument("--out", type=Path, default=Path("build/scenarios"), metavar="DIR", help="where the files go")
    parser.add_argument("--tones", action="store_true", help="tones instead of voices")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cast = spoken_cast() if can_speak() and not options.tones else tone_cast()
    for scenario in SCENARIOS:
        room = play(scenario, cast)
        sound, picture = options.out / f"{scenario.name}.wav", options.out / f"{scenario.name}.png"
        write_wav(sound, room)
        draw(scenario.title, room, picture)
        seconds = len(room.recording) / RATE
        print(f"{scenario.title}: {seconds:.1f} s, {sound}, {picture} ({picture.stat().st_size // 1024} KiB)")


if __name__ == "__main__":
    main()
