"""A room under test: a scripted model, a persona with tools, a speaker that takes time, and an ear."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusManager
from custom_components.huxley.engine.model.protocol import (
    ModelCapabilities,
    ModelEvent,
    ModelRequest,
    ResponseDone,
    ResponseStarted,
    ResponseStatus,
    TextDelta,
    ToolCall,
    UserText,
)
from custom_components.huxley.engine.skill.effects import AudioStream, PlayMedia
from custom_components.huxley.engine.skill.inject import InjectPriority, InjectStatus
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.speaker import PLAIN, Manner, PlaybackEnd, SpeakerCapabilities
from custom_components.huxley.engine.turn import Coordinator, Injection, Trace, Turn, TurnSource, TurnState
from tests.engine.turn.ear import DUCKED, FULL, SILENT, Ear, Interval

SECONDS_A_WORD = 0.5
NORMAL, BLOCK, PREEMPT = InjectPriority.NORMAL, InjectPriority.BLOCK_BEHIND_COMMS, InjectPriority.PREEMPT

EVERYTHING = SpeakerCapabilities(
    speak=True, play=True, duck=True, pause=True, volume=True, stop_speech=True, microphone=True, sounds=True
)

type Tool = Callable[[ToolCall], Awaitable[ToolResult]]


@dataclass
class Say:
    text: str
    response_id: str | None = None


@dataclass
class Call:
    tool: str
    response_id: str | None = None


@dataclass
class Wait:
    seconds: float


@dataclass
class Done:
    status: ResponseStatus = ResponseStatus.COMPLETED
    response_id: str | None = None
    error: str | None = None


@dataclass
class BreakOff:
    """The stream ends without a `ResponseDone`."""


@dataclass
class Started:
    response_id: str


type Step = Say | Call | Wait | Done | BreakOff | Started | BaseException


class FakeSession:
    """Answers each request with the next script, and `fallback` when there is none."""

    def __init__(self) -> None:
        self.scripts: list[list[Step]] = []
        self.fallback: list[Step] = [Say("All right.")]
        self.requests: list[ModelRequest] = []
        self.cancelled: list[tuple[str, timedelta | None]] = []
        self.on_cancel: Callable[[], Awaitable[None]] | None = None
        self.open_streams = 0
        self.note: Callable[[str], None] = print
        self.suspend_error: BaseException | None = None
        self.suspended = False
        self.suspending = 0.0
        """How long suspending takes, in seconds."""

    @property
    def capabilities(self) -> ModelCapabilities:
        return ModelCapabilities()

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        self.requests.append(request)
        own = f"r{len(self.requests)}"
        script = self.scripts.pop(0) if self.scripts else self.fallback
        self.open_streams += 1
        try:
            if not script or not isinstance(script[0], Started):
                yield ResponseStarted(own)
            for number, step in enumerate(script):
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                elif isinstance(step, BaseException):
                    raise step
                elif isinstance(step, BreakOff):
                    return
                else:
                    yield self._event(step, own, number)
            yield ResponseDone(own)
        finally:
            self.open_streams -= 1

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        if self.on_cancel is not None:
            await self.on_cancel()
        self.cancelled.append((response_id, heard))

    async def suspend(self) -> None:
        self.note("model suspended")
        await asyncio.sleep(self.suspending)
        if self.suspend_error is not None:
            raise self.suspend_error
        self.suspended = True

    async def resume(self) -> None:
        self.note("model resumed")
        self.suspended = False

    async def close(self) -> None:
        return

    def _event(self, step: Step, own: str, number: int) -> ModelEvent:
        response_id = getattr(step, "response_id", None) or own
        match step:
            case Say(text):
                return TextDelta(response_id, text)
            case Call(tool):
                return ToolCall(response_id, f"{own}-{number}", tool)
            case Started():
                return ResponseStarted(response_id)
            case Done(status, _, error):
                return ResponseDone(response_id, status, error)
        raise AssertionError(step)


class FakeAgent:
    persona_id = "basic"

    def __init__(self) -> None:
        self.session = FakeSession()
        self.tools: dict[str, Tool] = {}

    async def run_tool(self, call: ToolCall) -> ToolResult:
        return await self.tools[call.name](call)

    def phrase(self, key: str, slots: dict[str, str] | None = None) -> str:
        return f"({key})"


class FakeReply:
    """Speaks half a second a word, from the first word written; the device may need `delays["first sound"]` before."""

    def __init__(self, ear: Ear, speaker: FakeSpeaker) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        self._beginning: asyncio.TimerHandle | None = None
        self._ear = ear
        self._speaker = speaker
        self.text = ""
        self.finished = self.aborted = False
        self._parts: list[Interval] = []

    async def write(self, text: str) -> None:
        if self._speaker.write_error is not None:
            raise self._speaker.write_error
        self.text += text
        begin = max(self._ear.now(), self._parts[-1].end) if self._parts else self._begin()
        part = Interval(text.strip(), begin, begin + SECONDS_A_WORD * len(text.split()))
        self._parts.append(part)
        self._ear.speech.append(part)
        self._ear.note(f"write {text.strip()}")

    async def finish(self) -> None:
        self.finished = True

    async def heard_out(self) -> timedelta:
        if self._parts:
            await asyncio.sleep(max(0.0, self._parts[-1].end - self._ear.now()))
        if self._speaker.heard_out_error is not None:
            raise self._speaker.heard_out_error
        if self._speaker.never_heard_out:
            await asyncio.Event().wait()
        self._ear.note("heard out")
        return self._heard()

    async def abort(self) -> timedelta:
        self._ear.note("abort")
        if self._speaker.on_abort is not None:
            await self._speaker.on_abort()
        self.finished = self.aborted = True
        if self._beginning is not None:
            self._beginning.cancel()
        now = self._ear.now()
        for part in self._parts:
            part.begin, part.end = min(part.begin, now), min(part.end, now)
        return self._heard()

    def _begin(self) -> float:
        """When the first word is heard, in seconds."""
        late = self._speaker.delays.get("first sound", 0.0)
        self._beginning = asyncio.get_running_loop().call_later(late, self._begins)
        return self._ear.now() + late

    def _begins(self) -> None:
        if self.on_first_sound is not None:
            self.on_first_sound()

    def _heard(self) -> timedelta:
        return timedelta(seconds=sum(part.end - part.begin for part in self._parts))


class FakePlayback:
    def __init__(self, name: str, speaker: FakeSpeaker, on_end: Callable[[PlaybackEnd], None]) -> None:
        self.name = name
        self._speaker = speaker
        self._on_end = on_end
        self._sounds = self._ducked = False
        self.heard = timedelta(0)

    async def start(self) -> None:
        await self._command("start")
        self._sounds = True
        self._tell()

    async def set_ducked(self, *, ducked: bool) -> None:
        await self._command("duck" if ducked else "unduck")
        self._ducked = ducked
        self._tell()

    async def pause(self) -> None:
        await self._command("pause")
        self._sounds = False
        self._tell()

    async def resume(self) -> None:
        await self._command("resume")
        self._sounds = True
        self._tell()

    async def stop(self) -> None:
        self._sounds = False
        self._tell()
        await self._command("stop")

    def end(self, how: PlaybackEnd = PlaybackEnd.FINISHED) -> None:
        self._sounds = False
        self._tell()
        self._on_end(how)

    async def _command(self, command: str) -> None:
        self._speaker.ear.note(f"{command} {self.name}")
        await asyncio.sleep(self._speaker.delays.get(command, 0.0))
        if (error := self._speaker.errors.get(command)) is not None:
            raise error
        self._speaker.ear.note(f"{command} {self.name} done")

    def _tell(self) -> None:
        level = SILENT if not self._sounds else DUCKED if self._ducked else FULL
        self._speaker.ear.level(self.name, level)


@dataclass
class FakeMicrophone:
    """Lent: `hears` is the room speaking into it, `lose` the device that vanishes."""

    speaker: FakeSpeaker
    hears: Callable[[bytes], Awaitable[None]]
    lose: Callable[[], None]
    lent: bool = True

    async def close(self) -> None:
        self.lent = False
        await self.speaker.pause_for("microphone back")


@dataclass
class FakeSpeaker:
    ear: Ear
    capabilities: SpeakerCapabilities = EVERYTHING
    volume: int | None = 50
    delays: dict[str, float] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    write_error: BaseException | None = None
    heard_out_error: BaseException | None = None
    never_heard_out: bool = False
    reply_error: Exception | None = None
    playback_error: Exception | None = None
    volume_error: Exception | None = None
    on_abort: Callable[[], Awaitable[None]] | None = None
    playbacks: list[FakePlayback] = field(default_factory=list)
    replies: list[FakeReply] = field(default_factory=list)
    manners: list[Manner] = field(default_factory=list)
    """Of the words that the room brought by itself."""

    microphones: list[FakeMicrophone] = field(default_factory=list)
    sounds: list[Interval] = field(default_factory=list)
    """Short sounds as they were heard; a tone is named by its length in bytes."""

    async def pause_for(self, command: str) -> None:
        self.ear.note(command)
        await asyncio.sleep(self.delays.get(command, 0.0))
        if (error := self.errors.get(command)) is not None:
            raise error

    def lend_microphone(
        self, on_frame: Callable[[bytes], Awaitable[None]], on_lost: Callable[[], None]
    ) -> FakeMicrophone:
        if (error := self.errors.get("microphone lent")) is not None:
            raise error
        self.ear.note("microphone lent")
        self.microphones.append(FakeMicrophone(self, on_frame, on_lost))
        return self.microphones[-1]

    async def play_sound(self, pcm: bytes) -> None:
        if (error := self.errors.get("sound")) is not None:
            raise error
        sound = Interval(f"{len(pcm)} bytes", self.ear.now(), self.ear.now())
        self.sounds.append(sound)
        self.ear.note("sound")
        try:
            await asyncio.sleep(len(pcm) / 48_000)
        finally:
            if (slow := self.delays.get("sound off", 0.0)) > 0:
                await asyncio.sleep(slow)
            sound.end = self.ear.now()

    async def set_volume(self, level: int) -> None:
        if self.volume_error is not None:
            raise self.volume_error
        self.volume = level
        self.ear.note(f"volume {level}")

    def reply(self, manner: Manner = PLAIN) -> FakeReply:
        if self.reply_error is not None:
            raise self.reply_error
        self.manners.append(manner)
        self.replies.append(FakeReply(self.ear, self))
        return self.replies[-1]

    def playback(self, content: AudioStream | PlayMedia, on_end: Callable[[PlaybackEnd], None]) -> FakePlayback:
        if self.playback_error is not None:
            raise self.playback_error
        self.playbacks.append(FakePlayback(content.title or "?", self, on_end))
        return self.playbacks[-1]


async def no_audio() -> AsyncIterator[bytes]:
    yield b""


def music(title: str = "waltz") -> AudioStream:
    return AudioStream(no_audio, content_type=ContentType.MIXABLE, title=title)


def book(title: str = "book", *, resumes: bool = True, patience: float = 300) -> AudioStream:
    again = (lambda: book(f"{title}+", patience=patience)) if resumes else None
    return AudioStream(no_audio, resume=again, title=title, patience=timedelta(seconds=patience))


def radio(title: str = "radio") -> PlayMedia:
    return PlayMedia("media-source://radio", "music", title=title)


def spoken_book(title: str = "podcast") -> PlayMedia:
    return PlayMedia("media-source://podcast", "music", content_type=ContentType.NONMIXABLE, title=title)


class Listener:
    """A call's observer: it does nothing."""

    async def on_focus_changed(self, state: object, behavior: object) -> None:
        return

    async def on_patience_expired(self) -> None:
        return


