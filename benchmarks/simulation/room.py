"""A whole room in loop time: coordinator, focus, mixer and speaker are real; people and devices are played."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from custom_components.huxley.engine.audio.mixer import Mixer
from custom_components.huxley.engine.audio.pcm import size, span
from custom_components.huxley.engine.audio.source import Source
from custom_components.huxley.engine.focus import (
    Activity,
    Channel,
    ContentType,
    FocusManager,
    FocusState,
    MixingBehavior,
)
from custom_components.huxley.engine.model.protocol import UserText
from custom_components.huxley.engine.skill.effects import AudioStream, InputClaim
from custom_components.huxley.engine.skill.inject import InjectPriority
from custom_components.huxley.engine.speaker import Playable, PlaybackEnd
from custom_components.huxley.engine.stream import StreamMicrophone, StreamPlayback, StreamSpeaker
from custom_components.huxley.engine.turn import Coordinator, Injection, Trace, TurnSource

from .agent import ScriptedAgent
from .cast import Cast, pieces
from .listener import Listener

SAMPLING = 0.02  # seconds between two looks at focus and state


@dataclass(frozen=True, slots=True)
class Look:
    """What stood at one moment."""

    at: float
    state: str
    turn_id: str | None
    held: tuple[tuple[str, str, str], ...]
    """(channel, name, behaviour), strongest first."""


@dataclass(slots=True)
class Spoken:
    """One sentence and who said it, `begin` and `end` in seconds since the beginning."""

    who: str
    text: str
    begin: float
    end: float


class Siren:
    """An alert that follows the focus: it sounds over content, and under speech quietly."""

    def __init__(self, mixer: Mixer, pcm: bytes) -> None:
        self.source = Source()
        self.source.push(pcm)
        self.source.complete()
        self._mixer = mixer

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Sound as focus says."""
        self.source.set_ducked(ducked=behavior is MixingBehavior.MAY_DUCK)
        if state is FocusState.NONE:
            self._mixer.remove(self.source)
        elif behavior is MixingBehavior.MUST_PAUSE:
            self._mixer.pause(self.source)
        else:
            self._mixer.add(self.source)
            self._mixer.resume(self.source)

    async def on_patience_expired(self) -> None:
        """It has nothing to add."""


class RememberingSpeaker(StreamSpeaker):
    """A stream speaker that knows how far each stream was heard, for the book's bookmark."""

    def playback(self, content: Playable, on_end: Callable[[PlaybackEnd], None]) -> StreamPlayback:
        """Prepare content, and remember who plays it."""
        playback = super().playback(content, on_end)
        self._last = (content, playback)
        return playback

    def heard_of(self, stream: AudioStream) -> timedelta:
        """How much of `stream` was heard, if it was the last content."""
        content, playback = self._last
        return playback.heard if content is stream else timedelta(0)


@dataclass
class SimulatedRoom:
    """One run. Use as an async context manager inside a loop, virtual or not."""

    cast: Cast
    spoken: list[Spoken] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    mic_frames: int = 0
    content_title: str = ""

    async def __aenter__(self) -> Self:
        self.listener = Listener()
        self.mixer = Mixer(self.listener)
        self.microphone = StreamMicrophone()
        self.speaker = RememberingSpeaker(self.mixer, voice=self.cast.voice, microphone=self.microphone)
        self.focus = FocusManager()
        await self.focus.start()
        self.trace = Trace(asyncio.get_running_loop().time)
        self.room = Coordinator(self.focus, self.speaker, self.trace)
        self.agent = ScriptedAgent()
        self.room.resident = self.agent
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._watcher.cancel()
        await asyncio.wait([self._watcher])
        self.recording = self.listener.recording()
        await self.room.close()
        await self.focus.stop()
        self.mixer.close()

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return asyncio.get_running_loop().time() - self.listener.began

    def book(self) -> AudioStream:
        """A book that a press stops, and that comes back where it was (Engine T7)."""
        return self._stream("Book", self.cast.book, ContentType.NONMIXABLE)

    def music(self) -> AudioStream:
        """Music that ducks."""
        return self._stream("Music", self.cast.music, ContentType.MIXABLE)

    async def person_says(self, text: str, seconds: float = 1.4) -> None:
        """Press, speak, release; returns when the room has the words."""
        await self.room.press()
        self.spoken.append(Spoken("person", text, self.now, self.now + seconds))
        await asyncio.sleep(seconds)
        for answer in self.agent.session.answers:
            self.note_words(answer.text)
        await self.room.ask(UserText(text), self.agent, self.speaker.reply(), TurnSource.SATELLITE)

    async def announce(self, message: str, priority: InjectPriority = InjectPriority.BLOCK_BEHIND_COMMS) -> None:
        """Inject words as they stand."""
        self.note_words(message)
        await self.room.inject(Injection(self.agent, message=message, priority=priority))

    def note_words(self, text: str) -> None:
        """Remember what the persona is about to say, for the picture."""
        self.spoken.append(Spoken("persona", text, self.now, self.now + span(len(self.cast.say(text))).total_seconds()))

    def sound_alarm(self) -> Activity:
        """A siren for ALERT."""
        return Activity(Channel.ALERT, "Siren", Siren(self.mixer, self.cast.siren), ContentType.MIXABLE)

    def call(self, farewell: str | None = None) -> InputClaim:
        """A call from Maria, who talks and hangs up."""

        async def hear(_frame: bytes) -> None:
            self.mic_frames += 1

        async def talk() -> AsyncGenerator[bytes]:
            for chunk in pieces(self.cast.caller):
                yield chunk

        async def say_farewell(_reason: object) -> None:
            if farewell is not None:
                await self.announce(farewell)

        return InputClaim(hear, talk, say_farewell, title="Call", announce="Maria is calling. Putting her through.")

    def _stream(self, title: str, pcm: bytes, kind: ContentType, offset: int = 0) -> AudioStream:
        stream: AudioStream
        self.content_title = title

        async def play() -> AsyncGenerator[bytes]:
            for chunk in pieces(pcm[offset:]):
                yield chunk

        def again() -> AudioStream:
            heard = self.speaker.heard_of(stream)
            return self._stream(title, pcm, kind, offset + size(heard))

        stream = AudioStream(play, kind, timedelta(minutes=5), resume=again, title=title)
        return stream

    async def _watch(self) -> None:
        while True:
            turn = self.room.turn
            held = tuple((h.activity.channel.value, h.activity.name, h.behavior.value) for h in self.focus.snapshot())
            self.looks.append(Look(self.now, self.room.state.value, turn.id if turn else None, held))
            await asyncio.sleep(SAMPLING)
