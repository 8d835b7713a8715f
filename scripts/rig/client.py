"""A small client of Home Assistant: REST, WebSocket, config flows, config subentry flows."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self

import aiohttp

type Json = dict[str, Any]

ANSWER_LIMIT = timedelta(seconds=90)  # adding an integration may install its requirements
FLOWS = "/api/config/config_entries/flow"
SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"


class CommandError(Exception):
    """Home Assistant refused a command or a request."""


class Client:
    """One authenticated connection; use as an async context manager."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._events: dict[int, asyncio.Queue[Json]] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self._token}"})
        self._socket = await self._session.ws_connect("/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        reply = await self._socket.receive_json()
        if reply["type"] != "auth_ok":
            raise CommandError(f"Home Assistant refused the token: {reply}")
        self._reader = asyncio.create_task(self._read(), name="client reader")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        await self._socket.close()
        await self._session.close()

    async def _read(self) -> None:
        async for message in self._socket:
            data = message.json()
            for item in data if isinstance(data, list) else [data]:
                if item["type"] == "event" and item["id"] in self._events:
                    self._events[item["id"]].put_nowait(item["event"])
                elif (answer := self._answers.pop(item["id"], None)) and not answer.done():
                    answer.set_result(item)
        for answer in self._answers.values():
            answer.set_exception(CommandError("Home Assistant closed the connection."))

    async def _send(self, number: int, kind: str, fields: Mapping[str, Any]) -> Any:
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        reply = await asyncio.wait_for(answer, ANSWER_LIMIT.total_seconds())
        if not reply.get("success", True):
            raise CommandError(f"{kind}: {reply['error']}")
        return reply.get("result")

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a WebSocket command and return its result; `CommandError` when it is refused."""
        return await self._send(next(self._ids), kind, fields)

    @asynccontextmanager
    async def subscribe(self, kind: str, **fields: Any) -> AsyncIterator[asyncio.Queue[Json]]:
        """Yield the queue of a subscription's events."""
        number = next(self._ids)
        queue = self._events[number] = asyncio.Queue()
        await self._send(number, kind, fields)
        try:
            yield queue
        finally:
            del self._events[number]
            if not self._socket.closed:
                await self.command("unsubscribe_events", subscription=number)

    async def send_audio(self, handler: int, pcm: bytes) -> None:
        """Send one binary frame to a pipeline run's audio handler; empty ends the audio."""
        await self._socket.send_bytes(bytes([handler]) + pcm)

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Make a REST request; returns its JSON, or its bytes when it is none."""
        async with self._session.request(method, path, json=body) as response:
            if not response.ok:
                raise CommandError(f"{method} {path}: {response.status} {await response.text()}")
            is_json = response.content_type == "application/json"
            return await response.json() if is_json else await response.read()

    async def action(
        self, name: str, data: Json | None = None, *, target: Json | None = None, response: bool = False
    ) -> Any:
        """Perform the action `domain.name` and return its response when one is asked for."""
        domain, service = name.split(".")
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data or {},
            target=target or {},
            return_response=response,
        )
        return result["response"] if response else None

    async def flow(self, domain: str, *answers: Json) -> Json:
        """Go through an integration's config flow, one answer for each form; returns the last step."""
        return await self._flow(FLOWS, domain, answers)

    async def subentry_flow(self, entry_id: str, kind: str, *answers: Json) -> Json:
        """Go through the flow that adds a subentry of `kind` to an entry; returns the last step."""
        return await self._flow(SUBENTRY_FLOWS, [entry_id, kind], answers)

    async def _flow(self, path: str, handler: object, answers: tuple[Json, ...]) -> Json:
        step: Json = await self.request("POST", path, {"handler": handler})
        for answer in answers:
            if "flow_id" not in step or step["type"] not in {"form", "menu"}:
                raise CommandError(f"{handler}: the flow ended early with {step}")
            step = await self.request("POST", f"{path}/{step['flow_id']}", answer)
        return step

    async def entries(self, domain: str) -> list[Json]:
        """Return the config entries of an integration."""
        entries: list[Json] = await self.command("config_entries/get", domain=domain)
        return entries

    async def state(self, entity_id: str) -> Json | None:
        """Return an entity's state object, or None when there is no such entity."""
        states: list[Json] = await self.command("get_states")
        return next((state for state in states if state["entity_id"] == entity_id), None)

    async def wait_state(
        self, entity_id: str, wanted: Callable[[Json], bool], limit: timedelta = timedelta(seconds=20)
    ) -> Json:
        """Return an entity's state object as soon as it is as `wanted`; `TimeoutError` after `limit`."""
        async with self.subscribe("subscribe_events", event_type="state_changed") as events:
            current = await self.state(entity_id)
            async with asyncio.timeout(limit.total_seconds()):
                while current is None or not wanted(current):
                    data = (await events.get())["data"]
                    if data["entity_id"] == entity_id:
                        current = data["new_state"]
        return current

    async def entity_of(self, entry_id: str, domain: str, limit: timedelta = timedelta(seconds=20)) -> str:
        """Return the entity id of a config entry's first entity in `domain`, waiting for it to appear."""
        async with (
            self.subscribe("subscribe_events", event_type="entity_registry_updated") as changes,
            asyncio.timeout(limit.total_seconds()),
        ):
            while True:
                for entity in await self.command("config/entity_registry/list"):
                    entity_id: str = entity["entity_id"]
                    if entity["config_entry_id"] == entry_id and entity_id.startswith(f"{domain}."):
                        return entity_id
                await changes.get()
