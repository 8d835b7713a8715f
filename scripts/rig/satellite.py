"""A Wyoming satellite: the rig speaks into its microphone, its voice comes out of the room's loudspeaker."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ClassVar

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable, async_read_event, async_write_event
from wyoming.info import Attribution, Describe, Info
from wyoming.info import Satellite as SatelliteInfo
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import RunSatellite
from wyoming.snd import Played

from .espeak import MICROPHONE_RATE
from .loudspeaker import Loudspeaker
from .ports import LOOPBACK, refuse_taken

NAME = "Living room satellite"
CHUNK = 0.04  # seconds of audio a microphone sends at once
END_OF_QUESTION = {"voice-stopped", "transcript", "error"}
LONGEST_QUESTION = timedelta(seconds=30)
INFO = Info(
    satellite=SatelliteInfo(
        name=NAME,
        attribution=Attribution(name="Huxley", url="https://github.com/rhasspy/wyoming"),
        installed=True,
        description="A satellite made of software",
        version="1",
        area="Living room",
    )
)


class Satellite:
    """Home Assistant connects to it; `ask` is the microphone, `loudspeaker` the voice."""

    def __init__(self, port: int, loudspeaker: Loudspeaker) -> None:
        self._port = port
        self._loudspeaker = loudspeaker
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._wanted = asyncio.Event()
        self._question_over = asyncio.Event()
        self._answer_over = asyncio.Event()
        self._clients: set[asyncio.Task[None]] = set()
        self.transcript = ""
        """What the last question was understood as."""

        self.answer = ""
        """What the last answer's text was."""

    async def start(self) -> None:
        """Listen for Home Assistant; `PortTakenError` when somebody else does."""
        refuse_taken(self._port, "the satellite")
        self._server = await asyncio.start_server(self._connected, LOOPBACK, self._port)

    async def stop(self) -> None:
        """Go away as an unplugged device does."""
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def connected(self, limit: timedelta = timedelta(seconds=30)) -> None:
        """Return when Home Assistant uses the satellite."""
        await asyncio.wait_for(self._wanted.wait(), limit.total_seconds())

    async def ask(self, pcm: bytes, limit: timedelta = timedelta(seconds=60)) -> None:
        """Press the button, say `pcm` (16 kHz mono) in real time, and return when the answer was heard out."""
        self.transcript = self.answer = ""
        self._question_over.clear()
        self._answer_over.clear()
        self._loudspeaker.note("button")
        run = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS, restart_on_end=False)
        async with asyncio.timeout(limit.total_seconds()):
            await self._send(run)
            await self._microphone(pcm)
            await self._answer_over.wait()

    async def _microphone(self, pcm: bytes) -> None:
        """Send `pcm`, then the silence of a room, until Home Assistant has heard enough."""
        layout = {"rate": MICROPHONE_RATE, "width": 2, "channels": 1}
        size = int(MICROPHONE_RATE * CHUNK) * 2
        loop = asyncio.get_running_loop()
        started = loop.time()
        await self._send(AudioStart(**layout))
        for number in range(int(LONGEST_QUESTION.total_seconds() / CHUNK)):
            chunk = pcm[number * size : (number + 1) * size].ljust(size, b"\0")
            await self._send(AudioChunk(audio=chunk, **layout))
            try:
                async with asyncio.timeout_at(started + (number + 1) * CHUNK):
                    await self._question_over.wait()
                break
            except TimeoutError:
                continue  # the next chunk is due
        await self._send(AudioStop())

    async def _send(self, message: Eventable) -> None:
        if self._writer is None:
            raise ConnectionError("Home Assistant is not connected to the satellite.")
        await async_write_event(message.event(), self._writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)
        try:
            while (event := await async_read_event(reader)) is not None:
                await self._handle(event, writer)
        except ConnectionError:
            self._loudspeaker.note("satellite connection lost")
        finally:
            if self._writer is writer:
                self._writer = None
                self._wanted.clear()
            writer.close()

    async def _handle(self, event: Event, writer: asyncio.StreamWriter) -> None:
        if Describe.is_type(event.type):
            await async_write_event(INFO.event(), writer)
        elif Ping.is_type(event.type):
            await async_write_event(Pong(text=Ping.from_event(event).text).event(), writer)
        elif RunSatellite.is_type(event.type):
            self._writer = writer
            self._wanted.set()
        elif handler := self._handlers.get(event.type):
            await handler(self, event)
        if event.type in END_OF_QUESTION:
            self._question_over.set()
        if event.type == "error":
            self._loudspeaker.note("error", **event.data)
            self._answer_over.set()

    async def _on_transcript(self, event: Event) -> None:
        self.transcript = event.data.get("text", "")
        self._loudspeaker.note("transcript", text=self.transcript)

    async def _on_synthesize(self, event: Event) -> None:
        self.answer = event.data.get("text", "")
        self._loudspeaker.note("answer", text=self.answer)

    async def _on_audio_start(self, event: Event) -> None:
        start = AudioStart.from_event(event)
        self._loudspeaker.begin_speech(start.rate, start.channels)

    async def _on_audio_chunk(self, event: Event) -> None:
        self._loudspeaker.speak(AudioChunk.from_event(event).audio)

    async def _on_audio_stop(self, _event: Event) -> None:
        self._loudspeaker.end_speech(self._heard_out)

    async def _heard_out(self) -> None:
        """Tell Home Assistant that the last sample has been heard."""
        if self._writer is not None:
            await self._send(Played())
        self._answer_over.set()

    _handlers: ClassVar[dict[str, Callable[[Satellite, Event], Coroutine[Any, Any, None]]]] = {
        "transcript": _on_transcript,
        "synthesize": _on_synthesize,
        "audio-start": _on_audio_start,
        "audio-chunk": _on_audio_chunk,
        "audio-stop": _on_audio_stop,
    }
