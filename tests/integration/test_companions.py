"""Other players make way for the room's speech, and are given back as they were."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from homeassistant.components.media_player import MediaPlayerState as State
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusManager, MixingBehavior
from custom_components.huxley.runtime.speakers.companions import Companions, wanted
from custom_components.huxley.runtime.speakers.player import Player
from tests.integration.building import persona_subentry
from tests.integration.devices import WENT_WELL, Devices, Log, TestPlayer, devices_in
from tests.integration.jukebox import CAST, Jukebox
from tests.integration.living import hear_out, inject, lived_in, living_room

TELEVISION = "media_player.player"
DIALOG, COMMS, ALERT, CONTENT = Channel.DIALOG, Channel.COMMS, Channel.ALERT, Channel.CONTENT


class Somebody:
    """Holds the focus."""

    async def on_focus_changed(self, state: object, behavior: object) -> None:
        return

    async def on_patience_expired(self) -> None:
        return


@pytest.fixture
async def devices(house: HomeAssistant) -> AsyncGenerator[Devices]:
    async with devices_in(house) as devices:
        yield devices


@pytest.fixture
def television(devices: Devices) -> Jukebox:
    return Jukebox(devices, CAST)


@pytest.fixture
async def focus(house: HomeAssistant, devices: Devices) -> AsyncGenerator[FocusManager]:
    """The focus of a room with the television as its companion."""
    focus = FocusManager()
    await focus.start()
    companions = Companions(house, focus, [TELEVISION])
    companions.start()
    yield focus
    await companions.stop()
    await focus.stop()


async def at_rest(hass: HomeAssistant, focus: FocusManager) -> None:
    """Everybody has heard of the focus and has done what it asked."""
    await focus.settled()
    for _ in range(10):  # from the focus to a task, to the device, and back
        await hass.async_block_till_done()
        await asyncio.sleep(0)


@asynccontextmanager
async def held(hass: HomeAssistant, focus: FocusManager, channel: Channel) -> AsyncGenerator[None]:
    activity = Activity(channel, "somebody", Somebody(), ContentType.MIXABLE, timedelta(minutes=5))
    await focus.acquire(activity)
    await at_rest(hass, focus)
    yield
    await focus.release(activity)
    await at_rest(hass, focus)


@pytest.mark.parametrize(
    ("channels", "wish"),
    [
        ([], MixingBehavior.PRIMARY),
        ([CONTENT], MixingBehavior.PRIMARY),
        ([DIALOG, CONTENT], MixingBehavior.MAY_DUCK),
        ([ALERT], MixingBehavior.MAY_DUCK),
        ([COMMS], MixingBehavior.MUST_PAUSE),
        ([DIALOG, COMMS, CONTENT], MixingBehavior.MUST_PAUSE),
    ],
)
def test_what_is_asked_of_companions(channels: list[Channel], wish: MixingBehavior) -> None:
    assert wanted(channels) is wish


async def test_speech_ducks_them_and_gives_them_back(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    television.plays()
    async with held(house, focus, DIALOG):
        assert television.volumes == [0.2]
    assert (television.volumes, television.told) == ([0.2, 0.5], [])


async def test_a_call_pauses_them_and_gives_them_back(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    television.plays()
    async with held(house, focus, COMMS), held(house, focus, DIALOG):
        assert television.told == ["pause"]
    assert (television.volumes, television.told) == ([], ["pause", "resume"])


async def test_music_of_the_room_is_no_speech(house: HomeAssistant, focus: FocusManager, television: Jukebox) -> None:
    television.plays()
    async with held(house, focus, CONTENT):
        pass
    assert (television.volumes, television.told) == ([], [])


@pytest.mark.parametrize("state", [State.IDLE, State.PAUSED, State.OFF, State.BUFFERING])
async def test_what_does_not_play_is_not_touched(
    house: HomeAssistant, focus: FocusManager, television: Jukebox, state: State
) -> None:
    television.says(state)
    async with held(house, focus, COMMS):
        pass
    async with held(house, focus, DIALOG):
        pass
    assert (television.volumes, television.told) == ([], [])


async def test_what_a_person_paused_in_a_call_stays_paused(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    television.plays()
    async with held(house, focus, COMMS):
        television.plays()
        television.says(State.PAUSED)
        await house.async_block_till_done()
    assert television.told == ["pause"]


async def test_it_is_touched_again_by_the_next_speech_only(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    async with held(house, focus, DIALOG):
        television.plays()
        await house.async_block_till_done()
        assert television.volumes == []
    async with held(house, focus, DIALOG):
        assert television.volumes == [0.2]


async def test_a_companion_that_goes_away_is_no_trouble(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    television.plays()
    async with held(house, focus, DIALOG):
        television.says(None, available=False)
        await house.async_block_till_done()
    async with held(house, focus, COMMS):
        pass
    assert television.told == []


async def test_a_room_that_closes_in_a_call_gives_them_back(
    house: HomeAssistant, devices: Devices, television: Jukebox
) -> None:
    focus = FocusManager()
    await focus.start()
    companions = Companions(house, focus, [TELEVISION])
    companions.start()
    television.plays()
    async with held(house, focus, COMMS):
        await companions.stop()
        assert television.told == ["pause", "resume"]
    await focus.stop()
    assert television.told == ["pause", "resume"]


async def test_two_rooms_do_not_duck_the_same_player_twice(
    house: HomeAssistant, focus: FocusManager, television: Jukebox
) -> None:
    other = FocusManager()
    await other.start()
    companions = Companions(house, other, [TELEVISION])
    companions.start()
    television.plays()
    async with held(house, focus, DIALOG):
        async with held(house, other, DIALOG):
            pass
        assert television.volumes == [0.2]
    assert television.volumes == [0.2, 0.5]
    await companions.stop()
    await other.stop()


async def test_who_wants_it_quietest_is_obeyed(house: HomeAssistant, devices: Devices) -> None:
    one, two = Player(house, TELEVISION), Player(house, TELEVISION)
    await one.duck()
    await two.hush()
    await one.unduck()
    await one.duck()
    await two.unduck()
    await one.unduck()
    assert [value for what, value in devices.log.of("player") if what == "volume"] == [0.2, 0.0, 0.2, 0.5]
    one.close()
    two.close()


async def test_a_player_that_hides_its_volume_can_not_be_hushed(house: HomeAssistant, devices: Devices) -> None:
    devices.player.at_level(None)
    with pytest.raises(SpeakerError):
        await Player(house, TELEVISION).hush()


class _Flow(ConfigFlow):
    """Home Assistant wants to see one."""


@asynccontextmanager
async def second_player(hass: HomeAssistant) -> AsyncGenerator[tuple[TestPlayer, Log]]:
    """Another player in the house."""
    log = Log()
    player = TestPlayer(log)
    player.entity_id = "media_player.radio"
    player._attr_unique_id = "radio"

    async def forward(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.MEDIA_PLAYER])
        return WENT_WELL

    with mock_config_flow("second", _Flow):
        mock_integration(hass, MockModule("second", async_setup_entry=forward))
        mock_platform(hass, "second.config_flow")
        platform = setup_test_component_platform(hass, "media_player", [player], from_config_entry=True)
        mock_platform(hass, "second.media_player", platform)
        entry = MockConfigEntry(domain="second")
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield player, log


async def test_the_companions_of_a_room_make_way_for_its_words(house: HomeAssistant, devices: Devices) -> None:
    async with (
        second_player(house) as (radio, log),
        lived_in(house, persona_subentry("basic"), living_room(companions=["media_player.radio"])),
    ):
        radio.becomes(State.PLAYING)
        outcome = asyncio.create_task(inject(house, message="Dinner is ready.", wait=True))
        await hear_out(devices)
        assert (await outcome)["outcome"] == "spoken"
        await house.async_block_till_done()
        assert log.of("player") == [("volume", 0.2), ("volume", 0.5)]
        assert devices.log.of("player") == []
