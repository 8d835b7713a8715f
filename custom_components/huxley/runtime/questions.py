"""How a room asks: on its own terms where our persona hears the answer, else through Home Assistant."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.components.assist_satellite.const import AssistSatelliteEntityFeature as Feature
from homeassistant.const import ATTR_SUPPORTED_FEATURES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..engine.errors import SpeakerError
from ..engine.skill.inject import InjectOutcome, InjectPriority
from ..engine.skill.language import FALLBACK_LANGUAGE, closest_language
from ..engine.speaker import Manner, Reply
from ..engine.turn import Agent, Answer, AnswerSheet, Coordinator, Injection, Question, Questions, Seat
from .core_question import CoreQuestion
from .speakers.pipelines import pipeline_of

_LOGGER = logging.getLogger(__name__)

ASK_FOR: Final = timedelta(minutes=2)  # how long a question may wait to be asked, and then for its answer

LISTENING: Final = Manner(listen=True)

BUILT_IN: Final = {"yes": "answer_yes", "no": "answer_no"}
"""Answers that need no sentences, by id: their phrase in our translations is a template."""

type Phrases = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as an automation puts it. `answers` are sentences by id; without any, all words are an answer."""

    text: str
    answers: Mapping[str, Sequence[str]]
    manner: Manner = LISTENING
    priority: InjectPriority = InjectPriority.BLOCK_BEHIND_COMMS
    expires_after: timedelta = ASK_FOR
    patience: timedelta = ASK_FOR
    """How long after its words the answer is waited for."""


class RoomQuestions:
    """The questions of one room. `satellite_id` is where the person is heard.

    `inject` queues words and returns what became of them, `reply` is how the room itself speaks.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: Coordinator,
        inject: Callable[[Injection], Awaitable[InjectOutcome]],
        reply: Callable[[Manner], Reply],
        satellite_id: str,
    ) -> None:
        self._hass = hass
        self._reply = reply
        self._satellite_id = satellite_id
        self._questions = Questions(inject, coordinator.withdraw)
        self.core: CoreQuestion | None = None
        """The last one that Home Assistant asked for us."""

    async def ask(self, asked: Asked, sheet: AnswerSheet, agent: Agent | None, seat: Seat | None) -> Answer:
        """Ask when the room is free, and return the answer, or why there is none."""
        injection = Injection(
            agent,
            message=asked.text,
            priority=asked.priority,
            expires_after=asked.expires_after,
            manner=asked.manner,
            seat=seat,
        )
        return await self._questions.ask(injection, sheet, partial(self._mouth, asked), asked.patience)

    def hear(self, text: str) -> bool:
        """Give words from the satellite to the open questions; tells whether they answered one."""
        return self._questions.hear(text)

    def close(self) -> None:
        """Nobody will answer any more."""
        self._questions.close()

    def _mouth(self, asked: Asked, question: Question) -> Reply:
        """Who asks. Raises `SpeakerError` when nobody would hear the answer."""
        agent = self._agent_elsewhere()
        if agent is None:
            return self._reply(asked.manner)
        state = self._hass.states.get(self._satellite_id)
        if state is None or not state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & Feature.START_CONVERSATION:
            raise SpeakerError(
                f"{self._satellite_id} gives what it hears to {agent}, which is no persona, and cannot open its "
                "microphone by itself: choose a persona in its voice assistant"
            )
        _LOGGER.info("question.asked_by_core satellite=%s agent=%s", self._satellite_id, agent)
        self.core = CoreQuestion(self._hass, self._satellite_id, asked.manner, question, asked.patience)
        return self.core

    def _agent_elsewhere(self) -> str | None:
        """Who hears the satellite, if it is none of our personas."""
        pipeline = pipeline_of(self._hass, self._satellite_id)
        agent = pipeline.conversation_engine if pipeline is not None else "nobody"
        entry = er.async_get(self._hass).async_get(agent)
        return None if entry is not None and entry.platform == DOMAIN else agent


def answer_sheet(
    answers: Mapping[str, Sequence[str]], phrases: Phrases, languages: Iterable[str | None]
) -> AnswerSheet:
    """The sheet of a question, with our own words for a yes and a no that come without sentences.

    Raises `BrokenAnswerError`.
    """
    wanted = [language for language in languages if language is not None] or [FALLBACK_LANGUAGE]
    spoken = list(dict.fromkeys(found for one in wanted if (found := closest_language(one, phrases)) is not None))
    sentences = {
        answer: given or [phrases[language][BUILT_IN[answer]] for language in spoken or [FALLBACK_LANGUAGE]]
        for answer, given in answers.items()
    }
    return AnswerSheet(sentences, wanted[0])
