import pytest

from custom_components.huxley.engine.persona import ProblemKey, load_persona

from .persona_text import only_problem_of, problems_of, with_lines


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        (["ui_strings: {ready: [}"], 8, 22),
        (["description: a: b"], 8, 15),
        (["\tskills:"], 8, 1),
        (["description: 'never closed"], 9, 1),
        (["---", "name: Two"], 8, 1),
        (["description: *nobody"], 8, 14),
        (["description: \x07"], 8, 14),
        (["description: '\x07'"], 8, 15),
        ([r'description: "\ud83d"'], 8, 14),
        ([r'"\ud83d": 1'], 8, 1),
        (["description: !!int five"], 8, 14),
        (["description: !!int ''"], 8, 14),
        (["description: !!bool perhaps"], 8, 14),
    ],
)
def test_what_is_no_yaml_is_told_with_its_place(lines: list[str], line: int, column: int) -> None:
    problem = problems_of(with_lines(*lines))[0]
    assert (problem.key, problem.line, problem.column) == (ProblemKey.BAD_YAML, line, column)
    assert problem.placeholders["detail"]


def test_an_impossible_character_is_told_with_its_line() -> None:
    problem = only_problem_of(with_lines("# comment", r'description: "\UFFFFFFFF"'))
    assert (problem.key, problem.line) == (ProblemKey.BAD_YAML, 9)


def test_a_character_that_yaml_forbids_at_the_very_start_is_told() -> None:
    problem = only_problem_of("\x00")
    assert (problem.key, problem.line, problem.column) == (ProblemKey.BAD_YAML, 1, 1)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["description: !secret password"], "!secret"),
        (["description: !!binary aGk="], "!!binary"),
        (["skills: !!python/object:os.system {}"], "!!python/object:os.system"),
        (["constraints: !!set-like []"], "!!set-like"),
        (["skills: {a: &a {b: c}, d: {<<: *a}}"], "<<"),
    ],
)
def test_yaml_that_personas_do_not_use_is_refused_by_name(lines: list[str], what: str) -> None:
    problem = only_problem_of(with_lines(*lines))
    assert (problem.key, problem.line, problem.placeholders) == (ProblemKey.UNSUPPORTED_YAML, 8, {"what": what})


def test_a_file_of_more_than_the_limit_is_not_even_parsed() -> None:
    problem = only_problem_of("[" + " " * (256 * 1024))
    assert (problem.key, problem.placeholders) == (ProblemKey.TOO_LARGE, {"limit": "256"})


def test_the_limit_counts_bytes_of_the_file() -> None:
    assert only_problem_of("é" * (129 * 1024)).key is ProblemKey.TOO_LARGE


def test_a_long_prompt_is_no_problem() -> None:
    text = with_lines("description: " + "long " * 20_000)
    assert len(load_persona(text, "ada").description or "") > 99_000


def test_aliases_that_multiply_are_stopped() -> None:
    levels = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 20))
    problem = only_problem_of(with_lines("skills:", "  l0: &l0 [x]") + levels)
    assert (problem.key, problem.placeholders) == (ProblemKey.TOO_MANY_VALUES, {"limit": "10000"})


def test_aliases_that_repeat_a_long_text_are_stopped() -> None:
    lines = ("skills:", f"  a: {{x: &x {'y' * 20_000}}}", f"  b: {{z: [{', '.join(['*x'] * 20)}]}}")
    assert only_problem_of(with_lines(*lines)).key is ProblemKey.TOO_LARGE


def test_an_alias_inside_itself_is_told() -> None:
    problem = only_problem_of(with_lines("skills:", "  a: &a", "    b: *a"))
    assert (problem.key, problem.field) == (ProblemKey.ALIAS_CYCLE, "skills.a.b")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_endless_nesting_is_stopped(opening: str) -> None:
    problem = only_problem_of(with_lines("model:", "  " + opening * 5000))
    assert (problem.key, problem.line) == (ProblemKey.TOO_DEEP, 9)


def test_nesting_by_aliases_is_stopped() -> None:
    chain = "".join(f"  l{n}: &l{n} {{a: *l{n - 1}}}\n" for n in range(1, 60))
    assert only_problem_of(with_lines("skills:", "  l0: &l0 {}") + chain).key is ProblemKey.TOO_DEEP
