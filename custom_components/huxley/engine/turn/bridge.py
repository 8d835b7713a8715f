"""The bridge of a claim: the microphone out, the other side's sound in (Engine C2)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from ..focus import FocusState, MixingBehavior
from ..skill.effects import AudioStream, ClaimEndReason, InputClaim
from ..speaker import MicrophoneLease, PlaybackEnd, Speaker
from .agent import Agent
from .content import Content, Stage
from .suspension import resume, suspend
from .tasks import Tasks, attempt, cancelled_from_outside

_LOGGER = logging.getLogger(__name__)

STEP_LIMIT = timedelta(seconds=2)  # a device that does not answer must not hold up a hang-up

REASON_OF = {
    PlaybackEnd.FINISHED: ClaimEndReason.NATURAL,
    PlaybackEnd.STOPPED: ClaimEndReason.USER_PTT,
    PlaybackEnd.FAILED: ClaimEndReason.ERROR,
}
"""What the end of the other side's sound says about the claim (Engine C3)."""


class Bridge:
    """Opens once, in the order model, microphone, sound; closes once, whatever was opened.

    It is heard while its claim is the foreground; otherwise the other side is on hold. `ends` may be called often.
    """

    def __init__(
        self, claim: InputClaim, agent: Agent | None, speaker: Speaker, ends: Callable[[ClaimEndReason], None]
    ) -> None:
        self._claim = claim
        self._agent = agent
        self._speaker = speaker
        self._ends = ends
        self._front = asyncio.Event()
        self._deaf = False
        self._opener: asyncio.Task[None] | None = None
        self._suspended = False
        self._lease: MicrophoneLease | None = None
        self._source: Content | None = None

    def open(self, tasks: Tasks, stage: Callable[[Callable[[Content, PlaybackEnd], None]], Stage]) -> None:
        """Begin to open; what fails ends the claim."""
        self._opener = tasks.work(self._open(stage), "claim opens")

    def silence(self) -> None:
        """From now on no frame passes: the claim is ending."""
        self._deaf = True

    async def go_on(self) -> None:
        """The claim is the foreground: both sides hear each other."""
        self._front.set()
        if self._source is not None:
            await self._source.on_focus_changed(FocusState.FOREGROUND, MixingBehavior.PRIMARY)

    async def hold(self) -> None:
        """Somebody stronger speaks: neither side hears the other."""
        self._front.clear()
        if self._source is not None:
            await self._source.on_focus_changed(FocusState.BACKGROUND, MixingBehavior.MUST_PAUSE)

    async def close(self, tasks: Tasks) -> None:
        """Stop the sound, take the microphone back, let the model hear again: in this order (Engine C2)."""
        self.silence()
        await _gone(self._opener, cancel=True)
        if self._source is not None:
            stop = self._source.on_focus_changed(FocusState.NONE, MixingBehavior.MUST_STOP)
            await _gone(tasks.work(stop, "claim source stops"))
        if self._lease is not None:
            await attempt("claim: microphone back", self._lease.close, STEP_LIMIT)
        if self._suspended and self._agent is not None:
            session = self._agent.session
            await attempt("claim: model resumed", lambda: resume(session), STEP_LIMIT)

    async def _open(self, stage: Callable[[Callable[[Content, PlaybackEnd], None]], Stage]) -> None:
        try:
            if self._agent is not None:
                self._suspended = True
                async with asyncio.timeout(STEP_LIMIT.total_seconds()):
                    await suspend(self._agent.session)
            self._lease = self._speaker.lend_microphone(self._on_frame, self._on_lost)
            if self._claim.speaker_source is not None:
                await self._front.wait()
                stream = AudioStream(self._claim.speaker_source, title=self._claim.title)
                self._source = Content.of(stream, stage(self._source_ended))
                await self._source.on_focus_changed(FocusState.FOREGROUND, MixingBehavior.PRIMARY)
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.warning("claim.not_opened title=%s", self._claim.title, exc_info=err)
            self._ends(ClaimEndReason.ERROR)

    async def _on_frame(self, frame: bytes) -> None:
        if self._deaf or not self._front.is_set():
            return
        try:
            await self._claim.on_mic_frame(frame)
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.exception("claim.mic_handler_raised title=%s", self._claim.title, exc_info=err)
            self._ends(ClaimEndReason.ERROR)

    def _on_lost(self) -> None:
        _LOGGER.warning("claim.client_lost title=%s", self._claim.title)
        self._ends(ClaimEndReason.ERROR)

    def _source_ended(self, _: Content, end: PlaybackEnd) -> None:
        self._ends(REASON_OF[end])


async def _gone(task: asyncio.Task[None] | None, *, cancel: bool = False) -> None:
    """Wait for `task`, but not for ever; one that is not cancelled goes on to its end."""
    if task is None:
        return
    if cancel:
        task.cancel()
    await asyncio.wait([task], timeout=STEP_LIMIT.total_seconds())
