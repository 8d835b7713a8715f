"""Tools as a `/chat/completions` body declares them."""

from collections.abc import Iterable, Mapping

from ...skill.tool import ToolDefinition

_REFUSED_AT_THE_TOP = frozenset({"oneOf", "anyOf", "allOf", "enum", "not"})  # hosted models refuse the whole request


def declare(definitions: Iterable[ToolDefinition]) -> list[dict[str, object]]:
    """Return one entry for each tool."""
    return [
        {
            "type": "function",
            "function": {
                "name": definition.name,
                "description": definition.description,
                "parameters": _parameters(definition.parameters),
            },
        }
        for definition in definitions
    ]


def _parameters(schema: Mapping[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in schema.items() if key not in _REFUSED_AT_THE_TOP}
    return {"type": "object", "properties": {}, **kept}
