"""Servers, their addresses, their models, and what their errors mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.huxley.engine.errors import HuxleyError
from custom_components.huxley.engine.model.chat import (
    PRESETS,
    ChatError,
    Failure,
    RetryPolicy,
    clean_base_url,
    read_models,
    read_retry_after,
)
from custom_components.huxley.engine.model.chat.failures import classify_status


@pytest.mark.parametrize("preset", [preset for preset in PRESETS.values() if preset.base_url], ids=lambda p: p.name)
def test_address_of_a_preset_is_in_its_final_form(preset) -> None:
    assert clean_base_url(preset.base_url) == preset.base_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nas.lan:11434", "http://nas.lan:11434/v1"),
        (" http://nas.lan:11434/ ", "http://nas.lan:11434/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/v1/models?x=1#y", "https://host/v1"),
        ("https://host/api/v3/", "https://host/api/v3"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_address_is_understood_as_people_write_it(written: str, meant: str) -> None:
    assert clean_base_url(written) == meant


@pytest.mark.parametrize("written", ["", "http://", "ftp://host/v1", "http://host:99999", "http://host:x/v1"])
def test_address_that_leads_nowhere_is_refused(written: str) -> None:
    with pytest.raises(HuxleyError):
        clean_base_url(written)


def test_models_are_sorted_and_those_without_tools_left_out() -> None:
    entries = [
        {"id": "qwen"},
        {"id": "Gemma", "supported_parameters": ["tools", "stop"]},
        {"id": "mute", "supported_parameters": ["stop"]},
        {"name": "no id"},
        "nonsense",
    ]
    assert read_models({"object": "list", "data": entries}) == ["Gemma", "qwen"]


def test_server_without_models_has_none() -> None:
    assert read_models({"object": "list", "data": None}) == []


@pytest.mark.parametrize("answer", [{}, {"models": []}, "hello", None, 3])
def test_answer_that_is_no_list_of_models_is_refused(answer: object) -> None:
    with pytest.raises(ChatError):
        read_models(answer)


@pytest.mark.parametrize(
    ("status", "error", "failure"),
    [
        (401, {"code": "invalid_api_key"}, Failure.AUTH),
        (403, {}, Failure.AUTH),
        (403, {"code": 403, "metadata": {"reasons": ["violence"]}}, Failure.BROKEN),
        (402, {"code": 402}, Failure.QUOTA),
        (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, Failure.QUOTA),
        (429, {"code": "rate_limit_exceeded", "type": "requests"}, Failure.RATE),
        (429, {}, Failure.RATE),
        (400, {"code": "context_length_exceeded"}, Failure.TOO_LONG),
        (400, {"code": 400, "type": "exceed_context_size_error"}, Failure.TOO_LONG),
        (400, {"code": 400, "message": "This model's maximum context length is 4096 tokens"}, Failure.TOO_LONG),
        (400, {"message": "bad tool"}, Failure.BROKEN),
        (404, {"message": "model 'x' not found"}, Failure.BROKEN),
        (500, {}, Failure.UNREACHABLE),
        (503, {"code": 503, "type": "unavailable_error"}, Failure.UNREACHABLE),
        (529, {}, Failure.UNREACHABLE),
    ],
)
def test_refusal_is_told_apart(status: int, error: dict, failure: Failure) -> None:
    for body in ({"error": error}, [{"error": error}]):
        assert classify_status(status, json.dumps(body)).failure is failure


@pytest.mark.parametrize("body", ["", "<html>Bad gateway</html>", "null", '"x"', '{"error": "x"}', "[]"])
def test_refusal_without_an_error_object_goes_by_its_status(body: str) -> None:
    assert classify_status(502, body).failure is Failure.UNREACHABLE


def test_reason_is_short_enough_for_a_log() -> None:
    assert len(str(classify_status(500, "x" * 100_000))) < 400


def test_waits_double_and_are_shortened_at_random() -> None:
    policy = RetryPolicy(attempts=4, first=timedelta(seconds=1), budget=timedelta(seconds=60))
    longest = [policy.delay(attempt, timedelta(0), None, lambda: 1.0) for attempt in (1, 2, 3, 4)]
    assert longest == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4), None]
    assert policy.delay(2, timedelta(0), None, lambda: 0.0) == timedelta(seconds=1)


def test_server_is_never_asked_before_it_wants_to_be() -> None:
    policy = RetryPolicy(budget=timedelta(seconds=8))
    assert policy.delay(1, timedelta(0), timedelta(seconds=7), lambda: 1.0) == timedelta(seconds=7)
    assert policy.delay(1, timedelta(seconds=2), timedelta(seconds=7), lambda: 1.0) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3), ("0.5", 0.5), ("-1", 0), ("Fri, 20 Nov 2026 12:00:09 GMT", 9), ("Fri, 20 Nov 2026 11:00:00 GMT", 0)],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    now = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
    assert read_retry_after(value, now) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, "", "soon", "nan", "inf", "9" * 400])
def test_retry_after_that_makes_no_sense_asks_for_nothing(value: str | None) -> None:
    assert read_retry_after(value, datetime.now(UTC)) is None
