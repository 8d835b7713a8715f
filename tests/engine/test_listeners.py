"""Onlookers hear what they came for, and stand in nobody's way."""

import pytest

from custom_components.huxley.engine.listeners import Listeners


def test_everybody_hears_until_they_stop() -> None:
    listeners, heard = Listeners[str]("test"), list[str]()
    stop = listeners.add(lambda word: heard.append(f"one {word}"))
    listeners.add(lambda word: heard.append(f"two {word}"))
    listeners.tell("a")
    stop()
    listeners.tell("b")
    assert heard == ["one a", "two a", "two b"]


def test_who_comes_or_goes_while_it_is_told_counts_from_the_next_time_on() -> None:
    listeners, heard = Listeners[[]]("test"), list[str]()

    def leave() -> None:
        stop()
        listeners.add(lambda: heard.append("late"))

    stop = listeners.add(leave)
    listeners.add(lambda: heard.append("there"))
    listeners.tell()
    assert heard == ["there"]
    listeners.tell()
    assert heard == ["there", "there", "late"]


def test_one_that_raises_is_logged_and_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    listeners, heard = Listeners[[]]("test"), list[str]()

    def broken() -> None:
        raise RuntimeError("no such entity")

    listeners.add(broken)
    listeners.add(lambda: heard.append("heard"))
    listeners.tell()
    listeners.tell()
    assert heard == ["heard", "heard"]
    assert caplog.text.count("test.listener_failed") == 2
