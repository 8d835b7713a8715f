"""Who asks for focus, and who is told about it (Engine F2, F6)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from .channels import Channel, ContentType, FocusState, MixingBehavior


class FocusObserver(Protocol):
    """Hears what becomes of one activity; may acquire and release from inside, may raise, may be slow."""

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """Do what `behavior` says; return when it is done, within the manager's deadline (Engine F9)."""

    async def on_patience_expired(self) -> None:
        """Say goodbye; `NONE` follows whatever happens here (Engine F7)."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that wants to be heard. Its identity is `(channel, name)` (Engine F2)."""

    channel: Channel
    name: str
    observer: FocusObserver
    content_type: ContentType = ContentType.NONMIXABLE
    patience: timedelta = timedelta(0)
    """How long it waits in the background, once displaced from the foreground, before it is over (Engine F6)."""
