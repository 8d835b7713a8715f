"""What Home Assistant, hassfest and the stores ask of the manifest and its neighbours."""

import ast
import importlib
import struct
from pathlib import Path

import homeassistant
import pytest
from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform
from homeassistant.loader import Manifest

from tests.packaging.repository import PACKAGE, ROOT, read_json, read_yaml

MANIFEST = read_json(PACKAGE / "manifest.json")
HACS = read_json(ROOT / "hacs.json")

CORE = Path(homeassistant.__file__).parent / "components"
REQUIRED = {
    "domain",
    "name",
    "codeowners",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "version",
}
NOT_OURS = {"is_built_in", "overwrites_built_in", "disabled"}
INTEGRATION_TYPES = {"device", "entity", "hardware", "helper", "hub", "service", "system"}
IOT_CLASSES = {"assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push"}
VERSIONS = [AwesomeVersionStrategy.SEMVER, AwesomeVersionStrategy.PEP440]
HACS_KEYS = {"name", "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant"} | {
    "persistent_directory",
    "render_readme",
    "zip_release",
}
QUALITY_STATES = {"done", "todo", "exempt"}


def test_manifest_has_the_keys_that_are_asked_for_and_no_others() -> None:
    assert MANIFEST.keys() >= REQUIRED
    assert MANIFEST.keys() <= set(Manifest.__annotations__) - NOT_OURS
    assert all(MANIFEST[key] for key in REQUIRED)


def test_manifest_is_in_order() -> None:
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    for key in ("after_dependencies", "codeowners", "dependencies", "requirements"):
        assert MANIFEST[key] == sorted(MANIFEST[key])


def test_manifest_says_what_home_assistant_understands() -> None:
    assert MANIFEST["domain"] == PACKAGE.name
    assert MANIFEST["integration_type"] in INTEGRATION_TYPES
    assert MANIFEST["iot_class"] in IOT_CLASSES
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://")
        assert "home-assistant.io" not in MANIFEST[key]
    AwesomeVersion(MANIFEST["version"], ensure_strategy=VERSIONS)


def test_domain_is_ours_alone() -> None:
    assert not (CORE / MANIFEST["domain"]).exists()
    assert [path.name for path in (ROOT / "custom_components").iterdir() if (path / "manifest.json").exists()] == [
        MANIFEST["domain"]
    ]


def test_config_flow_is_announced_and_there() -> None:
    assert MANIFEST["config_flow"] is (PACKAGE / "config_flow.py").exists()


def _modules() -> list[str]:
    """Every module of the integration; what is behind the links in `bundled/` is not ours to import."""
    paths = (path.relative_to(ROOT) for path in PACKAGE.rglob("*.py") if "bundled" not in path.parts)
    return sorted(".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths)


@pytest.mark.parametrize("module", _modules())
def test_module_can_be_imported(module: str) -> None:
    importlib.import_module(module)


def _imported_components() -> set[str]:
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom | ast.Import) or getattr(node, "level", 0):
                continue
            module = getattr(node, "module", "")
            imported = [alias.name for alias in node.names]
            full = [f"{module}.{name}" if module == "homeassistant.components" else name for name in imported]
            for name in [*full, module]:
                parts = (name or "").split(".")
                # A platform file may import the component that it is a platform of.
                if parts[:2] == ["homeassistant", "components"] and len(parts) > 2 and path.stem != parts[2]:
                    names.add(parts[2])
    return names


def test_components_that_are_imported_are_declared() -> None:
    declared = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    # hassfest's own exceptions: parts that are there before any integration.
    always_there = {*Platform, "homeassistant", "diagnostics", "repairs", "system_health", "persistent_notification"}
    reached = set(declared)
    for component in declared:
        reached |= set(read_json(CORE / component / "manifest.json").get("dependencies", []))
    assert _imported_components() - always_there <= reached
    assert all((CORE / component).is_dir() for component in declared)


def test_hacs_file_is_understood_by_both_stores() -> None:
    assert HACS.keys() <= HACS_KEYS
    assert HACS["name"] == MANIFEST["name"]
    assert HACS["zip_release"] is True
    assert HACS["filename"] == "huxley.zip"
    AwesomeVersion(HACS["homeassistant"], ensure_strategy=AwesomeVersionStrategy.CALVER)


@pytest.mark.parametrize(("name", "pixels"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_icon_is_a_square_of_its_size_with_a_transparent_ground(name: str, pixels: int) -> None:
    data = (PACKAGE / "brand" / name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, color = struct.unpack(">IIBB", data[16:26])
    assert (width, height, depth) == (pixels, pixels, 8)
    assert color == 6, "colour type 6 is colour with transparency"


def test_every_rule_of_the_quality_scale_is_judged() -> None:
    rules = read_yaml(PACKAGE / "quality_scale.yaml")["rules"]
    assert rules.keys() == read_yaml(CORE / "esphome" / "quality_scale.yaml")["rules"].keys()
    for rule, verdict in rules.items():
        state = verdict if isinstance(verdict, str) else verdict["status"]
        assert state in QUALITY_STATES, rule
        assert state != "exempt" or verdict["comment"], f"{rule} says no reason"
