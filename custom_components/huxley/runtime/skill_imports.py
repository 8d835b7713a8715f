"""Importing a skill's Python afresh, under `huxley_skills.<name>`, from wherever it lies."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Final

NAMESPACE: Final = "huxley_skills"


class _FreshLoader(SourceFileLoader):
    """Compiles the source every time: cached bytecode hides an edit of the same second and the same length."""

    def path_stats(self, path: str) -> Mapping[str, float]:
        raise OSError(f"{path} is always compiled afresh")


class _SubmoduleFinder(MetaPathFinder):
    """Finds `huxley_skills.music.catalog` in its parent's folder; knows nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or not fullname.startswith(f"{NAMESPACE}."):
            return None
        finders = (FileFinder(folder, (_FreshLoader, SOURCE_SUFFIXES)) for folder in path)
        return next((spec for finder in finders if (spec := finder.find_spec(fullname, target))), None)


_FINDER: Final = _SubmoduleFinder()


def import_skill(name: str, folder: Path) -> ModuleType:
    """Run `folder/__init__.py` as `huxley_skills.<name>`. Blocks. Whatever the code raises comes out.

    A package that raises leaves nothing behind.
    """
    forget_skill(name)
    _prepare()
    full_name = f"{NAMESPACE}.{name}"
    location = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        full_name,
        location,
        loader=_FreshLoader(full_name, str(location)),
        submodule_search_locations=[str(folder)],
    )
    assert spec is not None  # noqa: S101 - a loader is given, so there is always a spec
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        forget_skill(name)
        raise
    setattr(sys.modules[NAMESPACE], name, module)
    return module


def forget_skill(name: str) -> None:
    """Drop a skill's modules, so that the next import reads its files again."""
    full_name = f"{NAMESPACE}.{name}"
    for module_name in [key for key in sys.modules if key == full_name or key.startswith(f"{full_name}.")]:
        del sys.modules[module_name]
    parent = sys.modules.get(NAMESPACE)
    if parent is not None and hasattr(parent, name):
        delattr(parent, name)
    importlib.invalidate_caches()


def _prepare() -> None:
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    if NAMESPACE not in sys.modules:
        namespace = ModuleType(NAMESPACE, "Skills, each imported from where it lies.")
        namespace.__path__ = []
        sys.modules[NAMESPACE] = namespace
