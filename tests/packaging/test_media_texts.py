"""What goes wrong with media is told in every language."""

import re

from tests.packaging.repository import PACKAGE, placeholders, translations


def test_every_trouble_has_its_text_and_no_other_placeholders() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "runtime").glob("*.py")))
    raised = re.findall(r"MediaTrouble\(\s*\"(\w+)\"([^\n]*)", code)
    assert len({key for key, _ in raised}) > 5
    texts = translations("en")["exceptions"]
    for key, arguments in raised:
        given = set(re.findall(r"(\w+)=", arguments))
        assert {name.strip("{}") for name in placeholders(texts[key]["message"])} <= given, key
