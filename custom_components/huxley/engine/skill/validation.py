"""Checking the arguments of a tool call against its JSON schema, forgiving what is harmless (Engine T11)."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


class InvalidArgumentsError(Exception):
    """The arguments do not fit; the message says which and what would, for a model to read."""


def parse_arguments(arguments: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    """Return the arguments as a mapping; a model may send them as JSON text, or nothing for none."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments) if arguments.strip() else {}
        except ValueError as error:
            raise InvalidArgumentsError(f"The arguments are not valid JSON: {error}.") from error
    if arguments is None:
        return {}
    if not isinstance(arguments, Mapping):
        raise InvalidArgumentsError("The arguments must be a JSON object.")
    return arguments


def validate(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as the schema wants them, defaults not filled in.

    `"30"` passes for 30, `30.0` for 30, 30 for `"30"`, `"true"` for true, one value for a list of one; null for a
    parameter that does not take it counts as left out. Raises `InvalidArgumentsError`.
    """
    value = _validate_object(arguments, schema, "arguments")
    assert isinstance(value, dict)  # noqa: S101 - narrows the type: an object's validator returns a dict
    return value


def _validate(value: Any, schema: Mapping[str, Any], path: str) -> Any:
    if "anyOf" in schema:
        return _validate_any(value, schema["anyOf"], path)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    value = _as_one_of(value, kinds, schema, path)
    if "enum" in schema and value not in schema["enum"]:
        raise InvalidArgumentsError(f"`{path}` must be one of {_listed(schema['enum'])}, not {_shown(value)}.")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_bounds(value, schema, path)
    return value


def _validate_any(value: Any, schemas: list[Mapping[str, Any]], path: str) -> Any:
    reasons = []
    for schema in schemas:
        try:
            return _validate(value, schema, path)
        except InvalidArgumentsError as error:
            reasons.append(str(error))
    raise InvalidArgumentsError(" Or: ".join(reasons))


def _as_one_of(value: Any, kinds: list[str], schema: Mapping[str, Any], path: str) -> Any:
    """Return the value as the first kind that has it as it stands, else as the first that it can be taken for."""
    if not kinds:
        return value
    for take in (_EXACT, _COERCED):
        for kind in kinds:
            accepted, result = take[kind](value) if kind in take else (False, None)
            if accepted:
                return _CONTAINERS[kind](result, schema, path) if kind in _CONTAINERS else result
    raise InvalidArgumentsError(f"`{path}` must be {' or '.join(kinds)}, not {_shown(value)}.")


def _validate_object(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> dict[str, Any]:
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    required = schema.get("required", [])
    result: dict[str, Any] = {}
    for name, item in value.items():
        if name in properties:
            if item is None and name not in required and not _takes_null(properties[name]):
                continue
            result[name] = _validate(item, properties[name], name)
        elif schema.get("additionalProperties", True) is False:
            known = f"known are {_listed(properties)}" if properties else "there are none"
            raise InvalidArgumentsError(f"There is no parameter `{name}`; {known}.")
        else:
            result[name] = item
    if missing := [name for name in required if name not in result]:
        raise InvalidArgumentsError(f"Missing in {path}: {_listed(missing)}.")
    return result


def _validate_array(value: list[Any], schema: Mapping[str, Any], path: str) -> list[Any]:
    return [_validate(item, schema.get("items", {}), f"{path}[{index}]") for index, item in enumerate(value)]


def _check_bounds(value: float, schema: Mapping[str, Any], path: str) -> None:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if not low <= value <= high:
        raise InvalidArgumentsError(f"`{path}` must be from {low} to {high}, not {value}.")


def _takes_null(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ["null"])
    return "null" in ([kinds] if isinstance(kinds, str) else kinds)


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


type _Taken = tuple[bool, Any]


def _exact(*types: type) -> Callable[[Any], _Taken]:
    return lambda value: (isinstance(value, types) and not isinstance(value, bool), value)


def _number(value: Any) -> _Taken:
    """Accept a finite number, also as text."""
    try:
        number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else math.nan
    except ValueError, OverflowError:
        return False, None
    return math.isfinite(number), number


def _integer(value: Any) -> _Taken:
    """Accept a whole number, also as text or as 30.0."""
    if isinstance(value, str):
        try:
            return True, int(value)
        except ValueError:
            pass
    accepted, number = _number(value)
    return (True, int(number)) if accepted and number.is_integer() else (False, None)


def _finite(value: Any) -> _Taken:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value), value


def _boolean(value: Any) -> _Taken:
    """Accept true and false as text."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return word in ("true", "false"), word == "true"


def _string(value: Any) -> _Taken:
    """Accept a number as text."""
    return isinstance(value, (int, float)) and not isinstance(value, bool), str(value)


_EXACT: Mapping[str, Callable[[Any], _Taken]] = {
    "null": lambda value: (value is None, None),
    "boolean": lambda value: (isinstance(value, bool), value),
    "integer": _exact(int),
    "number": _finite,
    "string": _exact(str),
    "array": _exact(list),
    "object": _exact(dict),
}

_COERCED: Mapping[str, Callable[[Any], _Taken]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "string": _string,
    "array": lambda value: (value is not None and not isinstance(value, dict), [value]),
}

_CONTAINERS: Mapping[str, Callable[[Any, Mapping[str, Any], str], Any]] = {
    "array": _validate_array,
    "object": _validate_object,
}
