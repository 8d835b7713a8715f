"""Server-sent events, cut anywhere."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.model.chat import ChatError, EventStreamParser, Failure
from custom_components.huxley.engine.model.chat.sse import LONGEST_LINE

STREAM = (
    ': OPENROUTER PROCESSING\r\n\r\nevent: x\ndata: {"a": "ñ漢"}\r\n\r\n'
    'data:{"b": 1}\nid: 4\ndata: {"c": 2}\n\n\ndata: [DONE]'
)
VALUES = ['{"a": "ñ漢"}', '{"b": 1}', '{"c": 2}', "[DONE]"]


def parsed(chunks: list[bytes]) -> list[str]:
    parser = EventStreamParser()
    return [value for chunk in chunks for value in parser.feed(chunk)] + list(parser.finish())


def test_values_of_data_lines_come_out_and_nothing_else() -> None:
    assert parsed([STREAM.encode()]) == VALUES


@given(st.lists(st.integers(0, len(STREAM.encode())), max_size=12))
def test_where_the_network_cuts_makes_no_difference(cuts: list[int]) -> None:
    data = STREAM.encode()
    edges = [0, *sorted(cuts), len(data)]
    assert parsed([data[start:end] for start, end in pairwise(edges)]) == VALUES


def test_value_comes_as_soon_as_its_line_is_complete() -> None:
    parser = EventStreamParser()
    assert list(parser.feed(b"data: 1")) == []
    assert list(parser.feed(b"\n")) == ["1"]


@pytest.mark.parametrize(
    "line", [b'error: {"message": "no"}\n', b'error: {"error": {"message": "no"}}\n', b"error: no\n"]
)
def test_error_field_becomes_an_error_object(line: bytes) -> None:
    assert json.loads(parsed([line])[0]) == {"error": {"message": "no"}}


def test_line_without_end_is_given_up() -> None:
    parser = EventStreamParser()
    with pytest.raises(ChatError) as caught:
        list(parser.feed(b"data: " + b"x" * LONGEST_LINE))
    assert caught.value.failure is Failure.BROKEN
