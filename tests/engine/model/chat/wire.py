"""A chat server made of scripts: what each request is answered with, when, and what became of it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

type Step = str | float | Exception | asyncio.Event
"""Data of an event; seconds to wait; an error; an event to wait for."""


def say(text: str) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}}]})


def call(name: str, call_id: str, **arguments: Any) -> str:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return json.dumps({"choices": [{"delta": {"tool_calls": [{"id": call_id, "function": function}]}}]})


def end(reason: str = "stop", **usage: int) -> str:
    return json.dumps({"choices": [{"delta": {}, "finish_reason": reason}], "usage": usage or None})


class ScriptedTransport:
    """Answers the n-th request with the n-th script."""

    def __init__(self, *scripts: Sequence[Step]) -> None:
        self.scripts = list(scripts)
        self.bodies: list[Mapping[str, Any]] = []
        """What was sent."""

        self.open = 0
        """Connections that are open now."""

        self.most_open = 0
        self.read: list[int] = []
        """By request: how many steps were taken."""

    async def stream(self, body: Mapping[str, object]) -> AsyncGenerator[str]:
        number = len(self.bodies)
        self.bodies.append(json.loads(json.dumps(body)))
        self.read.append(0)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            for step in self.scripts[number]:
                self.read[number] += 1
                match step:
                    case str():
                        yield step
                    case float() | int():
                        await asyncio.sleep(step)
                    case asyncio.Event():
                        await step.wait()
                    case _:
                        raise step
        finally:
            await asyncio.sleep(0.01)  # closing takes a moment
            self.open -= 1

    def messages(self, number: int = -1) -> list[tuple[str, str]]:
        """Role and content of what was sent, without the system prompt."""
        return [(item["role"], item["content"]) for item in self.bodies[number]["messages"][1:]]
