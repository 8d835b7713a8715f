"""Speech from espeak-ng: a robot's voice, but it needs no network and speaks every language."""

import asyncio
import io
import wave
from dataclasses import dataclass

import audioop

VOICES = {
    "en-us": "en-US",
    "en-gb": "en-GB",
    "es": "es-ES",
    "es-419": "es-MX",
    "fr": "fr-FR",
    "de": "de-DE",
    "it": "it-IT",
    "nl": "nl-NL",
    "pt-br": "pt-BR",
}
"""espeak-ng's voice and the language it speaks."""

CLEAR_VOICE = "en-us+f3"  # the one that pocketsphinx understands best
CLEAR_SPEED = 140  # words a minute
MICROPHONE_RATE = 16_000
LOUD = 0.7 * 2**15  # peak of a clear voice close to the microphone
HEADER = 44  # bytes; its lengths are placeholders, because espeak-ng writes to a pipe


@dataclass(frozen=True, slots=True)
class Speech:
    """16-bit mono PCM."""

    rate: int
    pcm: bytes

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate


async def synthesize(text: str, voice: str = "en-us", speed: int = 165) -> Speech:
    """Speak `text`; `RuntimeError` when espeak-ng refuses (an unknown voice)."""
    process = await asyncio.create_subprocess_exec(
        *("espeak-ng", "-v", voice, "-s", str(speed), "--stdin", "--stdout"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await process.communicate(text.encode())
    if process.returncode or len(out) < HEADER:
        raise RuntimeError(f"espeak-ng could not speak with the voice {voice}: {complaint.decode().strip()}")
    with wave.open(io.BytesIO(out)) as header:
        return Speech(header.getframerate(), out[HEADER:])


async def say_to_microphone(text: str, voice: str = CLEAR_VOICE) -> bytes:
    """Return `text` as a microphone hears it: 16 kHz, 16-bit mono PCM, loud, with a breath before it."""
    speech = await synthesize(text, voice, CLEAR_SPEED)
    pcm, _ = audioop.ratecv(speech.pcm, 2, 1, speech.rate, MICROPHONE_RATE, None)
    pcm = audioop.mul(pcm, 2, LOUD / max(audioop.max(pcm, 2), 1))
    return bytes(MICROPHONE_RATE * 2 * 3 // 10) + pcm
