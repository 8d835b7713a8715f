"""Server-sent events, as far as chat servers use them."""

import json
from collections.abc import Iterator

from .failures import ChatError, Failure

LONGEST_LINE = 4 * 1024 * 1024  # bytes; a line beyond this is no piece of an answer


class EventStreamParser:
    """Cuts bytes into the values of `data:` lines.

    Every `data:` line is an event of its own: chat servers never spread one over several, and some forget the
    empty line between two. A comment (keep-alive) and other fields are passed over; llama.cpp tells of errors in a
    field of that name, which comes out as `{"error": …}`.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield what is complete. Raises `ChatError` for a line without end."""
        self._rest += data
        while (end := self._rest.find(b"\n", self._searched)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            self._searched = 0
            yield from _value(line)
        self._searched = len(self._rest)
        if self._searched > LONGEST_LINE:
            raise ChatError(Failure.BROKEN, f"the server sent a line longer than {LONGEST_LINE} bytes")

    def finish(self) -> Iterator[str]:
        """Yield what stood in a last line that was not ended."""
        line, self._rest, self._searched = bytes(self._rest), bytearray(), 0
        yield from _value(line)


def _value(line: bytes) -> Iterator[str]:
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").rstrip("\r")
    field, _, value = text.partition(":")
    value = value.removeprefix(" ")
    if field == "data" and value.strip():
        yield value
    elif field == "error":
        yield _as_error(value)


def _as_error(value: str) -> str:
    try:
        details = json.loads(value)
    except ValueError:
        details = {"message": value}
    return json.dumps(details if isinstance(details, dict) and "error" in details else {"error": details})
