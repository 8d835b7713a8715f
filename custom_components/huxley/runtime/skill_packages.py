"""The skill packages on disk: the house's own, and the ones that ship. Every function here blocks."""

import logging
import re
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from ..const import DOMAIN
from ..engine.errors import SkillError
from ..engine.skill.marked_yaml import read_marked
from ..engine.skill.sentences import Sentences, parse_sentences
from ..engine.skill.skill import Skill
from .skill_imports import forget_skill, import_skill

_LOGGER = logging.getLogger(__name__)

BUNDLED_SKILLS: Final = Path(__file__).parent.parent / "bundled" / "skills"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_LOCK = threading.RLock()  # modules are the process's; two executor threads must not import the same skill at once


@dataclass(frozen=True, slots=True)
class SkillPackage:
    """A loaded skill. `sentences` is by language; `own` is true for the house's own folder."""

    name: str
    version: str
    description: str
    skill_class: type[Skill]
    sentences: Mapping[str, Sentences]
    folder: Path
    own: bool

    @property
    def responses(self) -> Mapping[str, Mapping[str, str]]:
        """The words the skill answers with, by language."""
        return {language: item.responses for language, item in self.sentences.items()}


class SkillPackages:
    """Finds and loads skills by name: `<config>/huxley/skills/<name>` first, then the bundled one."""

    def __init__(self, config_dir: str | Path, bundled: Path = BUNDLED_SKILLS) -> None:
        self.own_folder = Path(config_dir) / DOMAIN / "skills"
        self._bundled = bundled
        self._loaded: dict[str, SkillPackage] = {}

    def available(self) -> Mapping[str, Path]:
        """Return the folder of every skill by name; the house's own shadow the bundled ones."""
        found: dict[str, Path] = {}
        for root in (self._bundled, self.own_folder):
            for folder in sorted(root.iterdir()) if root.is_dir() else ():
                if (folder / "__init__.py").is_file() and _NAME.fullmatch(folder.name):
                    found[folder.name] = folder
        return found

    def load(self, name: str) -> SkillPackage:
        """Import a skill and read its files, once until `forget_all`.

        Raises `SkillError`: unknown, a file that is missing or wrong (named with its line), or code that raised
        (with its traceback). Other skills are not touched.
        """
        with _LOCK:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def forget_all(self) -> None:
        """Read everything again at the next `load`, edited code included."""
        with _LOCK:
            for name in self._loaded:
                forget_skill(name)
            self._loaded.clear()

    def _load(self, name: str) -> SkillPackage:
        available = self.available()
        if name not in available:
            raise SkillError(f"There is no skill {name}; there are: {', '.join(sorted(available)) or 'none'}.")
        folder = available[name]
        version, description = _read_manifest(folder)
        skill_class = load_skill_class(name, folder)
        sentences = _read_sentences(folder, skill_class)
        own = folder.parent == self.own_folder
        _LOGGER.debug("Loaded skill %s %s from %s", name, version, folder)
        return SkillPackage(name, version, description, skill_class, sentences, folder, own)


def load_skill_class(name: str, folder: Path) -> type[Skill]:
    """Import the package and return its `Skill` subclass. `SkillError` carries the traceback of code that raised."""
    try:
        module = import_skill(name, folder)
    except SkillError:
        raise
    except (Exception, SystemExit) as error:
        trace = "".join(traceback.format_exception(error))
        raise SkillError(f"Skill {name} in {folder} cannot be imported: {error!r}\n{trace}") from error
    skill_class = _only_class(name, module)
    if getattr(skill_class, "name", None) != name:
        raise SkillError(
            f'Skill {name}: class {skill_class.__name__} needs `name = "{name}"`, as its folder is called.'
        )
    return skill_class


def _only_class(name: str, module: ModuleType) -> type[Skill]:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Skill) and value.__module__.startswith(module.__name__)
    ]
    found = [value for value in own if not any(value in other.__mro__[1:] for other in own)]
    if len(found) != 1:
        raise SkillError(f"Skill {name}: its __init__.py must hold one subclass of Skill, not {len(found)}.")
    return found[0]


def _read_manifest(folder: Path) -> tuple[str, str]:
    """Return version and description from `skill.yaml`."""
    path = folder / "skill.yaml"
    keys = read_marked(_read(path), str(path)).allow("skill.yaml", "name", "version", "description")
    if missing := [key for key in ("name", "version", "description") if key not in keys]:
        raise SkillError(f"{path}: `{missing[0]}` is missing.")
    if keys["name"].text("`name`") != folder.name:
        raise keys["name"].error(f"`name` must be {folder.name}, as the folder is called.")
    return keys["version"].text("`version`"), keys["description"].text("`description`")


def _read_sentences(folder: Path, skill_class: type[Skill]) -> Mapping[str, Sentences]:
    found: dict[str, Sentences] = {}
    for path in sorted((folder / "sentences").glob("*.yaml")):
        if not _LANGUAGE.fullmatch(path.stem):
            raise SkillError(f"{path}: call it after its language, such as en.yaml or pt-BR.yaml.")
        sentences = parse_sentences(_read(path), str(path), path.stem)
        if unknown := sorted(sentences.tools - _tool_names(skill_class, sentences)):
            raise SkillError(f"{path}: skill {skill_class.name} has no tool {unknown[0]}.")
        found[path.stem] = sentences
    return found


def _tool_names(skill_class: type[Skill], sentences: Sentences) -> frozenset[str]:
    """Return the decorated tools; a class with its own `tools` decides later, so nothing is unknown here."""
    if skill_class.tools is not Skill.tools:
        return sentences.tools
    return frozenset(definition.name for definition in skill_class.declared_tools())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SkillError(f"{path} cannot be read: {error}") from error
