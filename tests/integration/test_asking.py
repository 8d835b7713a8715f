"""Questions of a house: asked in line, answered by voice, in any language, whoever listens."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.assist_satellite import AssistSatelliteAnnouncement
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.integration.building import persona_subentry, room_subentry
from tests.integration.devices import Devices, EsphomeTestSatellite, TestSatellite, devices_in, use_agent
from tests.integration.living import ROOM, hear_out, inject, lived_in, living_room, reload, say, until

SATELLITE = "assist_satellite.living_room"
YES_NO = [{"id": "yes"}, {"id": "no"}]


@pytest.fixture
async def devices(house: HomeAssistant, request: pytest.FixtureRequest) -> AsyncGenerator[Devices]:
    kind: type[TestSatellite] = getattr(request, "param", EsphomeTestSatellite)
    async with devices_in(house, kind) as devices, lived_in(house, persona_subentry("basic"), living_room()):
        yield devices


only_announces = pytest.mark.parametrize("devices", [TestSatellite], indirect=True, ids=["only announces"])


def ask(hass: HomeAssistant, question: str = "Shall I?", **data: Any) -> asyncio.Task[dict[str, Any]]:
    """Run `huxley.ask` in the room; what came of it."""

    async def call() -> dict[str, Any]:
        fields = {"entity_id": ROOM, "question": question, "answers": YES_NO} | data
        response = await hass.services.async_call("huxley", "ask", fields, blocking=True, return_response=True)
        assert response is not None
        return response[ROOM]

    return hass.async_create_task(call())


def core_asks(hass: HomeAssistant, question: str = "Shall I?", **data: Any) -> asyncio.Task[Any]:
    """Run core's `ask_question` on the room."""
    fields = {"entity_id": SATELLITE, "question": question, **data}
    call = hass.services.async_call("assist_satellite", "ask_question", fields, blocking=True, return_response=True)
    return hass.async_create_task(call)


def answer(**more: Any) -> dict[str, Any]:
    """What the action returns of one room, but for what is `more`."""
    nothing = {"id": None, "sentence": None, "slots": {}, "reason": None, "detail": None}
    return {"answered": "reason" not in more} | nothing | more


def said(devices: Devices) -> list[str]:
    return [what for what, _ in devices.log.of("satellite") if what in ("announce", "start_conversation", "answer")]


async def test_a_yes_is_an_answer_and_is_not_answered_itself(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house)
    await hear_out(devices)
    await devices.satellite.say("Yes, please.")
    assert await asked == answer(id="yes", sentence="Yes, please.")
    assert said(devices) == ["start_conversation"]
    assert devices.satellite.state == "idle"


@pytest.mark.parametrize("word", ["sí", "Si", "¡Claro que sí!", "Vale, gracias", "bueno, sí"])
async def test_a_yes_in_spanish_is_an_answer(house: HomeAssistant, word: str) -> None:
    async with (
        devices_in(house, EsphomeTestSatellite) as devices,
        lived_in(house, persona_subentry("abuelos"), living_room("abuelos"), agent="conversation.abuelos"),
    ):
        asked = ask(house, "¿Lo hago?")
        await hear_out(devices)
        await devices.satellite.say(word)
        assert await asked == answer(id="yes", sentence=word)


async def test_sentences_have_slots(house: HomeAssistant, devices: Devices) -> None:
    answers = [{"id": "play", "sentences": "[play] {artist} [please]"}, {"id": "no", "sentences": ["nothing"]}]
    asked = ask(house, "What shall I play?", answers=answers)
    await hear_out(devices)
    await devices.satellite.say("Play Édith Piaf please")
    assert await asked == answer(id="play", sentence="Play Édith Piaf please", slots={"artist": "Édith Piaf"})


async def test_without_answers_whatever_is_said_is_the_answer(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house, "What do we need?", answers=[])
    await hear_out(devices)
    await devices.satellite.say("Milk and bread")
    assert await asked == answer(sentence="Milk and bread")


