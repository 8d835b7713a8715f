"""What people choose for a room by hand: who answers, and whether it may be disturbed."""

from collections.abc import Callable

from ..engine.listeners import Listeners
from ..engine.persona import Persona


class Choices:
    """They hold until somebody chooses otherwise; the room's entities keep them over restarts."""

    def __init__(self, own_persona_id: str) -> None:
        self.own_persona_id = own_persona_id
        """Who the room was set up for."""

        self._persona: Persona | None = None
        self._do_not_disturb = False
        self._listeners = Listeners[[]]("room.choice")

    @property
    def persona(self) -> Persona | None:
        """Who answers instead of the one that the room was set up for."""
        return self._persona

    @property
    def do_not_disturb(self) -> bool:
        """Whether it is quiet here whatever the hour (Engine I10)."""
        return self._do_not_disturb

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear of each choice; call the result to stop."""
        return self._listeners.add(listener)

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Quiet from now on, or no longer."""
        self._do_not_disturb = on
        self._listeners.tell()

    def set_persona(self, persona: Persona) -> None:
        """`persona` lives here from now on."""
        self._persona = persona if persona.id != self.own_persona_id else None
        self._listeners.tell()

    def who_answers(self, asked: Persona, *, in_room: bool) -> Persona:
        """Who answers words for `asked`: the chosen one, when they were said to the room's own satellite."""
        return self._persona if in_room and self._persona is not None else asked
