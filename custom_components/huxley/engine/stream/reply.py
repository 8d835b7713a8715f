"""Speech through the mixer: words go to a voice, and its audio into the mix."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import timedelta

from ..audio.feeder import Feeder
from ..audio.mixer import Mixer
from ..errors import SpeakerError

type Voice = Callable[[AsyncIterator[str]], AsyncIterator[bytes]]
"""Speaks text, given piece by piece, as PCM of `engine.audio.pcm`; it may raise anything."""


class StreamReply:
    """A `Reply` that is heard at the client (Engine T4: the first sound and the last are measured, not guessed)."""

    def __init__(self, mixer: Mixer, voice: Voice) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        self._mixer = mixer
        self._voice = voice
        self._words: asyncio.Queue[str | None] = asyncio.Queue()
        self._feeder: Feeder | None = None
        self._end: asyncio.Future[timedelta] = asyncio.get_running_loop().create_future()

    async def write(self, text: str) -> None:
        """Say a piece of text. Words after the end are lost: whoever aborted wants silence."""
        if self._end.done():
            return
        self._words.put_nowait(text)
        if self._feeder is None:
            self._feeder = Feeder(self._voice(self._text()), self._heard_out, self._begins)
            self._mixer.add(self._feeder.source)

    async def finish(self) -> None:
        """No more words follow."""
        self._words.put_nowait(None)
        if self._feeder is None and not self._end.done():
            self._end.set_result(timedelta(0))

    async def heard_out(self) -> timedelta:
        """Return when the last word was heard, with the time of speech heard. Raises `SpeakerError`."""
        return await asyncio.shield(self._end)

    async def abort(self) -> timedelta:
        """Be silent now. The voice is ended after the client was flushed, so that it never delays silence."""
        feeder = self._feeder
        if not self._end.done():
            self._end.set_result(self._mixer.remove(feeder.source) if feeder else timedelta(0))
            if feeder is not None:
                await feeder.close()
        return self._mixer.heard(feeder.source) if feeder else timedelta(0)

    async def _text(self) -> AsyncGenerator[str]:
        while (piece := await self._words.get()) is not None:
            yield piece

    def _begins(self) -> None:
        if self.on_first_sound is not None:
            self.on_first_sound()

    def _heard_out(self, error: BaseException | None) -> None:
        if self._end.done() or self._feeder is None:
            return
        if error is None:
            self._end.set_result(self._mixer.heard(self._feeder.source))
        else:
            self._end.set_exception(SpeakerError(f"the voice failed: {error or type(error).__name__}"))
            self._end.exception()  # whoever never waits for the end need not hear of it
