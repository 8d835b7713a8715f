"""Adding personas later, and editing them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import FormData
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.integration.building import huxley_entry, persona_subentry, persona_text

pytestmark = pytest.mark.usefixtures("house", "entry_setup")

type WritePersona = Callable[..., str]


@pytest.fixture
async def entry(hass: HomeAssistant, write_persona: WritePersona) -> MockConfigEntry:
    """A set-up entry with the persona `ana`."""
    write_persona("ana")
    entry = huxley_entry(persona_subentry("ana"))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def _choose(hass: HomeAssistant, entry: MockConfigEntry, way: str) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "persona"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    return await _answer(hass, result, next_step_id=way)


async def _answer(hass: HomeAssistant, result: SubentryFlowResult, **answer: object) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_configure(result["flow_id"], answer)


def _suggested(result: SubentryFlowResult) -> dict[str, str]:
    markers = result["data_schema"].schema
    return {str(one.schema): (one.description or {}).get("suggested_value") for one in markers}


def _newest(entry: MockConfigEntry) -> ConfigSubentry:
    return list(entry.subentries.values())[-1]


async def _upload(hass_client: ClientSessionGenerator, name: str, data: bytes) -> str:
    client = await hass_client()
    form = FormData(quote_fields=False)  # as browsers send a file's name
    form.add_field("file", data, filename=name)
    response = await client.post("/api/file_upload", data=form)
    return (await response.json())["file_id"]


# --- picking


async def test_own_file_can_be_picked(hass: HomeAssistant, entry: MockConfigEntry, write_persona: WritePersona) -> None:
    write_persona("luz", name="Doña Luz")
    result = await _choose(hass, entry, "pick")
    values = [option["value"] for option in result["data_schema"].schema["persona"].config["options"]]
    assert values[0] == "luz"
    assert "ana" not in values
    result = await _answer(hass, result, persona="luz")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    luz = _newest(entry)
    assert (luz.title, luz.unique_id, dict(luz.data)) == ("Doña Luz", "luz", {"persona": "luz"})


async def test_picked_file_with_mistakes_tells_them(
    hass: HomeAssistant, entry: MockConfigEntry, write_persona: WritePersona
) -> None:
    write_persona("bad", extra="colour: blue\n")
    result = await _answer(hass, await _choose(hass, entry, "pick"), persona="bad")
    assert result["errors"] == {"persona": "see_problems"}
    assert "- Line 8, colour: The key colour means nothing here." in result["description_placeholders"]["problems"]
    assert _suggested(result) == {"persona": "bad"}


async def test_nothing_left_to_pick_is_not_offered(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    start = {"handler": (entry.entry_id, "persona"), "context": {"source": SOURCE_USER}}
    first = await hass.config_entries.subentries.async_init(start["handler"], context=start["context"])
    assert first["menu_options"] == ["pick", "upload", "write"]
    for option in (await _answer(hass, first, next_step_id="pick"))["data_schema"].schema["persona"].config["options"]:
        picked = await _choose(hass, entry, "pick")
        await _answer(hass, picked, persona=option["value"])
    last = await hass.config_entries.subentries.async_init(start["handler"], context=start["context"])
    assert last["menu_options"] == ["upload", "write"]


# --- uploading


async def test_uploaded_file_is_kept_under_its_name(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path, hass_client: ClientSessionGenerator
) -> None:
    text = persona_text("Doña Luz", "es")
    file_id = await _upload(hass_client, "Doña Luz.yml", text.encode("utf-8-sig"))
    result = await _answer(hass, await _choose(hass, entry, "upload"), file=file_id)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (own_personas / "dona_luz.yaml").read_text() == text
    assert _newest(entry).unique_id == "dona_luz"


async def test_upload_with_mistakes_goes_on_in_the_editor(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path, hass_client: ClientSessionGenerator
) -> None:
    text = persona_text("Luz") + "colour: blue\n"
    result = await _answer(
        hass, await _choose(hass, entry, "upload"), file=await _upload(hass_client, "luz.yaml", text.encode())
    )
    assert (result["step_id"], result["errors"]) == ("write", {"text": "see_problems"})
    assert _suggested(result) == {"file_name": "luz", "text": text}
    assert not (own_personas / "luz.yaml").exists()
    result = await _answer(hass, result, file_name="luz", text=persona_text("Luz"))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_upload_in_another_encoding_keeps_its_accents_in_the_editor(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    text = persona_text("Doña Luz")
    file_id = await _upload(hass_client, "luz.yaml", text.encode("cp1252"))
    result = await _answer(hass, await _choose(hass, entry, "upload"), file=file_id)
    assert result["errors"] == {"text": "see_problems"}
    assert "luz.yaml is not UTF-8 text from line 2 on" in result["description_placeholders"]["problems"]
    assert _suggested(result)["text"] == text


async def test_upload_of_something_huge_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    file_id = await _upload(hass_client, "luz.yaml", b"#" * 300_000)
    result = await _answer(hass, await _choose(hass, entry, "upload"), file=file_id)
    assert "larger than 256 KiB" in result["description_placeholders"]["problems"]
    assert _suggested(result)["text"] == ""


async def test_lost_upload_can_be_repeated(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    result = await _choose(hass, entry, "upload")
    result = await _answer(hass, result, file="0123456789abcdef0123456789abcdef")
    assert (result["step_id"], result["errors"]) == ("upload", {"file": "upload_lost"})


# --- writing


async def test_written_persona_starts_from_the_example(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    result = await _choose(hass, entry, "write")
    assert "system_prompt:" in _suggested(result)["text"]
    result = await _answer(hass, result, file_name=" luz ", text=persona_text("Luz"))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (own_personas / "luz.yaml").read_text() == persona_text("Luz")


async def test_unreadable_example_leaves_a_blank_page(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    (own_personas / "basic.yaml").mkdir()
    assert _suggested(await _choose(hass, entry, "write"))["text"] == ""


@pytest.mark.parametrize(
    ("name", "problem"),
    [("Mi persona", "cannot be a file name here"), ("../ana", "cannot be a file name"), ("ana", "with this file name")],
)
async def test_name_that_cannot_be_is_refused_and_the_text_kept(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path, name: str, problem: str
) -> None:
    before = (own_personas / "ana.yaml").read_text()
    result = await _choose(hass, entry, "write")
    result = await _answer(hass, result, file_name=name, text=persona_text("Other"))
    assert result["errors"] == {"file_name": "see_problems"}
    assert problem in result["description_placeholders"]["problems"]
    assert _suggested(result) == {"file_name": name, "text": persona_text("Other")}
    assert (own_personas / "ana.yaml").read_text() == before


async def test_every_mistake_is_told_at_once_and_nothing_typed_is_lost(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    text = persona_text("Luz").replace("Europe/Madrid", "Europe/Madird") + "colour: blue\nvoices: 4\n"
    result = await _answer(hass, await _choose(hass, entry, "write"), file_name="luz", text=text)
    assert result["description_placeholders"]["problems"].splitlines()[0].startswith("- Line 6, timezone: ")
    assert "Did you mean Europe/Madrid?" in result["description_placeholders"]["problems"]
    assert len(result["description_placeholders"]["problems"].splitlines()) == 3
    assert _suggested(result)["text"] == text


async def test_markup_in_a_file_is_shown_as_it_is(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    text = persona_text("Luz") + "'**<b>x':\n"
    result = await _answer(hass, await _choose(hass, entry, "write"), file_name="luz", text=text)
    assert r"The key \*\*\<b\>x means" in result["description_placeholders"]["problems"]


# --- editing


async def test_edited_file_is_saved_and_the_entry_reloaded(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path, entry_setup: Callable[..., object]
) -> None:
    (ana,) = entry.subentries.values()
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    assert _suggested(result) == {"text": persona_text("Ana")}
    set_up_before = entry_setup.await_count
    result = await _answer(hass, result, text=persona_text("Ana") + "description: A new one.\n")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert "A new one." in (own_personas / "ana.yaml").read_text()
    assert entry_setup.await_count == set_up_before + 1


async def test_new_name_of_a_persona_is_shown(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    (ana,) = entry.subentries.values()
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    await _answer(hass, result, text=persona_text("Anita"))
    assert entry.subentries[ana.subentry_id].title == "Anita"
    assert dict(entry.subentries[ana.subentry_id].data) == {"persona": "ana"}


async def test_editing_a_bundled_persona_makes_a_copy(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    result = await _answer(hass, await _choose(hass, entry, "pick"), persona="basic")
    basic = _newest(entry)
    result = await entry.start_subentry_reconfigure_flow(hass, basic.subentry_id)
    text = _suggested(result)["text"] + "\n# ours\n"
    result = await _answer(hass, result, text=text)
    assert result["reason"] == "reconfigure_successful"
    assert (own_personas / "basic.yaml").read_text() == text


async def test_mistakes_in_an_edit_leave_the_file_alone(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    (ana,) = entry.subentries.values()
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    result = await _answer(hass, result, text="version: 2\n")
    assert (result["step_id"], result["errors"]) == ("reconfigure", {"text": "see_problems"})
    assert _suggested(result) == {"text": "version: 2\n"}
    assert (own_personas / "ana.yaml").read_text() == persona_text("Ana")


async def test_change_by_somebody_else_is_not_overwritten_unasked(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    (ana,) = entry.subentries.values()
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    (own_personas / "ana.yaml").write_text(persona_text("Theirs"))
    result = await _answer(hass, result, text=persona_text("Ours"))
    assert "was changed by somebody else" in result["description_placeholders"]["problems"]
    assert (own_personas / "ana.yaml").read_text() == persona_text("Theirs")
    result = await _answer(hass, result, text=persona_text("Ours"))
    assert result["reason"] == "reconfigure_successful"
    assert (own_personas / "ana.yaml").read_text() == persona_text("Ours")


async def test_file_in_another_encoding_can_be_mended(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    (ana,) = entry.subentries.values()
    (own_personas / "ana.yaml").write_bytes(persona_text("Doña Ana").encode("cp1252"))
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    assert result["errors"] == {"text": "see_problems"}
    assert _suggested(result) == {"text": persona_text("Doña Ana")}
    result = await _answer(hass, result, text=_suggested(result)["text"])
    assert result["reason"] == "reconfigure_successful"
    assert (own_personas / "ana.yaml").read_text(encoding="utf-8") == persona_text("Doña Ana")


async def test_removed_file_can_be_written_again(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    (ana,) = entry.subentries.values()
    (own_personas / "ana.yaml").unlink()
    result = await entry.start_subentry_reconfigure_flow(hass, ana.subentry_id)
    assert "There is no file" in result["description_placeholders"]["problems"]
    result = await _answer(hass, result, text=persona_text("Ana"))
    assert result["reason"] == "reconfigure_successful"
    assert (own_personas / "ana.yaml").read_text() == persona_text("Ana")


async def test_folder_that_cannot_be_written_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, own_personas: Path
) -> None:
    await hass.async_add_executor_job(_put_a_file_in_place_of, own_personas)
    result = await _choose(hass, entry, "write")
    result = await _answer(hass, result, file_name="luz", text=persona_text("Luz"))
    assert "luz.yaml cannot be saved: " in result["description_placeholders"]["problems"]
    assert _suggested(result)["text"] == persona_text("Luz")


def _put_a_file_in_place_of(folder: Path) -> None:
    (folder / "ana.yaml").unlink()
    folder.rmdir()
    folder.write_text("not a folder")


# --- the reader's language


ENGLISH = "Line 8, colour: The key colour means nothing here."
SPANISH = "Línea 8, colour: La clave colour no significa nada aquí."


@pytest.mark.parametrize(
    ("profile", "browser", "house_speaks", "told"),
    [
        ("es", "en-GB,en;q=0.9", "en", SPANISH),
        (None, "es-MX,es;q=0.9", "en", SPANISH),
        (None, "*", "es", SPANISH),
        (None, "", "en", ENGLISH),
    ],
    ids=["the profile's", "the browser's", "any, so the house's", "none, so the house's"],
)
async def test_mistakes_are_told_in_the_readers_language(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
    profile: str | None,
    browser: str,
    house_speaks: str,
    told: str,
) -> None:
    hass.config.language = house_speaks
    assert await async_setup_component(hass, "config", {})
    if profile is not None:
        store = await async_user_store(hass, hass_admin_user.id)
        await store.async_set_item("language", {"language": profile})
    client = await hass_client()
    url, headers = "/api/config/config_entries/subentries/flow", {"Accept-Language": browser}
    result = await (await client.post(url, json={"handler": [entry.entry_id, "persona"]})).json()
    url = f"{url}/{result['flow_id']}"
    await client.post(url, json={"next_step_id": "write"})
    answer = {"file_name": "luz", "text": persona_text("Luz") + "colour: blue\n"}
    result = await (await client.post(url, json=answer, headers=headers)).json()
    assert told in result["description_placeholders"]["problems"]
