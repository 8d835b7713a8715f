"""The rooms in which the cells are played, as a person in them has them: say something, listen, pull the plug."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, override

from scripts.rig.client import Client
from scripts.rig.esphome_device import EsphomeSatellite
from scripts.rig.loudspeaker import Loudspeaker
from scripts.rig.music_player import MusicPlayer
from scripts.rig.satellite import Satellite

from .cells import Device, Sentence
from .tape import Latencies

STATE_LIMIT = timedelta(seconds=40)  # mpd is asked how it is every ten seconds
QUIET_FOR = 0.3  # seconds without a sound, before a cell begins
DOORBELL, RUNG = "doorbell", "doorbell_rung"
"""Events on Home Assistant's bus: the automation's trigger, and its end."""


@dataclass(slots=True)
class Link:
    """The connection to Home Assistant, another one after a restart."""

    client: Client


class Place(ABC):
    """One room of the house."""

    device: ClassVar[Device]
    latencies: ClassVar[Latencies]

    def __init__(self, link: Link, ear: Loudspeaker, satellite: str, player: str, room: str) -> None:
        self._link = link
        self.ear = ear
        self.satellite, self.player, self.room = satellite, player, room
        self.foreign = ""
        """Id of the music that somebody plays past the room."""

    @property
    def client(self) -> Client:
        """The connection to Home Assistant."""
        return self._link.client

    @property
    def now(self) -> float:
        """Seconds of the recording."""
        return self.ear.now

    @abstractmethod
    async def wake(self, question: bytes) -> Coroutine[Any, Any, object]:
        """Say the wake word and `question`; returns what to wait for until the answer was heard."""

    @abstractmethod
    async def stop_by_hand(self) -> None:
        """Stop the player."""

    @abstractmethod
    async def leave(self) -> None:
        """Take the player's power away; returns when Home Assistant knows."""

    @abstractmethod
    async def come_back(self) -> None:
        """Give it back; returns when Home Assistant uses it again."""

    @abstractmethod
    async def hush(self) -> None:
        """End everything that a cell may have left on the devices."""

    async def inject(self, sentence: Sentence, priority: str = "block_behind_comms") -> str:
        """Have the room say something; returns what became of it."""
        data = {"message": sentence.value, "priority": priority, "wait": True, "expires_after": "00:00:40"}
        response = await self.client.action("huxley.inject_turn", data, target={"entity_id": self.room}, response=True)
        outcome: str = response[self.room]["outcome"]
        return outcome

    async def ring(self, sentence: Sentence) -> None:
        """Let an automation announce on the satellite itself; returns when the automation has ended."""
        async with self.client.subscribe("subscribe_events", event_type=RUNG) as rung:
            call = {"satellite": self.satellite, "message": sentence.value}
            await self.client.request("POST", f"/api/events/{DOORBELL}", call)
            while (await rung.get())["data"]["satellite"] != self.satellite:
                pass

    async def play(self, entity_id: str, media_id: str) -> float:
        """Play music on the room or on its player; returns when it began."""
        began = self.now
        media = {"media_content_id": media_id, "media_content_type": "music"}
        await self.client.action("media_player.play_media", media, target={"entity_id": entity_id})
        return (await self.ear.happened("music starts", began)).at

    async def until(self, entity_id: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Return when an entity's state is as `wanted`."""
        await self.client.wait_state(entity_id, wanted, STATE_LIMIT)

    async def at_rest(self) -> None:
        """Return when nobody listens, speaks or waits to speak."""
        await self.until(self.satellite, lambda state: bool(state["state"] == "idle"))
        await self.until(self.room, lambda state: state["attributes"].get("turn_id", "away") is None)

    async def speechless(self) -> None:
        """Return when nothing has been said for a moment."""
        while True:
            began = self.now
            await self.ear.reaches(began + QUIET_FOR)
            if not self.ear.recording.channels(began)[0].any():
                return

    async def rest(self) -> None:
        """From whatever is going on to a silent room at full volume."""
        await self.client.action("huxley.interrupt", target={"entity_id": self.room})
        await self.hush()
        await self.at_rest()
        await self.until(self.room, lambda state: bool(state["state"] == "idle"))
        await self.client.action("media_player.volume_set", {"volume_level": 1.0}, target={"entity_id": self.player})
        async with asyncio.timeout(STATE_LIMIT.total_seconds()):
            while True:
                began = self.now
                await self.ear.reaches(began + QUIET_FOR)
                if not any(channel.any() for channel in self.ear.recording.channels(began)):
                    return


class Kitchen(Place):
    """An ESPHome satellite: one device."""

    device = Device.KITCHEN
    latencies = Latencies(duck=0.04, listen=0.3, stop=0.3, back=2.0, resume=1.5)

    def __init__(self, link: Link, body: EsphomeSatellite, satellite: str, player: str, room: str) -> None:
        super().__init__(link, body.room, satellite, player, room)
        self._body = body

    @override
    async def wake(self, question: bytes) -> Coroutine[Any, Any, object]:
        self._body.wake(question)
        return asyncio.wait_for(self._body.voice.until_idle(), STATE_LIMIT.total_seconds())

    @override
    async def stop_by_hand(self) -> None:
        self._body.player.stop(announcement=False)

    @override
    async def leave(self) -> None:
        await self._body.unplug()
        await self.until(self.player, lambda state: bool(state["state"] == "unavailable"))

    @override
    async def come_back(self) -> None:
        await self._body.plug_in()
        await self._body.connected()
        await self.until(self.satellite, lambda state: bool(state["state"] == "idle"))

    @override
    async def hush(self) -> None:
        self._body.recover()
        self._body.voice.stop()
        self._body.player.stop(announcement=True)
        self._body.player.stop(announcement=False)
        await asyncio.wait_for(self._body.voice.until_idle(), STATE_LIMIT.total_seconds())
        async with asyncio.timeout(STATE_LIMIT.total_seconds()):
            while self._body.room.ducking:
                await self.ear.reaches(self.now + 0.02)

    def volume_commands(self, since: float) -> int:
        """How often Home Assistant told it a volume."""
        return sum("volume" in one.data for one in self._body.commands_since(since, "MediaPlayerCommand"))


class LivingRoom(Place):
    """A Wyoming satellite and mpd: two devices."""

    device = Device.LIVING_ROOM
    latencies = Latencies(duck=0.2, listen=0.6, stop=0.6, back=2.0, resume=1.5)

    def __init__(
        self, link: Link, ear: Loudspeaker, mouth: Satellite, music: MusicPlayer, satellite: str, player: str, room: str
    ) -> None:
        super().__init__(link, ear, satellite, player, room)
        self._mouth = mouth
        self._music = music

    @override
    async def wake(self, question: bytes) -> Coroutine[Any, Any, object]:
        began = self.now
        asking = asyncio.create_task(self._mouth.ask(question))
        await self.ear.happened("button", began)
        return asyncio.wait_for(asking, STATE_LIMIT.total_seconds())

    @override
    async def stop_by_hand(self) -> None:
        await self.client.action("media_player.media_stop", target={"entity_id": self.player})

    @override
    async def leave(self) -> None:
        await self._music.stop()
        await self.until(self.player, lambda state: bool(state["state"] == "unavailable"))

    @override
    async def come_back(self) -> None:
        self._music.forget()
        await self._music.start()
        await self.until(self.player, lambda state: bool(state["state"] != "unavailable"))

    @override
    async def hush(self) -> None:
        await self.client.action("media_player.media_stop", target={"entity_id": self.player})
