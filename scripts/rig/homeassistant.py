"""A Home Assistant process."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

import aiohttp

from .ports import LOOPBACK, refuse_taken
from .process import Process

BOOT_LIMIT = timedelta(minutes=5)  # a newcomer's first start may install requirements
INITIALIZED = "Home Assistant initialized in"
POLL = 0.05  # seconds


class HomeAssistant:
    """A real Home Assistant on a configuration directory."""

    def __init__(self, config: Path, port: int, *, env: Mapping[str, str] | None = None) -> None:
        self.config = config
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        command = [sys.executable, "-m", "homeassistant", "--config", str(config)]
        self._process = Process("Home Assistant", command, config / "console.log", {"PATH": path, **(env or {})})

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def console(self) -> str:
        """What Home Assistant has printed since its start."""
        return self._process.log.read_text(errors="replace")

    async def start(self) -> Self:
        """Start the process and return when it answers over HTTP; refuses a taken port."""
        refuse_taken(self.port, "Home Assistant")
        await self._process.start()
        await self._process.alive_until(self._answers())
        return self

    async def initialized(self) -> None:
        """Return when everything that was configured is set up."""
        await self._process.alive_until(self._printed(INITIALIZED))

    async def wait(self) -> int:
        """Return the exit code when the process has ended (100 asks for a restart)."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Stop it the way a supervisor would."""
        await self._process.stop(timedelta(seconds=60))

    async def _answers(self) -> None:
        async with asyncio.timeout(BOOT_LIMIT.total_seconds()), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.url}/manifest.json") as response:
                        if response.ok:
                            return
                except aiohttp.ClientConnectionError:
                    pass  # not listening yet
                await asyncio.sleep(POLL)

    async def _printed(self, text: str) -> None:
        async with asyncio.timeout(BOOT_LIMIT.total_seconds()):
            while text not in self.console:  # noqa: ASYNC110  another process writes the log
                await asyncio.sleep(POLL)
