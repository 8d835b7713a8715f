"""A house's own skills: what breaks in one is said, and the others work; what a skill is lent by the house."""

import asyncio
import textwrap
import wave
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.huxley.engine.errors import HuxleyError
from custom_components.huxley.engine.speaker import Speaker
from custom_components.huxley.runtime import decoding
from custom_components.huxley.runtime.decoding import audio_length, decode_audio
from custom_components.huxley.runtime.home import RoomHome
from custom_components.huxley.runtime.storage import SkillStorage
from tests.integration.building import persona_subentry
from tests.integration.devices import Devices, devices_in
from tests.integration.living import issues, lived_in, living_room, pass_time, reload, say, until

type WritePersona = Callable[..., str]
type WriteSkill = Callable[..., None]
type Live = Callable[[], AbstractAsyncContextManager[MockConfigEntry]]

MODULE = """\
import asyncio
from custom_components.huxley.sdk import Skill, SkillContext, SkillError, ToolResult, tool


class Juggling(Skill):
    name = "juggling"

{setup}
    @tool
    async def juggle(self) -> ToolResult:
        \"\"\"Throw balls.\"\"\"
        {body}
"""


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
def write_skill(hass: HomeAssistant) -> WriteSkill:
    """Write the skill `juggling` into the house's own folder."""

    def write(setup: str = "", body: str = 'return ToolResult("Three balls.")', prefix: str = "") -> None:
        folder = Path(hass.config.config_dir) / "huxley" / "skills" / "juggling"
        folder.mkdir(parents=True, exist_ok=True)
        code = MODULE.format(setup=textwrap.indent(textwrap.dedent(setup), "    "), body=body)
        (folder / "__init__.py").write_text(prefix + code, encoding="utf-8")
        (folder / "skill.yaml").write_text("name: juggling\nversion: 1.0.0\ndescription: Balls\n", encoding="utf-8")

    return write


@pytest.fixture
def ana(house: HomeAssistant, devices: Devices, write_persona: WritePersona) -> Live:
    """A house where Ana juggles and tells the time."""
    write_persona("ana", extra="skills:\n  juggling: {}\n  system: {}\n")
    return lambda: lived_in(house, persona_subentry("ana"), living_room("ana"), agent="conversation.ana")


async def works(hass: HomeAssistant) -> bool:
    return (await say(hass, "what time is it", "conversation.ana")).endswith("M.")


def tools(hass: HomeAssistant) -> tuple[str, ...]:
    (room,) = hass.config_entries.async_entries("huxley")[0].runtime_data.rooms.values()
    return room.agents["ana"].tool_names


SETUP = "async def setup(self, ctx: SkillContext) -> None:\n"


@pytest.mark.parametrize(
    ("skill", "said", "logged"),
    [
        ({"prefix": "1 / 0\n"}, "ZeroDivisionError", "skill.not_ready"),
        ({"setup": SETUP + "    raise OSError('no balls')\n"}, "OSError: no balls", "skill.setup_failed"),
        ({"setup": "@property\ndef tools(self):\n    raise OSError('no list')\n"}, "no list", "skill.tools_unusable"),
    ],
    ids=["on import", "in setup", "in its tools"],
)
async def test_a_skill_that_raises_is_said_and_the_others_work(
    house: HomeAssistant,
    ana: Live,
    write_skill: WriteSkill,
    caplog: pytest.LogCaptureFixture,
    skill: dict[str, str],
    said: str,
    logged: str,
) -> None:
    write_skill(**skill)
    async with ana():
        issue = issues(house)["skill_setup_failed_ana_juggling"]
        assert issue.translation_key == "skill_setup_failed"
        told = issue.translation_placeholders or {}
        assert (told["persona"], told["skill"]) == ("Ana", "juggling")
        assert said in told["error"]
        assert sum(logged in record.getMessage() for record in caplog.records) == 1
        assert "juggle" not in tools(house)
        assert await works(house)
        write_skill()
        await reload(house)
        assert issues(house) == {}
        assert "juggle" in tools(house)


async def test_a_skill_that_says_what_is_missing_keeps_its_tools(
    house: HomeAssistant, ana: Live, write_skill: WriteSkill
) -> None:
    write_skill(setup=SETUP + "    raise SkillError('Buy some balls.')\n")
    async with ana():
        told = issues(house)["skill_setup_failed_ana_juggling"].translation_placeholders or {}
        assert told["error"] == "Buy some balls."
        assert "juggle" in tools(house)
        assert await works(house)


