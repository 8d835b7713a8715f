"""Engine T15, I10: a device that hangs at a sound or at its volume holds the words up for a moment only."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.effects import PlaySound
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.skill.result import ToolResult
from tests.engine.turn.house import Call, House, Say, Wait, speaker_error, status

SECOND_OF_SOUND = bytes(48_000)


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_a_sound_may_take_five_seconds_more_than_its_length(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(house.speaker, "play_sound", never)
    house.tool("chime", ToolResult("ok", PlaySound(SECOND_OF_SOUND)))
    house.script([Call("chime")], [Say("Done.")])
    since = house.ear.now()
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["Done."]
    assert house.ear.speech[0].begin - since == pytest.approx(6)


@pytest.mark.parametrize(("fades_for", "waits_for"), [(0.4, 0.4), (20, 1)])
async def test_the_first_word_waits_for_a_tone_that_fades_but_not_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch, fades_for: float, waits_for: float
):
    async def fades(pcm: bytes) -> None:
        try:
            await never(pcm)
        finally:
            await asyncio.sleep(fades_for)

    monkeypatch.setattr(house.speaker, "play_sound", fades)
    house.script([Wait(2), Say("At last.")])
    since = house.ear.now()
    await house.ask()
    await house.quiet()
    assert house.ear.speech[0].begin - since == pytest.approx(2 + waits_for)


async def test_a_tone_that_could_not_be_heard_is_tried_once(house: House, monkeypatch: pytest.MonkeyPatch):
    tried: list[bytes] = []

    async def fails(pcm: bytes) -> None:
        tried.append(pcm)
        raise speaker_error()

    monkeypatch.setattr(house.speaker, "play_sound", fails)
    house.script([Wait(10), Say("At last.")])
    await house.ask()
    await house.quiet()
    assert len(tried) == 1
    assert house.ear.spoken() == ["At last."]


async def test_quiet_words_wait_two_seconds_for_the_volume(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(house.speaker, "set_volume", never)
    since = house.ear.now()
    injection = await house.inject("Good night", quiet_volume=20)
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
    assert house.ear.speech[0].begin - since == pytest.approx(2)


async def test_a_volume_that_cannot_be_given_back_does_not_undo_the_words(house: House):
    injection = await house.inject("Good night", quiet_volume=20)
    await asyncio.sleep(0.5)
    house.speaker.volume_error = speaker_error()
    await house.quiet()
    assert status(injection) is InjectStatus.SPOKEN
