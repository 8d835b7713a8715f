"""Answers put together from the pieces that different servers send."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.model.chat import ChatError, Failure, Usage
from custom_components.huxley.engine.model.chat.answer import LONGEST_ANSWER, Answer, Piece
from custom_components.huxley.engine.model.chat.calls import UNREADABLE, RequestedCall


def chunk(finish: str | None = None, **delta: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def fragment(
    index: int | None = None, call_id: str | None = None, name: str | None = None, arguments: Any = None
) -> dict:
    entry: dict[str, Any] = {"function": {}}
    entry |= {} if index is None else {"index": index}
    entry |= {} if call_id is None else {"id": call_id}
    entry["function"] |= {} if name is None else {"name": name}
    entry["function"] |= {} if arguments is None else {"arguments": arguments}
    return entry


def pieces(*data: str) -> list[Piece]:
    answer = Answer("r")
    return [piece for item in data for piece in answer.feed(item)] + list(answer.finish())


def called(*fragments: dict) -> list[tuple[str, str, dict]]:
    found = pieces(*(chunk(tool_calls=[entry]) for entry in fragments), chunk("tool_calls"))
    return [(call.call_id, call.name, dict(call.arguments)) for call in found if isinstance(call, RequestedCall)]


def spoken(*texts: str) -> str:
    found = pieces(*(chunk(content=text) for text in texts), chunk("stop"))
    return "".join(piece for piece in found if isinstance(piece, str))


def test_words_come_piece_by_piece() -> None:
    answer = Answer("r")
    assert list(answer.feed(chunk(role="assistant", content=""))) == []
    assert list(answer.feed(chunk(content="Hel"))) == ["Hel"]
    assert list(answer.feed(chunk(content="lo"))) == ["lo"]
    assert not answer.complete
    assert list(answer.feed(chunk("stop"))) == []
    assert answer.complete


def test_fragments_of_parallel_calls_are_sorted_by_index() -> None:
    assert called(
        fragment(0, "a", "dim", ""),
        fragment(1, "b", "tune", '{"sta'),
        fragment(0, arguments='{"level":'),
        fragment(1, arguments='tion": "x"}'),
        fragment(0, arguments=" 3}"),
    ) == [("a", "dim", {"level": 3}), ("b", "tune", {"station": "x"})]


A, B = ("a", "dim", {"level": 1}), ("b", "dim", {"level": 2})
ONE, TWO = '{"level": 1}', '{"level": 2}'


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([fragment(0, "a", "dim", ONE), fragment(0, "b", "dim", TWO)], [A, B]),  # every call is number 0
        ([fragment(None, "a", "dim", ONE), fragment(None, "b", "dim", TWO)], [A, B]),  # no numbers
        ([fragment(0, "a", "dim", '{"level"'), fragment(0, "a", "dim", ": 1}")], [A]),  # id and name repeated
        ([fragment(0, "a", "dim", '{"level"'), fragment(0, "zz", None, ": 1}")], [A]),  # a new id with each fragment
        ([fragment(None, "a", "dim", '{"level"'), fragment(None, None, None, ": 1}")], [A]),
        ([fragment(0, "a", "dim", {"level": 1})], [A]),  # an object instead of its text
        ([fragment(0, "a", "dim", json.dumps(ONE))], [A]),  # encoded twice
        ([fragment(0, None, "dim"), fragment(0, "a", None, ONE)], [A]),  # the id comes late
        (
            [fragment(0, None, "dim", ONE), fragment(0, None, "dim", TWO)],
            [("r-call-1", "dim", {"level": 1}), ("r-call-2", "dim", {"level": 2})],
        ),
        ([fragment(0, "a", "stop", "")], [("a", "stop", {})]),
        ([fragment(0, "a", "stop", "null")], [("a", "stop", {})]),
    ],
)
def test_calls_of_servers_with_habits_of_their_own(fragments: list[dict], expected: list) -> None:
    assert called(*fragments) == expected


@pytest.mark.parametrize("text", ['{"level": ', "[1]", "7", "{'level': 1}"])
def test_arguments_that_are_no_object_are_left_to_the_dispatcher(text: str) -> None:
    assert called(fragment(0, "a", "dim", text)) == [("a", "dim", {UNREADABLE: text})]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text()), min_size=1, max_size=4), st.data())
def test_any_arguments_survive_any_cutting_and_interleaving(wanted: list[dict], data: st.DataObject) -> None:
    rests = [json.dumps(arguments) for arguments in wanted]
    fragments = [fragment(index, f"c{index}", "dim", "") for index in range(len(wanted))]
    while left := [index for index, rest in enumerate(rests) if rest]:
        index = data.draw(st.sampled_from(left))
        length = data.draw(st.integers(1, len(rests[index])))
        fragments.append(fragment(index, arguments=rests[index][:length]))
        rests[index] = rests[index][length:]
    assert [arguments for _, _, arguments in called(*fragments)] == wanted


def test_body_in_one_piece_is_an_answer_as_well() -> None:
    message = {"content": "Hi", "tool_calls": [fragment(None, "a", "dim", ONE)]}
    words, call = pieces(json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}))
    assert words == "Hi"
    assert call == RequestedCall("a", "dim", {"level": 1})


def test_usage_comes_after_the_last_word() -> None:
    answer = Answer("r")
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    for item in (chunk("stop", content="x"), json.dumps({"choices": [], "usage": usage}), "[DONE]"):
        list(answer.feed(item))
    assert answer.usage == Usage(prompt=9, cached=4, completion=2)


@pytest.mark.parametrize(
    "texts",
    [
        ("<think>\nlet me see</think>\n\nYes.",),
        ("<th", "ink>a", "b</thi", "nk>", "\n", "Ye", "s."),
        ("\n", "<think></think><think>more</think>Yes."),
        ("Yes.",),
    ],
)
def test_thinking_at_the_start_is_not_said(texts: tuple[str, ...]) -> None:
    assert spoken(*texts) == "Yes."


@pytest.mark.parametrize("text", ["<thanks>", "<th", "1 < 2", "I <think> so </think> too"])
def test_words_that_only_look_like_thinking_are_said(text: str) -> None:
    assert spoken(*text) == text


def test_thinking_in_fields_and_parts_of_its_own_is_not_said() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Yes"}]
    found = pieces(chunk(reasoning_content="hm"), chunk(reasoning="hm"), chunk(content=parts), chunk("stop"))
    assert found == ["Yes"]


def test_stream_that_ends_without_an_end_broke_off() -> None:
    with pytest.raises(ChatError) as caught:
        pieces(chunk(content="The"), chunk(tool_calls=[fragment(0, "a", "dim", ONE)]))
    assert caught.value.failure is Failure.BROKEN


def test_end_mark_alone_is_an_end() -> None:
    assert pieces(chunk(tool_calls=[fragment(0, "a", "dim", ONE)]), "[DONE]") == [
        RequestedCall("a", "dim", {"level": 1})
    ]


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        ("{", Failure.BROKEN),
        ("[1]", Failure.BROKEN),
        ("[" * 100_000, Failure.BROKEN),
        (chunk("error"), Failure.BROKEN),
        ('{"error": {"code": 429, "message": "slow down"}}', Failure.RATE),
        ('{"error": {"code": "server_error"}}', Failure.UNREACHABLE),
        ('{"error": {"code": "insufficient_quota"}}', Failure.QUOTA),
        ('{"error": "the context length was exceeded"}', Failure.TOO_LONG),
        ('{"error": "no"}', Failure.BROKEN),
    ],
)
def test_error_in_the_stream_is_told_apart(data: str, failure: Failure) -> None:
    with pytest.raises(ChatError) as caught:
        pieces(data)
    assert caught.value.failure is failure


@pytest.mark.parametrize("data", ["{}", '{"choices": null}', '{"choices": [null, 3]}', '{"choices": [{"delta": 4}]}'])
def test_chunk_without_anything_in_it_is_passed_over(data: str) -> None:
    assert pieces(data, chunk("stop", content="x")) == ["x"]


def test_answer_that_goes_in_circles_is_stopped() -> None:
    answer = Answer("r")
    endless = chunk(content="x" * (LONGEST_ANSWER // 4))
    with pytest.raises(ChatError):
        [piece for _ in range(5) for piece in answer.feed(endless)]