async def test_other_words_are_the_personas_and_the_question_stays_open(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house)
    await hear_out(devices)
    await devices.satellite.say("what time is it")
    await hear_out(devices)
    assert not asked.done()
    await devices.satellite.say("no")
    assert (await asked)["id"] == "no"
    assert said(devices) == ["start_conversation", "answer"]


async def test_words_in_writing_are_no_answer(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house)
    await hear_out(devices)
    assert await say(house, "yes")
    assert not asked.done()
    await devices.satellite.say("yes")
    assert (await asked)["id"] == "yes"


@only_announces
async def test_on_a_satellite_that_keeps_its_microphone_closed_a_person_says_the_wake_word(
    house: HomeAssistant, devices: Devices
) -> None:
    asked = ask(house)
    await hear_out(devices)
    await asyncio.sleep(0.02)
    await devices.satellite.say("yes")
    assert await asked == answer(id="yes", sentence="yes")
    assert said(devices) == ["announce"]


async def test_a_question_waits_in_line(house: HomeAssistant, devices: Devices) -> None:
    await inject(house, message="Dinner is ready.")
    asked = ask(house)
    await hear_out(devices)
    await hear_out(devices)
    await devices.satellite.say("yes")
    assert (await asked)["id"] == "yes"
    assert said(devices) == ["announce", "start_conversation"]


async def test_nobody_answers(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house, expires_after={"seconds": 1})
    await hear_out(devices)
    assert await asked == answer(reason="no_answer")


