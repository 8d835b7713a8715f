"""A house of cardboard, to test a skill in: `skill.setup(make_context("music", responses={...}))`."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..engine.errors import ClaimBusyError, HuxleyError
from ..engine.skill.claim import ClaimHandle
from ..engine.skill.context import PersonaInfo, RoomInfo, SkillContext
from ..engine.skill.effects import InputClaim
from ..engine.skill.home import EntityState
from ..engine.skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..engine.skill.logger import SkillLogger
from ..engine.skill.storage import Json
from ..engine.skill.supervision import Supervisor
from ..engine.skill.words import Words

BYTES_PER_SECOND = 48_000  # 24 kHz, 16 bit, mono


class MemoryStorage:
    """A `Storage` that forgets at the end of the test."""

    def __init__(self) -> None:
        self.values: dict[str, Json] = {}

    async def get(self, key: str, default: Json = None) -> Json:
        """Return the value, or `default`."""
        return self.values.get(key, default)

    async def set(self, key: str, value: Json) -> None:
        """Keep the value."""
        self.values[key] = value

    async def delete(self, key: str) -> None:
        """Forget the key."""
        self.values.pop(key, None)

    async def keys(self) -> list[str]:
        """Return every key, sorted."""
        return sorted(self.values)


@dataclass
class FakeHome:
    """A `Home` that notes what was asked of it. `audio` is what `decode_audio` yields for a source, in seconds."""

    level: int | None = 40
    states: dict[str, EntityState] = field(default_factory=dict)
    audio: dict[str, float] = field(default_factory=dict)
    response: Mapping[str, Any] | None = None
    actions: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    decoded: list[tuple[str, timedelta]] = field(default_factory=list)

    async def call_action(
        self,
        domain: str,
        action: str,
        data: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
        *,
        response: bool = False,
    ) -> Mapping[str, Any] | None:
        """Note the call."""
        self.actions.append((domain, action, {**(data or {}), **(target or {})}))
        return self.response if response else None

    def state(self, entity_id: str) -> EntityState | None:
        """Return what `states` has."""
        return self.states.get(entity_id)

    def exposed_entities(self) -> tuple[EntityState, ...]:
        """Return all of `states`."""
        return tuple(self.states.values())

    async def decode_audio(self, source: str, start: timedelta = timedelta(0)) -> AsyncGenerator[bytes]:
        """Yield silence in pieces of half a second, from `start` on; `HuxleyError` for a source without audio."""
        self.decoded.append((source, start))
        if source not in self.audio:
            raise HuxleyError(f"{source} cannot be decoded")
        left = round((self.audio[source] - start.total_seconds()) * BYTES_PER_SECOND)
        while left > 0:
            yield bytes(min(left, BYTES_PER_SECOND // 2))
            left -= BYTES_PER_SECOND // 2

    def config_path(self, *parts: str) -> Path:
        """Return a path under `/config`."""
        return Path("/config", *parts)

    async def volume(self) -> int | None:
        """Return `level`."""
        return self.level

    async def run_in_executor[T](self, function: Callable[..., T], *args: Any) -> T:
        """Run it here and now."""
        return function(*args)


@dataclass
class FakeRoom:
    """Notes what a skill says by itself, and refuses the microphone."""

    said: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    async def inject_turn(
        self,
        prompt: str | None = None,
        *,
        message: str | None = None,
        priority: InjectPriority = InjectPriority.NORMAL,
        dedup_key: str | None = None,
        expires_after: timedelta | None = None,
        wait: bool = False,
    ) -> InjectOutcome:
        """Note the words."""
        del priority, dedup_key, expires_after
        self.said.append(message or prompt or "")
        return InjectOutcome(InjectStatus.SPOKEN if wait else InjectStatus.QUEUED)

    async def start_input_claim(self, claim: InputClaim) -> ClaimHandle:
        """Say that somebody else has the microphone."""
        raise ClaimBusyError(f"the microphone is taken; {claim.title} has to wait")


def make_context(
    skill: str,
    *,
    config: Mapping[str, Any] | None = None,
    responses: Mapping[str, Mapping[str, str]] | None = None,
    replies: Mapping[str, Mapping[str, str]] | None = None,
    language: str = "en",
    constraints: Sequence[str] = (),
    home: FakeHome | None = None,
    room: FakeRoom | None = None,
    storage: MemoryStorage | None = None,
    data_path: Path = Path("/config/huxley/data/test"),
    now: datetime = datetime(2026, 1, 2, 22, 32, tzinfo=UTC),
) -> SkillContext:
    """Return a context for a skill under test. `responses` and `replies` are by language, then key."""
    room = room or FakeRoom()
    logger = SkillLogger(skill, logging.getLogger(f"huxley.skill.{skill}"), lambda: None)
    noted = room.given_up
    return SkillContext(
        logger=logger,
        storage=storage or MemoryStorage(),
        config=config or {},
        default_language=language,
        persona=PersonaInfo("test", "Test"),
        constraints=frozenset(constraints),
        room=RoomInfo("kitchen", "Kitchen"),
        home=home or FakeHome(),
        data_path=data_path,
        words=Words(replies or {}, responses or {}, language, logger),
        clock=lambda: now,
        inject_turn=room.inject_turn,
        start_input_claim=room.start_input_claim,
        supervisor=Supervisor(skill, logger, lambda name, _: noted.append(name)),
    )
