"""The repository as the packaging tests read it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "custom_components" / "huxley"

type Tree = dict[str, Any]


def read_json(path: Path) -> Tree:
    """The object in a JSON file, its keys in their order; a key written twice is an error."""
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_unique)


def read_yaml(path: Path) -> Tree:
    """The mapping in a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def leaves(tree: Tree, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is no mapping, by its path (`config.step.user.title`)."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def translations(language: str) -> Tree:
    """One translation file."""
    return read_json(PACKAGE / "translations" / f"{language}.json")


def placeholders(text: str) -> set[str]:
    """The names in braces in a text."""
    return set(re.findall(r"{(\w+)}", text))


def tracked_files() -> list[Path]:
    """Every file that git tracks, and that is there; links are left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _unique(pairs: list[tuple[str, Any]]) -> Tree:
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), f"a key is written twice among {keys}"
    return dict(pairs)
