"""Questions that a room asks by itself, and the words that answer them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from ..skill.inject import InjectOutcome, InjectStatus
from ..skill.storage import Json
from ..speaker import Reply
from .answers import AnswerSheet
from .injections import Injection

_LOGGER = logging.getLogger(__name__)


class Unanswered(StrEnum):
    """Why a question has no answer."""

    EXPIRED = "expired"
    """It could not be asked in time."""

    REFUSED = "refused"
    """It may not be asked now: quiet hours, or too much is waiting already."""

    FAILED = "failed"
    """The room could not ask it; the log says why."""

    NO_ANSWER = "no_answer"
    """It was asked, and nobody answered in time; `sentence` holds what was said instead, if anything was."""

    OWN_TURN = "own_turn"
    """It was asked by a tool of the running turn, which would wait for itself; a tool's result can expect an answer."""

    NO_MICROPHONE = "no_microphone"
    """The room hears nobody."""

    CLOSED = "closed"
    """The room was closed."""


NOT_ASKED: Mapping[InjectStatus, Unanswered] = {
    InjectStatus.EXPIRED: Unanswered.EXPIRED,
    InjectStatus.REFUSED: Unanswered.REFUSED,
    InjectStatus.REPLACED: Unanswered.REFUSED,
    InjectStatus.FAILED: Unanswered.FAILED,
}
"""From what became of the words to why there is no answer; heard in whole or in part, they were asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question."""

    answered: bool = False
    id: str | None = None
    sentence: str | None = None
    """The person's words."""

    slots: Mapping[str, Json] = field(default_factory=dict)
    reason: Unanswered | None = None
    detail: str | None = None
    """For people: what was in the way."""


class Question:
    """One question, from its words to its answer."""

    def __init__(self, sheet: AnswerSheet) -> None:
        self.sentence: str | None = None
        """The last words that were no answer."""

        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._sheet = sheet

    def hear(self, text: str) -> bool:
        """Take `text` for the answer, if it is one."""
        match = self._sheet.match(text)
        if match is None:
            self.sentence = text.strip() or self.sentence
            return False
        self.resolve(Answer(answered=True, id=match.id, sentence=text, slots=match.slots))
        return True

    def give_up(self, reason: Unanswered, detail: str | None = None) -> None:
        """There will be no answer."""
        self.resolve(Answer(sentence=self.sentence, reason=reason, detail=detail))

    def resolve(self, answer: Answer) -> None:
        """Say what became of it; only the first word counts."""
        if not self.answer.done():
            self.answer.set_result(answer)


class Questions:
    """The open questions of a room. One is open from its first word on: a person may answer before it is at its end.

    `inject` queues words and returns what became of them; `withdraw` takes them back if they were not begun.
    """

    def __init__(
        self, inject: Callable[[Injection], Awaitable[InjectOutcome]], withdraw: Callable[[Injection], None]
    ) -> None:
        self._inject = inject
        self._withdraw = withdraw
        self._pending: list[Question] = []
        self._open: list[Question] = []

    async def ask(
        self, injection: Injection, sheet: AnswerSheet, mouth: Callable[[Question], Reply], patience: timedelta
    ) -> Answer:
        """Have `injection` asked through `mouth`, and return the answer, or why there is none.

        From the end of its words on it is open for `patience`. Nothing is raised but the caller's own cancellation.
        """
        question = Question(sheet)

        def speak() -> Reply:
            self._open.append(question)
            return mouth(question)

        injection.mouth = speak
        self._pending.append(question)
        try:
            await self._put(injection, question, patience)
        finally:
            self._pending.remove(question)
            if question in self._open:
                self._open.remove(question)
        return question.answer.result()

    def hear(self, text: str) -> bool:
        """Give a person's words to the open questions, the latest first; tells whether they answered one."""
        return any(question.hear(text) for question in reversed(self._open))

    def close(self) -> None:
        """Nobody will answer any more."""
        for question in self._pending:
            question.give_up(Unanswered.CLOSED)

    async def _put(self, injection: Injection, question: Question, patience: timedelta) -> None:
        asking = asyncio.ensure_future(self._inject(injection))
        try:
            either: set[asyncio.Future[Any]] = {asking, question.answer}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not question.answer.done():
                outcome = asking.result()
                if reason := NOT_ASKED.get(outcome.status):
                    _LOGGER.info("question.not_asked reason=%s detail=%s", reason.value, outcome.reason)
                    question.give_up(reason, outcome.reason)
            await asyncio.wait([question.answer], timeout=patience.total_seconds())
            question.give_up(Unanswered.NO_ANSWER)
        finally:
            asking.cancel()
            self._withdraw(injection)
