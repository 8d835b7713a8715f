"""Setting Huxley up for the first time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.huxley.const import DOMAIN
from custom_components.huxley.engine.persona import load_persona
from custom_components.huxley.persona_choice import OfferedPersona, default_personas
from tests.integration.building import huxley_entry, persona_text

pytestmark = pytest.mark.usefixtures("house", "entry_setup")

type WritePersona = Callable[..., str]


async def _start(hass: HomeAssistant) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def _answer(hass: HomeAssistant, result: ConfigFlowResult, **answer: object) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def _to_room(hass: HomeAssistant, *personas: str) -> ConfigFlowResult:
    result = await _answer(hass, await _start(hass), model="offline", personas=list(personas))
    assert result["type"] is FlowResultType.MENU
    return await _answer(hass, result, next_step_id="room")


def _suggested(result: ConfigFlowResult) -> dict[str, object]:
    markers = result["data_schema"].schema
    return {str(one.schema): (one.description or {}).get("suggested_value") for one in markers}


def _offered(result: ConfigFlowResult, field: str) -> list[str]:
    return [option["value"] for option in result["data_schema"].schema[field].config["options"]]


async def test_a_setup_that_was_left_open_does_not_block_the_next(
    hass: HomeAssistant, write_persona: WritePersona
) -> None:
    write_persona("ana")
    left = await _answer(hass, await _start(hass), model="offline", personas=["ana"])
    result = await _answer(hass, await _start(hass), model="offline", personas=["ana"])
    assert result["type"] is FlowResultType.MENU
    result = await _answer(hass, result, next_step_id="later")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert left["flow_id"] not in {flow["flow_id"] for flow in hass.config_entries.flow.async_progress()}


async def test_newcomer_reaches_a_room(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    write_persona("leo")
    hass.states.async_set("assist_satellite.kitchen", "idle")
    hass.states.async_set("media_player.kitchen", "idle")
    result = await _to_room(hass, "ana", "leo")
    result = await _answer(
        hass,
        result,
        name=" Kitchen ",
        satellite="assist_satellite.kitchen",
        player="media_player.kitchen",
        persona="leo",
        language="en",
        quiet_from="22:00",
        quiet_to="07:30:00",
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["data"]) == ("Offline", {"model": "offline"})
    ana, leo, room = result["result"].subentries.values()
    assert (ana.subentry_type, ana.title, ana.unique_id, dict(ana.data)) == (
        "persona",
        "Ana",
        "ana",
        {"persona": "ana"},
    )
    assert (leo.title, leo.unique_id) == ("Leo", "leo")
    assert (room.subentry_type, room.title, room.unique_id) == ("room", "Kitchen", None)
    assert dict(room.data) == {
        "satellite": "assist_satellite.kitchen",
        "player": "media_player.kitchen",
        "persona": "leo",
        "language": "en",
        "quiet_from": "22:00:00",
        "quiet_to": "07:30:00",
    }


async def test_room_can_wait(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    result = await _answer(hass, await _start(hass), model="offline", personas=["ana"])
    result = await _answer(hass, result, next_step_id="later")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert [one.subentry_type for one in result["result"].subentries.values()] == ["persona"]


async def test_one_entry_for_a_model(hass: HomeAssistant) -> None:
    huxley_entry().add_to_hass(hass)
    result = await _start(hass)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_second_of_two_forms_for_one_model_is_turned_away(
    hass: HomeAssistant, write_persona: WritePersona
) -> None:
    write_persona("ana")
    first, second = await _start(hass), await _start(hass)
    first = await _answer(hass, first, model="offline", personas=["ana"])
    await _answer(hass, first, next_step_id="later")
    second = await _answer(hass, second, model="offline", personas=["ana"])
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_personas_of_the_house_language_are_proposed(hass: HomeAssistant, write_persona: WritePersona) -> None:
    hass.config.language = "it"  # which no persona that ships speaks
    write_persona("ana", language="en")
    write_persona("ugo", language="it")
    result = await _start(hass)
    assert _suggested(result)["personas"] == ["ugo"]
    assert _offered(result, "personas")[:2] == ["ana", "ugo"]


async def test_persona_with_mistakes_is_offered_with_a_mark(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    write_persona("bad", extra="colour: blue\n")
    options = (await _start(hass))["data_schema"].schema["personas"].config["options"]
    assert [option["label"] for option in options[:2]] == ["Ana (en)", "bad ⚠"]


def _offer(persona_id: str, own: str, *others: str) -> OfferedPersona:
    extra = "".join(f"  {code}: {{}}\n" for code in others)
    text = persona_text(persona_id, own) + (f"i18n:\n{extra}" if others else "")
    return OfferedPersona(persona_id, load_persona(text, persona_id))


@pytest.mark.parametrize(
    ("house_speaks", "proposed"),
    [("en", ["ana"]), ("es-419", ["luz"]), ("fr", ["luz", "basic"]), ("de", ["basic"])],
    ids=["its own language", "a regional form of it", "a second language", "nobody's language"],
)
def test_proposal_follows_the_house_language(house_speaks: str, proposed: list[str]) -> None:
    offered = [_offer("ana", "en"), _offer("luz", "es", "fr"), _offer("basic", "it", "fr"), OfferedPersona("bad", None)]
    assert default_personas(offered, house_speaks) == proposed


async def test_somebody_must_speak(hass: HomeAssistant, write_persona: WritePersona) -> None:
    write_persona("ana")
    result = await _answer(hass, await _start(hass), model="offline", personas=[])
    assert result["errors"] == {"personas": "persona_required"}


async def test_mistakes_of_a_chosen_persona_are_all_told_and_can_be_corrected(
    hass: HomeAssistant, write_persona: WritePersona, own_personas: Path
) -> None:
    sound = write_persona("ana")
    write_persona("luz", extra="colour: blue\nconstraints: [never_say_nope]\n")
    (own_personas / "folder.yaml").mkdir()
    result = await _answer(hass, await _start(hass), model="offline", personas=["ana", "luz", "folder"])
    assert result["errors"] == {"personas": "see_problems"}
    problems = result["description_placeholders"]["problems"]
    assert "**luz**" in problems
    assert "- Line 8, colour: The key colour means nothing here." in problems
    assert "Line 9, constraints" in problems
    assert "Did you mean never\\_say\\_no?" in problems
    assert "is a folder, not a file." in problems
    assert _suggested(result)["personas"] == ["ana", "luz", "folder"]
    (own_personas / "luz.yaml").write_text(sound)
    result = await _answer(hass, result, model="offline", personas=["ana", "luz"])
    assert result["type"] is FlowResultType.MENU
