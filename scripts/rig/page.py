"""The room in a browser: hear it, talk to it, see what happened."""

import asyncio
import struct
from pathlib import Path

from aiohttp import web

from .espeak import say_to_microphone
from .loudspeaker import Loudspeaker
from .ports import LOOPBACK, refuse_taken
from .recording import RATE
from .satellite import Satellite

PAGE = Path(__file__).with_name("page.html")
ENDLESS = 0xFFFFFFFF  # the length of a WAV that never ends
LATEST = 12  # moments that the page shows


class RoomPage:
    """A small web server on loopback."""

    def __init__(self, port: int, loudspeaker: Loudspeaker, satellite: Satellite, host: str = LOOPBACK) -> None:
        self._port = port
        self._host = host
        self._loudspeaker = loudspeaker
        self._satellite = satellite
        self._runner: web.AppRunner | None = None
        self._busy = asyncio.Lock()

    async def start(self) -> None:
        """Serve; `PortTakenError` when somebody else does."""
        refuse_taken(self._port, "the room's page")
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/live.pcm", self._live)
        app.router.add_get("/live.wav", self._live)
        app.router.add_get("/moments", self._moments)
        app.router.add_post("/say", self._say)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Stop serving and hang up on who listens."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Send the room's sound as it is made: 48 kHz mono, bare PCM or a WAV without end."""
        is_wav = request.path.endswith(".wav")
        kind = "audio/wav" if is_wav else "application/octet-stream"
        response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-store"})
        await response.prepare(request)
        try:
            if is_wav:
                await response.write(_endless_wav_header())
            async for frame in self._loudspeaker.listen():
                await response.write(frame)
        except ConnectionError:
            self._loudspeaker.note("listener left")
        return response

    async def _moments(self, _request: web.Request) -> web.Response:
        latest = self._loudspeaker.recording.moments[-LATEST:]
        return web.json_response([{"at": round(m.at, 2), "event": m.event, "data": m.data} for m in latest])

    async def _say(self, request: web.Request) -> web.Response:
        """Say a sentence (the body) into the satellite's microphone; answers when it was heard out."""
        text = (await request.text()).strip()
        if not text:
            return web.Response(status=400, text="Say something.")
        if self._busy.locked():
            return web.Response(status=409, text="The room is still answering.")
        async with self._busy:
            try:
                await self._satellite.ask(await say_to_microphone(text))
            except (ConnectionError, TimeoutError) as error:
                return web.Response(status=503, text=f"The satellite got no answer. {error}".strip())
        return web.json_response({"transcript": self._satellite.transcript, "answer": self._satellite.answer})


def _endless_wav_header() -> bytes:
    layout = struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return b"RIFF" + struct.pack("<I", ENDLESS) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", ENDLESS)
