"""A question on a satellite that talks to somebody else's agent: Home Assistant asks it, in the room's turn."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.assist_satellite.const import DOMAIN as ASSIST_SATELLITE
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant

from ..engine.errors import SpeakerError
from ..engine.speaker import Manner
from ..engine.turn import Question, Unanswered

_LOGGER = logging.getLogger(__name__)


class CoreQuestion:
    """An `engine.speaker.Reply` that lasts from the first word of the question to the last word of the answer.

    It is bounded by `limit`, since Home Assistant waits for an answer for ever. Words that are no answer are lost to
    the other agent, so the question is over then.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        satellite_id: str,
        manner: Manner,
        question: Question,
        limit: timedelta,
    ) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        """Never called: Home Assistant asks, and does not tell when it is heard."""

        self.listened = False
        """Whether the satellite's microphone was open for the answer."""

        self._hass = hass
        self._satellite_id = satellite_id
        self._manner = manner
        self._question = question
        self._limit = limit
        self._words: list[str] = []
        self._asking: asyncio.Task[None] | None = None
        self._began: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether the satellite speaks and listens for this question."""
        return self._asking is not None and not self._asking.done()

    async def write(self, text: str) -> None:
        """Keep the text; a question is asked in one piece."""
        self._words.append(text)

    async def finish(self) -> None:
        """Ask it."""
        if self._asking is None:
            self._began = self._hass.loop.time()
            self._asking = asyncio.create_task(self._ask("".join(self._words)), name="huxley question")

    async def heard_out(self) -> timedelta:
        """Return when it was answered, or nobody did. Raises `SpeakerError`."""
        if self._asking is not None:
            await asyncio.wait([self._asking])
            if self._asking.cancelled():
                raise SpeakerError(f"{self._satellite_id} went away while it asked")
            self._asking.result()
        return self._since_began()

    def lost(self) -> None:
        """The satellite is gone."""
        if self._asking is not None:
            self._asking.cancel()

    async def abort(self) -> timedelta:
        """Ask no more. What the device already says it says to its end."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait([self._asking])
        return self._since_began()

    def _since_began(self) -> timedelta:
        return timedelta(0) if self._began is None else timedelta(seconds=self._hass.loop.time() - self._began)

    async def _ask(self, question: str) -> None:
        data: dict[str, object] = {
            ATTR_ENTITY_ID: self._satellite_id,
            "question": question,
            "preannounce": self._manner.chime is not None,
        }
        if self._manner.chime:
            data["preannounce_media_id"] = self._manner.chime
        if self._manner.recording is not None:
            data["question_media_id"] = self._manner.recording
        try:
            async with asyncio.timeout(self._limit.total_seconds()):
                answer = await self._hass.services.async_call(
                    ASSIST_SATELLITE, "ask_question", data, blocking=True, return_response=True
                )
        except TimeoutError:
            _LOGGER.info("question.core_waited satellite=%s for=%s", self._satellite_id, self._limit)
        except Exception as err:  # a device's own library may raise anything
            if not self.listened:
                raise SpeakerError(f"{self._satellite_id} did not ask: {str(err) or type(err).__name__}") from err
            _LOGGER.info("question.core_heard_nothing satellite=%s error=%s", self._satellite_id, err)
        else:
            sentence = (answer or {}).get("sentence")
            self._question.hear(sentence if isinstance(sentence, str) else "")
        self._question.give_up(Unanswered.NO_ANSWER)
