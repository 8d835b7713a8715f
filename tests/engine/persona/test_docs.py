import re

import pytest

from custom_components.huxley.engine.persona import Constraint, load_persona

from .persona_text import SHIPPED, only_problem_of, with_lines

PAGE = (SHIPPED.parent / "docs" / "personas.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NAMED = set(re.findall(r"`(\w+)`", PAGE))


def test_the_page_has_a_small_and_a_full_example() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_loads(example: str) -> None:
    assert load_persona(example, "ada").name == "Ada"


def test_every_field_and_constraint_is_described() -> None:
    fields = set(only_problem_of(with_lines("zzzzzz: 1")).placeholders["known"].split(", "))
    assert len(fields) == 15
    assert fields | set(Constraint) <= NAMED
