"""An emulated ESPHome voice satellite with its own player: it speaks the native API to Home Assistant.

A test is its person: `ask` says something after the wake word, `wake` only the wake word, `room` is what can be
heard, `commands` what Home Assistant told it, and the faults are plain attributes and methods.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from . import esphome_identity as identity
from .esphome_loudspeaker import DeviceLoudspeaker
from .esphome_player import DevicePlayer
from .esphome_voice import DeviceVoice
from .esphome_wire import EncryptedError, Message, pack, pb, receive
from .ports import LOOPBACK, refuse_taken


@dataclass(frozen=True, slots=True)
class Received:
    """A command of Home Assistant."""

    at: float
    """Seconds of the recording."""

    name: str
    """The protocol's name of the message, without `Request` or `Response`: `MediaPlayerCommand`."""

    data: dict[str, Any]
    """The fields that were set; of a player's command `command`, `url`, `announcement` and `volume`."""


class EsphomeSatellite:
    """Home Assistant connects to it, one connection at a time is its client."""

    def __init__(self, port: int, *, number: int = 1, record: bool = True) -> None:
        self._port = port
        self._number = number
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()
        self._wake_words = [next(iter(identity.WAKE_WORDS))]
        self.commands: list[Received] = []
        """Everything that Home Assistant told it to do, the earliest first."""

        self.player = DevicePlayer(self._send, self._note)
        self.voice = DeviceVoice(self.player, self._send, self._note)
        self.voice.wake_word = identity.numbered(self.voice.wake_word, number)
        self.room = self.player.loudspeaker = DeviceLoudspeaker(
            self.player.announcements, self.player.media, self._loop, record=record
        )
        """What can be heard: `room.recording`, `room.heard`, `room.happened`."""

    async def start(self) -> None:
        """Listen for Home Assistant and open the room; `PortTakenError` when somebody else listens."""
        await self.plug_in()
        await self.room.start()

    async def stop(self) -> None:
        """Go away as an unplugged device does."""
        await self.unplug()
        await self.room.stop()

    async def connected(self, limit: timedelta = timedelta(seconds=30)) -> None:
        """Return when Home Assistant uses the satellite."""
        await asyncio.wait_for(self._wanted.wait(), limit.total_seconds())

    async def ask(self, pcm: bytes, *replies: bytes, limit: timedelta = timedelta(seconds=60)) -> None:
        """Say the wake word and `pcm` (16 kHz mono) in real time; return when the device waits for its wake word.

        `replies` are said each time it listens again by itself. `RuntimeError` when it does not listen now.
        """
        async with asyncio.timeout(limit.total_seconds()):
            self.voice.replies.extend(replies)
            if not self.wake(pcm):
                raise RuntimeError("The device was busy: the wake word ended that, and it does not listen.")
            await self.voice.until_idle()

    def wake(self, pcm: bytes = b"") -> bool:
        """Say the wake word, then `pcm`; returns at once whether it listens (a busy device falls silent instead)."""
        if self._writer is None:
            raise ConnectionError("Home Assistant is not connected to the device.")
        return self.voice.wake(pcm)

    def commands_since(self, time: float, name: str | None = None) -> list[Received]:
        """Return what Home Assistant told it at or after `time`."""
        return [one for one in self.commands if one.at >= time and name in (None, one.name)]

    def drop(self) -> None:
        """Lose the connection and play on; Home Assistant comes back by itself."""
        if self._writer is not None:
            self._wanted.clear()
            self._writer.transport.abort()

    async def unplug(self) -> None:
        """Lose power: no connection, no sound, nobody answers until `plug_in`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await self.player.announcements.close()
        await self.player.media.close()

    async def plug_in(self) -> None:
        """Listen for Home Assistant (again)."""
        refuse_taken(self._port, "the ESPHome device")
        self._server = await asyncio.start_server(self._connected, LOOPBACK, self._port)

    def recover(self) -> None:
        """End every fault that a test has set."""
        self.player.claimed = None
        self.player.announcements.stuck = self.player.media.stuck = False
        self.voice.never_finishes = False
        self.voice.replies.clear()

    def _loop(self) -> bool:
        self.player.loop()
        self.voice.loop()
        return self.voice.ducks

    def _note(self, event: str, **data: Any) -> None:
        self.room.note(event, **data)

    def _send(self, message: Message) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(message))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)
        try:
            while True:
                message = await receive(reader)
                if message is not None:
                    self._handle(message, writer)
                    await writer.drain()
                if isinstance(message, pb.DisconnectRequest):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, EncryptedError) as error:
            self._note("connection lost", why=str(error))
        finally:
            if self._writer is writer:
                self._writer = None
                self._wanted.clear()
                self.voice.disconnected()
            writer.close()

    def _handle(self, message: Message, writer: asyncio.StreamWriter) -> None:
        if answer := self._answers.get(type(message)):
            for reply in answer(self):
                writer.write(pack(reply))
        elif isinstance(message, pb.SubscribeStatesRequest):
            self._writer = writer
            self.player.report()
        elif isinstance(message, pb.SubscribeVoiceAssistantRequest):
            (self._wanted.set if message.subscribe else self._wanted.clear)()
        elif obey := self._orders.get(type(message)):
            self._log(message)
            obey(self, message)

    def _log(self, message: Message) -> None:
        name = type(message).__name__.removesuffix("Request").removesuffix("Response")
        if name in UNLOGGED:
            return
        if isinstance(message, pb.MediaPlayerCommandRequest):
            data = self.player.told(message)
        else:
            data = {field.name: value for field, value in message.ListFields()}
        self.commands.append(Received(self.room.now, name, data))
        self._note("command", name=name, **{key: str(value) for key, value in data.items()})

    def _set_wake_words(self, message: Message) -> None:
        self._wake_words = list(message.active_wake_words)

    _answers: ClassVar[dict[type, Callable[[EsphomeSatellite], list[Message]]]] = {
        pb.HelloRequest: lambda self: [identity.hello(self._number)],
        pb.AuthenticationRequest: lambda _: [pb.AuthenticationResponse()],
        pb.PingRequest: lambda _: [pb.PingResponse()],
        pb.DisconnectRequest: lambda _: [pb.DisconnectResponse()],
        pb.DeviceInfoRequest: lambda self: [identity.device(self._number)],
        pb.ListEntitiesRequest: lambda _: [identity.media_player(), pb.ListEntitiesDoneResponse()],
        pb.VoiceAssistantConfigurationRequest: lambda self: [identity.configuration(self._wake_words)],
    }
    _orders: ClassVar[dict[type, Callable[[EsphomeSatellite, Message], None]]] = {
        pb.MediaPlayerCommandRequest: lambda self, message: self.player.obey(message),
        pb.VoiceAssistantAnnounceRequest: lambda self, message: self.voice.announce(message),
        pb.VoiceAssistantEventResponse: lambda self, message: self.voice.happens(message),
        pb.VoiceAssistantResponse: lambda self, message: self.voice.accepted(message),
        pb.VoiceAssistantSetConfiguration: _set_wake_words,
        pb.VoiceAssistantTimerEventResponse: lambda _self, _message: None,
    }


UNLOGGED = frozenset({"VoiceAssistantEvent"})  # they are on the room's timeline