async def test_a_skill_whose_setup_never_ends_holds_nobody_up(
    house: HomeAssistant, ana: Live, write_skill: WriteSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.huxley.runtime.skills.SETUP_LIMIT", timedelta(milliseconds=10))
    write_skill(setup=SETUP + "    await asyncio.Event().wait()\n")
    async with ana():
        told = issues(house)["skill_setup_failed_ana_juggling"].translation_placeholders or {}
        assert "did not end" in told["error"]
        assert await works(house)


async def test_a_skill_with_a_tool_of_anothers_name_stays_away(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona, write_skill: WriteSkill
) -> None:
    write_skill(setup='@tool\nasync def get_time(self) -> ToolResult:\n    """Tell."""\n    return ToolResult(\'\')\n')
    write_persona("ana", extra="skills:\n  system: {}\n  juggling: {}\n")
    async with lived_in(house, persona_subentry("ana"), living_room("ana"), agent="conversation.ana"):
        told = issues(house)["skill_setup_failed_ana_juggling"].translation_placeholders or {}
        assert "both have a tool get_time" in told["error"]
        assert await works(house)


async def test_a_skill_that_raises_in_teardown_is_logged_and_the_house_closes(
    house: HomeAssistant, ana: Live, write_skill: WriteSkill, caplog: pytest.LogCaptureFixture
) -> None:
    write_skill(setup="async def teardown(self) -> None:\n    raise OSError('tangled')\n")
    async with ana() as entry:
        assert await house.config_entries.async_unload(entry.entry_id)
    assert sum("skill.teardown_failed" in record.getMessage() for record in caplog.records) == 1


async def test_a_background_task_that_keeps_failing_is_said(
    house: HomeAssistant, ana: Live, write_skill: WriteSkill
) -> None:
    write_skill(
        setup=SETUP
        + "    await super().setup(ctx)\n    ctx.background_task('throw', self._throw)\n\n"
        + "async def _throw(self) -> None:\n    raise OSError('dropped')\n"
    )
    async with ana():
        for _ in range(6):
            await pass_time(house, seconds=61)
        told = issues(house)["skill_failed_ana_juggling"].translation_placeholders or {}
        assert "dropped" in told["error"]
        assert await works(house)


async def test_a_missing_music_folder_is_said_and_music_works_once_it_is_there(
    house: HomeAssistant, devices: Devices, write_persona: WritePersona
) -> None:
    write_persona("ana", extra="skills:\n  system: {}\n  music:\n    folder: songs\n")
    async with lived_in(house, persona_subentry("ana"), living_room("ana"), agent="conversation.ana"):
        told = issues(house)["skill_setup_failed_ana_music"].translation_placeholders or {}
        assert "songs" in told["error"]
        assert "songs" in await say(house, "put on some music", "conversation.ana")
        assert await works(house)
        folder = Path(house.config.config_dir) / "huxley" / "data" / "ana" / "songs"
        folder.mkdir(parents=True)
        tune = Path(__file__).parents[2] / "skills" / "music" / "sounds" / "huxley_waltz.wav"
        (folder / "Sunrise.wav").write_bytes(tune.read_bytes())
        assert "Sunrise" in await say(house, "put on some music", "conversation.ana")
        await until(lambda: devices.log.of("player"))
        await reload(house)
        assert issues(house) == {}


# --- what the house lends


async def test_what_a_skill_keeps_outlives_a_reload(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    storage = SkillStorage(hass, "ana", "music")
    assert await storage.get("place", 0) == 0
    await storage.set("place", 7)
    await storage.set("nothing", None)
    await storage.delete("nothing")
    await storage.delete("never")
    await storage.flush()
    assert hass_storage["huxley.skill.ana.music"]["data"] == {"place": 7}
    again = SkillStorage(hass, "ana", "music")
    assert (await again.get("place"), await again.keys()) == (7, ["place"])


async def test_a_deleted_nothing_stays_deleted(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    storage = SkillStorage(hass, "ana", "music")
    await storage.set("nothing", None)
    await storage.flush()
    await storage.delete("nothing")
    await pass_time(hass, seconds=2)
    assert hass_storage["huxley.skill.ana.music"]["data"] == {}


class Mute:
    """A speaker of which only the volume matters."""

    volume = 40


@pytest.fixture
def lent(house: HomeAssistant) -> RoomHome:
    speaker: Any = Mute()
    checked: Speaker = speaker
    return RoomHome(house, checked)


async def test_a_skill_runs_actions_and_reads_states(house: HomeAssistant, lent: RoomHome) -> None:
    calls = async_mock_service(house, "light", "turn_on")
    assert await lent.call_action("light", "turn_on", {"brightness": 5}, {"entity_id": "light.a"}) is None
    assert (calls[0].data["brightness"], calls[0].data["entity_id"]) == (5, "light.a")
    with pytest.raises(HuxleyError, match=r"light\.turn_off failed"):
        await lent.call_action("light", "turn_off")
    assert lent.state("light.a") is None
    house.states.async_set("light.a", "on", {"friendly_name": "Lamp"})
    state = lent.state("light.a")
    assert state is not None
    assert state.state == "on"
    assert [entity.entity_id for entity in lent.exposed_entities()] == ["light.a"]
    assert await lent.volume() == 40
    assert lent.config_path("x").name == "x"
    assert await lent.run_in_executor(abs, -3) == 3


async def test_what_cannot_be_decoded_is_named(house: HomeAssistant, lent: RoomHome, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound")
    with pytest.raises(HuxleyError, match=r"broken\.mp3 cannot be played"):
        async for _ in lent.decode_audio(str(broken)):
            pass
    assert (await audio_length(house, b"no sound")).total_seconds() == 0


async def test_a_decoder_that_nobody_reads_ends_without_being_killed(
    house: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "GRACE", timedelta(minutes=5))
    pieces = decode_audio(house, str(_long_tone(house)))
    assert await anext(pieces)
    await asyncio.sleep(0.3)  # ffmpeg fills the pipe and waits
    await asyncio.wait_for(pieces.aclose(), 10)


def _long_tone(hass: HomeAssistant) -> Path:
    path = Path(hass.config.path("tone.wav"))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(24_000)
        out.writeframes(bytes(24_000 * 2 * 120))
    return path
