"""From a method's signature and docstring to the JSON schema a model is given, and back to Python values."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ..errors import SkillError

type Convert = Callable[[Any], Any]
type Schema = dict[str, Any]

_PLAIN_TYPES: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, both included: `level: Annotated[int, Range(0, 100)]`."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a method's signature and docstring say. `schema` is a JSON schema of type object."""

    description: str
    schema: Schema
    converters: Mapping[str, Convert]

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Turn validated JSON values into the method's keyword arguments (text into enum members)."""
        return {name: self.converters[name](value) for name, value in values.items()}


def read_signature(function: Callable[..., Any]) -> Signature:
    """Describe a method's parameters, `self` left out.

    Raises `SkillError` for a parameter without a type, with a type that JSON cannot carry, or for `*args`.
    """
    description, parameter_texts = read_docstring(inspect.getdoc(function) or "")
    hints = _type_hints(function)
    properties: Schema = {}
    required: list[str] = []
    converters: dict[str, Convert] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        where = f"Tool {function.__qualname__}: parameter `{parameter.name}`"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise SkillError(f"{where} must be a plain named parameter.")
        if parameter.name not in hints:
            raise SkillError(f"{where} needs a type, for example `{parameter.name}: str`.")
        schema, converters[parameter.name] = _describe(hints[parameter.name], where)
        if text := parameter_texts.get(parameter.name):
            schema["description"] = text
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            schema["default"] = parameter.default
        properties[parameter.name] = schema
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Signature(description, schema, converters)


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Split a Google-style docstring into what comes before its sections, and the texts of its `Args:`."""
    head, _, rest = re.sub(r"^(Returns|Raises|Yields|Examples?):$", "\0", text, flags=re.MULTILINE).partition("\0")
    del rest
    body, _, section = head.partition("Args:\n")
    arguments: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := re.match(r"^ {2,4}(\w+)(?: \([^)]*\))?: *(.*)$", line):
            name = match[1]
            arguments[name] = match[2]
        elif name and line.strip():
            arguments[name] += f" {line.strip()}"
    return " ".join(body.split()), arguments


def _type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise SkillError(f"Tool {function.__qualname__} has a type that is not defined: {error}.") from error


def _describe(annotation: Any, where: str) -> tuple[Schema, Convert]:
    """Return the JSON schema of a type and how its JSON value becomes a Python value."""
    if annotation in _PLAIN_TYPES:
        return {"type": _PLAIN_TYPES[annotation]}, _same
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return {"type": "string", "enum": [str(member) for member in annotation]}, annotation
    if describe := _GENERIC_TYPES.get(get_origin(annotation)):
        return describe(annotation, where)
    raise SkillError(
        f"{where} has the type {annotation!r}; use str, int, float, bool, Literal, StrEnum or a list of them."
    )


def _describe_annotated(annotation: Any, where: str) -> tuple[Schema, Convert]:
    inner, *notes = get_args(annotation)
    schema, convert = _describe(inner, where)
    for note in notes:
        if isinstance(note, Range):
            bounds = {"minimum": note.minimum, "maximum": note.maximum}
            schema |= {key: value for key, value in bounds.items() if value is not None}
    return schema, convert


def _describe_literal(annotation: Any, where: str) -> tuple[Schema, Convert]:
    values = list(get_args(annotation))
    kinds = {_PLAIN_TYPES.get(type(value)) for value in values}
    if len(kinds) != 1 or None in kinds:
        raise SkillError(f"{where}: the values of a Literal must be all text or all numbers.")
    return {"type": kinds.pop(), "enum": values}, _same


def _describe_list(annotation: Any, where: str) -> tuple[Schema, Convert]:
    items, convert = _describe(get_args(annotation)[0], where)
    return {"type": "array", "items": items}, lambda values: [convert(value) for value in values]


def _describe_union(annotation: Any, where: str) -> tuple[Schema, Convert]:
    members = [member for member in get_args(annotation) if member is not types.NoneType]
    if len(members) != 1 or len(members) == len(get_args(annotation)):
        raise SkillError(f"{where} may be one type or None, not several types.")
    schema, convert = _describe(members[0], where)
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema, lambda value: None if value is None else convert(value)


def _same(value: Any) -> Any:
    return value


_GENERIC_TYPES: Mapping[Any, Callable[[Any, str], tuple[Schema, Convert]]] = {
    Annotated: _describe_annotated,
    Literal: _describe_literal,
    list: _describe_list,
    Union: _describe_union,
    types.UnionType: _describe_union,
}
