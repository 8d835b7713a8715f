"""The actions are described, named, drawn, and registered under the same names."""

import re
from collections.abc import Iterator

import pytest
from homeassistant.helpers.selector import validate_selector

from custom_components.huxley import services
from tests.packaging.repository import PACKAGE, Tree, leaves, read_json, read_yaml, translations

ACTIONS = read_yaml(PACKAGE / "services.yaml")
ICONS = read_json(PACKAGE / "icons.json")
ENGLISH = translations("en")


def _fields() -> Iterator[tuple[str, str, Tree]]:
    for name, action in ACTIONS.items():
        for field, description in ((action or {}).get("fields") or {}).items():
            yield name, field, description


def test_described_actions_are_those_that_exist() -> None:
    registered = {value for name, value in vars(services).items() if name.startswith("SERVICE_")}
    assert ACTIONS.keys() == registered


def test_actions_are_named_and_drawn() -> None:
    assert ENGLISH["services"].keys() == ACTIONS.keys()
    assert ICONS["services"].keys() == ACTIONS.keys()
    for name, action in ACTIONS.items():
        texts = ENGLISH["services"][name]
        assert texts["name"]
        assert texts["description"]
        assert texts.get("fields", {}).keys() == ((action or {}).get("fields") or {}).keys()


@pytest.mark.parametrize(("action", "field", "description"), list(_fields()))
def test_field_has_a_name_and_a_selector_that_home_assistant_knows(action: str, field: str, description: Tree) -> None:
    texts = ENGLISH["services"][action]["fields"][field]
    assert texts.keys() == {"name", "description"}
    validate_selector(description["selector"])


def test_fields_are_those_that_the_action_takes() -> None:
    described = {field for action, field, _ in _fields() if action == services.SERVICE_INJECT_TURN}
    assert described == {str(field) for field in services.INJECT_SCHEMA}


@pytest.mark.parametrize("path", [path for path, _ in leaves(ICONS)])
def test_icon_is_a_material_design_icon(path: str) -> None:
    icon = dict(leaves(ICONS))[path]
    assert re.fullmatch(r"mdi:[a-z0-9]+(?:-[a-z0-9]+)*", icon)


def test_icons_belong_to_entities_of_a_platform_that_we_have() -> None:
    for platform in ICONS["entity"]:
        assert (PACKAGE / f"{platform}.py").exists()