async def test_a_question_that_could_not_be_asked_says_so(house: HomeAssistant, devices: Devices) -> None:
    first = house.async_create_task(inject(house, message="Dinner is ready.", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    assert (await ask(house, expires_after={"seconds": 1}))["reason"] == "expired"
    await hear_out(devices)
    await first


async def test_a_reload_leaves_nobody_waiting(house: HomeAssistant, devices: Devices) -> None:
    asked = ask(house)
    await hear_out(devices)
    await reload(house)
    assert (await asked)["reason"] == "closed"


async def test_a_room_without_a_microphone_says_so(house: HomeAssistant) -> None:
    deaf = room_subentry("Living room", {"player": "media_player.player", "persona": "basic"})
    async with devices_in(house), lived_in(house, persona_subentry("basic"), deaf):
        assert (await ask(house))["reason"] == "no_microphone"


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ([{"id": "maybe"}], "answer_without_sentences"),
        ([{"id": "maybe", "sentences": ["(perhaps"]}], "answer_broken"),
    ],
)
async def test_answers_that_make_no_sense_are_refused(
    house: HomeAssistant, devices: Devices, answers: list[dict[str, Any]], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await ask(house, answers=answers)
    assert raised.value.translation_key == key


class PromptSatellite(EsphomeTestSatellite):
    """Opens its microphone in the moment in which its words are over, as real ones do."""

    async def async_start_conversation(self, start_announcement: AssistSatelliteAnnouncement) -> None:
        await super().async_start_conversation(start_announcement)
        self.hass.loop.call_soon(lambda: self.hass.async_create_task(self.say("yes")))


@pytest.mark.parametrize("devices", [PromptSatellite], indirect=True, ids=["prompt"])
async def test_a_question_was_heard_out_when_the_microphone_opens_by_itself(
    house: HomeAssistant, devices: Devices
) -> None:
    events = async_capture_events(house, "huxley_turn")
    asked = ask(house)
    await hear_out(devices)
    assert (await asked)["id"] == "yes"
    await until(lambda: devices.satellite.state == "idle")
    assert [event.data["event"] for event in events if event.data["source"] == "inject"] == ["started", "finished"]


# --- core's own action on the room


async def test_cores_question_is_answered_as_core_does(house: HomeAssistant, devices: Devices) -> None:
    asked = core_asks(house, answers=[{"id": "tea", "sentences": ["tea [please]"]}])
    await hear_out(devices)
    await devices.satellite.say("Tea please")
    assert await asked == {"id": "tea", "sentence": "Tea please", "slots": {}}


async def test_cores_question_without_answers_returns_the_words(house: HomeAssistant, devices: Devices) -> None:
    asked = core_asks(house)
    await hear_out(devices)
    await devices.satellite.say("Anything")
    assert await asked == {"id": None, "sentence": "Anything", "slots": {}}


async def test_cores_question_fails_when_the_room_goes(house: HomeAssistant, devices: Devices) -> None:
    asked = core_asks(house)
    await hear_out(devices)
    await reload(house)
    with pytest.raises(HomeAssistantError) as raised:
        await asked
    assert raised.value.translation_key == "no_answer"


# --- a satellite that talks to somebody else's agent


@pytest.mark.parametrize("words", ["yes", "Yes please"])
async def test_core_asks_where_somebody_elses_agent_listens(house: HomeAssistant, devices: Devices, words: str) -> None:
    await use_agent(house, "conversation.home_assistant")
    asked = ask(house)
    await hear_out(devices)
    await until(lambda: said(devices))
    await devices.satellite.say(words)
    assert await asked == answer(id="yes", sentence=words)
    assert devices.satellite.state == "idle"
    room = house.states.get(SATELLITE)
    assert room is not None
    assert room.state == "idle"


async def test_words_that_core_hears_are_told_when_they_are_no_answer(house: HomeAssistant, devices: Devices) -> None:
    await use_agent(house, "conversation.home_assistant")
    asked = ask(house)
    await hear_out(devices)
    await devices.satellite.say("turn on the light")
    assert await asked == answer(sentence="turn on the light", reason="no_answer")


async def test_silence_after_cores_question_is_no_failure(house: HomeAssistant, devices: Devices) -> None:
    await use_agent(house, "conversation.home_assistant")
    asked = ask(house)
    await hear_out(devices)
    await devices.satellite.say("")
    assert (await asked)["reason"] == "no_answer"


async def test_a_satellite_that_goes_while_core_asks_is_a_failure(house: HomeAssistant, devices: Devices) -> None:
    await use_agent(house, "conversation.home_assistant")
    asked = ask(house)
    await hear_out(devices)
    await asyncio.sleep(0.02)
    devices.satellite.there(False)
    found = await asked
    assert found["reason"] == "failed"
    assert "went away" in found["detail"]
    devices.satellite.there(True)


@only_announces
async def test_where_nobody_could_hear_the_answer_the_remedy_is_said(house: HomeAssistant, devices: Devices) -> None:
    await use_agent(house, "conversation.home_assistant")
    found = await ask(house)
    assert found["reason"] == "failed"
    assert "choose a persona" in found["detail"]
    assert said(devices) == []


# --- the microphone after an answer

SKILL = '''\
from custom_components.huxley.sdk import Skill, ToolResult, tool


class Baking(Skill):
    name = "baking"

    @tool
    async def order(self) -> ToolResult:
        """Order bread."""
        return ToolResult("One loaf or two", expects_answer=True)

    @tool
    async def wonder(self) -> ToolResult:
        """Wonder about bread."""
        return ToolResult("Is bread not wonderful?")
'''

SENTENCES = """\
examples: [order bread, wonder about bread]
tools:
  order:
    - order bread
  wonder:
    - wonder about bread
"""


@pytest.mark.parametrize(("words", "opens"), [("order bread", True), ("wonder about bread", False)])
async def test_the_microphone_opens_again_for_a_tool_that_asks_and_for_no_question_mark(
    house: HomeAssistant, write_persona: Callable[..., str], words: str, opens: bool
) -> None:
    folder = Path(house.config.config_dir) / "huxley" / "skills" / "baking"
    (folder / "sentences").mkdir(parents=True)
    (folder / "__init__.py").write_text(SKILL, encoding="utf-8")
    (folder / "skill.yaml").write_text("name: baking\nversion: 1.0.0\ndescription: Bread\n", encoding="utf-8")
    (folder / "sentences" / "en.yaml").write_text(SENTENCES, encoding="utf-8")
    write_persona("baker", extra="skills:\n  baking: {}\n")
    async with lived_in(house, persona_subentry("baker"), agent=None):
        response = await house.services.async_call(
            "conversation",
            "process",
            {"agent_id": "conversation.baker", "text": words, "language": "en"},
            blocking=True,
            return_response=True,
        )
    assert response is not None
    assert response["continue_conversation"] is opens
