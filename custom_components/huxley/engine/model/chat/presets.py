"""Servers that people have, and where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ...errors import HuxleyError


@dataclass(frozen=True, slots=True)
class Preset:
    """How to talk to one kind of server. `base_url` ends before `/chat/completions`."""

    name: str
    """As its makers write it; the same in every language."""

    base_url: str
    needs_key: bool = False
    system_anywhere: bool = False
    """It takes instructions in the middle of a conversation, whatever the model."""

    length_key: str = "max_tokens"
    """What bounds the length of an answer."""

    extra: Mapping[str, object] = field(default_factory=dict)
    """What every request carries besides."""


_COUNTED: Final = {"stream_options": {"include_usage": True}}

OTHER: Final = "other"
"""Id of the preset for any server that is not named."""

PRESETS: Final[Mapping[str, Preset]] = {
    "ollama": Preset("Ollama", "http://localhost:11434/v1", extra=_COUNTED),
    "llama_cpp": Preset("llama.cpp", "http://localhost:8080/v1", extra=_COUNTED),
    "vllm": Preset("vLLM", "http://localhost:8000/v1", extra=_COUNTED),
    "lm_studio": Preset("LM Studio", "http://localhost:1234/v1", extra=_COUNTED),
    "openrouter": Preset("OpenRouter", "https://openrouter.ai/api/v1", needs_key=True, extra=_COUNTED),
    "openai": Preset(
        "OpenAI",
        "https://api.openai.com/v1",
        needs_key=True,
        system_anywhere=True,
        length_key="max_completion_tokens",
        extra=_COUNTED,
    ),
    OTHER: Preset("OpenAI-compatible", ""),
}
"""By id, in the order in which people are offered them."""


def clean_base_url(text: str) -> str:
    """Return an address as people write it in the form that requests need. Raises `HuxleyError`.

    `http://` is added where no scheme is, `/v1` where no path is; the name of an endpoint at the end is taken away.
    """
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise HuxleyError(f"{text!r} is no address of a server; write it like http://localhost:11434/v1")
    path = parts.path.rstrip("/")
    for endpoint in ("/chat/completions", "/models"):
        path = path.removesuffix(endpoint)
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", "", ""))
