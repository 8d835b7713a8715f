"""The models that a server offers."""

from .failures import ChatError, Failure

MOST_MODELS = 2000  # more nobody scrolls through


def read_models(answer: object) -> list[str]:
    """Return the ids in the answer of `/models`, sorted. Raises `ChatError` for what is no list of models.

    Where the server tells (OpenRouter), models that cannot call tools are left out.
    """
    entries = answer.get("data") if isinstance(answer, dict) else answer
    if entries is None and isinstance(answer, dict) and "data" in answer:
        entries = []  # Ollama without any model
    if not isinstance(entries, list):
        raise ChatError(Failure.BROKEN, "the server's answer is no list of models; is the address right?")
    ids = {entry["id"] for entry in entries if isinstance(entry, dict) and _is_usable(entry)}
    return sorted(ids, key=str.lower)[:MOST_MODELS]


def _is_usable(entry: dict[str, object]) -> bool:
    parameters = entry.get("supported_parameters")
    calls_tools = not isinstance(parameters, list) or "tools" in parameters
    return isinstance(entry.get("id"), str) and calls_tools
