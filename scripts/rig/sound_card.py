"""The machine's own loudspeaker, when it has one."""

import asyncio
import shutil
from pathlib import Path

from .loudspeaker import Loudspeaker
from .recording import RATE

# Player and its arguments for raw 16-bit mono on standard input, the likeliest first.
PLAYERS = (
    ("pw-cat", "--playback", "--rate", str(RATE), "--format", "s16", "--channels", "1", "-"),
    ("paplay", "--raw", f"--rate={RATE}", "--format=s16le", "--channels=1"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1", "-"),
)
CARDS = Path("/proc/asound/cards")


def player() -> tuple[str, ...] | None:
    """Return the command that plays raw PCM here, or None without a sound card or a player."""
    if not CARDS.exists() or "no soundcards" in CARDS.read_text():
        return None
    return next((command for command in PLAYERS if shutil.which(command[0])), None)


async def play(loudspeaker: Loudspeaker, command: tuple[str, ...]) -> None:
    """Play the room until cancelled; returns when the player goes away."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    if process.stdin is None:
        raise RuntimeError(f"{command[0]} has no standard input.")
    try:
        async for frame in loudspeaker.listen():
            process.stdin.write(frame)
            await process.stdin.drain()
    except ConnectionError:
        print(f"   {command[0]} stopped playing; the link to the room still works.")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
