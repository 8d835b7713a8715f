"""Whatever happens in a room, in whatever order: what must never be heard, and where it must end."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custom_components.huxley.engine.errors import ClaimBusyError, ModelUnavailableError, SpeakerError
from custom_components.huxley.engine.focus import Channel
from custom_components.huxley.engine.model.protocol import ResponseStatus
from custom_components.huxley.engine.skill.effects import CancelMedia, PlaySound, SetVolume
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.turn import Cause, Injection, TurnSource, TurnState
from tests.engine.turn.house import (
    BLOCK,
    NORMAL,
    PREEMPT,
    BreakOff,
    Call,
    Done,
    House,
    Say,
    Step,
    Wait,
    book,
    music,
    radio,
    spoken_book,
)
from tests.engine.turn.phone import ANNOUNCE, Phone
from tests.engine.virtual_time import VirtualTimeLoop, check_clean

ITEMS = {"music": music, "book": book, "radio": radio, "podcast": spoken_book}
TOOLS: dict[str, tuple[ToolResult, float]] = {
    "music": (ToolResult("ok", music("tool music")), 0),
    "book": (ToolResult("ok", book("tool book")), 3),
    "stop": (ToolResult("ok", CancelMedia()), 1),
    "volume": (ToolResult("ok", SetVolume(20)), 0),
    "time": (ToolResult("five"), 12),
    "chime": (ToolResult("ok", PlaySound(bytes(48_000))), 0),
    "error": (ToolResult("no", radio("never heard"), is_error=True), 0),
}
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(["Yes.", "One two three.", ""]).map(Say),
    st.sampled_from([*TOOLS, "call", "unknown"]).map(Call),
    st.sampled_from([0.1, 4.0, 16.0, 1e6]).map(Wait),
    st.sampled_from([Say("stale", "r0"), Done(response_id="r0"), BreakOff(), Done(ResponseStatus.FAILED)]),
    st.sampled_from([RuntimeError("bug"), ModelUnavailableError("gone"), asyncio.CancelledError()]),
)
SCRIPTS = st.lists(st.lists(STEPS, max_size=4), max_size=3)
SECONDS = st.sampled_from([0.0, 0.01, 0.3, 1.0, 2.5, 6.0])
ERRORS = st.sampled_from([SpeakerError("no"), RuntimeError("bug"), asyncio.CancelledError(), TimeoutError()])
LAST_TURNS_LONGEST = 700.0  # seconds: a speaker that never reports the end is waited for five minutes, twice


class AnyOrderOfEvents(RuleBasedStateMachine):
    @initialize()
    def open_the_room(self) -> None:
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.house = House()
        self.injections: list[Injection] = []
        self.outcomes: list[asyncio.Future[Any]] = []
        self.asked: list[asyncio.Future[Any]] = []
        self.phones: list[Phone] = []
        for name, (result, seconds) in TOOLS.items():
            self.house.tool(name, result, seconds)
        self.house.agent.tools["call"] = self.dial
        self.runner.run(self.house.open())

    def do(self, work: Coroutine[Any, Any, Any], seconds: float) -> None:
        """Let something happen without waiting for it, and `seconds` pass."""

        async def run() -> None:
            task = asyncio.ensure_future(work)
            self.asked.append(task)
            await asyncio.sleep(seconds)

        self.runner.run(run())

    @rule(seconds=SECONDS)
    def press(self, seconds: float) -> None:
        self.do(self.house.room.press(), seconds)

    @rule(seconds=SECONDS)
    def nothing_said(self, seconds: float) -> None:
        self.do(self.house.room.nothing_said(), seconds)

    @rule(seconds=SECONDS, script=SCRIPTS, source=st.sampled_from([TurnSource.SATELLITE, TurnSource.TEXT]))
    def ask(self, seconds: float, script: list[list[Step]], source: TurnSource) -> None:
        self.house.session.scripts[:] = [list(steps) for steps in script]
        self.do(self.house.ask("hello", source), seconds)

    @rule(
        seconds=SECONDS,
        priority=st.sampled_from([NORMAL, BLOCK, PREEMPT]),
        key=st.sampled_from([None, "a", "b"]),
        life=st.sampled_from([None, 0.0, 3.0]),
        prompt=st.booleans(),
    )
    def inject(self, seconds: float, priority: Any, key: str | None, life: float | None, prompt: bool) -> None:
        async def run() -> None:
            words = {"prompt": "tell"} if prompt else {"message": "Words of the room"}
            expires = None if life is None else timedelta(seconds=life)
            injection = Injection(self.house.agent, **words, priority=priority, dedup_key=key, expires_after=expires)
            self.injections.append(injection)
            await self.house.room.inject(injection, wait=True)

        self.do(run(), seconds)

    @rule(seconds=SECONDS, cause=st.sampled_from([Cause.STOP, Cause.LOST]))
    def interrupt(self, seconds: float, cause: Cause) -> None:
        self.do(self.house.room.interrupt(cause), seconds)

    @rule(seconds=SECONDS, item=st.sampled_from(list(ITEMS)))
    def play(self, seconds: float, item: str) -> None:
        self.do(self.house.room.play(ITEMS[item]()), seconds)

    @rule(seconds=SECONDS)
    def stop_content(self, seconds: float) -> None:
        self.do(self.house.room.stop_content(), seconds)

    @rule(seconds=SECONDS, how=st.sampled_from(list(PlaybackEnd)))
    def content_ends(self, seconds: float, how: PlaybackEnd) -> None:
        content = self.house.room.deck.content

        async def run() -> None:
            if content is not None and content.playing:
                content.playback.end(how)  # type: ignore[attr-defined]

        self.do(run(), seconds)

    @rule(seconds=SECONDS, held=st.booleans())
    def pause_by_hand(self, seconds: float, held: bool) -> None:
        content = self.house.room.deck.content
        if content is not None:
            self.do(content.set_held(held=held), seconds)

    async def dial(self, _: Any) -> ToolResult:
        """A tool that calls somebody; with each call of it, a new phone."""
        phone = Phone(self.house)
        self.phones.append(phone)
        return ToolResult("ok", phone.claim(announce=ANNOUNCE if len(self.phones) % 2 else None))

    @rule(
        seconds=SECONDS,
        source=st.booleans(),
        announce=st.sampled_from([None, ANNOUNCE]),
        at_end=st.sampled_from([None, "speak", "wait", "raise", "slow"]),
    )
    def somebody_calls(self, seconds: float, source: bool, announce: str | None, at_end: str | None) -> None:
        async def farewell() -> None:
            if at_end in ("speak", "wait"):
                injection = Injection(self.house.agent, message="Words of the room", priority=BLOCK)
                self.injections.append(injection)
                await self.house.room.inject(injection, wait=at_end == "wait")
            elif at_end == "raise":
                raise RuntimeError("bug")
            elif at_end == "slow":
                await asyncio.sleep(30)

        async def run() -> None:
            phone = Phone(self.house, at_end=farewell)
            try:
                await phone.rings(source=source, announce=announce)
            except ClaimBusyError:
                assert phone.frames == phone.ends == []
            else:
                self.phones.append(phone)

        self.do(run(), seconds)

    @rule(seconds=SECONDS, error=st.one_of(st.none(), ERRORS))
    def somebody_speaks_into_the_microphone(self, seconds: float, error: BaseException | None) -> None:
        async def run() -> None:
            for phone in self.phones:
                phone.mic_error = error
            await self.house.microphone.hears(b"hello")
            for phone in self.phones:
                phone.mic_error = None

        if self.house.speaker.microphones:
            self.do(run(), seconds)

    @rule(seconds=SECONDS)
    def the_client_is_lost(self, seconds: float) -> None:
        async def run() -> None:
            self.house.microphone.lose()

        if self.house.speaker.microphones:
            self.do(run(), seconds)

    @rule(seconds=SECONDS, how=st.sampled_from(list(PlaybackEnd)))
    def the_other_side_ends(self, seconds: float, how: PlaybackEnd) -> None:
        async def run() -> None:
            for playback in self.house.speaker.playbacks[-3:]:
                if playback.name == "María":
                    playback.end(how)

        self.do(run(), seconds)

    @rule(seconds=SECONDS)
    def the_skill_hangs_up(self, seconds: float) -> None:
        async def run() -> None:
            for phone in self.phones:
                if phone.handle is not None:
                    await phone.handle.cancel()

        self.do(run(), seconds)

    @rule(seconds=SECONDS)
    def somebody_hangs_up(self, seconds: float) -> None:
        self.do(self.house.room.hang_up(), seconds)

    @rule(error=st.one_of(st.none(), ERRORS))
    def suspending_fails(self, error: BaseException | None) -> None:
        self.house.session.suspend_error = error

    @rule(seconds=SECONDS)
    def the_model_is_back(self, seconds: float) -> None:
        async def run() -> None:
            self.house.room.model_back()

        self.do(run(), seconds)

    @rule(seconds=SECONDS, begin=st.booleans())
    def others(self, seconds: float, begin: bool) -> None:
        room = self.house.room
        self.do(room.others_speak() if begin else room.others_done(), seconds)

    @rule(seconds=SECONDS)
    def whoever_asked_goes_away(self, seconds: float) -> None:
        for task in self.asked[-2:]:
            task.cancel()
        self.do(asyncio.sleep(0), seconds)

    @rule(
        command=st.sampled_from(["start", "pause", "resume", "stop", "duck", "microphone back"]),
        seconds=st.sampled_from([0.0, 0.5, 3.0]),
    )
    def device_is_slow(self, command: str, seconds: float) -> None:
        self.house.speaker.delays[command] = seconds

    @rule(
        command=st.sampled_from(
            ["start", "pause", "resume", "stop", "duck", "unduck", "sound", "microphone lent", "microphone back"]
        ),
        error=ERRORS,
    )
    def device_fails(self, command: str, error: BaseException) -> None:
        self.house.speaker.errors[command] = error

    @rule(error=st.one_of(st.none(), ERRORS), where=st.sampled_from(["write_error", "heard_out_error"]))
    def speech_fails(self, error: BaseException | None, where: str) -> None:
        setattr(self.house.speaker, where, error)

    @rule(never=st.booleans())
    def speech_never_ends(self, never: bool) -> None:
        self.house.speaker.never_heard_out = never

    @rule()
    def devices_recover(self) -> None:
        self.recover()

    @rule(seconds=st.sampled_from([6.0, 20.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @invariant()
    def content_is_never_at_full_volume_under_speech(self) -> None:
        if hasattr(self, "house"):
            collisions = self.runner.run(self.collisions())
            assert collisions == []

    @invariant()
    def one_claim_has_the_microphone_and_nothing_else_is_heard(self) -> None:
        if not hasattr(self, "house"):
            return
        assert sum(microphone.lent for microphone in self.house.speaker.microphones) <= 1
        assert sum(held.activity.channel is Channel.COMMS for held in self.house.focus.snapshot()) <= 1
        assert all(len(phone.ends) <= 1 and not phone.leaks for phone in self.phones)

    async def collisions(self) -> list[Any]:
        now = self.house.ear.now()
        for speech in self.house.ear.speech:
            assert speech.begin <= now or self.house.room.turn is not None
        return [pair for pair in self.house.ear.collisions() if pair[0].begin < now]

    def recover(self) -> None:
        speaker = self.house.speaker
        speaker.delays.clear()
        speaker.errors.clear()
        speaker.write_error = speaker.heard_out_error = None
        speaker.never_heard_out = False
        self.house.session.suspend_error = None

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        try:
            self.runner.run(self.come_to_rest())
            loop = self.runner.get_loop()
            assert isinstance(loop, VirtualTimeLoop)
            check_clean(loop)
        finally:
            self.runner.close()

    def nothing_of_a_claim_is_left(self) -> None:
        house = self.house
        assert house.room.claims.current is None
        assert not house.room.in_call
        assert not any(microphone.lent for microphone in house.speaker.microphones)
        assert not house.session.suspended
        assert all(len(phone.ends) == 1 for phone in self.phones if phone.handle is not None)
        sounding = {part.what for part in house.ear.content if part.end == house.ear.now()}
        assert "María" not in sounding

    async def come_to_rest(self) -> None:
        house = self.house
        self.recover()
        await house.room.nothing_said()
        await house.room.others_done()
        await asyncio.sleep(LAST_TURNS_LONGEST)
        await house.room.hang_up()
        await asyncio.sleep(LAST_TURNS_LONGEST)
        self.nothing_of_a_claim_is_left()
        assert house.room.state is TurnState.IDLE
        assert house.room.turn is None
        channels = [held.activity.channel for held in house.focus.snapshot()]
        assert channels == (["content"] if house.room.deck.content is not None else [])
        waiting = [injection for injection in self.injections if not injection.outcome.done()]
        assert not waiting or house.room.deck.content is not None
        assert all(injection.priority is NORMAL for injection in waiting)
        house.session.scripts.clear()
        await house.ask("still there?")
        await asyncio.sleep(20)
        assert house.ear.spoken()[-1] in ("All right.", "Words of the room")
        await house.close()
        await asyncio.gather(*self.asked, return_exceptions=True)
        assert all(injection.outcome.done() for injection in self.injections)
        assert InjectStatus.QUEUED not in {injection.outcome.result().status for injection in self.injections}
        assert house.session.open_streams == 0
        ends = [
            mark.event
            for record in house.trace.records
            for mark in record.marks
            if mark.event in ("finished", "interrupted", "failed", "nothing_said")
        ]
        assert len(ends) == len(house.trace.records)


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase
if settings.get_current_profile_name() == "default":
    TestAnyOrderOfEvents.settings = settings(
        max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
