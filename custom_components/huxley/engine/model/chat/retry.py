"""How long to wait before a request is sent once more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits double from `first` on, each shortened at random, so that rooms do not come back all at once."""

    attempts: int = 3
    """Requests in all."""

    first: timedelta = timedelta(milliseconds=500)
    budget: timedelta = timedelta(seconds=8)
    """All waits together; a person waits 15 s for the first word at most (Engine T15)."""

    def delay(
        self, attempt: int, waited: timedelta, asked: timedelta | None, random: Callable[[], float]
    ) -> timedelta | None:
        """Return how long to wait after the `attempt`th request (from 1), None to give up.

        `asked` is what the server wants (`Retry-After`): never less than that. `random` returns 0 to 1.
        """
        if attempt >= self.attempts:
            return None
        jittered = self.first * 2 ** (attempt - 1) * (0.5 + random() / 2)
        wait = max(jittered, asked or timedelta(0))
        return wait if waited + wait <= self.budget else None


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return what a `Retry-After` header asks for: seconds or a date; None when it asks nothing that makes sense."""
    if value is None:
        return None
    try:
        return max(timedelta(seconds=float(value)), timedelta(0))
    except ValueError, OverflowError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
