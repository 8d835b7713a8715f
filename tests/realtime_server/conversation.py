"""What a session knows: its settings, its items and the sound that was not committed yet. Pure values, no socket."""

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .errors import Refused
from .sound import length_of

PCM = {"type": "audio/pcm", "rate": 24000}
SERVER_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "create_response": True,
    "interrupt_response": True,
    "idle_timeout_ms": None,
}


def fresh_session(model: str) -> dict[str, Any]:
    """The settings of a session that nobody has changed yet."""
    return {
        "type": "realtime",
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "include": None,
        "audio": {
            "input": {
                "format": dict(PCM),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(SERVER_VAD),
            },
            "output": {"format": dict(PCM), "voice": "marin", "speed": 1.0},
        },
    }


class Conversation:
    """The default conversation of one session."""

    def __init__(self, model: str) -> None:
        self.session = fresh_session(model)
        self.items: list[dict[str, Any]] = []
        self.sound: dict[str, bytes] = {}
        """What was spoken or heard, by the id of its item."""
        self.spoke = False

    @property
    def last_id(self) -> str | None:
        """The id of the newest item."""
        return self.items[-1]["id"] if self.items else None

    def update(self, change: Mapping[str, Any]) -> None:
        """Take over the keys that are present; `audio.input` and `audio.output` are merged key by key."""
        model = change.get("model")
        if model is not None and model != self.session["model"]:
            raise Refused("invalid_value", "The model of a session cannot be changed.", "session.model")
        audio = change.get("audio") or {}
        voice = (audio.get("output") or {}).get("voice")
        if self.spoke and voice is not None and voice != self.session["audio"]["output"]["voice"]:
            raise Refused("cannot_update_voice", param="session.audio.output.voice")
        plain = {key: value for key, value in change.items() if key != "audio"}
        self.session.update(copy.deepcopy(plain))
        for side, settings in audio.items():
            self.session["audio"][side].update(copy.deepcopy(settings or {}))
        detection = self.session["audio"]["input"]["turn_detection"]
        if detection is not None and detection["type"] == "server_vad":
            self.session["audio"]["input"]["turn_detection"] = SERVER_VAD | detection

    def find(self, item_id: str, code: str) -> dict[str, Any]:
        """The item, or a refusal with `code`."""
        for item in self.items:
            if item["id"] == item_id:
                return item
        raise Refused(code, param="item_id")

    def add(self, item: dict[str, Any], after: str | None = None) -> str | None:
        """Put an item behind another (None: at the end, `root`: at the beginning); the id of the one before it."""
        if any(known["id"] == item["id"] for known in self.items):
            raise Refused("invalid_value", f"Item with id {item['id']!r} already exists.", "item.id")
        if item["type"] == "function_call_output":
            self._check_output(item["call_id"])
        place = len(self.items)
        if after == "root":
            place = 0
        elif after is not None:
            place = self.items.index(self.find(after, "invalid_value")) + 1
        self.items.insert(place, item)
        return self.before(item["id"])

    def before(self, item_id: str) -> str | None:
        """The id of the item in front of this one."""
        ids = [item["id"] for item in self.items]
        place = ids.index(item_id)
        return ids[place - 1] if place else None

    def _check_output(self, call_id: str) -> None:
        known = self._ids("function_call")
        if call_id not in known:
            raise Refused(
                "invalid_tool_call_id", f"Tool call ID {call_id!r} not found in conversation.", "item.call_id"
            )

    def unanswered(self) -> list[str]:
        """Calls of the conversation that nobody has answered."""
        answered = self._ids("function_call_output")
        return [call_id for call_id in self._ids("function_call") if call_id not in answered]

    def answered_twice(self) -> list[str]:
        """Calls that were answered more than once."""
        answered = self._ids("function_call_output")
        return sorted({call_id for call_id in answered if answered.count(call_id) > 1})

    def _ids(self, kind: str) -> list[str]:
        return [item["call_id"] for item in self.items if item["type"] == kind and item["status"] == "completed"]

    def delete(self, item_id: str) -> None:
        """Forget an item."""
        self.items.remove(self.find(item_id, "item_delete_invalid_item_id"))
        self.sound.pop(item_id, None)

    def truncate(self, item_id: str, content_index: int, end: timedelta) -> None:
        """Forget what was not heard, and the transcript with it."""
        item = self.find(item_id, "item_truncate_invalid_item_id")
        sound = self.sound.get(item_id)
        if item.get("role") != "assistant" or sound is None:
            raise Refused("unsupported_content_type")
        if content_index != 0:
            raise Refused("invalid_value", "There is no content of this index.", "content_index")
        length = length_of(sound)
        if end > length:
            have, asked = (round(time / timedelta(milliseconds=1)) for time in (length, end))
            raise Refused("invalid_value", f"Audio content of {have}ms is already shorter than {asked}ms")
        self.sound[item_id] = sound[: round(len(sound) * (end / length)) // 2 * 2]
        item["content"] = [{"type": "output_audio"}]
