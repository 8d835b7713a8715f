"""What a person in the room would hear, written down as intervals of loop time."""

import asyncio
from dataclasses import dataclass, field

FULL, DUCKED, SILENT = "full", "ducked", "silent"


@dataclass
class Interval:
    what: str
    begin: float
    end: float
    level: str = FULL


@dataclass
class Ear:
    speech: list[Interval] = field(default_factory=list)
    _levels: list[tuple[float, str, str]] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def note(self, what: str) -> None:
        self.log.append((self.now(), what))

    def level(self, name: str, level: str) -> None:
        self._levels.append((self.now(), name, level))

    @property
    def content(self) -> list[Interval]:
        """Every stretch in which content was heard at one level; the last one ends now."""
        found: list[Interval] = []
        open_: dict[str, Interval] = {}
        for at, name, level in self._levels:
            if (last := open_.pop(name, None)) is not None:
                last.end = at
            if level != SILENT:
                open_[name] = Interval(name, at, self.now(), level)
                found.append(open_[name])
        return [interval for interval in found if interval.end > interval.begin]

    def spoken(self) -> list[str]:
        return [interval.what for interval in self.speech]

    def heard_content(self, level: str | None = None) -> list[str]:
        return [part.what for part in self.content if level in (None, part.level)]

    def commands(self) -> list[str]:
        return [what for _, what in self.log]

    def collisions(self) -> list[tuple[Interval, Interval]]:
        """Content at full volume under speech."""
        return [
            (speech, part)
            for speech in self.speech
            for part in self.content
            if part.level == FULL and part.begin < speech.end - 1e-6 and speech.begin < part.end - 1e-6
        ]
