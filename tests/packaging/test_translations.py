"""Every text is there, in its place, in each language."""

import ast
import re
from pathlib import Path

import pytest
from homeassistant.const import Platform

from custom_components.huxley.engine.persona import Constraint, Kind, ProblemKey
from custom_components.huxley.runtime.texts import SHIPPED_LANGUAGES
from tests.packaging.repository import PACKAGE, Tree, leaves, placeholders, read_yaml, translations

TRANSLATIONS = PACKAGE / "translations"
LANGUAGES = sorted(path.stem for path in TRANSLATIONS.glob("*.json"))
ENGLISH = translations("en")

TOP_KEYS = {"common", "config", "config_subentries", "entity", "exceptions", "issues", "selector", "services"} | {
    "conditions",
    "triggers",
}
FLOW_KEYS = {"step", "error", "abort", "entry_type", "initiate_flow"}
STEP_KEYS = {"title", "description", "data", "data_description", "menu_options", "sections"}


def _flows(tree: Tree) -> list[Tree]:
    return [flow for flow in (tree.get("config"), *tree.get("config_subentries", {}).values()) if flow]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_where_home_assistant_looks_for_them(language: str) -> None:
    tree = translations(language)
    assert tree.keys() <= TOP_KEYS
    for flow in _flows(tree):
        assert flow.keys() <= FLOW_KEYS
        assert all(step.keys() <= STEP_KEYS for step in flow["step"].values())
    for exception in tree.get("exceptions", {}).values():
        assert exception.keys() == {"message"}
    for issue in tree.get("issues", {}).values():
        # One that a click repairs says what the click does, in its form.
        assert issue.keys() in ({"title", "description"}, {"title", "fix_flow"})
    assert all(isinstance(text, str) for text in tree["common"].values())
    assert tree.get("entity", {}).keys() <= {platform.value for platform in Platform}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain(language: str) -> None:
    for path, text in leaves(translations(language)):
        assert text, path
        assert text == text.strip(), path
        assert not re.search(r"https?://|\[%key:|</?[a-z]", text), f"{path}: addresses and markup go into placeholders"
        assert re.fullmatch(r"(?:[^{}]|{\w+})*", text), f"{path}: a stray brace"


def test_keys_are_slugs() -> None:
    slug = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
    assert [path for path, _ in leaves(ENGLISH) if not all(slug.fullmatch(part) for part in path.split("."))] == []


def test_spanish_says_all_that_english_says() -> None:
    assert dict(leaves(translations("es"))).keys() == dict(leaves(ENGLISH)).keys()


def test_french_says_all_that_is_heard() -> None:
    french = translations("fr")
    assert french.keys() == {"common"}
    assert french["common"].keys() == ENGLISH["common"].keys()


def test_latin_america_reads_spanish() -> None:
    assert translations("es-419") == translations("es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_english(language: str) -> None:
    english = dict(leaves(ENGLISH))
    for path, text in leaves(translations(language)):
        assert placeholders(text) == placeholders(english[path]), path


def test_runtime_knows_the_languages_that_ship() -> None:
    assert sorted(SHIPPED_LANGUAGES) == LANGUAGES


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "fr"])
def test_every_field_of_a_form_is_named_and_described(language: str) -> None:
    for flow in _flows(translations(language)):
        for name, step in flow["step"].items():
            assert step["title"]
            for fields in (step, *step.get("sections", {}).values()):
                assert fields.get("data", {}).keys() == fields.get("data_description", {}).keys(), name


def test_every_problem_of_a_persona_file_can_be_told() -> None:
    told = ENGLISH["exceptions"].keys()
    assert {f"persona_{problem}" for problem in ProblemKey} <= told
    assert {f"persona_kind_{kind}" for kind in Kind} <= told


def test_every_constraint_has_its_sentence_in_every_language() -> None:
    for language in LANGUAGES:
        assert {f"constraint_{one}" for one in Constraint} <= translations(language)["common"].keys()


def _sources() -> list[ast.Module]:
    paths: list[Path] = sorted(PACKAGE.rglob("*.py"))
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths if "bundled" not in path.parts]


def _strings(name: str) -> set[str]:
    """The texts given as the keyword argument `name` anywhere in the integration."""
    return {
        keyword.value.value
        for module in _sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == name and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }


def test_keys_in_the_code_are_translated() -> None:
    known = ENGLISH["exceptions"].keys() | ENGLISH["issues"].keys() | ENGLISH["selector"].keys()
    assert _strings("translation_key") - {"model"} <= known


def test_forms_show_only_steps_that_have_texts() -> None:
    steps = {name for flow in _flows(ENGLISH) for name in flow["step"]}
    assert _strings("step_id") <= steps
    aborts = {name for flow in _flows(ENGLISH) for name in flow.get("abort", {})}
    assert _strings("reason") & {"already_configured", "no_personas"} <= aborts


def test_options_of_actions_are_named() -> None:
    for action in read_yaml(PACKAGE / "services.yaml").values():
        for field in ((action or {}).get("fields") or {}).values():
            if select := field["selector"].get("select"):
                assert set(select["options"]) == ENGLISH["selector"][select["translation_key"]]["options"].keys()
