"""Onlookers: told what happened, and never in its way."""

import logging
from collections.abc import Callable

_LOGGER = logging.getLogger(__name__)


class Listeners[**P]:
    """Who hears of one thing. A listener that raises is logged as `<name>.listener_failed`, and kept."""

    __slots__ = ("_all", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._all: list[Callable[P, object]] = []

    def add(self, listener: Callable[P, object]) -> Callable[[], None]:
        """Have `listener` told from now on; call the result, once, to stop."""
        self._all.append(listener)
        return lambda: self._all.remove(listener)

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everybody who listens now, the first one first."""
        for listener in tuple(self._all):
            try:
                listener(*args, **kwargs)
            except Exception:
                _LOGGER.exception("%s.listener_failed", self._name)
