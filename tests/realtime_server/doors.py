"""What may meet a client before there is a session: refusals, errors, a slow hello."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from .errors import error_body
from .script import Pause


@dataclass(frozen=True, slots=True)
class Refuse:
    """The upgrade is answered with an HTTP error."""

    status: int
    code: str
    retry_after: str | None = None

    def response(self) -> web.Response:
        """The error in the vendor's form."""
        headers: Mapping[str, str] = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return web.json_response({"error": error_body(self.code)}, status=self.status, headers=headers)


@dataclass(frozen=True, slots=True)
class TurnAway:
    """The socket opens, an `error` event comes instead of a session, the socket closes."""

    code: str
    close: int = 3000


@dataclass(frozen=True, slots=True)
class SlowHello:
    """The socket opens, and `session.created` waits."""

    pause: Pause


type Door = Refuse | TurnAway | SlowHello

INVALID_KEY = Refuse(401, "invalid_api_key")
RATE_LIMIT = Refuse(429, "rate_limit_exceeded", retry_after="1")
BROKEN = Refuse(503, "server_error")
"""The usual refusals at the upgrade."""
