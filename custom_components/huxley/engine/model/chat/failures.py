"""What can go wrong between us and a chat server, and how it is told apart."""

import json
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from ...errors import HuxleyError

MESSAGE_LENGTH = 300  # characters; a server may answer with a whole web page


class Failure(StrEnum):
    """Why a server did not answer; each asks for something else."""

    AUTH = "auth"
    """The key is missing, wrong or not allowed to do this: a person must give another."""

    QUOTA = "quota"
    """The account has no money or allowance left: a person must see to it."""

    RATE = "rate"
    """Too many requests for now: a later attempt may work."""

    UNREACHABLE = "unreachable"
    """The server is off, out of reach or overloaded: a later attempt may work."""

    TOO_LONG = "too_long"
    """The conversation is longer than the model can read."""

    BROKEN = "broken"
    """The server refused the request, or answered something that makes no sense."""


PASSING = frozenset({Failure.RATE, Failure.UNREACHABLE})
"""What goes away by itself."""


class ChatError(HuxleyError):
    """A request to a chat server failed; the message is for logs and diagnostics, never spoken."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


_BY_STATUS: Mapping[int, Failure] = {
    401: Failure.AUTH,
    402: Failure.QUOTA,
    403: Failure.AUTH,
    408: Failure.UNREACHABLE,
    413: Failure.TOO_LONG,
    425: Failure.UNREACHABLE,
    429: Failure.RATE,
}

_BY_CODE: Mapping[str, Failure] = {
    "invalid_api_key": Failure.AUTH,
    "authentication_error": Failure.AUTH,
    "account_deactivated": Failure.AUTH,
    "insufficient_quota": Failure.QUOTA,
    "billing_hard_limit_reached": Failure.QUOTA,
    "billing_not_active": Failure.QUOTA,
    "rate_limit_exceeded": Failure.RATE,
    "rate_limit_error": Failure.RATE,
    "context_length_exceeded": Failure.TOO_LONG,
    "exceed_context_size_error": Failure.TOO_LONG,
    "server_error": Failure.UNREACHABLE,
    "overloaded_error": Failure.UNREACHABLE,
    "unavailable_error": Failure.UNREACHABLE,
}

# What servers without a code for it say (vLLM, LM Studio): the code is all of `BadRequestError`.
_TOO_LONG_WORDS = ("maximum context length", "context length", "context size", "context window")


def classify_status(status: int, body: str) -> ChatError:
    """Return the error for an HTTP answer that is not 200; `body` is what came with it, JSON or not."""
    error = _error_of(body)
    message = f"HTTP {status}: {_message(error) or body.strip()[:MESSAGE_LENGTH] or 'no reason given'}"
    return ChatError(_failure(error, status), message)


def classify_event(error: object) -> ChatError:
    """Return the error that a server reports inside a stream."""
    details = error if isinstance(error, Mapping) else {"message": str(error)}
    code = details.get("code")
    status = code if isinstance(code, int) else 0
    return ChatError(_failure(details, status), f"the server reports: {_message(details) or 'an error without words'}")


def _failure(error: Mapping[str, object], status: int) -> Failure:
    for key in ("code", "type"):
        if (known := _BY_CODE.get(str(error.get(key)))) is not None:
            return known
    words = _message(error).lower()
    if status in (0, 400) and any(hint in words for hint in _TOO_LONG_WORDS):
        return Failure.TOO_LONG
    # A gateway that moderates says 403 as well; no other key would change that.
    if (
        status == HTTPStatus.FORBIDDEN
        and isinstance(metadata := error.get("metadata"), Mapping)
        and metadata.get("reasons")
    ):
        return Failure.BROKEN
    by_class = Failure.UNREACHABLE if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Failure.BROKEN
    return _BY_STATUS.get(status, by_class)


def _error_of(body: str) -> Mapping[str, object]:
    """Return the `error` object of a body; servers put it under `error`, bare, or as a text."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, Mapping):
        return {}
    error = value.get("error", value)
    return error if isinstance(error, Mapping) else {"message": str(error)}


def _message(error: Mapping[str, object]) -> str:
    text = error.get("message") or error.get("detail") or ""
    return str(text)[:MESSAGE_LENGTH]
