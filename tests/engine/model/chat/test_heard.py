"""How much of a text was heard."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.model.chat.heard import CUT, heard_part


@pytest.mark.parametrize(
    ("text", "seconds", "part"),
    [
        ("Once upon a time", 60, "Once upon a time"),
        ("Once upon a time", 0, ""),
        ("Once upon a time", 0.1, ""),
        ("Once upon a time", 0.3, "Once…"),
        ("Once upon a time", 0.5, "Once…"),
        ("Once upon a time", 0.6, "Once upon…"),
        ("Bücher、漢字かな", 0.8, "Bücher、漢…"),
        ("漢字abcdef", 0.54, "漢字…"),
        ("abc漢字", 0.21, "abc…"),
        ("", 1, ""),
    ],
)
def test_part_ends_at_a_whole_word(text: str, seconds: float, part: str) -> None:
    assert heard_part(text, timedelta(seconds=seconds))[0] == part


@given(st.text(max_size=60), st.floats(0, 6))
def test_part_is_a_beginning_and_more_time_never_hears_less(text: str, seconds: float) -> None:
    part, left = heard_part(text, timedelta(seconds=seconds))
    longer, _ = heard_part(text, timedelta(seconds=seconds + 1))
    assert text.startswith(part) or (part.endswith(CUT) and text.startswith(part.removesuffix(CUT)))
    assert len(longer.removesuffix(CUT)) >= len(part.removesuffix(CUT))
    assert timedelta(0) <= left <= timedelta(seconds=seconds)
