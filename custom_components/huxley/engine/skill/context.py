"""What a skill is given: its ports to the persona, the room and the house."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .claim import StartInputClaim
from .home import Home
from .inject import InjectTurn
from .language import spoken_language
from .logger import SkillLogger
from .storage import Storage
from .supervision import Supervisor
from .words import Words


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """The room a skill works in. `area` is the Home Assistant area's name, if any."""

    id: str
    name: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class PersonaInfo:
    """The persona a skill works for."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SkillContext:
    """Everything a skill may touch; it lives as long as the skill does.

    `config` is the persona's part for this skill, relative paths in it are relative to `data_path`.
    `default_language` is the persona's (BCP 47), `constraints` are the persona's.
    """

    logger: SkillLogger
    storage: Storage
    config: Mapping[str, Any]
    default_language: str
    persona: PersonaInfo
    constraints: frozenset[str]
    room: RoomInfo
    home: Home
    data_path: Path
    words: Words
    clock: Callable[[], datetime]
    inject_turn: InjectTurn
    start_input_claim: StartInputClaim
    supervisor: Supervisor

    @property
    def language(self) -> str:
        """The language to answer in: that of the person in this turn, else the persona's."""
        return spoken_language() or self.default_language

    def text(self, key: str, **slots: object) -> str:
        """Return the words for a key, in `language`; never raises.

        The persona's `replies` win over the skill's `responses`, and English is the last resort.
        """
        return self.words.say(key, self.language, slots)

    def now(self) -> datetime:
        """Return the time in the persona's timezone."""
        return self.clock()

    def background_task(self, name: str, factory: Callable[[], Awaitable[None]]) -> None:
        """Keep `factory` running beside the turns until teardown; see `Supervisor` for what happens when it fails."""
        self.supervisor.start(name, factory)
