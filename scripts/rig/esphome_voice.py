"""The voice assistant of an ESPHome device: wake word, microphone, answers and announcements.

It follows the states of ESPHome's `voice_assistant` and the wake word's script of the Voice PE: a wake word while the
device speaks ends the speech, and nobody listens afterwards.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import ClassVar

from aioesphomeapi import VoiceAssistantEventType as Event

from .espeak import MICROPHONE_RATE
from .esphome_player import DevicePlayer
from .esphome_wire import Message, pb

CHUNK = 0.032  # seconds of audio that the microphone sends at once
CHUNK_BYTES = int(MICROPHONE_RATE * CHUNK) * 2
USE_VAD = 1  # flag of a request: Home Assistant decides when the question is over
WAKE_WORD = "Okay Nabu"
HARMLESS = frozenset({"wake-word-timeout", "wake_word_detection_aborted", "no_wake_word"})


class VoiceState(StrEnum):
    """What the voice assistant does."""

    IDLE = "idle"
    """It waits for its wake word."""

    STARTING = "starting"
    """It has asked Home Assistant for a pipeline."""

    LISTENING = "listening"
    """It sends what the microphone hears."""

    AWAITING = "awaiting"
    """The question is over; the answer is not there yet."""

    RESPONDING = "responding"
    """It plays an answer or an announcement."""


class Response(StrEnum):
    """How far the sound of an answer or an announcement has come."""

    NONE = "none"
    SENT = "sent"
    """The player was told to play it."""

    PLAYING = "playing"


RUNS = frozenset({VoiceState.STARTING, VoiceState.LISTENING})


class DeviceVoice:
    """One conversation at a time, over the connection that `send` writes to."""

    def __init__(self, player: DevicePlayer, send: Callable[[Message], None], note: Callable[..., None]) -> None:
        self._player = player
        self._send = send
        self._note = note
        self._response = Response.NONE
        self._continues = self._streams_early = False
        self._early_url = ""
        self._question = b""
        self._microphone: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self.state = VoiceState.IDLE
        self.wake_word = WAKE_WORD
        """What it hears. Home Assistant takes the same word on two devices within 2 s for one that both heard."""

        self.replies: deque[bytes] = deque()
        """What is said when it listens again by itself: 16 kHz mono PCM, one for each time; silence when empty."""

        self.transcript = ""
        """What the last question was understood as."""

        self.answer = ""
        """What the last answer's or announcement's text was."""

        self.conversation_id = ""
        """Of the last answer."""

        self.error = ""
        """Code of the last run's error; empty when there was none."""

        self.never_finishes = False
        """A fault: it never tells that an answer or an announcement was heard out."""

    @property
    def ducks(self) -> bool:
        """Whether the device ducks its media: it listens, thinks or speaks."""
        return self.state is not VoiceState.IDLE or self._player.announcing

    async def until_idle(self) -> None:
        """Return when it waits for its wake word."""
        await self._idle.wait()

    def wake(self, question: bytes) -> bool:
        """Hear the wake word, then `question`. Returns whether it listens; it does not when it was busy."""
        self._note("wake word")
        if self.state is not VoiceState.IDLE:
            self.stop()
            return False
        if self._player.announcing:
            self._player.stop(announcement=True)
            return False
        self._start(question, self.wake_word)
        return True

    def stop(self) -> None:
        """End what it does: the button in the middle of the device, or a wake word while it is busy."""
        self._continues = False
        if self.state in RUNS or self.state is VoiceState.AWAITING:
            self._signal_stop()
        if self.state in RUNS:
            self._go(VoiceState.IDLE)
        elif self.state is VoiceState.RESPONDING:
            self._player.stop(announcement=True)
            if self._streams_early:
                self._signal_stop()

    def disconnected(self) -> None:
        """Nobody is there to talk to."""
        self._continues = False
        self._response = Response.NONE
        self._go(VoiceState.IDLE)

    def loop(self) -> None:
        """Follow the player: an answer is over when it has announced and announces no more."""
        if self._response is Response.SENT and self._player.announcing:
            self._response = Response.PLAYING
        elif self._response is Response.PLAYING and not self._player.announcing:
            self._response = Response.NONE
            if self.state is VoiceState.RESPONDING:
                self._finished()

    def accepted(self, response: Message) -> None:
        """Home Assistant takes the audio, or does not."""
        if response.error or self.state is not VoiceState.STARTING:
            self._go(VoiceState.IDLE)
            return
        self._go(VoiceState.LISTENING)
        self._microphone = asyncio.create_task(self._talk(self._question), name="device microphone")

    def announce(self, request: Message) -> None:
        """Play an announcement; with a sound before it, it replaces the one that plays, else it waits for it."""
        self.answer = request.text
        self._response = Response.SENT
        if request.preannounce_media_id:
            self._player.play(request.preannounce_media_id, announcement=True)
        self._player.play(request.media_id, announcement=True, enqueue=True)
        self._continues = request.start_conversation
        self._go(VoiceState.RESPONDING)

    def happens(self, message: Message) -> None:
        """Follow an event of the pipeline."""
        event = Event(message.event_type)
        data = {item.name: item.value for item in message.data}
        self._note(event.name.removeprefix("VOICE_ASSISTANT_").lower().replace("_", " "), **data)
        if handler := self._events.get(event):
            handler(self, data)

    def _start(self, question: bytes, wake_word: str) -> None:
        self._question = question
        self._response = Response.NONE
        self.error = ""
        self._go(VoiceState.STARTING)
        self._send(
            pb.VoiceAssistantRequest(
                start=True, conversation_id=self.conversation_id, flags=USE_VAD, wake_word_phrase=wake_word
            )
        )

    def _signal_stop(self) -> None:
        self._send(pb.VoiceAssistantRequest(start=False))

    def _go(self, state: VoiceState) -> None:
        if state is not VoiceState.LISTENING and self._microphone is not None:
            self._microphone.cancel()
            self._microphone = None
        if state is not self.state:
            self.state = state
            self._note("voice", state=state)
        if state is VoiceState.IDLE:
            self._idle.set()
        else:
            self._idle.clear()

    async def _talk(self, pcm: bytes) -> None:
        """Send `pcm`, then the silence of a room, in real time until somebody has heard enough."""
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            chunk = pcm[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0")
            self._send(pb.VoiceAssistantAudio(data=chunk))
            number += 1
            await asyncio.sleep(began + number * CHUNK - loop.time())

    def finish(self) -> None:
        """Tell that the answer or the announcement was heard out."""
        self._send(pb.VoiceAssistantAnnounceFinished(success=True))

    def _finished(self) -> None:
        if not self.never_finishes:
            self.finish()
        if self._continues:
            self._continues = False
            self._start(self.replies.popleft() if self.replies else b"", wake_word="")
        else:
            self._go(VoiceState.IDLE)

    def _respond(self, url: str) -> None:
        self._response = Response.SENT
        self._player.play(url, announcement=True)
        self._go(VoiceState.RESPONDING)

    def _on_run_start(self, data: Mapping[str, str]) -> None:
        self._streams_early = False
        self._early_url = data.get("url", "")
        self.transcript = self.answer = ""

    def _on_stt_end(self, data: Mapping[str, str]) -> None:
        self.transcript = data.get("text", "")

    def _on_vad_end(self, _data: Mapping[str, str]) -> None:
        self._go(VoiceState.AWAITING)

    def _on_intent_progress(self, data: Mapping[str, str]) -> None:
        if data.get("tts_start_streaming") == "1" and self._early_url:
            self._streams_early = True
            self._respond(self._early_url)
            self._early_url = ""

    def _on_intent_end(self, data: Mapping[str, str]) -> None:
        self.conversation_id = data.get("conversation_id", "")
        self._continues = data.get("continue_conversation") == "1"

    def _on_tts_start(self, data: Mapping[str, str]) -> None:
        self.answer = data.get("text", "")

    def _on_tts_end(self, data: Mapping[str, str]) -> None:
        if data.get("url") and not self._streams_early:
            self._respond(data["url"])
        self._streams_early = False

    def _on_run_end(self, _data: Mapping[str, str]) -> None:
        if self.state in RUNS or self.state is VoiceState.AWAITING:
            self._go(VoiceState.IDLE)

    def _on_error(self, data: Mapping[str, str]) -> None:
        self.error = data.get("code", "")
        if self.error not in HARMLESS and self.state is not VoiceState.IDLE:
            self._signal_stop()
            self._go(VoiceState.IDLE)

    _events: ClassVar[dict[Event, Callable[[DeviceVoice, Mapping[str, str]], None]]] = {
        Event.VOICE_ASSISTANT_RUN_START: _on_run_start,
        Event.VOICE_ASSISTANT_STT_VAD_END: _on_vad_end,
        Event.VOICE_ASSISTANT_STT_END: _on_stt_end,
        Event.VOICE_ASSISTANT_INTENT_PROGRESS: _on_intent_progress,
        Event.VOICE_ASSISTANT_INTENT_END: _on_intent_end,
        Event.VOICE_ASSISTANT_TTS_START: _on_tts_start,
        Event.VOICE_ASSISTANT_TTS_END: _on_tts_end,
        Event.VOICE_ASSISTANT_RUN_END: _on_run_end,
        Event.VOICE_ASSISTANT_ERROR: _on_error,
    }
