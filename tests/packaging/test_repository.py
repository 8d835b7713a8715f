"""What is committed is fit to be published."""

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.packaging.repository import PACKAGE, ROOT, read_json, read_yaml, tracked_files

VERSION = read_json(PACKAGE / "manifest.json")["version"]

# Where packages come from is the machine's affair; a committed address would send everybody to one place.
REGISTRY = re.compile(
    rb"(?:pypi\.(?:org|python)|pythonhosted|registry\.npmjs|registry\.yarnpkg|crates\.io|ghcr\.io)", re.IGNORECASE
)
INDEX_OPTION = re.compile(r"^\s*(?:-i\b|--(?:extra-)?index-url|--find-links|-f\b|--trusted-host)", re.MULTILINE)
MACHINE_PATH = re.compile(rb"(?<![\w.~])/(?:home|root|work|Users|mnt|srv)/[\w.-]+")
MAY_NAME_PATHS = {"tests/packaging/test_repository.py"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_names_a_package_registry() -> None:
    files = [path for path in tracked_files() if _name(path) not in MAY_NAME_PATHS]
    assert [_name(path) for path in files if REGISTRY.search(path.read_bytes())] == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    files = [path for path in tracked_files() if _name(path) not in MAY_NAME_PATHS]
    named = {_name(path): found[0] for path in files if (found := MACHINE_PATH.search(path.read_bytes()))}
    assert named == {}


def test_requirements_carry_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert not INDEX_OPTION.search(text), path.name
        assert "://" not in text, path.name


def test_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(VERSION)}\b", changelog, re.MULTILINE)


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION


def test_licence_is_the_one_that_is_declared() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yaml")), ids=lambda path: path.name)
def test_workflow_can_be_read_and_may_do_little(path: Path) -> None:
    workflow = read_yaml(path)
    assert workflow["jobs"]
    assert workflow["permissions"].keys() == {"contents"}


def test_archive_holds_real_files(tmp_path: Path) -> None:
    subprocess.run([ROOT / "scripts" / "release", VERSION], check=True, capture_output=True, cwd=tmp_path)
    with zipfile.ZipFile(ROOT / "dist" / "huxley.zip") as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    assert {"__init__.py", "manifest.json", "LICENSE", "brand/icon.png", "translations/es-419.json"} <= names
    assert {"bundled/personas/basic.yaml", "bundled/skills/music/__init__.py"} <= names
    assert not any("__pycache__" in name or name.startswith(("/", "..")) for name in names)


def test_archive_of_another_version_is_refused() -> None:
    result = subprocess.run([ROOT / "scripts" / "release", "9.9.9"], check=False, capture_output=True, text=True)
    assert result.returncode != 0
    assert f"the manifest says {VERSION}, not 9.9.9" in result.stderr
