"""The table of traps in `docs/engine.md` names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROW_ENTRY = re.compile(r"`(\w+/\w+\.py)`: ((?:`test_\w+(?:\[\w+\])?`(?:, )?)+)")


def named_tests() -> list[tuple[str, str]]:
    table = (ROOT / "docs" / "engine.md").read_text().partition("\n## Traps\n")[2].partition("\n## ")[0]
    entries = ROW_ENTRY.findall(table)
    return [(file, test) for file, tests in entries for test in re.findall(r"test_\w+", tests)]


def test_each_test_that_the_table_of_traps_names_exists():
    named = named_tests()
    assert len(named) > 20
    missing = [
        f"{file}: {test}"
        for file, test in named
        if f"def {test}(" not in (ROOT / "tests" / "engine" / file).read_text()
    ]
    assert missing == []
