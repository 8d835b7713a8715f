"""Whatever a file holds, it loads or it is a PersonaError whose every problem has a place and a readable line."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.huxley.engine.persona import Persona, PersonaError, PersonaProblem, load_persona

from .persona_text import MINIMAL, SHIPPED

KEYS = st.sampled_from([
    "version", "name", "voice", "language_code", "transcription_language", "timezone", "system_prompt", "constraints",
    "ui_strings", "i18n", "skills", "description", "model", "quiet_hours", "tools", "replies", "from", "to", "en", "es",
    "es_MX", "ready", "no", "music",
])  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=4),
    st.sampled_from([1, "en", "Europe/London", "22:00", "never_say_no"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(KEYS, st.text(max_size=5), st.integers()), inner, max_size=5),
    ),
    max_leaves=20,
)
PIECES = st.sampled_from([
    "a", "name", ": ", ":", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "&a ", "*a", "!!int ", "!!float ", "!!bool ",
    "!x ", "'", '"', "|\n ", ">", "#", "? ", "---", "...", "%YAML 1.1\n", "%TAG ! b\n", "<<", "\t", "\\x", "\\ud800",
    "\\UFFFFFFFF", "é", "\ufeff", "0x", "0b_", "1:1", ".inf", "2026-99-99", "~", "=",
])  # fmt: skip
BASIC = (SHIPPED / "basic.yaml").read_text("utf-8")


def check(text: str) -> None:
    loaded = load_or_problems(text)
    if isinstance(loaded, Persona):
        assert all(loaded.in_language(code).language == code for code in loaded.languages)
        return
    assert loaded
    assert list(loaded) == sorted(loaded, key=lambda problem: (problem.line, problem.column))
    lines = sum(text.count(end) for end in "\n\r\x85\u2028\u2029")
    for problem in loaded:
        assert 1 <= problem.line <= lines + 2
        assert problem.column >= 1
        assert f"line {problem.line}, column {problem.column}: " in str(problem)


def load_or_problems(text: str) -> Persona | tuple[PersonaProblem, ...]:
    try:
        return load_persona(text, "fuzz")
    except PersonaError as error:
        return error.problems


@given(st.text())
def test_arbitrary_text(text: str) -> None:
    check(text)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300)
def test_text_made_of_yaml(text: str) -> None:
    check(text)
    check(MINIMAL + text)


@given(st.dictionaries(KEYS, VALUES))
@settings(max_examples=200)
def test_arbitrary_structures(content: dict[str, object]) -> None:
    check(yaml.safe_dump(content, allow_unicode=True))
    check(yaml.safe_dump({**yaml.safe_load(MINIMAL), **content}))


@given(st.integers(0, len(BASIC)), st.integers(0, 30), st.lists(PIECES, max_size=2).map("".join))
def test_a_shipped_persona_with_a_slip_of_the_hand(start: int, length: int, typed: str) -> None:
    check(BASIC[:start] + typed + BASIC[start + length :])


@given(st.sampled_from(["timezone", "language_code", "name"]), st.text(max_size=80))
def test_arbitrary_text_in_a_field(key: str, value: str) -> None:
    text = yaml.safe_dump({**yaml.safe_load(MINIMAL), key: value})
    check(text)
    loaded = load_or_problems(text)
    if isinstance(loaded, Persona):
        assert getattr(loaded, key) == value


@given(
    st.lists(st.sampled_from(["Europe", "/", ".", "..", "\\", " ", "tzdata", "%", "\0", "é"]), max_size=6).map("".join)
)
def test_arbitrary_time_zones(value: str) -> None:
    check(yaml.safe_dump({**yaml.safe_load(MINIMAL), "timezone": value}))
