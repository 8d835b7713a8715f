"""What a chat session needs of a connection to its server."""

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol


class Transport(Protocol):
    """Sends requests to one server."""

    def stream(self, body: Mapping[str, object]) -> AsyncGenerator[str]:
        """Post `body` to `/chat/completions` and yield the data of each event.

        Raises `ChatError`. Nothing is sent before the first item is asked for. Closing it, or cancelling whoever waits
        for an item, closes the connection at once.
        """
