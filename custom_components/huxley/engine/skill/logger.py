"""A skill's log: events with values, each carrying the turn it belongs to (Engine T2)."""

import json
import logging
import re
from collections.abc import Callable

type TurnGetter = Callable[[], str | None]
"""Returns the id of the turn that the calling code runs in, None outside a turn."""

_BARE = re.compile(r"[^\s\"=]+")


def render(event: str, values: dict[str, object]) -> str:
    """Return `event key=value …`; a value with spaces, quotes or nothing in it is quoted."""
    return " ".join((event, *(f"{key}={_shown(value)}" for key, value in values.items())))


def _shown(value: object) -> str:
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class SkillLogger:
    """Writes `music.started turn=t-7f3a title="Huxley Waltz"`. The a-forms are for `await`, and do the same."""

    def __init__(self, skill: str, logger: logging.Logger, turn: TurnGetter) -> None:
        self._skill = skill
        self._logger = logger
        self._turn = turn

    def debug(self, event: str, **values: object) -> None:
        """Log for whoever looks for a fault."""
        self._log(logging.DEBUG, event, values)

    def info(self, event: str, **values: object) -> None:
        """Log what happened."""
        self._log(logging.INFO, event, values)

    def warning(self, event: str, **values: object) -> None:
        """Log what went wrong and was coped with."""
        self._log(logging.WARNING, event, values)

    def error(self, event: str, **values: object) -> None:
        """Log what went wrong."""
        self._log(logging.ERROR, event, values)

    def exception(self, event: str, **values: object) -> None:
        """Log what went wrong with the traceback of the exception at hand."""
        self._log(logging.ERROR, event, values, traceback=True)

    async def adebug(self, event: str, **values: object) -> None:
        """Do as `debug`."""
        self._log(logging.DEBUG, event, values)

    async def ainfo(self, event: str, **values: object) -> None:
        """Do as `info`."""
        self._log(logging.INFO, event, values)

    async def awarning(self, event: str, **values: object) -> None:
        """Do as `warning`."""
        self._log(logging.WARNING, event, values)

    async def aerror(self, event: str, **values: object) -> None:
        """Do as `error`."""
        self._log(logging.ERROR, event, values)

    async def aexception(self, event: str, **values: object) -> None:
        """Do as `exception`."""
        self._log(logging.ERROR, event, values, traceback=True)

    def _log(self, level: int, event: str, values: dict[str, object], *, traceback: bool = False) -> None:
        if not self._logger.isEnabledFor(level):
            return
        turn = self._turn()
        context: dict[str, object] = {} if turn is None else {"turn": turn}
        self._logger.log(level, "%s", render(f"{self._skill}.{event}", context | values), exc_info=traceback)
