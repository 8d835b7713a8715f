"""The skills that ship, as their packages are loaded in a house."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from custom_components.huxley.runtime.skill_packages import SkillPackage, SkillPackages


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Generator[Callable[[str], SkillPackage]]:
    """Load a bundled skill by name."""
    packages = SkillPackages(tmp_path_factory.mktemp("config"))
    yield packages.load
    packages.forget_all()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An empty configuration folder."""
    return tmp_path
