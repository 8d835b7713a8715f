"""Wyoming text-to-speech server around espeak-ng: `python -m scripts.rig.espeak_tts PORT`."""

import asyncio
import sys
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler, AsyncServer
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped, SynthesizeVoice

from .espeak import VOICES, synthesize
from .ports import LOOPBACK

NAME = "espeak-ng"
MAKER = Attribution(name=NAME, url="https://github.com/espeak-ng/espeak-ng")
INFO = Info(
    tts=[
        TtsProgram(
            name=NAME,
            description="Formant synthesis",
            attribution=MAKER,
            installed=True,
            version="1",
            voices=[
                TtsVoice(voice, MAKER, installed=True, description=voice, version="1", languages=[language])
                for voice, language in VOICES.items()
            ],
            supports_synthesize_streaming=True,
        )
    ]
)


class Speaker(AsyncEventHandler):
    """One client's connection."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._streamed: list[str] | None = None
        self._voice = "en-us"

    async def handle_event(self, event: Event) -> bool:
        """Answer one event; a streaming client sends its text in chunks and, for old servers, whole as well."""
        if Describe.is_type(event.type):
            await self.write_event(INFO.event())
        elif SynthesizeStart.is_type(event.type):
            self._streamed = []
            self._choose(SynthesizeStart.from_event(event).voice)
        elif SynthesizeChunk.is_type(event.type) and self._streamed is not None:
            self._streamed.append(SynthesizeChunk.from_event(event).text)
        elif SynthesizeStop.is_type(event.type) and self._streamed is not None:
            text, self._streamed = "".join(self._streamed), None
            await self._speak(text)
            await self.write_event(SynthesizeStopped().event())
        elif Synthesize.is_type(event.type) and self._streamed is None:
            whole = Synthesize.from_event(event)
            self._choose(whole.voice)
            await self._speak(whole.text)
        return True

    def _choose(self, voice: SynthesizeVoice | None) -> None:
        if voice is not None:
            by_language = {language: name for name, language in VOICES.items()}
            self._voice = voice.name or by_language.get(voice.language or "", self._voice)

    async def _speak(self, text: str) -> None:
        try:
            speech = await synthesize(text, self._voice)
        except RuntimeError as error:
            await self.write_event(Error(text=str(error), code="synthesis").event())
            return
        layout = {"rate": speech.rate, "width": 2, "channels": 1}
        await self.write_event(AudioStart(**layout).event())
        size = speech.rate // 10 * 2
        for start in range(0, len(speech.pcm), size):
            await self.write_event(AudioChunk(audio=speech.pcm[start : start + size], **layout).event())
        await self.write_event(AudioStop().event())
        print(f"said {text!r} with {self._voice}", flush=True)


async def serve(port: int) -> None:
    """Serve until cancelled."""
    await AsyncServer.from_uri(f"tcp://{LOOPBACK}:{port}").run(Speaker)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
