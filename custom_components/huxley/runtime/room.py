"""A room: its devices, its focus, its turns, and the personas that answer in it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..engine.focus import FocusManager
from ..engine.model.protocol import UserText
from ..engine.persona import Persona
from ..engine.skill.claim import ClaimHandle
from ..engine.skill.context import RoomInfo
from ..engine.skill.effects import InputClaim
from ..engine.skill.inject import InjectOutcome, InjectPriority
from ..engine.speaker import PLAIN, Manner, Reply
from ..engine.turn import (
    Answer,
    Cause,
    Coordinator,
    Injection,
    Seat,
    Trace,
    Turn,
    TurnSource,
    Unanswered,
)
from ..engine.turn.context import current_turn_id
from ..engine.turn.tasks import attempt
from .agents import PersonaAgent, Phrases, async_make_agent
from .calls import async_follow_calls
from .choices import Choices
from .compat import inside_pipeline_of, speech_token
from .ears import Ears
from .home import RoomHome
from .questions import Asked, RoomQuestions, answer_sheet
from .room_media import RoomMedia
from .room_settings import RoomConfig
from .skills import RoomPorts, SkillShelf
from .speakers.adopter import Adopter
from .speakers.companions import Companions
from .speakers.player import Player
from .speakers.replies import PipelineReply, heard_in_browser, heard_on, read
from .speakers.room_speaker import RoomSpeaker
from .speakers.satellite import Satellite
from .turns_told import async_follow_turns

_LOGGER = logging.getLogger(__name__)

CLOSE_LIMIT = timedelta(seconds=30)  # for one part of a room to let go; a device that has not by then never will


class Room:
    """Wires a room's devices to its engine."""

    def __init__(self, hass: HomeAssistant, config: RoomConfig, shelf: SkillShelf, phrases: Phrases) -> None:
        self.config = config
        self._hass = hass
        self._shelf = shelf
        self._phrases = phrases
        self.satellite = Satellite(hass, config.satellite) if config.satellite else None
        self.player = Player(hass, config.player) if config.player else None
        self.speaker = RoomSpeaker(hass, self.satellite, self.player, voice=config.voice, language=config.language)
        self.focus = FocusManager()
        self.companions = Companions(hass, self.focus, config.companions)
        self.trace = Trace(hass.loop.time)
        self.coordinator = Coordinator(self.focus, self.speaker, self.trace)
        self.choices = Choices(config.persona_id)
        self.ears: Ears | None = None
        if self.satellite is not None:
            questions = RoomQuestions(hass, self.coordinator, self._put, self._reply, self.satellite.entity_id)
            self.ears = Ears(self.satellite, self.coordinator, questions, self._do)
        self.agents: dict[str, PersonaAgent] = {}
        self.media = RoomMedia(hass, config.id, self.coordinator, self.player, lambda: self.agents)
        self._unsubscribe: list[Callable[[], None]] = []
        self._following: set[asyncio.Task[None]] = set()
        self._making = asyncio.Lock()

    async def start(self, persona: Persona | None) -> None:
        """Open the room for `persona`; without one it still announces and plays."""
        await self.focus.start()
        here = (self._hass, self.config.name, self.config.id)
        self._unsubscribe.append(async_follow_turns(*here, self.trace))
        self._unsubscribe.append(async_follow_calls(*here, self.coordinator.claims, self.trace))
        self.companions.start()
        if self.player is not None:
            self._unsubscribe.append(
                Adopter(self._hass, self.player, self.satellite, self.coordinator, self._do).start()
            )
        if self.satellite is not None and self.ears is not None:
            self._unsubscribe.append(self.satellite.listen(self.ears.changed))
        if persona is not None:  # last: skills may take their time, and people speak meanwhile
            self.coordinator.resident = await self.agent(persona)

    async def stop(self) -> None:
        """Fall silent and let go of everything; what fails is logged and keeps nothing else from closing."""
        await self._step("media", self.media.stop)
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        for task in self._following:
            task.cancel()
        if self.ears is not None:
            self.ears.questions.close()
        await self._step("companions", self.companions.stop)
        await self._step("turns", self.coordinator.close)
        await self._step("focus", self.focus.stop)
        for persona_id, agent in self.agents.items():
            await self._step(f"persona {persona_id}", agent.close)
        self.agents.clear()
        if self.satellite is not None:
            self.satellite.close()
        if self.player is not None:
            self.player.close()

    async def _step(self, what: str, close: Callable[[], Awaitable[None]]) -> None:
        await attempt(f"close {self.config.name}: {what}", close, CLOSE_LIMIT)

    @property
    def quiet(self) -> bool:
        """Whether it is quiet here: by a person's choice, or by the room's hours, else its persona's (Engine I10)."""
        if self.choices.do_not_disturb:
            return True
        agent = self.agents.get(self.config.persona_id)
        hours = self.config.quiet_hours or (agent.persona.quiet_hours if agent else None)
        return hours is not None and hours.cover(dt_util.now().time())

    async def agent(self, persona: Persona) -> PersonaAgent:
        """The persona at work in this room; its skills are set up when it first comes here."""
        async with self._making:
            if persona.id not in self.agents:
                ports = RoomPorts(
                    room=RoomInfo(self.config.id or persona.id, self.config.name),
                    home=RoomHome(self._hass, self.speaker),
                    inject_turn=_Inject(self, persona.id),
                    start_input_claim=partial(self._start_input_claim, persona.id),
                )
                self.agents[persona.id] = await async_make_agent(self._shelf, persona, ports, self._phrases)
            return self.agents[persona.id]

    async def converse(
        self, agent: PersonaAgent, text: str, *, language: str, conversation_id: str, satellite_id: str | None
    ) -> tuple[Turn, AsyncGenerator[str]] | None:
        """Answer words from a pipeline: the turn, and the words of the answer as they come.

        None for words that are not for the persona: they answer a question of the room, or another room answers them.
        """
        here = self.satellite is not None and satellite_id == self.satellite.entity_id
        if here and self.ears is not None and await self.ears.keeps(text):
            return None
        token = speech_token(self._hass, conversation_id)
        if here and self.satellite is not None:
            waiter = heard_on(self.satellite)
        else:
            waiter = read if token is None else heard_in_browser(self._hass, token)
        reply = PipelineReply(self._hass, waiter)
        source = TurnSource.SATELLITE if here else TurnSource.TEXT
        request = UserText(text, self.config.language or language)
        return await self.coordinator.ask(request, agent, reply, source), reply.deltas()

    async def inject(
        self,
        persona_id: str | None = None,
        *,
        prompt: str | None = None,
        message: str | None = None,
        priority: InjectPriority = InjectPriority.NORMAL,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
        volume: int | None = None,
        manner: Manner = PLAIN,
        seat: Seat | None = None,
        wait: bool = False,
    ) -> InjectOutcome:
        """Have the room say something by itself (Engine I1-I10).

        A tool of the running turn does not wait for words that wait for its turn. Whoever waits and is cancelled takes
        back what has not begun.
        """
        agent = self.agents.get(persona_id or self.config.persona_id)
        injection = Injection(agent, prompt, message, priority, dedup_key, expires_after, volume)
        injection.manner, injection.seat = manner, seat
        if manner.listen:
            injection.mouth = partial(self._reply, manner)
        return await self._put(injection, wait=wait and not self._in_own_turn)

    async def ask(self, asked: Asked, seat: Seat | None = None) -> Answer:
        """Ask the people in the room. Raises `BrokenAnswerError`."""
        agent = self.agents.get(self.config.persona_id)
        persona = agent.persona if agent is not None else None
        spoken = (self.config.language, *(persona.languages if persona is not None else ()))
        sheet = answer_sheet(asked.answers, self._phrases, spoken)
        if self.ears is None:
            return Answer(reason=Unanswered.NO_MICROPHONE)
        if self._in_own_turn:
            return Answer(reason=Unanswered.OWN_TURN)
        return await self.ears.questions.ask(asked, sheet, agent, seat)

    def _reply(self, manner: Manner) -> Reply:
        """The room's own voice. Raises `SpeakerError`."""
        if manner.listen and self.ears is not None:
            self.ears.invite()
        return self.speaker.reply(manner)

    async def _put(self, injection: Injection, *, wait: bool = True) -> InjectOutcome:
        quiet = self.quiet
        injection.quiet_volume = self.config.quiet_volume if quiet else None
        try:
            return await self.coordinator.inject(injection, wait=wait, quiet=quiet)
        except asyncio.CancelledError:
            self.coordinator.withdraw(injection)
            raise

    @property
    def _in_own_turn(self) -> bool:
        """Whether this runs inside the turn that the room has now, also one that somebody else answers."""
        turn = self.coordinator.turn
        if turn is not None and turn.id == current_turn_id.get():
            return True
        return self.satellite is not None and inside_pipeline_of(self._hass, self.satellite.entity_id)

    def lost(self, turn: Turn) -> None:
        """The pipeline that carried `turn` was cancelled."""
        self._do(self._lost(turn))

    async def _lost(self, turn: Turn) -> None:
        await self.coordinator.interrupt(Cause.LOST, turn)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        """Start at once, so that a press is at the gate before the words that follow it."""
        task = self._hass.async_create_background_task(work, f"huxley room {self.config.name}")
        self._following.add(task)
        task.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        self._following.discard(task)
        if not task.cancelled() and (err := task.exception()) is not None:
            _LOGGER.error("room.follow_failed room=%s", self.config.name, exc_info=err)

    async def _start_input_claim(self, persona_id: str, claim: InputClaim) -> ClaimHandle:
        return await self.coordinator.start_input_claim(claim, self.agents.get(persona_id))


@dataclass(frozen=True, slots=True)
class _Inject:
    """`ctx.inject_turn` for the skills of one persona in one room."""

    room: Room
    persona_id: str

    async def __call__(
        self,
        prompt: str | None = None,
        *,
        message: str | None = None,
        priority: InjectPriority = InjectPriority.NORMAL,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
        wait: bool = False,
    ) -> InjectOutcome:
        """Queue the words and say what became of them."""
        return await self.room.inject(
            self.persona_id,
            prompt=prompt,
            message=message,
            priority=priority,
            dedup_key=dedup_key,
            expires_after=expires_after,
            wait=wait,
        )
