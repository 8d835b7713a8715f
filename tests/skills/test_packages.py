"""Skill packages on disk: found, loaded, shadowed, reloaded; a broken one hurts nobody."""

import sys
from collections.abc import Generator
from pathlib import Path
from textwrap import dedent

import pytest

from custom_components.huxley.engine.errors import SkillError
from custom_components.huxley.runtime.skill_packages import SkillPackages

CODE = """
from custom_components.huxley.sdk import Skill, tool

class Lamp(Skill):
    name = "lamp"

    @tool
    async def shine(self) -> str:
        '''Shine.'''
        return "first"
"""
MANIFEST = 'name: lamp\nversion: "1.2"\ndescription: A lamp.\n'
RAISES = "def light():\n    return 1 / 0\n\nlight()\n"
SENTENCES = "tools: {shine: [shine]}\nexamples: [Shine]\nresponses: {done: Done}\n"


@pytest.fixture
def packages(tmp_path: Path) -> Generator[SkillPackages]:
    found = SkillPackages(tmp_path / "config", bundled=tmp_path / "bundled")
    yield found
    found.forget_all()


def write(folder: Path, files: dict[str, str] | None = None) -> Path:
    default = {"__init__.py": CODE, "skill.yaml": MANIFEST, "sentences/en.yaml": SENTENCES}
    for name, text in {**default, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def own(tmp_path: Path, name: str = "lamp", files: dict[str, str] | None = None) -> Path:
    return write(tmp_path / "config" / "huxley" / "skills" / name, files)


def bundled(tmp_path: Path, name: str = "lamp", files: dict[str, str] | None = None) -> Path:
    return write(tmp_path / "bundled" / name, files)


async def answer(packages: SkillPackages) -> str:
    return (await packages.load("lamp").skill_class().handle("shine", {})).output


async def test_package_is_loaded_with_its_files(tmp_path: Path, packages: SkillPackages) -> None:
    folder = bundled(tmp_path, files={"sentences/pt-BR.yaml": SENTENCES})
    lamp = packages.load("lamp")
    assert (lamp.name, lamp.version, lamp.description, lamp.folder, lamp.own) == (
        "lamp",
        "1.2",
        "A lamp.",
        folder,
        False,
    )
    assert set(lamp.sentences) == {"en", "pt-BR"}
    assert lamp.responses["en"] == {"done": "Done"}
    assert lamp.skill_class.__module__ == "huxley_skills.lamp"
    assert await answer(packages) == "first"


async def test_own_package_shadows_the_bundled_one(tmp_path: Path, packages: SkillPackages) -> None:
    bundled(tmp_path)
    own(tmp_path, files={"__init__.py": CODE.replace("first", "mine")})
    assert await answer(packages) == "mine"
    assert packages.load("lamp").own


def test_folders_that_are_no_packages_are_left_out(tmp_path: Path, packages: SkillPackages) -> None:
    bundled(tmp_path)
    own(tmp_path, "torch")
    (tmp_path / "bundled" / "notes").mkdir()
    write(tmp_path / "bundled" / "Not-A-Name")
    assert list(packages.available()) == ["lamp", "torch"]


async def test_edited_code_counts_after_forgetting_even_within_a_second(
    tmp_path: Path, packages: SkillPackages
) -> None:
    files = {"__init__.py": "from .bulb import Lamp\n", "bulb.py": CODE}
    folder = bundled(tmp_path, files=files)
    assert await answer(packages) == "first"
    (folder / "bulb.py").write_text(CODE.replace("first", "third"), encoding="utf-8")
    assert await answer(packages) == "first"
    packages.forget_all()
    assert "huxley_skills.lamp.bulb" not in sys.modules
    assert await answer(packages) == "third"


async def test_broken_package_carries_its_traceback_and_hurts_nobody(tmp_path: Path, packages: SkillPackages) -> None:
    bundled(tmp_path)
    bundled(tmp_path, "torch", {"__init__.py": RAISES, "skill.yaml": MANIFEST.replace("lamp", "torch")})
    with pytest.raises(SkillError) as caught:
        packages.load("torch")
    assert "torch" in str(caught.value)
    assert "ZeroDivisionError" in str(caught.value)
    assert "line 2, in light" in str(caught.value)
    assert "huxley_skills.torch" not in sys.modules
    assert await answer(packages) == "first"


async def test_repaired_package_loads_at_the_next_try(tmp_path: Path, packages: SkillPackages) -> None:
    folder = bundled(tmp_path, files={"__init__.py": "raise SystemExit"})
    with pytest.raises(SkillError, match="SystemExit"):
        packages.load("lamp")
    (folder / "__init__.py").write_text(CODE, encoding="utf-8")
    assert await answer(packages) == "first"


NO_SKILL = "x = 1\n"
TWO_SKILLS = CODE + "\nclass Other(Skill):\n    name = 'other'\n"
OTHER_NAME = CODE.replace('"lamp"', '"torch"')
BAD_TOOL = CODE.replace("(self)", "(self, x)")
BASE_AND_LEAF = CODE.replace("class Lamp(Skill):", "class Base(Skill):\n    pass\n\nclass Lamp(Base):")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"__init__.py": NO_SKILL}, "one subclass of Skill, not 0"),
        ({"__init__.py": TWO_SKILLS}, "one subclass of Skill, not 2"),
        ({"__init__.py": OTHER_NAME}, 'needs `name = "lamp"`'),
        ({"__init__.py": BAD_TOOL}, "parameter `x` needs a type"),
        ({"__init__.py": "def ("}, "SyntaxError"),
        ({"__init__.py": "import no_such_module"}, "No module named 'no_such_module'"),
        ({"skill.yaml": "name: lamp\nversion: 1.0\ndescription: x"}, "line 2: `version` must be text"),
        ({"skill.yaml": "name: torch\nversion: '1'\ndescription: x"}, "line 1: `name` must be lamp"),
        ({"skill.yaml": "name: lamp\nversion: '1'"}, "`description` is missing"),
        ({"skill.yaml": "author: me"}, "no key `author`"),
        ({"sentences/en.yaml": "tools: {fly: [fly]}\nexamples: [Fly]"}, "no tool fly"),
        ({"sentences/en.yaml": "tools: 1"}, r"en\.yaml, line 1"),
        ({"sentences/English.yaml": SENTENCES}, "call it after its language"),
    ],
)
def test_mistake_in_a_package_is_named(
    tmp_path: Path, packages: SkillPackages, files: dict[str, str], problem: str
) -> None:
    bundled(tmp_path, files=files)
    with pytest.raises(SkillError, match=problem):
        packages.load("lamp")


