import pytest

from custom_components.huxley.engine.errors import HuxleyError
from custom_components.huxley.engine.persona import Kind, PersonaError, ProblemKey, load_persona

from .persona_text import MINIMAL, only_problem_of, problems_of, replaced, with_lines, without

REQUIRED = [line.split(":")[0] for line in MINIMAL.splitlines()]


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_required_key_is_named(key: str) -> None:
    problem = only_problem_of(without(key))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.MISSING_KEY, key, 1)
    assert problem.placeholders == {"key": key}


@pytest.mark.parametrize("key", REQUIRED)
def test_a_required_key_without_a_value_is_missing_where_it_stands(key: str) -> None:
    problem = only_problem_of(replaced(key, ""))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.MISSING_KEY, key, REQUIRED.index(key) + 1)


@pytest.mark.parametrize("key", ["name", "voice", "timezone", "system_prompt"])
def test_a_required_text_of_spaces_is_empty(key: str) -> None:
    assert only_problem_of(replaced(key, "'  '")).key is ProblemKey.EMPTY_TEXT


def test_an_unknown_key_comes_with_the_nearest_known_one() -> None:
    problem = only_problem_of(with_lines("constrains: []"))
    assert (problem.line, problem.column, problem.field) == (8, 1, "constrains")
    assert problem.key is ProblemKey.UNKNOWN_KEY
    assert problem.placeholders["suggestion"] == "constraints"
    assert str(problem) == "line 8, column 1: constrains: unknown key 'constrains'; did you mean 'constraints'?"


def test_an_unknown_key_like_no_other_comes_with_all_known_ones() -> None:
    problem = only_problem_of(with_lines("ui_strings:", "  xyz: a"))
    assert (problem.line, problem.column, problem.field) == (9, 3, "ui_strings.xyz")
    assert problem.placeholders["suggestion"] == ""
    assert str(problem).endswith("; known here: listening, too_short, sent, responding, ready")


def test_a_path_leads_through_languages() -> None:
    problem = only_problem_of(with_lines("i18n:", "  es:", "    ui_strings:", "      listening: 5"))
    assert (problem.line, problem.column) == (11, 18)
    assert problem.field == "i18n.es.ui_strings.listening"
    assert problem.placeholders == {"expected": Kind.TEXT, "found": Kind.NUMBER}


@pytest.mark.parametrize(
    ("lines", "field", "expected", "found"),
    [
        (["constraints: never_say_no"], "constraints", Kind.LIST, Kind.TEXT),
        (["constraints: [{a: b}]"], "constraints[0]", Kind.TEXT, Kind.MAPPING),
        (["ui_strings: [a]"], "ui_strings", Kind.MAPPING, Kind.LIST),
        (["ui_strings: {ready: yes}"], "ui_strings.ready", Kind.TEXT, Kind.BOOLEAN),
        (["ui_strings: {ready: }"], "ui_strings.ready", Kind.TEXT, Kind.NOTHING),
        (["i18n: {en: hello}"], "i18n.en", Kind.MAPPING, Kind.TEXT),
        (["i18n: {en: {transcription_language: [en]}}"], "i18n.en.transcription_language", Kind.TEXT, Kind.LIST),
        (["skills: [music]"], "skills", Kind.MAPPING, Kind.LIST),
        (["skills: {music: 5}"], "skills.music", Kind.MAPPING, Kind.NUMBER),
        (["skills: {music: {replies: hello}}"], "skills.music.replies", Kind.MAPPING, Kind.TEXT),
        (["skills: {music: {replies: {stopped: 1}}}"], "skills.music.replies.stopped", Kind.TEXT, Kind.NUMBER),
        (["skills: {music: {i18n: {es: [a]}}}"], "skills.music.i18n.es", Kind.MAPPING, Kind.LIST),
        (
            ["skills: {music: {i18n: {es: {replies: {a: 1}}}}}"],
            "skills.music.i18n.es.replies.a",
            Kind.TEXT,
            Kind.NUMBER,
        ),
        (["model: fast"], "model", Kind.MAPPING, Kind.TEXT),
        (["quiet_hours: 22:00"], "quiet_hours", Kind.MAPPING, Kind.TEXT),
        (["tools: {name: a}"], "tools", Kind.LIST, Kind.MAPPING),
        (["description: 5"], "description", Kind.TEXT, Kind.NUMBER),
        (["? [a, b]", ": c"], "", Kind.TEXT, Kind.LIST),
        (["? {a: b}", ": c"], "", Kind.TEXT, Kind.MAPPING),
    ],
)
def test_a_value_of_another_kind_is_told(lines: list[str], field: str, expected: Kind, found: Kind) -> None:
    problem = only_problem_of(with_lines(*lines))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.WRONG_TYPE, field, 8)
    assert problem.placeholders == {"expected": expected, "found": found}


def test_a_number_for_a_name_is_told_to_go_into_quotes() -> None:
    assert str(only_problem_of(replaced("name", "7"))).endswith("expected text, found number; put it in quotes")


def test_a_list_for_a_name_is_not_told_to_go_into_quotes() -> None:
    assert str(only_problem_of(replaced("name", "[a]"))).endswith("expected text, found list")


