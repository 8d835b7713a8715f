"""Engine T5, T15: short sounds are heard before the follow-up, and a slow model is covered by a tone."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.huxley.engine.audio.tones import THINKING, tone
from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.skill.effects import PlaySound
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import Injection
from tests.engine.turn.house import BLOCK, Call, House, Say, Wait, music

SECOND = 48_000  # bytes of PCM
TONE = f"{len(tone(THINKING))} bytes"
CHIME = ToolResult("ok", PlaySound(bytes(SECOND)))
CHIMED = f"{SECOND} bytes"


def overlaps(house: House) -> list[object]:
    """Sounds under speech."""
    return [
        (sound, words)
        for sound in house.speaker.sounds
        for words in house.ear.speech
        if sound.begin < words.end - 1e-6 and words.begin < sound.end - 1e-6
    ]


async def test_a_slow_model_is_covered_by_a_tone_that_never_overlaps_the_first_word(house: House):
    house.script([Wait(1.8), Say("Five.")])
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert [sound.what for sound in house.speaker.sounds] == [TONE]
    assert house.speaker.sounds[0].begin - asked_at == pytest.approx(1.5)
    assert house.ear.speech[0].begin - asked_at == pytest.approx(1.8)
    assert overlaps(house) == []


@pytest.mark.parametrize("model_takes", [1.6, 1.8])
async def test_the_first_word_waits_for_a_speaker_that_falls_silent_slowly(house: House, model_takes: float):
    house.speaker.delays["sound off"] = 0.4
    house.script([Wait(model_takes), Say("Five.")])
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert house.speaker.sounds[0].end - asked_at == pytest.approx(model_takes + 0.4)
    assert house.ear.speech[0].begin == pytest.approx(house.speaker.sounds[0].end)
    assert overlaps(house) == []


async def test_the_first_word_waits_a_second_for_a_tone_that_does_not_end(house: House):
    house.speaker.delays["sound off"] = 30
    house.script([Wait(1.6), Say("Five.")])
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert house.ear.speech[0].begin - asked_at == pytest.approx(2.6)


async def test_the_tone_comes_again_while_nothing_comes(house: House):
    house.script([Wait(10), Say("Five.")])
    await house.ask()
    await house.quiet()
    assert len(house.speaker.sounds) == 4
    assert overlaps(house) == []


async def test_a_model_that_answers_at_once_needs_no_tone(house: House):
    house.script([Wait(1.4), Say("Five."), Wait(5), Say("And six.")])
    await house.ask()
    await house.quiet()
    assert house.speaker.sounds == []


async def test_a_slow_tool_is_covered_by_a_tone(house: House):
    house.tool("time", ToolResult("five"), seconds=2)
    house.script([Call("time")], [Say("Five.")])
    await house.ask()
    await house.quiet()
    assert len(house.speaker.sounds) == 1
    assert overlaps(house) == []


async def test_the_tone_ends_with_the_turn(house: House):
    house.script([Wait(10)])
    await house.ask()
    await asyncio.sleep(1.6)
    stopped_at = house.ear.now()
    await house.room.interrupt()
    await house.quiet()
    assert [sound.end for sound in house.speaker.sounds] == [stopped_at]


async def test_the_tone_ends_before_the_room_says_that_the_model_is_gone(house: House):
    house.script([Wait(1e6)])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["(timed_out)"]
    assert overlaps(house) == []


async def test_the_tone_is_not_heard_over_content_that_still_plays(house: House):
    await house.playing(music())
    house.speaker.delays["duck"] = 3
    house.script([Wait(9), Say("Five.")])
    await house.ask()
    asked_at = house.ear.now()
    await house.quiet()
    assert house.speaker.sounds[0].begin - asked_at == pytest.approx(2)


async def test_a_speaker_that_fails_at_the_tone_is_not_asked_again(house: House):
    house.speaker.errors["sound"] = SpeakerError("no sounds after all")
    house.script([Wait(10), Say("Five.")])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["Five."]


async def test_a_room_without_sounds_waits_in_silence(house: House):
    house.speaker.capabilities = replace(house.speaker.capabilities, sounds=False)
    house.tool("chime", CHIME)
    house.script([Wait(10), Call("chime")], [Say("Done.")])
    await house.ask()
    await house.quiet()
    assert house.speaker.sounds == []
    assert house.ear.spoken() == ["Done."]


async def test_a_sound_is_heard_before_the_follow_up_speech(house: House):
    house.tool("chime", CHIME)
    house.script([Call("chime")], [Say("Done.")])
    await house.ask()
    await house.quiet()
    assert [sound.what for sound in house.speaker.sounds] == [CHIMED]
    assert house.speaker.sounds[0].end == pytest.approx(house.ear.speech[0].begin)


async def test_sounds_of_one_round_are_heard_one_after_the_other_in_the_order_of_the_calls(house: House):
    house.tool("long", ToolResult("ok", PlaySound(bytes(SECOND))), seconds=1)
    house.tool("short", ToolResult("ok", PlaySound(bytes(SECOND // 2))))
    house.script([Call("long"), Call("short")], [Say("Done.")])
    await house.ask()
    await house.quiet()
    first, second = house.speaker.sounds
    assert first.what == CHIMED
    assert second.begin >= first.end
    assert house.ear.speech[0].begin >= second.end


async def test_a_tone_gives_way_to_a_sound(house: House):
    house.tool("chime", ToolResult("ok", PlaySound(bytes(3 * SECOND))), seconds=1.4)
    house.script([Call("chime")], [Say("Done.")])
    await house.ask()
    await house.quiet()
    assert [sound.what for sound in house.speaker.sounds] == [f"{3 * SECOND} bytes"]


async def test_an_interrupt_cuts_a_sound_off(house: House):
    house.tool("chime", ToolResult("ok", PlaySound(bytes(10 * SECOND))))
    house.script([Call("chime")], [Say("Done.")])
    await house.ask()
    await asyncio.sleep(1)
    stopped_at = house.ear.now()
    await house.room.interrupt()
    await house.quiet()
    assert house.speaker.sounds[0].end == stopped_at
    assert house.ear.spoken() == []


@pytest.mark.parametrize("error", [SpeakerError("no"), RuntimeError("bug"), asyncio.CancelledError()])
async def test_a_sound_that_fails_does_not_spare_the_words(house: House, error: BaseException):
    house.speaker.errors["sound"] = error
    house.tool("chime", CHIME)
    house.script([Call("chime")], [Say("Done.")])
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["Done."]


async def test_a_slow_narration_is_covered_too(house: House):
    house.script([Wait(3), Say("The bread is ready.")])
    await house.room.inject(Injection(house.agent, prompt="the bread", priority=BLOCK))
    await house.quiet()
    assert len(house.speaker.sounds) == 1
    assert overlaps(house) == []
