"""One conversation with the offline model."""

import itertools
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import timedelta

from ..protocol import (
    ModelCapabilities,
    ModelEvent,
    ModelRequest,
    Narration,
    ResponseDone,
    ResponseStarted,
    ResponseStatus,
    TextDelta,
    ToolCall,
    ToolOutput,
    ToolOutputs,
    UserText,
)
from .model import OfflineModel

type _Step = str | ToolCall | ResponseDone
"""What a response says or calls; text stands for a `TextDelta`."""


class OfflineSession:
    """A `ModelSession` that calls the tool of the sentence it matched, and then says what the tool answered.

    `language` is the one that the person was last understood in; answers are in it.
    """

    def __init__(self, model: OfflineModel, *, name: str = "offline") -> None:
        self._model = model
        self._ids = (f"{name}-{number}" for number in itertools.count(1))
        self._running: str | None = None
        self._cancelled: set[str] = set()
        self.language = model.languages[0]

    @property
    def capabilities(self) -> ModelCapabilities:
        """It speaks a prompt as it stands."""
        return ModelCapabilities(narrates=False)

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """Answer one request; the offline model is never unavailable."""
        response_id = self._running = next(self._ids)
        try:
            yield ResponseStarted(response_id)
            for step in await self._steps(request, response_id):
                if response_id in self._cancelled:
                    break
                yield TextDelta(response_id, step) if isinstance(step, str) else step
                if isinstance(step, ResponseDone):
                    return
            cancelled = response_id in self._cancelled
            yield ResponseDone(response_id, ResponseStatus.CANCELLED if cancelled else ResponseStatus.COMPLETED)
        finally:
            self._cancelled.discard(response_id)
            if self._running == response_id:
                self._running = None

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        """Say no more in that response; one that is over stays as it is."""
        del heard  # nothing of what was said is remembered
        if response_id == self._running:
            self._cancelled.add(response_id)

    async def close(self) -> None:
        """Hold nothing any more."""
        self._cancelled.clear()

    async def _steps(self, request: ModelRequest, response_id: str) -> Iterable[_Step]:
        match request:
            case UserText(text, language):
                return await self._understand(text, language, response_id)
            case Narration(prompt):
                return [prompt]
            case ToolOutputs(outputs):
                return self._speak(outputs, response_id)

    async def _understand(self, text: str, language: str | None, response_id: str) -> list[_Step]:
        await self._model.refresh_lists()
        found = self._model.match(text, language)
        if found is None:
            self.language = self._model.answer_language(language)
            return [self._phrase_or_failure("not_understood", response_id)]
        match, self.language = found
        return [ToolCall(response_id, f"{response_id}-call", match.tool, match.arguments, self.language)]

    def _speak(self, outputs: Iterable[ToolOutput], response_id: str) -> list[_Step]:
        texts: list[_Step] = []
        for output in outputs:
            words = self._phrase_or_failure("tool_failed", response_id) if _is_for_models(output) else output.output
            if isinstance(words, ResponseDone):
                return [words]
            texts.append(f" {words}" if texts else words)
        return texts

    def _phrase_or_failure(self, key: str, response_id: str) -> str | ResponseDone:
        words = self._model.phrase(key, self.language)
        return words or ResponseDone(response_id, ResponseStatus.FAILED, f"no phrase {key} in {self.language}")


def _is_for_models(output: ToolOutput) -> bool:
    """Tell an error that only a model can put into words from words that a skill wrote for people."""
    if not output.is_error:
        return False
    try:
        value = json.loads(output.output)
    except ValueError:
        return not output.output.strip()
    return isinstance(value, Mapping)
