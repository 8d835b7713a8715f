"""The personas that run: from their files, or from what last worked."""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.huxley.const import DOMAIN
from custom_components.huxley.engine.persona import PersonaError, ProblemKey, load_persona
from custom_components.huxley.runtime.persona_files import PersonaFileError, PersonaFiles, PersonaMissingError
from custom_components.huxley.runtime.persona_problems import async_tell_problems
from custom_components.huxley.runtime.personas import (
    async_forget_persona,
    async_last_good_text,
    async_load_persona,
)
from custom_components.huxley.runtime.texts import async_phrases
from tests.integration.building import persona_text

type WritePersona = Callable[..., str]
type Damage = Callable[[Path], None]


def _issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    return {issue_id: issue for (domain, issue_id), issue in ir.async_get(hass).issues.items() if domain == DOMAIN}


def _as_text(text: str) -> Damage:
    return lambda path: _write(path, text.encode())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_socket(path: Path) -> None:
    path.unlink()
    os.mknod(path, stat.S_IFSOCK)


async def test_sound_file_runs_without_a_word(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    loaded = await async_load_persona(hass, "ana")
    assert (loaded.persona.id, loaded.persona.name, loaded.from_last_good) == ("ana", "Ana", False)
    assert _issues(hass) == {}


async def test_bundled_persona_runs(hass: HomeAssistant) -> None:
    assert (await async_load_persona(hass, "basic")).persona.id == "basic"


@pytest.mark.parametrize(
    ("damage", "line", "field", "problem"),
    [
        (_as_text(persona_text("New") + "colour: blue\n"), "8", "colour", "The key colour means nothing here."),
        (_as_text("version: 1\nname: [\n"), "3", "-", "This is not valid YAML"),
        (_as_text(persona_text("7")), "2", "name", "This should be text and is a number. Put it in quotes."),
        (lambda path: _write(path, persona_text("Doña").encode("cp1252")), "2", "-", "is not UTF-8 text"),
        (lambda path: _write(path, b"#" * 300_000), "-", "-", "is larger than 256 KiB"),
        (_make_socket, "-", "-", "cannot be read: "),
        (_make_folder, "-", "-", "is a folder, not a file"),
    ],
    ids=["unknown key", "no YAML", "wrong type", "wrong encoding", "too large", "no file", "a folder"],
)
async def test_broken_edit_keeps_the_last_good_version_running(
    hass: HomeAssistant,
    write_persona: WritePersona,
    own_personas: Path,
    damage: Damage,
    line: str,
    field: str,
    problem: str,
) -> None:
    write_persona("ana")
    await async_load_persona(hass, "ana")
    damage(own_personas / "ana.yaml")
    loaded = await async_load_persona(hass, "ana")
    assert (loaded.persona.name, loaded.from_last_good) == ("Ana", True)
    issue = _issues(hass)["persona_broken_ana"]
    assert (issue.severity, issue.is_fixable, issue.translation_key) == (
        ir.IssueSeverity.ERROR,
        False,
        "persona_broken",
    )
    told = issue.translation_placeholders or {}
    assert (told["persona"], told["line"], told["field"]) == ("ana", line, field)
    assert problem in told["problem"]
    assert told["file"].endswith("ana.yaml")
    assert told["problems"].startswith("- ")


async def test_last_good_version_outlives_a_restart(
    hass: HomeAssistant, write_persona: WritePersona, hass_storage: dict[str, Any]
) -> None:
    hass_storage["huxley.persona.ana"] = {
        "version": 1,
        "minor_version": 1,
        "key": "huxley.persona.ana",
        "data": {"text": persona_text("Before")},
    }
    write_persona("ana", extra="colour: blue\n")
    loaded = await async_load_persona(hass, "ana")
    assert (loaded.persona.name, loaded.from_last_good) == ("Before", True)


async def test_last_good_version_is_kept_on_disk(
    hass: HomeAssistant, write_persona: WritePersona, hass_storage: dict[str, Any]
) -> None:
    text = write_persona("ana")
    await async_load_persona(hass, "ana")
    assert hass_storage["huxley.persona.ana"]["data"] == {"text": text}
    text = write_persona("ana", name="Anita")
    await async_load_persona(hass, "ana")
    assert hass_storage["huxley.persona.ana"]["data"] == {"text": text}


async def test_corrected_file_clears_the_issue(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    await async_load_persona(hass, "ana")
    write_persona("ana", extra="colour: blue\n")
    await async_load_persona(hass, "ana")
    write_persona("ana", name="Anita")
    loaded = await async_load_persona(hass, "ana")
    assert (loaded.persona.name, loaded.from_last_good) == ("Anita", False)
    assert _issues(hass) == {}


async def test_removed_file_keeps_running_and_is_reported_once_found_broken_too(
    hass: HomeAssistant, write_persona: WritePersona, own_personas: Path
) -> None:
    write_persona("ana")
    await async_load_persona(hass, "ana")
    (own_personas / "ana.yaml").unlink()
    assert (await async_load_persona(hass, "ana")).from_last_good
    assert _issues(hass).keys() == {"persona_missing_ana"}
    assert _issues(hass)["persona_missing_ana"].translation_placeholders == {
        "persona": "ana",
        "file": str(own_personas / "ana.yaml"),
    }
    write_persona("ana", extra="colour: blue\n")
    await async_load_persona(hass, "ana")
    assert _issues(hass).keys() == {"persona_broken_ana"}


async def test_ignored_issue_stays_ignored_while_the_file_stays_broken(
    hass: HomeAssistant, write_persona: WritePersona
) -> None:
    write_persona("ana", extra="colour: blue\n")
    with pytest.raises(PersonaError):
        await async_load_persona(hass, "ana")
    ir.async_get(hass).async_ignore(DOMAIN, "persona_broken_ana", ignore=True)
    with pytest.raises(PersonaError):
        await async_load_persona(hass, "ana")
    assert _issues(hass)["persona_broken_ana"].dismissed_version is not None


async def test_persona_that_never_worked_cannot_run(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana", extra="colour: blue\n")
    with pytest.raises(PersonaError, match="colour"):
        await async_load_persona(hass, "ana")
    with pytest.raises(PersonaMissingError):
        await async_load_persona(hass, "nobody")
    assert _issues(hass).keys() == {"persona_broken_ana", "persona_missing_nobody"}


async def test_last_good_version_of_an_older_schema_is_no_help(
    hass: HomeAssistant, write_persona: WritePersona, hass_storage: dict[str, Any]
) -> None:
    hass_storage["huxley.persona.ana"] = {
        "version": 1,
        "minor_version": 1,
        "key": "huxley.persona.ana",
        "data": {"text": "version: 0\n"},
    }
    write_persona("ana", extra="colour: blue\n")
    with pytest.raises(PersonaError, match="colour"):
        await async_load_persona(hass, "ana")


async def test_problem_is_told_in_the_houses_language(hass: HomeAssistant, write_persona: WritePersona) -> None:
    hass.config.language = "es-419"
    write_persona("ana", extra="constraints: [never_say_nope]\n")
    with pytest.raises(PersonaError):
        await async_load_persona(hass, "ana")
    placeholders = _issues(hass)["persona_broken_ana"].translation_placeholders or {}
    assert placeholders["problem"].startswith("never_say_nope no es una restricción.")
    assert placeholders["problem"].endswith("¿Querías decir never_say_no?")


async def test_forgotten_persona_leaves_nothing_but_its_file(
    hass: HomeAssistant, write_persona: WritePersona, own_personas: Path
) -> None:
    write_persona("ana")
    await async_load_persona(hass, "ana")
    write_persona("ana", extra="colour: blue\n")
    await async_load_persona(hass, "ana")
    await async_forget_persona(hass, "ana")
    assert _issues(hass) == {}
    assert await async_last_good_text(hass, "ana") is None
    assert (own_personas / "ana.yaml").exists()


async def test_phrases_come_in_the_nearest_language(hass: HomeAssistant) -> None:
    for language, start in {"es-MX": "No lo he", "fr-CA": "Je n'ai", "en-GB": "I did", "de": "I did"}.items():
        phrases = await async_phrases(hass, language)
        assert phrases["not_understood"].startswith(start)
        assert "{examples}" in phrases["not_understood"]


# --- telling what is wrong

_MISTAKES = {
    ProblemKey.BAD_YAML: "name: [",
    ProblemKey.UNSUPPORTED_YAML: "name: !!binary aGk=",
    ProblemKey.TOO_LARGE: "#" * 300_000,
    ProblemKey.TOO_MANY_VALUES: f"skills: {{music: {{a: [{'1,' * 10_001}]}}}}",
    ProblemKey.TOO_DEEP: "skills: " + "[" * 40 + "]" * 40,
    ProblemKey.ALIAS_CYCLE: "skills: &a {music: {b: *a}}",
    ProblemKey.DUPLICATE_KEY: "name: Ana\nname: Luz",
    ProblemKey.UNKNOWN_KEY: "nome: Ana",
    ProblemKey.MISSING_KEY: "name: Ana",
    ProblemKey.UNSUPPORTED_KEY: "tools: [{name: light}]",
    ProblemKey.WRONG_TYPE: "name: [Ana]",
    ProblemKey.EMPTY_TEXT: "name: ' '",
    ProblemKey.BAD_VERSION: "version: 2",
    ProblemKey.BAD_LANGUAGE: "language_code: Español",
    ProblemKey.BAD_TIMEZONE: "timezone: Europe/Madird",
    ProblemKey.BAD_TIME: "quiet_hours: {from: noon, to: '07:00'}",
    ProblemKey.SAME_TIME: "quiet_hours: {from: '07:00', to: '07:00'}",
    ProblemKey.UNKNOWN_CONSTRAINT: "constraints: [never_say_nope]",
}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("key", ProblemKey)
async def test_every_problem_can_be_told(hass: HomeAssistant, key: ProblemKey, language: str) -> None:
    with pytest.raises(PersonaError) as raised:
        load_persona(_MISTAKES[key], "ana")
    assert key in {problem.key for problem in raised.value.problems}
    told = await async_tell_problems(hass, raised.value, language)
    assert len(told) == len(raised.value.problems)
    assert all(one.listing.startswith({"en": "Line ", "es": "Línea "}[language]) for one in told)
    assert not any("{" in one.text for one in told)


# --- files


def test_own_file_shadows_the_bundled_one(tmp_path: Path) -> None:
    bundled = tmp_path / "bundled"
    own = tmp_path / "huxley" / "personas"
    for folder, names in ((bundled, ("basic", "chief")), (own, ("zoe", "basic"))):
        folder.mkdir(parents=True)
        for name in names:
            (folder / f"{name}.yaml").write_text(persona_text(folder.name))
    files = PersonaFiles(tmp_path, bundled)
    assert [(file.id, file.own) for file in files.available()] == [("basic", True), ("zoe", True), ("chief", False)]
    assert files.read("basic") == persona_text("personas")
    assert files.read("chief") == persona_text("bundled")


def test_house_without_a_folder_has_the_bundled_ones(tmp_path: Path) -> None:
    assert {"basic", "abuelos"} <= {file.id for file in PersonaFiles(tmp_path).available()}


def test_file_that_nobody_can_choose_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "huxley" / "personas"
    own.mkdir(parents=True)
    for name in ("Doña Luz.yaml", "leo.yml", "notes.txt"):
        (own / name).write_text(persona_text("Luz"))
    assert not any(file.own for file in PersonaFiles(tmp_path).available())
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 2
    assert "Doña Luz.yaml is not offered" in warned[0]


@pytest.mark.parametrize("persona_id", ["../basic", "", "A", "a b", "_a", "a__b", "a/b", "a" * 65])
def test_id_never_leaves_the_folder(tmp_path: Path, persona_id: str) -> None:
    files = PersonaFiles(tmp_path)
    assert files.find(persona_id) is None
    with pytest.raises(PersonaMissingError):
        files.read(persona_id)
    with pytest.raises(PersonaFileError, match="file_bad_id"):
        files.save(persona_id, "text")


def test_saving_never_replaces_what_was_not_seen(tmp_path: Path) -> None:
    files = PersonaFiles(tmp_path)
    path = files.save("ana", "one")
    with pytest.raises(PersonaFileError, match="file_exists"):
        files.save("ana", "two")
    with pytest.raises(PersonaFileError, match="file_changed"):
        files.save("ana", "two", replaces=b"zero")
    assert path.read_text() == "one"
    assert files.save("ana", "dós", replaces=b"one") == path
    assert files.read("ana") == "dós"


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    files = PersonaFiles(tmp_path)
    files.save("ana", "\ufeffname: Ana")
    assert files.read("ana") == "name: Ana"


def test_file_that_the_system_refuses_says_why(tmp_path: Path) -> None:
    files = PersonaFiles(tmp_path)
    files.own_folder.mkdir(parents=True)
    (files.own_folder / "ana.yaml").symlink_to("ana.yaml")
    assert files.find("ana") is None, "a link to itself leads nowhere"
    with pytest.raises(PersonaFileError, match="file_unwritable"):
        PersonaFiles(tmp_path / "huxley" / "personas" / "ana.yaml").save("luz", "text")