class House:
    def __init__(self) -> None:
        self.ear = Ear()
        self.speaker = FakeSpeaker(self.ear)
        self.agent = FakeAgent()
        self.focus = FocusManager()
        self.trace = Trace(self.ear.now)
        self.room = Coordinator(self.focus, self.speaker, self.trace)
        self.session.note = self.ear.note

    async def open(self) -> None:
        await self.focus.start()
        self.room.resident = self.agent

    async def close(self) -> None:
        await self.room.close()
        await self.focus.stop()

    @property
    def session(self) -> FakeSession:
        return self.agent.session

    def script(self, *responses: list[Step]) -> None:
        self.session.scripts += responses

    def tool(self, name: str, result: ToolResult, seconds: float = 0.0) -> None:
        async def run(call: ToolCall) -> ToolResult:
            await asyncio.sleep(seconds)
            self.ear.note(f"tool {name}")
            return result

        self.agent.tools[name] = run

    def plays(self, item: AudioStream | PlayMedia, *, says: str = "Here it comes.", tool: str = "play") -> None:
        """Script an answer that calls a tool which plays `item`."""
        self.tool(tool, ToolResult("ok", item))
        self.script([Call(tool), Say(says)])

    async def ask(self, text: str = "hello", source: TurnSource = TurnSource.SATELLITE) -> Turn:
        reply = FakeReply(self.ear, self.speaker)
        self.speaker.replies.append(reply)
        return await self.room.ask(UserText(text), self.agent, reply, source)

    async def say_to(self, text: str = "hello") -> Turn:
        """A person presses, speaks for a second, and is done."""
        await self.room.press()
        await asyncio.sleep(1)
        return await self.ask(text)

    async def quiet(self, seconds: float = 60) -> None:
        """Let things take their course."""
        await asyncio.sleep(seconds)
        assert self.room.state is TurnState.IDLE, self.room.state
        assert self.room.turn is None

    async def playing(self, item: AudioStream | PlayMedia) -> FakePlayback:
        await self.room.play(item)
        await asyncio.sleep(5)
        return self.speaker.playbacks[-1]

    def injection(
        self, message: str = "Dinner is ready", priority: InjectPriority = BLOCK, **more: object
    ) -> Injection:
        return Injection(self.agent, message=message, priority=priority, **more)  # type: ignore[arg-type]

    async def inject(
        self, message: str = "Dinner is ready", priority: InjectPriority = BLOCK, **more: object
    ) -> Injection:
        injection = self.injection(message, priority, **more)
        await self.room.inject(injection)
        return injection

    @property
    def microphone(self) -> FakeMicrophone:
        return self.speaker.microphones[-1]

    async def call(self) -> Activity:
        call = Activity(Channel.COMMS, "call", Listener())
        await self.focus.acquire(call)
        return call


def status(injection: Injection) -> InjectStatus | None:
    return injection.outcome.result().status if injection.outcome.done() else None


def speaker_error(what: str = "the speaker is on fire") -> SpeakerError:
    return SpeakerError(what)
