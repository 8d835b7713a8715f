"""What people read leads where it says."""

import re
import unicodedata
from pathlib import Path

import pytest
import yaml

from custom_components.huxley.engine.skill.inject import InjectPriority, InjectStatus
from custom_components.huxley.engine.turn import Unanswered
from custom_components.huxley.runtime.turns_told import TOLD
from tests.packaging.repository import PACKAGE, ROOT, read_yaml, tracked_files, translations

PAGES = sorted(path for path in tracked_files() if path.suffix == ".md")
IMAGES = ROOT / "docs" / "images"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
HEAVIEST_PICTURE = 120 * 1024  # bytes; a page with ten of them still opens on a phone


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def _anchors(path: Path) -> set[str]:
    """The anchors that a page's headings get: letters, digits, hyphens and underscores, spaces as hyphens."""
    plain = (re.sub(r"[`*]", "", heading) for heading in HEADING.findall(_prose(path)))
    return {"".join(_slug(character) for character in heading.strip().lower()) for heading in plain}


def _slug(character: str) -> str:
    if character == " ":
        return "-"
    return character if character in "-_" or unicodedata.category(character)[0] in "LN" else ""


def _links(path: Path) -> list[str]:
    return [link for link in LINK.findall(_prose(path)) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    published = set(tracked_files())
    dead = []
    for link in _links(page):
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if file not in published or (anchor and anchor not in _anchors(file)):
            dead.append(link)
    assert dead == []


def test_every_picture_is_shown_and_none_is_heavy() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in _links(page)}
    pictures = [path for path in tracked_files() if path.is_relative_to(IMAGES)]
    assert pictures
    assert [_name(path) for path in pictures if path not in shown] == []
    assert [_name(path) for path in pictures if path.stat().st_size > HEAVIEST_PICTURE] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_yaml_examples_can_be_read(page: Path) -> None:
    for kind, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml":
            assert yaml.safe_load(text) is not None, text


def test_every_action_and_field_is_documented() -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    for action, details in read_yaml(PACKAGE / "services.yaml").items():
        assert f"## `huxley.{action}`" in page
        for field in (details or {}).get("fields", {}):
            assert f"| `{field}` |" in page, f"{action}: {field}"


def test_every_field_of_the_room_form_is_documented() -> None:
    page = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")
    steps = translations("en")["config"]["step"]
    labels = [label for step in steps.values() for label in step.get("data", {}).values()]
    assert labels
    assert [label for label in labels if f"**{label}**" not in page] == []


def test_every_outcome_and_event_is_documented() -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    words = {*InjectPriority, *InjectStatus, *Unanswered, *TOLD.values()}
    assert [word for word in sorted(words) if f"| `{word}` |" not in page] == []


def test_every_line_of_the_log_that_is_explained_can_be_logged() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", page.partition("## The log, by turn")[2], re.MULTILINE)
    explained = {name for row in rows for name in row.split("`")[1::2]}
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    logged = set(re.findall(r"_LOGGER\.\w+\(\s*\"([\w.]+)", code))
    assert len(explained) > 10
    assert explained - logged == set()


def test_every_module_on_the_map_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    missing = []
    for row in rows:
        folder = PACKAGE
        for name in row.split("`")[1::2]:
            path = PACKAGE / name if "/" in name or not (folder / name).exists() else folder / name
            folder = path.parent
            if not path.exists():
                missing.append(name)
    assert len(rows) > 15
    assert missing == []
