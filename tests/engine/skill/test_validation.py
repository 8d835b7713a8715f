"""Arguments of a tool call: forgiving what is harmless, clear about the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.skill.validation import InvalidArgumentsError, parse_arguments, validate

INTEGER = {"type": "integer", "minimum": 0, "maximum": 100}


def one(value: Any, schema: dict[str, Any]) -> Any:
    return validate({"x": value}, {"type": "object", "properties": {"x": schema}, "required": ["x"]})["x"]


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        ("30", INTEGER, 30),
        (" 30 ", INTEGER, 30),
        (30.0, INTEGER, 30),
        ("30.0", INTEGER, 30),
        (30, {"type": "number"}, 30),
        ("1.5", {"type": "number"}, 1.5),
        ("true", {"type": "boolean"}, True),
        ("False", {"type": "boolean"}, False),
        (30, {"type": "string"}, "30"),
        ("a", {"type": "array", "items": {"type": "string"}}, ["a"]),
        (["1", 2], {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        (None, {"type": ["string", "null"]}, None),
        ("null", {"type": ["string", "null"]}, "null"),
        ("7", {"type": ["integer", "null"]}, 7),
        ({"a": "1"}, {"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ("x", {}, "x"),
        ("5", {"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, 5),
        ({"b": 2}, {"type": "object"}, {"b": 2}),
    ],
)
def test_harmless_differences_are_forgiven(value: Any, schema: dict[str, Any], expected: Any) -> None:
    result = one(value, schema)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "schema", "problem"),
    [
        ("thirty", INTEGER, "`x` must be integer"),
        (30.5, INTEGER, "`x` must be integer"),
        (True, INTEGER, "`x` must be integer"),
        (101, INTEGER, "from 0 to 100, not 101"),
        ("-1", INTEGER, "from 0 to 100, not -1"),
        ("nan", {"type": "number"}, "must be number"),
        (float("inf"), {"type": "number"}, "must be number"),
        ("1" * 400, {"type": "number"}, "must be number"),
        (1, {"type": "boolean"}, "must be boolean"),
        (True, {"type": "string"}, "must be string"),
        (None, {"type": "string"}, "must be string"),
        ("c", {"type": "string", "enum": ["a", "b"]}, "one of `a`, `b`"),
        ([1, "b"], {"type": "array", "items": {"type": "integer"}}, r"`x\[1\]` must be integer"),
        ({}, {"type": "array"}, "must be array"),
        ("a", {"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, "boolean.*Or.*integer"),
        ({}, {"type": "object", "properties": {}, "required": ["a"]}, "Missing in x: `a`"),
    ],
)
def test_the_rest_is_refused_with_what_would_fit(value: Any, schema: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=problem):
        one(value, schema)


SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}},
    "required": ["a"],
    "additionalProperties": False,
}


def test_unknown_parameter_is_named_with_those_there_are() -> None:
    with pytest.raises(InvalidArgumentsError, match="no parameter `c`; known are `a`, `b`"):
        validate({"a": "", "c": 1}, SCHEMA)
    with pytest.raises(InvalidArgumentsError, match="there are none"):
        validate({"c": 1}, {"type": "object", "properties": {}, "additionalProperties": False})


def test_missing_parameter_is_named() -> None:
    with pytest.raises(InvalidArgumentsError, match="Missing in arguments: `a`"):
        validate({"b": 1}, SCHEMA)


def test_null_counts_as_left_out_unless_the_parameter_takes_it() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}}}
    assert validate({"a": None, "b": None}, schema) == {"b": None}


@pytest.mark.parametrize(("text", "expected"), [("", {}), ("  ", {}), ('{"a": 1}', {"a": 1}), (None, {}), ("null", {})])
def test_arguments_may_come_as_json_text(text: str | None, expected: dict[str, Any]) -> None:
    assert parse_arguments(text) == expected


@pytest.mark.parametrize("text", ["{", "[1]", "3", '"a"'])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentsError):
        parse_arguments(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
FITS = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


@given(JSON, st.lists(KINDS, min_size=1, max_size=3, unique=True))
def test_whatever_comes_is_made_to_fit_or_refused(value: Any, kinds: list[str]) -> None:
    try:
        result = one(value, {"type": kinds})
    except InvalidArgumentsError:
        assert not any(FITS[kind](value) for kind in kinds if kind != "number")
    else:
        assert any(FITS[kind](result) for kind in kinds)


@given(JSON, st.lists(KINDS, min_size=1, max_size=3, unique=True))
def test_what_was_made_to_fit_fits(value: Any, kinds: list[str]) -> None:
    try:
        once = one(value, {"type": kinds})
    except InvalidArgumentsError:
        return
    assert one(once, {"type": kinds}) == once


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    try:
        parsed = parse_arguments(text)
    except InvalidArgumentsError:
        return
    assert parsed == (json.loads(text) if text.strip() not in ("", "null") else {})
