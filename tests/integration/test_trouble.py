"""What goes wrong in a house is said once, loses nothing, and leaves the rest at work."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.huxley.runtime import room as room_module
from tests.integration.building import huxley_entry, persona_subentry, room_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import (
    ROOM,
    hear_out,
    inject,
    issues,
    lived_in,
    living_room,
    pass_time,
    reload,
    say,
    start_music,
    until,
)

type WritePersona = Callable[..., str]

SATELLITE = "assist_satellite.satellite"
PLAYER = "media_player.player"
SYSTEM = "skills:\n  system: {}\n"


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
async def home(house: HomeAssistant, devices: Devices) -> AsyncGenerator[HomeAssistant]:
    async with lived_in(house, persona_subentry("basic"), living_room()):
        yield house


def entry_of(hass: HomeAssistant) -> Any:
    return hass.config_entries.async_entries("huxley")[0]


def subentry_id(hass: HomeAssistant, title: str) -> str:
    return next(s.subentry_id for s in entry_of(hass).subentries.values() if s.title == title)


def ours() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if "huxley" in task.get_name().lower()]


def warnings(caplog: pytest.LogCaptureFixture, text: str) -> int:
    return sum(text in record.getMessage() for record in caplog.records)


# --- personas


async def test_a_broken_edit_keeps_the_last_good_persona_at_work_and_names_line_and_field(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona
) -> None:
    write_persona("ana", extra=SYSTEM)
    async with lived_in(house, persona_subentry("ana"), living_room("ana"), agent="conversation.ana"):
        write_persona("ana", extra=SYSTEM + "colour: blue\n")
        await reload(house)
        told = issues(house)["persona_broken_ana"].translation_placeholders or {}
        assert (told["line"], told["field"]) == ("10", "colour")
        assert (await say(house, "what time is it", "conversation.ana")).endswith("M.")
        write_persona("ana", extra=SYSTEM)
        await reload(house)
        assert issues(house) == {}


async def test_a_persona_that_never_worked_is_said_and_the_others_work(
    house: HomeAssistant, devices: Devices, own_personas: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own_personas / "ana.yaml").write_text("version: 1\nname: [\n", encoding="utf-8")
    async with lived_in(house, persona_subentry("ana"), persona_subentry("basic"), living_room("ana")):
        assert "persona_broken_ana" in issues(house)
        assert warnings(caplog, "persona.not_loaded persona=ana") == 1
        assert (await say(house, "what time is it")).endswith("M.")


async def test_a_skill_that_does_not_exist_is_said_and_the_others_work(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona, caplog: pytest.LogCaptureFixture
) -> None:
    write_persona("ana", extra=SYSTEM + "  juggling: {}\n")
    async with lived_in(house, persona_subentry("ana"), living_room("ana"), agent="conversation.ana"):
        issue = issues(house)["skill_unknown_ana_juggling"]
        assert issue.translation_key == "skill_unknown"
        assert issue.translation_placeholders == {"persona": "Ana", "skill": "juggling"}
        assert warnings(caplog, "skill.unknown persona=ana skill=juggling") == 1
        assert (await say(house, "what time is it", "conversation.ana")).endswith("M.")
        write_persona("ana", extra=SYSTEM)
        await reload(house)
        assert issues(house) == {}


async def test_a_persona_taken_out_is_forgotten_with_all_that_was_kept_for_it(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona, hass_storage: dict[str, Any]
) -> None:
    write_persona("ana", extra="skills:\n  juggling: {}\n")
    async with lived_in(house, persona_subentry("ana"), persona_subentry("basic"), living_room("ana")):
        write_persona("ana", extra="colour: blue\n")
        await reload(house)
        assert set(issues(house)) == {"persona_broken_ana", "skill_unknown_ana_juggling"}
        assert "huxley.persona.ana" in hass_storage
        house.config_entries.async_remove_subentry(entry_of(house), subentry_id(house, "Ana"))
        await house.async_block_till_done()
        assert issues(house) == {}
        assert "huxley.persona.ana" not in hass_storage
        assert (await say(house, "what time is it")).endswith("M.")
        assert house.states.get("conversation.ana") is None


async def test_a_removed_entry_leaves_nothing_behind(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona, hass_storage: dict[str, Any]
) -> None:
    write_persona("ana", extra="skills:\n  juggling: {}\n")
    async with lived_in(house, persona_subentry("ana"), living_room("ana"), agent=None) as entry:
        assert issues(house)
        await house.config_entries.async_remove(entry.entry_id)
        await house.async_block_till_done()
        assert issues(house) == {}
        assert "huxley.persona.ana" not in hass_storage
        assert house.states.get(ROOM) is None


# --- rooms


async def test_two_personas_share_a_room_and_its_speaker(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona
) -> None:
    write_persona("ana", extra=SYSTEM)
    async with lived_in(house, persona_subentry("basic"), persona_subentry("ana"), living_room()):
        await start_music(devices)
        assert (await say(house, "what time is it", "conversation.ana")).endswith("M.")
        await until(lambda: devices.log.of("player")[-1:] == [("volume", 0.5)])
        assert house.states.get(ROOM).attributes["media_title"] == "Huxley Waltz"


async def test_a_persona_without_a_room_answers_and_says_that_it_has_no_player(house: HomeAssistant) -> None:
    async with lived_in(house, persona_subentry("basic"), agent=None):
        assert (await say(house, "what time is it")).endswith("M.")
        assert await say(house, "put on some music") == "This room has nothing to play Huxley Waltz on."


async def test_a_persona_answers_in_the_room_of_the_device_that_asks(house: HomeAssistant, devices: Devices) -> None:
    kitchen = room_subentry("Kitchen", {"persona": "basic", "player": "media_player.other"})
    async with lived_in(house, persona_subentry("basic"), kitchen, living_room()) as entry:
        registry = dr.async_get(house)
        room = registry.async_get_device_by_identifier(("huxley", subentry_id(house, "Living room")), entry.entry_id)
        asks = registry.async_get_or_create(config_entry_id=entry.entry_id, identifiers={("test", "tablet")})
        for device in (room, asks):
            registry.async_update_device(device.id, area_id="salon")
        told = async_capture_events(house, "huxley_turn")
        await house.services.async_call(
            "conversation",
            "process",
            {"agent_id": "conversation.huxley", "text": "what time is it"},
            blocking=True,
        )
        assert {event.data["room"] for event in told} == {"Kitchen"}
        house_ = entry.runtime_data
        assert (await house_.room_for("basic", None, asks.id)).config.name == "Living room"
        assert (await house_.room_for("basic", SATELLITE, None)).config.name == "Living room"


async def test_the_area_of_a_room_may_be_its_satellites(house: HomeAssistant, devices: Devices) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room()) as entry:
        er.async_get(house).async_update_entity(SATELLITE, area_id="salon")
        (room,) = entry.runtime_data.rooms.values()
        assert entry.runtime_data.area_of(room) == "salon"


async def test_a_removed_room_takes_its_issues_along(home: HomeAssistant, devices: Devices) -> None:
    er.async_get(home).async_remove(PLAYER)
    await home.async_block_till_done()
    assert list(issues(home)) == [f"player_missing_{subentry_id(home, 'Living room')}"]
    home.config_entries.async_remove_subentry(entry_of(home), subentry_id(home, "Living room"))
    await home.async_block_till_done()
    assert issues(home) == {}
    assert home.states.get(ROOM) is None
    assert (await say(home, "what time is it")).endswith("M.")


async def test_a_removed_satellite_is_said_and_the_room_still_plays(home: HomeAssistant, devices: Devices) -> None:
    er.async_get(home).async_remove(SATELLITE)
    await home.async_block_till_done()
    (issue,) = issues(home).values()
    assert issue.translation_key == "satellite_missing"
    assert issue.translation_placeholders == {"room": "Living room", "entity": SATELLITE}
    assert await say(home, "put on some music") == "Playing Huxley Waltz."
    await until(lambda: devices.log.of("player"))
    devices.player.offers(MediaPlayerEntityFeature.PLAY_MEDIA | MediaPlayerEntityFeature.STOP)
    devices.voice.fails = OSError("no voice")
    outcome = await inject(home, message="Hello", wait=True)
    assert outcome["outcome"] == "failed"
    assert "tts.voice did not speak" in outcome["reason"]


async def test_a_disabled_device_is_said_until_it_is_enabled(home: HomeAssistant, devices: Devices) -> None:
    registry = er.async_get(home)
    registry.async_update_entity(PLAYER, disabled_by=er.RegistryEntryDisabler.USER)
    await home.async_block_till_done()
    assert [issue.translation_key for issue in issues(home).values()] == ["player_missing"]
    assert await say(home, "put on some music") == "This room has nothing to play Huxley Waltz on."
    registry.async_update_entity(PLAYER, disabled_by=None)
    await home.async_block_till_done()
    assert issues(home) == {}


async def test_a_device_without_a_registry_entry_is_said_until_it_comes(house: HomeAssistant, devices: Devices) -> None:
    kitchen = room_subentry("Kitchen", {"persona": "basic", "player": "media_player.radio"})
    async with lived_in(house, persona_subentry("basic"), kitchen):
        assert [issue.translation_key for issue in issues(house).values()] == ["player_missing"]
        house.states.async_set("media_player.radio", "idle")
        await house.async_block_till_done()
        assert issues(house) == {}
        house.states.async_remove("media_player.radio")
        await house.async_block_till_done()
        assert [issue.translation_key for issue in issues(house).values()] == ["player_missing"]


async def test_a_renamed_satellite_stays_in_its_room(home: HomeAssistant, devices: Devices) -> None:
    er.async_get(home).async_update_entity(SATELLITE, new_entity_id="assist_satellite.hall")
    await home.async_block_till_done()
    assert issues(home) == {}
    (room,) = entry_of(home).runtime_data.rooms.values()
    assert room.config.satellite == "assist_satellite.hall"
    await start_music(devices)
    assert home.states.get(ROOM).state == MediaPlayerState.PLAYING


# --- speech


@pytest.mark.parametrize("error", [HomeAssistantError("muted"), ConnectionResetError("gone")])
async def test_an_announcement_that_raises_fails_with_its_reason(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    await start_music(devices)
    devices.satellite.refuses = error
    outcome = await inject(home, message="Hello", wait=True)
    assert outcome["outcome"] == "failed"
    assert str(error) in outcome["reason"]
    assert warnings(caplog, "coord.speaker_failed") == 1
    devices.satellite.refuses = None
    again = asyncio.create_task(inject(home, message="Again", wait=True))
    await hear_out(devices)
    assert (await again)["outcome"] == "spoken"
    await until(lambda: devices.log.of("player")[-1] == ("volume", 0.5))


async def test_an_announcement_that_never_returns_is_given_up(home: HomeAssistant, devices: Devices) -> None:
    outcome = asyncio.create_task(inject(home, message="Hello", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await pass_time(home, seconds=63)
    result = await asyncio.wait_for(outcome, 5)
    assert result["outcome"] == "failed"
    assert "did not finish" in result["reason"]
    assert not devices.satellite.speaking.is_set()
    again = asyncio.create_task(inject(home, message="Again", wait=True))
    await hear_out(devices)
    assert (await again)["outcome"] == "spoken"


async def test_a_satellite_that_vanishes_while_it_announces_ends_the_announcement(
    home: HomeAssistant, devices: Devices
) -> None:
    outcome = asyncio.create_task(inject(home, message="Hello", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.there(False)
    result = await asyncio.wait_for(outcome, 5)
    assert result["outcome"] == "failed"
    assert "went away" in result["reason"]
    meanwhile = asyncio.create_task(inject(home, message="Hello", wait=True))
    await until(lambda: devices.log.of("player"))
    devices.player.becomes(MediaPlayerState.IDLE)
    assert (await meanwhile)["outcome"] == "spoken"
    devices.satellite.there(True)
    again = asyncio.create_task(inject(home, message="Again", wait=True))
    await hear_out(devices)
    assert (await again)["outcome"] == "spoken"


async def test_a_satellite_that_vanishes_while_it_answers_frees_the_room(home: HomeAssistant, devices: Devices) -> None:
    told = async_capture_events(home, "huxley_turn")
    await devices.satellite.say("put on some music")
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    devices.satellite.there(False)
    await until(lambda: told[-1].data["event"] == "finished")
    devices.satellite.heard_out()


async def test_a_voice_that_fails_fails_the_announcement(home: HomeAssistant, devices: Devices) -> None:
    devices.voice.fails = OSError("no voice")
    outcome = asyncio.create_task(inject(home, message="Hello", wait=True))
    await pass_time(home, seconds=1)
    if not outcome.done():
        await hear_out(devices)
    assert (await asyncio.wait_for(outcome, 5))["outcome"] == "failed"
    devices.voice.fails = None
    again = asyncio.create_task(inject(home, message="Again", wait=True))
    await until(lambda: ("announce", "Again") in devices.log.of("satellite"))
    await hear_out(devices)
    assert (await again)["outcome"] == "spoken"


@pytest.mark.parametrize("moment", ["started", "tool"])
async def test_a_pipeline_cancelled_in_the_middle_ends_our_turn_and_the_next_one_works(
    home: HomeAssistant, devices: Devices, moment: str
) -> None:
    told = async_capture_events(home, "huxley_turn")

    @callback
    def cancel(event: Event) -> None:
        if event.data["event"] == moment:
            asking.cancel()

    unlisten = home.bus.async_listen("huxley_turn", cancel)
    asking = asyncio.create_task(say(home, "put on some music"))
    await asyncio.wait([asking], timeout=5)
    assert asking.cancelled()
    unlisten()
    await until(lambda: told[-1].data["event"] == "interrupted")
    assert devices.log.of("player") == []
    await start_music(devices)
    assert home.states.get(ROOM).state == MediaPlayerState.PLAYING


@pytest.mark.parametrize("fails", [None, OSError("no voice")])
async def test_music_follows_an_answer_in_a_browser_also_when_its_voice_fails(
    home: HomeAssistant, devices: Devices, hass_ws_client: WebSocketGenerator, fails: Exception | None
) -> None:
    devices.voice.fails = fails
    client = await hass_ws_client(home)
    await client.send_json_auto_id(
        {
            "type": "assist_pipeline/run",
            "start_stage": "intent",
            "end_stage": "tts",
            "input": {"text": "put on some music"},
        }
    )
    while (await client.receive_json()).get("event", {}).get("type") != "run-end":
        pass
    await pass_time(home, seconds=2)
    await until(lambda: devices.log.of("player"))


async def test_somebody_elses_announcement_makes_the_music_duck(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    theirs = asyncio.create_task(
        home.services.async_call(
            "assist_satellite",
            "announce",
            {"entity_id": SATELLITE, "message": "Theirs", "preannounce": False},
            blocking=True,
        )
    )
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await until(lambda: devices.log.of("player") == [("volume", 0.2)])
    await hear_out(devices)
    await theirs
    await until(lambda: devices.log.of("player")[-1] == ("volume", 0.5))


# --- coming and going


async def test_a_reload_stops_the_music_and_leaves_no_task_timer_or_stream(
    home: HomeAssistant, devices: Devices, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await start_music(devices)
    await reload(home)
    assert devices.log.of("player") == [("stop", None)]
    assert home.states.get(ROOM).state == MediaPlayerState.IDLE
    devices.log.entries.clear()
    await start_music(devices)
    await home.config_entries.async_unload(entry_of(home).entry_id)
    await home.async_block_till_done()
    assert devices.log.of("player") == [("stop", None)]
    assert ours() == []
    assert home.data["huxley_streams"] == {}


async def test_a_reload_under_speech_gives_the_volume_back(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="A long story", wait=True))
    await asyncio.wait_for(devices.satellite.speaking.wait(), 5)
    await reload(home)
    assert (await outcome)["outcome"] in {"interrupted", "failed"}
    assert home.states.get(PLAYER).attributes["volume_level"] == 0.5


async def test_the_house_stops_although_music_plays(home: HomeAssistant, devices: Devices) -> None:
    await start_music(devices)
    home.set_state(CoreState.stopping)
    home.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.async_block_till_done()
    await until(lambda: ("stop", None) in devices.log.of("player"))


async def test_a_reload_that_fails_is_an_error_in_words(home: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("custom_components.huxley.House.start", fails)
    with pytest.raises(HomeAssistantError) as error:
        await reload(home)
    assert error.value.translation_key == "reload_failed"
    monkeypatch.undo()
    await home.config_entries.async_reload(entry_of(home).entry_id)


async def test_diagnostics_hold_no_words_and_no_secrets(
    home: HomeAssistant, devices: Devices, hass_client: ClientSessionGenerator
) -> None:
    await start_music(devices)
    outcome = asyncio.create_task(inject(home, message="The door code is 4711.", wait=True))
    await hear_out(devices)
    await outcome
    await say(home, "paint the moon green")
    assert await async_setup_component(home, "diagnostics", {})
    text = str(await get_diagnostics_for_config_entry(home, hass_client, entry_of(home)))
    for words in ("4711", "moon", "Playing", "put on some music", "authSig", "/api/huxley/stream/"):
        assert words not in text


async def test_what_people_say_is_not_in_the_log(
    home: HomeAssistant, devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = asyncio.create_task(inject(home, message="The door code is 4711.", wait=True))
    await hear_out(devices)
    await outcome
    lines = [record.getMessage() for record in caplog.records if "huxley" in record.name and record.levelno > 10]
    assert lines
    assert not [line for line in lines if "4711" in line]


# --- a house that cannot be opened or closed as a whole


async def test_a_house_that_could_not_be_opened_follows_no_device(
    house: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = async_capture_events(house, "huxley_turn")

    async def broken(*_: Any) -> None:
        raise RuntimeError("a platform does not load")

    entry = huxley_entry(persona_subentry("basic"), living_room())
    entry.add_to_hass(house)
    with monkeypatch.context() as patch:
        patch.setattr(house.config_entries, "async_forward_entry_setups", broken)
        assert not await house.config_entries.async_setup(entry.entry_id)
    announced = house.async_create_task(
        house.services.async_call(
            "assist_satellite", "announce", {"entity_id": SATELLITE, "message": "Not ours", "preannounce": False}
        )
    )
    await hear_out(devices)
    await announced
    assert heard == []
    assert ours() == []


async def test_a_room_whose_place_cannot_be_taken_down_keeps_no_other_from_closing(
    house: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room()) as entry:
        await start_music(devices)

        media = next(iter(entry.runtime_data.rooms.values())).media
        stop, trouble = media.stop, [RuntimeError("no place")]

        async def broken_once() -> None:
            if trouble:
                raise trouble.pop()
            await stop()

        monkeypatch.setattr(media, "stop", broken_once)
        assert await house.config_entries.async_unload(entry.entry_id)
        assert ("stop", None) in devices.log.of("player")
        assert warnings(caplog, "room.stop_failed") == 1


async def test_a_persona_that_cannot_be_closed_keeps_nothing_else_of_its_room_from_closing(
    house: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with lived_in(house, persona_subentry("basic"), living_room()) as entry:
        room = next(iter(entry.runtime_data.rooms.values()))
        agent, closed = next(iter(room.agents.values())), list[str]()
        close = agent.close

        async def broken() -> None:
            await close()
            raise RuntimeError("a skill's bug")

        monkeypatch.setattr(agent, "close", broken)
        monkeypatch.setattr(room.satellite, "close", lambda: closed.append("satellite"))
        assert await house.config_entries.async_unload(entry.entry_id)
        assert "room.step_failed step=close Living room: persona basic" in caplog.text
        assert closed == ["satellite"]


async def test_a_room_listens_while_its_skills_still_take_their_time(
    house: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    make = room_module.async_make_agent

    async def slow(*given: Any) -> Any:
        state = house.states.get("assist_satellite.satellite")
        assert state is not None
        house.states.async_set(state.entity_id, "listening", state.attributes)
        await until(lambda: [event.data["event"] for event in told] == ["started"])
        heard.append("the wake word")
        return await make(*given)

    monkeypatch.setattr(room_module, "async_make_agent", slow)
    told = async_capture_events(house, "huxley_turn")
    async with lived_in(house, persona_subentry("basic"), living_room()):
        assert heard == ["the wake word"]
