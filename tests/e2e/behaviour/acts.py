"""How a situation is made and an event is caused; the same acts in every kind of room."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scripts.rig.espeak import MICROPHONE_RATE, say_to_microphone

from .cells import EVENT_QUESTION, SITUATION_QUESTION, Cell, Course, Event, Sentence, Situation
from .places import Kitchen, Place
from .tape import Tape

OWN_MEDIA = "huxley://house/music/track%2Fown_ramp.wav"
PLAYED = 1.0  # seconds of music before something happens to it
SPOKEN = 0.8  # seconds of words before something happens to them
THOUGHT = bytes(int(MICROPHONE_RATE * 1.5) * 2)  # silence, before somebody begins to speak
WAITED = 1.5  # seconds in which a message that must wait does wait
AFTERMATH: Mapping[Course, float] = {Course.NOTHING: 1.6, Course.STOPPED: 3.0}
"""Seconds that are listened to after everything is over: a player takes more than one to begin."""

LONG_AFTERMATH = 2.6
ATTEMPTS = 3
SITUATION_LIMIT = timedelta(seconds=10)
CELL_LIMIT = 100  # seconds; nothing hangs

type Work = Coroutine[Any, Any, object]


@dataclass(slots=True)
class Scene:
    """A cell while it is played."""

    place: Place
    cell: Cell
    began: float
    event: float = 0.0
    released: float | None = None
    back: float | None = None
    going_on: list[asyncio.Task[object]] = field(default_factory=list)

    def goes_on(self, work: Work) -> None:
        """Something lasts on, and is over before the cell is."""
        self.going_on.append(asyncio.ensure_future(work))

    async def over(self) -> None:
        """Return when all that went on is over, and its last word was heard."""
        await asyncio.gather(*self.going_on)
        await self.place.at_rest()
        await self.place.speechless()

    async def forget(self) -> None:
        """Wait for nothing that went on any more."""
        for task in self.going_on:
            task.cancel()
        await asyncio.gather(*self.going_on, return_exceptions=True)
        self.going_on.clear()


async def perform(place: Place, cell: Cell) -> Tape:
    """Play a cell from a silent room to a silent room, and return its recording."""
    async with asyncio.timeout(CELL_LIMIT):
        scene = await _situated(place, cell)
        try:
            scene.event = place.now
            await EVENTS[cell.event](scene)
            await scene.over()
            await place.ear.reaches(place.now + AFTERMATH.get(cell.course, LONG_AFTERMATH))
        finally:
            await scene.forget()
    return record(scene)


async def _situated(place: Place, cell: Cell) -> Scene:
    """Bring a silent room into the situation; a recogniser that was too busy to understand is asked again."""
    for attempt in range(1, ATTEMPTS + 1):
        await place.rest()
        scene = Scene(place, cell, place.now)
        try:
            await situate(scene)
        except TimeoutError:
            await scene.forget()
            if attempt == ATTEMPTS:
                raise
        else:
            return scene
    raise RuntimeError("There is no attempt.")


def record(scene: Scene) -> Tape:
    """Return what has been heard since the scene began."""
    place = scene.place
    speech, music = place.ear.recording.channels(scene.began, place.now)
    moments = [moment for moment in place.ear.recording.moments if moment.at >= scene.began]
    return Tape(
        began=scene.began,
        event=scene.event,
        released=scene.released,
        back=scene.back,
        speech=speech,
        music=music,
        latencies=place.latencies,
        notes="\n".join(f"{moment.at:8.2f} {moment.event} {moment.data}" for moment in moments),
        volume_commands=place.volume_commands(scene.event) if isinstance(place, Kitchen) else 0,
    )


async def situate(scene: Scene) -> None:
    """Bring the room into the cell's situation."""
    await SITUATIONS[scene.cell.situation](scene)


async def _idle(scene: Scene) -> None:
    await scene.place.ear.reaches(scene.place.now + 0.1)


async def _own(scene: Scene) -> None:
    started = await scene.place.play(scene.place.room, OWN_MEDIA)
    await scene.place.ear.reaches(started + PLAYED)


async def _foreign(scene: Scene) -> None:
    place = scene.place
    started = await place.play(place.player, place.foreign)
    await place.until(place.room, lambda state: bool(state["state"] == "playing"))
    await place.ear.reaches(started + PLAYED)


async def _speaking(scene: Scene) -> None:
    began = scene.place.now
    scene.goes_on(await scene.place.wake(await say_to_microphone(SITUATION_QUESTION)))
    await _has_begun_to_speak(scene, began)


async def _listening(scene: Scene) -> None:
    place = scene.place
    scene.goes_on(await place.wake(THOUGHT + await say_to_microphone(EVENT_QUESTION)))
    await place.until(place.satellite, lambda state: bool(state["state"] == "listening"))
    await place.ear.reaches(place.now + 0.3)


async def _announcing(scene: Scene) -> None:
    began = scene.place.now
    scene.goes_on(scene.place.inject(Sentence.ANNOUNCEMENT))
    await _has_begun_to_speak(scene, began)


async def _has_begun_to_speak(scene: Scene, since: float) -> None:
    started = await scene.place.ear.happened("speech starts", since, SITUATION_LIMIT)
    await scene.place.ear.reaches(started.at + SPOKEN)


async def _wake(scene: Scene) -> None:
    scene.goes_on(await scene.place.wake(await say_to_microphone(EVENT_QUESTION)))
    await asyncio.gather(*scene.going_on)
    scene.released = scene.place.now


def _inject(sentence: Sentence, priority: str) -> Callable[[Scene], Awaitable[None]]:
    async def inject(scene: Scene) -> None:
        scene.goes_on(scene.place.inject(sentence, priority))
        if scene.cell.course is Course.UNTOUCHED:
            await scene.place.ear.reaches(scene.place.now + WAITED)
            scene.released = scene.place.now
            await scene.place.stop_by_hand()

    return inject


async def _announce(scene: Scene) -> None:
    await scene.place.ring(Sentence.NEWS)


async def _stop(scene: Scene) -> None:
    await scene.place.stop_by_hand()


async def _gone(scene: Scene) -> None:
    place = scene.place
    await place.leave()
    await place.ear.reaches(place.now + 0.5)
    scene.back = place.now
    await place.come_back()
    if scene.cell.course is Course.RESUMED:
        started = await place.ear.happened("music starts", scene.back)
        await place.ear.reaches(started.at + PLAYED)
    await say_again(scene)


async def say_again(scene: Scene) -> None:
    """What was away is back: when all is settled, the room speaks."""
    await scene.over()
    await scene.place.ear.reaches(scene.place.now + 1.0)
    scene.goes_on(scene.place.inject(Sentence.AGAIN))


SITUATIONS: Mapping[Situation, Callable[[Scene], Awaitable[None]]] = {
    Situation.IDLE: _idle,
    Situation.OWN: _own,
    Situation.FOREIGN: _foreign,
    Situation.SPEAKING: _speaking,
    Situation.LISTENING: _listening,
    Situation.ANNOUNCING: _announcing,
}
EVENTS: Mapping[Event, Callable[[Scene], Awaitable[None]]] = {
    Event.WAKE: _wake,
    Event.NORMAL: _inject(Sentence.NEWS, "normal"),
    Event.BLOCK: _inject(Sentence.NEWS, "block_behind_comms"),
    Event.PREEMPT: _inject(Sentence.ALARM, "preempt"),
    Event.ANNOUNCE: _announce,
    Event.STOP: _stop,
    Event.GONE: _gone,
}
"""The restart is everybody's at once, and is not here."""
