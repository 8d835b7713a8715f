"""One conversation with a chat model."""

import itertools
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from ...errors import ModelUnavailableError
from ..protocol import (
    ModelCapabilities,
    ModelEvent,
    ModelRequest,
    ResponseDone,
    ResponseStarted,
    ResponseStatus,
    TextDelta,
    ToolCall,
    ToolOutputs,
    UserText,
)
from .answer import Answer, Piece, Usage
from .exchange import Exchange
from .failures import PASSING, ChatError, Failure
from .history import History, Response
from .messages import render
from .model import ChatModel
from .sequencer import Sequencer, SequencerState
from .transport import Transport

_LOGGER = logging.getLogger(__name__)


class ChatSession:
    """A `ModelSession` on an OpenAI-compatible server. The history is ours; the server remembers nothing.

    `on_outcome` hears after every response that the server answered (None) or why not, so that a wrong key or
    an empty account reaches the person who can do something about it. `language` is the one that the
    person was last understood in; `usage` is what the session has cost so far.
    """

    def __init__(
        self,
        model: ChatModel,
        transport: Transport,
        *,
        name: str = "chat",
        history: History | None = None,
        on_outcome: Callable[[ChatError | None], None] = lambda _: None,
    ) -> None:
        self._model = model
        self._transport = transport
        self._ids = (f"{name}-{number}" for number in itertools.count(1))
        self._history = History() if history is None else history
        self._on_outcome = on_outcome
        self._sequencer = Sequencer()
        self._live: Response | None = None
        self._closed = False
        self.language = model.languages[0]
        self.usage = Usage()

    @property
    def capabilities(self) -> ModelCapabilities:
        """It puts a prompt into its own words."""
        return ModelCapabilities(narrates=True)

    @property
    def state(self) -> SequencerState:
        """What is on the wire."""
        return self._sequencer.state

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """Ask for one response; a response that is still under way is cancelled first.

        Raises `ModelUnavailableError` when the server is away before anything was said, and forgets the request then.
        """
        if self._closed:
            raise ModelUnavailableError("The conversation is closed.")
        self._end_live()
        self._take(request)
        response_id = next(self._ids)
        response = self._live = self._history.begin(response_id)
        try:
            yield ResponseStarted(response_id)
            async with aclosing(self._say(response)) as events:
                async for event in events:
                    yield event
            yield self._done(request, response)
        except ChatError as err:
            yield self._failed(request, response, err)
        finally:
            await self._sequencer.cancel(response_id)
            response.over = True
            if self._live is response:
                self._live = None

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        """Close that response's connection, and remember of its turn only what was heard (Engine T6, step 5).

        Also when the response is complete and still being spoken. `heard` counts from the turn's first word.
        """
        self._history.cut(response_id, heard)
        await self._sequencer.cancel(response_id)

    async def close(self) -> None:
        """End what is on the wire and forget the conversation."""
        self._closed = True
        self._end_live()
        await self._sequencer.cancel()
        self._history.clear()

    def _end_live(self) -> None:
        if self._live is not None:
            self._live.over = True

    def _take(self, request: ModelRequest) -> None:
        if isinstance(request, ToolOutputs):
            if strange := self._history.answer(request.outputs):
                _LOGGER.warning("model.unasked_tool_outputs calls=%s", ",".join(strange))
            return
        if isinstance(request, UserText):
            self.language = self._model.language(request.language) or self.language
        self._history.ask(request)

    async def _say(self, response: Response) -> AsyncGenerator[TextDelta | ToolCall]:
        """Send the conversation and yield what comes; one that is too long for the model is sent once more, halved."""
        for may_shrink in (True, False):
            if response.over:
                return
            try:
                async with aclosing(self._pieces(response)) as pieces:
                    async for piece in pieces:
                        if response.over:
                            return
                        yield self._event(response, piece)
            except ChatError as err:
                fresh = not response.text and not response.calls
                if err.failure is Failure.TOO_LONG and may_shrink and fresh and self._history.shrink():
                    _LOGGER.info("model.history_halved response=%s reason=%s", response.response_id, err)
                    continue
                raise
            return

    async def _pieces(self, response: Response) -> AsyncGenerator[Piece]:
        response_id = response.response_id
        answer = Answer(response_id)
        exchange = await self._sequencer.send(response_id, lambda: self._send(answer, response_id))
        if response.over:  # cancelled while another one was on its way out: this one has not left yet
            exchange.cancel()
        try:
            async with aclosing(exchange.pieces()) as pieces:
                async for piece in pieces:
                    self._sequencer.receiving(response_id)
                    yield piece
            response.over = response.over or exchange.cancelled
        finally:
            if answer.usage is not None:
                self.usage += answer.usage

    def _send(self, answer: Answer, response_id: str) -> Exchange:
        preset = self._model.settings.preset
        messages = render(
            self._model.prompt(self.language), self._history.turns, system_anywhere=preset.system_anywhere
        )
        return Exchange(self._transport.stream(self._model.body(messages)), answer, response_id)

    def _event(self, response: Response, piece: Piece) -> TextDelta | ToolCall:
        if isinstance(piece, str):
            response.text += piece
            return TextDelta(response.response_id, piece)
        response.calls.append(piece)
        return ToolCall(response.response_id, piece.call_id, piece.name, piece.arguments, self.language)

    def _done(self, request: ModelRequest, response: Response) -> ResponseDone:
        response_id = response.response_id
        if response.over:
            return ResponseDone(response_id, ResponseStatus.CANCELLED)
        # After tools silence is an answer: the words may have come before them.
        if not isinstance(request, ToolOutputs) and not response.text.strip() and not response.calls:
            return self._failed(request, response, ChatError(Failure.BROKEN, "the model answered nothing"))
        self._on_outcome(None)
        return ResponseDone(response_id)

    def _failed(self, request: ModelRequest, response: Response, error: ChatError) -> ResponseDone:
        """Return how a failed response ends. Raises `ModelUnavailableError`."""
        _LOGGER.warning("model.failed response=%s failure=%s reason=%s", response.response_id, error.failure, error)
        self._on_outcome(error)
        untouched = not response.text and not response.calls
        if untouched and not isinstance(request, ToolOutputs):
            self._history.withdraw()
        if untouched and error.failure in PASSING:
            raise ModelUnavailableError(str(error)) from error
        return ResponseDone(response.response_id, ResponseStatus.FAILED, str(error))
