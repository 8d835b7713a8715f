"""A call as a skill would hold it: what was heard on the line, and how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from custom_components.huxley.engine.focus import Channel
from custom_components.huxley.engine.skill.claim import ClaimHandle
from custom_components.huxley.engine.skill.effects import ClaimEndReason, InputClaim
from custom_components.huxley.engine.skill.result import ToolResult
from tests.engine.turn.house import Call, FakePlayback, House, Say, no_audio

NATURAL, USER_PTT = ClaimEndReason.NATURAL, ClaimEndReason.USER_PTT
PREEMPTED, ERROR = ClaimEndReason.PREEMPTED, ClaimEndReason.ERROR
ANNOUNCE = "Call from María, answering"


@dataclass
class Phone:
    house: House
    frames: list[bytes] = field(default_factory=list)
    leaks: list[bytes] = field(default_factory=list)
    """What it heard although the model heard it too, or when the call was over."""

    ends: list[ClaimEndReason] = field(default_factory=list)
    mic_error: BaseException | None = None
    at_end: Callable[[], Awaitable[object]] | None = None
    handle: ClaimHandle | None = None

    def claim(self, *, source: bool = True, announce: str | None = None, title: str = "María") -> InputClaim:
        return InputClaim(self.on_mic_frame, no_audio if source else None, self.on_claim_end, title, announce)

    async def on_mic_frame(self, frame: bytes) -> None:
        if not self.house.session.suspended or self.ends:
            self.leaks.append(frame)
        self.frames.append(frame)
        if self.mic_error is not None:
            raise self.mic_error

    async def on_claim_end(self, reason: ClaimEndReason) -> None:
        self.house.ear.note(f"claim ended {reason}")
        self.ends.append(reason)
        if self.at_end is not None:
            await self.at_end()

    async def rings(self, *, source: bool = True, announce: str | None = None) -> ClaimHandle:
        """Somebody calls this room."""
        claim = self.claim(source=source, announce=announce)
        self.handle = await self.house.room.start_input_claim(claim, self.house.agent)
        return self.handle

    async def connected(self, *, source: bool = True) -> ClaimHandle:
        """A call that has been going on for a while."""
        handle = await self.rings(source=source)
        await asyncio.sleep(2)
        assert self.house.microphone.lent
        return handle

    def dials(self, *, announce: str | None = None, says: str = "I call María.") -> None:
        """Script an answer whose tool claims the microphone."""
        self.house.tool("call", ToolResult("ok", self.claim(announce=announce)))
        self.house.script([Call("call"), Say(says)])

    async def other_side(self) -> FakePlayback:
        return next(playback for playback in self.house.speaker.playbacks if playback.name == "María")


def in_call(house: House) -> bool:
    return any(held.activity.channel is Channel.COMMS for held in house.focus.snapshot())


async def at_rest(house: House) -> None:
    """Nothing of a claim is left."""
    await house.quiet()
    assert not in_call(house)
    assert not house.room.in_call
    assert all(not microphone.lent for microphone in house.speaker.microphones)
    assert not house.session.suspended
    commands = house.ear.commands()
    assert commands.count("model suspended") == commands.count("model resumed")
