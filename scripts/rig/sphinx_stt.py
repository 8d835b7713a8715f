"""Wyoming speech-to-text server around pocketsphinx: `python -m scripts.rig.sphinx_stt PORT SENTENCES_FILE`.

English only. It hears whole sentences of the file (one to a line): any speech becomes the nearest of them, silence
becomes nothing.
"""

import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from pocketsphinx import Decoder  # type: ignore[import-untyped]
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler, AsyncServer

from .espeak import MICROPHONE_RATE
from .grammar import jsgf
from .ports import LOOPBACK

NAME = "pocketsphinx"
MAKER = Attribution(name=NAME, url="https://github.com/cmusphinx/pocketsphinx")
MODEL = AsrModel(
    "en-us", MAKER, installed=True, description="US English", version="5", languages=["en", "en-US", "en-GB"]
)
INFO = Info(
    asr=[AsrProgram(NAME, MAKER, installed=True, description="Small recogniser", version="5", models=[MODEL])],
)


class Recogniser:
    """Hears one of a set of sentences in 16 kHz mono PCM."""

    def __init__(self, sentences: list[str]) -> None:
        words = Decoder(samprate=MICROPHONE_RATE, loglevel="FATAL", lm=None)
        grammar, self.left_out = jsgf(sentences, lambda word: words.lookup_word(word) is not None)
        with tempfile.NamedTemporaryFile("w", suffix=".jsgf") as file:
            file.write(grammar)
            file.flush()
            self._decoder = Decoder(samprate=MICROPHONE_RATE, loglevel="FATAL", lm=None, jsgf=file.name)

    def hear(self, pcm: bytes) -> str:
        """Return the sentence heard, or an empty one."""
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return str(hypothesis.hypstr) if hypothesis else ""


class Listener(AsyncEventHandler):
    """One client's connection: one utterance."""

    def __init__(self, *args: Any, recogniser: Recogniser, lock: asyncio.Lock) -> None:
        super().__init__(*args)
        self._recogniser = recogniser
        self._lock = lock
        self._heard = bytearray()
        self._converter = AudioChunkConverter(rate=MICROPHONE_RATE, width=2, channels=1)

    async def handle_event(self, event: Event) -> bool:
        """Answer one event; the connection closes after a transcript."""
        if Describe.is_type(event.type):
            await self.write_event(INFO.event())
        elif Transcribe.is_type(event.type) or AudioStart.is_type(event.type):
            self._heard.clear()
        elif AudioChunk.is_type(event.type):
            self._heard += self._converter.convert(AudioChunk.from_event(event)).audio
        elif AudioStop.is_type(event.type):
            async with self._lock:
                text = await asyncio.to_thread(self._recogniser.hear, bytes(self._heard))
            print(f"heard {text!r} in {len(self._heard) / 2 / MICROPHONE_RATE:.1f} s", flush=True)
            await self.write_event(Transcript(text=text, language="en").event())
            return False
        return True


async def serve(port: int, sentences: list[str]) -> None:
    """Serve until cancelled."""
    recogniser = Recogniser(sentences)
    if recogniser.left_out:
        print(f"not in the dictionary, cannot be heard: {recogniser.left_out}", flush=True)
    handler = partial(Listener, recogniser=recogniser, lock=asyncio.Lock())
    await AsyncServer.from_uri(f"tcp://{LOOPBACK}:{port}").run(handler)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines()))
