"""Tool calls, put together from the pieces in which a server streams them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNREADABLE = "invalid_json"
"""Parameter under which arguments that are no JSON object reach the dispatcher, which then tells the model."""


@dataclass(frozen=True, slots=True)
class RequestedCall:
    """A tool call that is complete. `call_id` is unique in its response."""

    call_id: str
    name: str
    arguments: Mapping[str, object]


@dataclass(slots=True)
class _Slot:
    call_id: str = ""
    name: str = ""
    arguments: str = ""


class CallFragments:
    """Sorts fragments into calls by index and id.

    Servers differ: some send every call with index 0, some no index, some no id, some an id with each fragment.
    """

    def __init__(self) -> None:
        self._slots: list[_Slot] = []
        self._by_index: dict[object, _Slot] = {}

    def add(self, fragment: Mapping[str, object]) -> None:
        """Take one entry of `delta.tool_calls`."""
        function = fragment.get("function")
        function = function if isinstance(function, Mapping) else {}
        call_id, name = str(fragment.get("id") or ""), str(function.get("name") or "")
        slot = self._slot(fragment.get("index"), call_id, name)
        slot.call_id = slot.call_id or call_id
        slot.name = slot.name or name
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            slot.arguments += arguments
        elif arguments is not None:
            slot.arguments = json.dumps(arguments)

    def take(self, response_id: str) -> Sequence[RequestedCall]:
        """Return the calls in the order they began, and forget them. A call without an id gets one."""
        calls: dict[str, RequestedCall] = {}
        for number, slot in enumerate(self._slots, 1):
            call_id = slot.call_id
            if not call_id or call_id in calls:
                call_id = f"{response_id}-call-{number}"
            calls[call_id] = RequestedCall(call_id, slot.name, read_arguments(slot.arguments))
        self._slots, self._by_index = [], {}
        return tuple(calls.values())

    def _slot(self, index: object, call_id: str, name: str) -> _Slot:
        """Return the call to which a fragment belongs."""
        if call_id and (same := next((slot for slot in self._slots if slot.call_id == call_id), None)):
            return same
        current = self._by_index.get(index) if index is not None else (self._slots[-1] if self._slots else None)
        if current is None or (name and current.name and _begins_another(current, index, call_id)):
            current = _Slot()
            self._slots.append(current)
        self._by_index[index] = current
        return current


def read_arguments(text: str) -> Mapping[str, object]:
    """Return the arguments; text that is no JSON object comes back under `UNREADABLE`."""
    try:
        value = json.loads(text) if text.strip() else {}
        if isinstance(value, str):  # encoded twice
            value = json.loads(value) if value.strip() else {}
    except ValueError, RecursionError:
        return {UNREADABLE: text}
    if value is None:
        return {}
    return value if isinstance(value, dict) else {UNREADABLE: text}


def _begins_another(current: _Slot, index: object, call_id: str) -> bool:
    """Whether a fragment with a name starts a call beside `current`, rather than repeating that one's name."""
    if call_id and current.call_id:
        return True
    return index is None or (bool(current.arguments) and UNREADABLE not in read_arguments(current.arguments))