@pytest.mark.parametrize(("text", "found"), [("", Kind.NOTHING), ("- a", Kind.LIST), ("hello", Kind.TEXT)])
def test_a_file_that_is_no_mapping_is_one_problem(text: str, found: Kind) -> None:
    problem = only_problem_of(text)
    assert (problem.key, problem.line, problem.placeholders["found"]) == (ProblemKey.WRONG_TYPE, 1, found)
    assert str(problem) == f"line 1, column 1: expected mapping, found {found}"


@pytest.mark.parametrize("version", ["2", "true", "1.0", "'1'", "[1]"])
def test_only_version_one_is_read(version: str) -> None:
    problem = only_problem_of(replaced("version", version))
    assert (problem.key, problem.line, problem.placeholders["expected"]) == (ProblemKey.BAD_VERSION, 1, "1")


@pytest.mark.parametrize(
    "zone",
    ["Europe/Lndon", "Middle-earth/Shire", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/" + "x" * 500],
)
def test_a_time_zone_that_does_not_exist_is_told(zone: str) -> None:
    problem = only_problem_of(replaced("timezone", zone))
    assert (problem.key, problem.field, problem.line, problem.column) == (ProblemKey.BAD_TIMEZONE, "timezone", 6, 11)


@pytest.mark.parametrize(("zone", "suggestion"), [("Europe/Lndon", "Europe/London"), ("Middle-earth/Shire", "")])
def test_a_time_zone_that_is_nearly_one_comes_with_it(zone: str, suggestion: str) -> None:
    problem = only_problem_of(replaced("timezone", zone))
    assert problem.placeholders == {"timezone": zone, "suggestion": suggestion}


def test_a_time_zone_of_another_kind_is_told_once() -> None:
    assert only_problem_of(replaced("timezone", "5")).key is ProblemKey.WRONG_TYPE


def test_an_unknown_constraint_comes_with_the_nearest_known_one() -> None:
    problem = only_problem_of(with_lines("constraints:", "  - child_safe", "  - never_say_know"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.UNKNOWN_CONSTRAINT, "constraints[1]", 10)
    assert (problem.placeholders["constraint"], problem.placeholders["suggestion"]) == (
        "never_say_know",
        "never_say_no",
    )


@pytest.mark.parametrize("code", ["spanish", "e", "'12'", "es-", "'en us'", "''"])
def test_a_language_is_a_code(code: str) -> None:
    problem = only_problem_of(replaced("language_code", code))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.BAD_LANGUAGE, "language_code", 4)


def test_a_translation_is_named_by_a_language_code() -> None:
    problem = only_problem_of(with_lines("i18n:", "  spanish: {}"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.BAD_LANGUAGE, "i18n.spanish", 9)


def test_one_language_in_two_spellings_is_a_duplicate() -> None:
    problem = only_problem_of(with_lines("i18n:", "  es-MX: {}", "  es_mx: {}"))
    assert (problem.key, problem.line, problem.placeholders["first_line"]) == (ProblemKey.DUPLICATE_KEY, 10, "9")


def test_a_key_written_twice_names_both_lines() -> None:
    problem = only_problem_of(with_lines("skills:", "  music:", "    folder: a", "    folder: b"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.DUPLICATE_KEY, "skills.music.folder", 11)
    assert problem.placeholders == {"key": "folder", "first_line": "10"}


@pytest.mark.parametrize("value", ["24:00", "22", "2200", "10pm", "''", "[22]", "22:60"])
def test_quiet_hours_want_a_time_of_day(value: str) -> None:
    problem = only_problem_of(with_lines("quiet_hours:", f"  from: {value}", "  to: 07:00"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.BAD_TIME, "quiet_hours.from", 9)


def test_quiet_hours_have_both_ends() -> None:
    problem = only_problem_of(with_lines("", "quiet_hours: {from: 22:00}"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.MISSING_KEY, "quiet_hours.to", 9)


def test_quiet_hours_have_a_length() -> None:
    problem = only_problem_of(with_lines("quiet_hours: {from: 22:00, to: '22:00'}"))
    assert (problem.key, problem.field) == (ProblemKey.SAME_TIME, "quiet_hours.to")


def test_tools_are_refused_rather_than_ignored() -> None:
    problem = only_problem_of(with_lines("tools:", "  - {name: lamp, action: light.toggle}"))
    assert (problem.key, problem.field, problem.line) == (ProblemKey.UNSUPPORTED_KEY, "tools", 8)
    assert "remove it" in str(problem)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = replaced("timezone", "Nowhere/Here") + "constraints: [nope]\nfoo: 1\nskills: {a: {b: 1, b: 2}}\n"
    assert [(problem.line, problem.key) for problem in problems_of(text)] == [
        (6, ProblemKey.BAD_TIMEZONE),
        (8, ProblemKey.UNKNOWN_CONSTRAINT),
        (9, ProblemKey.UNKNOWN_KEY),
        (10, ProblemKey.DUPLICATE_KEY),
    ]


def test_the_error_reads_as_one_line_for_each_problem() -> None:
    with pytest.raises(HuxleyError) as caught:
        load_persona(replaced("name", "''") + "foo: 1\n", "ada")
    assert isinstance(caught.value, PersonaError)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert str(caught.value).startswith("line 2, column 7: name: 'name' is empty\nline 8")


def test_a_key_of_endless_length_stays_a_readable_message() -> None:
    problem = only_problem_of(with_lines(f"? {'x' * 50_000}", ": 1"))
    assert len(str(problem)) < 1000
