"""Wyoming speech-to-text server around pocketsphinx: `python -m scripts.rig.sphinx_stt PORT`.

English only. It hears the sentences of the skills: any speech becomes the nearest of them, silence becomes nothing.
"""

import asyncio
import sys
from functools import partial
from typing import Any

from pocketsphinx import Decoder  # type: ignore[import-untyped]
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler, AsyncServer

from .espeak import MICROPHONE_RATE
from .grammar import network
from .ports import LOOPBACK
from .skill_sentences import skill_sentences

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

    def __init__(self, sentences: set[str]) -> None:
        self._decoder = Decoder(samprate=MICROPHONE_RATE, loglevel="FATAL", lm=None)
        self._known = known = {
            sentence for sentence in sentences if all(map(self._decoder.lookup_word, sentence.split()))
        }
        self.left_out = sorted(sentences - known)
        words = network(known)
        steps = [(step.source, step.target, step.probability, *step.word) for step in words.steps]
        self._decoder.add_fsg("sentences", self._decoder.create_fsg("sentences", 0, words.end, steps))
        self._decoder.activate_search("sentences")

    def hear(self, pcm: bytes) -> str:
        """Return the sentence heard; an empty one for silence, or for the beginning of a sentence."""
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr if hypothesis and hypothesis.hypstr in self._known else ""


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


async def serve(port: int, sentences: set[str]) -> None:
    """Serve until cancelled."""
    recogniser = Recogniser(sentences)
    if recogniser.left_out:
        print(f"not in the dictionary, cannot be heard: {recogniser.left_out}", flush=True)
    handler = partial(Listener, recogniser=recogniser, lock=asyncio.Lock())
    await AsyncServer.from_uri(f"tcp://{LOOPBACK}:{port}").run(handler)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), skill_sentences()))