def test_file_that_is_missing_or_not_text_is_named(tmp_path: Path, packages: SkillPackages) -> None:
    folder = bundled(tmp_path)
    (folder / "sentences" / "en.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SkillError, match=r"en\.yaml cannot be read"):
        packages.load("lamp")
    (folder / "skill.yaml").unlink()
    with pytest.raises(SkillError, match=r"skill\.yaml cannot be read"):
        packages.load("lamp")


def test_unknown_skill_is_answered_with_those_there_are(tmp_path: Path, packages: SkillPackages) -> None:
    with pytest.raises(SkillError, match="no skill torch; there are: none"):
        packages.load("torch")
    bundled(tmp_path)
    with pytest.raises(SkillError, match="no skill torch; there are: lamp"):
        packages.load("torch")


async def test_base_class_in_the_package_is_not_a_second_skill(tmp_path: Path, packages: SkillPackages) -> None:
    bundled(tmp_path, files={"__init__.py": BASE_AND_LEAF})
    assert await answer(packages) == "first"


def test_sentences_of_tools_that_a_skill_makes_itself_are_taken_as_they_are(
    tmp_path: Path, packages: SkillPackages
) -> None:
    code = CODE + "\n    @property\n    def tools(self):\n        return ()\n"
    bundled(tmp_path, files={"__init__.py": code, "sentences/en.yaml": "tools: {fly: [fly]}\nexamples: [Fly]"})
    assert packages.load("lamp").sentences["en"].tools == {"fly"}
