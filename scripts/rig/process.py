"""Child processes that never outlive the rig."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from .ports import refuse_taken, wait_open

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
LAST_LINES = 2000  # characters of a log that an error quotes


class ProcessDiedError(Exception):
    """A child process ended before it was ready."""


def _die_with_parent() -> None:
    """Ask Linux to end this child when the rig is killed outright."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One child process whose output goes to a log file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = {**os.environ, **(env or {})}
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id; `RuntimeError` before `start`."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started.")
        return self._child.pid

    async def start(self, port: int | None = None, limit: timedelta = timedelta(seconds=60)) -> Self:
        """Start the child and, when `port` is given, return once it listens there."""
        if port is not None:
            refuse_taken(port, self.name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=self._env,
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C reaches the rig alone, which stops its children in order
                preexec_fn=_die_with_parent,
            )
        if port is not None:
            await self.alive_until(wait_open(port, limit))
        return self

    async def alive_until[T](self, condition: Coroutine[Any, Any, T]) -> T:
        """Await `condition`; `ProcessDiedError` with the end of the log if the child ends first."""
        waiting = asyncio.ensure_future(condition)
        ended = asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait((waiting, ended), return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            raise ProcessDiedError(f"{self.name} ended with {ended.result()}:\n{self.log.read_text()[-LAST_LINES:]}")
        finally:
            waiting.cancel()
            ended.cancel()

    async def wait(self) -> int:
        """Return the exit code when the child has ended."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started.")
        return await self._child.wait()

    async def stop(self, limit: timedelta = timedelta(seconds=30)) -> None:
        """End the child and what it started: politely first, for certain after `limit`."""
        if self._child is None or self._child.returncode is not None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(limit.total_seconds()):
                await self._child.wait()
        except TimeoutError:
            os.killpg(self._child.pid, signal.SIGKILL)
            await self._child.wait()
