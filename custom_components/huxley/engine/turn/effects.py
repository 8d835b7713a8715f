"""Latched side effects: what waits at the terminal barrier (Engine T4, T5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..skill.effects import AudioStream, InputClaim, PlayMedia, SideEffect
from ..skill.result import ToolResult

type Latched = AudioStream | PlayMedia | InputClaim


@dataclass(slots=True)
class Latch:
    """Holds what starts after the speech. The last stream wins; a claim beats a stream (Engine T4)."""

    stream: AudioStream | PlayMedia | None = None
    claim: InputClaim | None = None

    def add(self, effect: Latched) -> None:
        """Keep `effect` for the barrier."""
        if isinstance(effect, InputClaim):
            self.claim = effect
        else:
            self.stream = effect

    def take(self) -> Latched | None:
        """Hand over the winner and forget the rest."""
        winner = self.claim or self.stream
        self.clear()
        return winner

    def clear(self) -> None:
        """Forget everything (Engine T6, step 2)."""
        self.stream = self.claim = None


def is_latched(effect: SideEffect | None) -> bool:
    """Whether `effect` waits for the barrier; all others act at once."""
    return isinstance(effect, AudioStream | PlayMedia | InputClaim)


def owes_follow_up(results: Iterable[ToolResult], *, spoke: bool) -> bool:
    """Whether the model must speak about `results` (Engine T5).

    A stream or a claim asks for no follow-up when its response already said something; a model that called
    it without a word is asked to go on, because nothing may happen silently (Engine T15).
    """
    results = tuple(results)
    return bool(results) and (not spoke or any(not is_latched(result.side_effect) for result in results))
