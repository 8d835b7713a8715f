"""Engine T4, T5, T7: the words are heard out before anything that they announce begins."""

import asyncio

import pytest

from custom_components.huxley.engine.skill.effects import CancelMedia, SetVolume
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.turn import TurnOutcome
from tests.engine.turn.house import Call, House, Say, Wait, book, music, radio, speaker_error


async def test_music_starts_when_the_answer_was_heard_out(house: House):
    house.plays(music(), says="Here is some music for you.")
    await house.say_to("put on some music")
    await house.quiet()
    assert house.ear.content[0].begin >= house.ear.speech[-1].end
    assert house.ear.heard_content() == ["waltz"]


async def test_content_waits_through_several_follow_up_rounds(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.tool("time", ToolResult("five"), seconds=2)
    house.script([Call("play")], [Say("One moment."), Call("time")], [Wait(3), Call("time")], [Say("It is five now.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["One moment.", "It is five now."]
    assert house.ear.content[0].begin >= house.ear.speech[-1].end
    assert len(house.session.requests) == 4


async def test_of_several_latched_streams_the_last_call_wins(house: House):
    house.tool("first", ToolResult("ok", music("first")), seconds=3)
    house.tool("second", ToolResult("ok", music("second")))
    house.script([Say("Hm."), Call("first"), Call("second")])
    await house.say_to()
    await house.quiet()
    assert house.ear.heard_content() == ["second"]


async def test_an_error_result_never_starts_content(house: House):
    house.tool("play", ToolResult("no such song", music(), is_error=True))
    house.script([Call("play")], [Say("I do not have that.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.content == []
    assert house.ear.spoken() == ["I do not have that."]


async def test_a_stop_takes_back_what_the_same_turn_was_about_to_start(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.tool("stop", ToolResult("ok", CancelMedia()))
    house.script([Say("Playing."), Call("play"), Call("stop")], [Say("No, it is off.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.content == []


async def test_a_stream_whose_response_spoke_asks_for_no_follow_up(house: House):
    house.plays(music())
    await house.say_to()
    await house.quiet()
    assert len(house.session.requests) == 1


async def test_a_stream_whose_response_said_nothing_gets_a_follow_up(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.script([Call("play")], [Say("Here you are.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["Here you are."]
    assert house.ear.heard_content() == ["waltz"]


async def test_parallel_calls_are_each_answered_once_in_one_follow_up(house: House):
    for name, seconds in (("a", 2), ("b", 1), ("c", 0)):
        house.tool(name, ToolResult(name), seconds)
    house.script([Call("a"), Call("b"), Call("c")], [Say("Done.")])
    await house.say_to()
    await house.quiet()
    (follow_up,) = house.session.requests[1:]
    assert [output.output for output in follow_up.outputs] == ["a", "b", "c"]
    assert len({output.call_id for output in follow_up.outputs}) == 3


async def test_content_is_stopped_at_once_and_not_when_the_slowest_tool_is_done(house: House):
    await house.playing(music())
    house.tool("stop", ToolResult("ok", CancelMedia()))
    house.tool("slow", ToolResult("ok"), seconds=20)
    house.script([Call("slow"), Call("stop")], [Say("Done.")])
    asked_at = house.ear.now()
    await house.ask()
    await house.quiet()
    assert house.ear.content[-1].end == pytest.approx(asked_at, abs=0.1)


async def test_the_volume_is_set_at_once_and_spoken_about(house: House):
    house.tool("volume", ToolResult("Volume 30", SetVolume(30)))
    house.script([Call("volume")], [Say("Quieter now.")])
    await house.say_to()
    await house.quiet()
    assert house.ear.commands().index("volume 30") < house.ear.commands().index("write Quieter now.")


async def test_a_volume_that_cannot_be_set_becomes_an_error_that_the_model_hears(house: House):
    house.speaker.volume_error = speaker_error()
    house.tool("volume", ToolResult("Volume 30", SetVolume(30)))
    house.script([Call("volume")], [Say("That failed.")])
    await house.say_to()
    await house.quiet()
    assert house.session.requests[1].outputs[0].is_error


async def test_a_room_that_cannot_play_says_so_instead(house: House):
    house.speaker.capabilities = type(house.speaker.capabilities)(speak=True)
    house.tool("play", ToolResult("Playing", music()))
    house.script([Call("play"), Say("Let me see.")], [Say("There is no player.")])
    await house.say_to()
    await house.quiet()
    assert house.session.requests[1].outputs[0].output == "(no_player)"
    assert house.ear.content == []


async def test_the_last_stream_replaces_what_played_only_at_the_barrier(house: House):
    await house.playing(radio())
    house.plays(music(), says="Changing over now.")
    await house.say_to()
    await house.quiet()
    assert [(part.what, part.level) for part in house.ear.content] == [
        ("radio", "full"),
        ("radio", "ducked"),
        ("waltz", "full"),
    ]
    assert house.ear.content[1].end >= house.ear.speech[-1].end


async def test_a_start_that_the_device_refuses_is_said(house: House):
    house.speaker.errors["start"] = speaker_error()
    house.plays(music())
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["Here it comes.", "(player_failed)"]
    assert house.room.deck.content is None


async def test_a_speaker_that_cannot_take_content_at_the_barrier_is_said(house: House):
    house.speaker.playback_error = speaker_error()
    house.plays(music())
    turn = await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["Here it comes.", "(player_failed)"]
    assert turn.outcome is TurnOutcome.FINISHED


async def test_speech_waits_for_a_device_that_is_still_starting(house: House):
    house.speaker.delays["start"] = 3
    await house.room.play(book())
    await asyncio.sleep(0.5)
    await house.inject("The oven is hot")
    await house.quiet()
    commands = house.ear.commands()
    assert commands.index("pause book done") < commands.index("write The oven is hot")


async def test_new_content_starts_only_when_the_old_one_was_stopped(house: House):
    house.speaker.delays["stop"] = 4
    await house.playing(music("old"))
    await house.room.play(music("new"))
    await house.quiet()
    commands = house.ear.commands()
    assert commands.index("stop old done") < commands.index("start new")
    assert house.ear.heard_content() == ["old", "new"]


async def test_words_of_separate_responses_are_separate_words(house: House):
    house.tool("time", ToolResult("five"))
    house.script([Say("One moment."), Call("time")], [Say("It is "), Say("five.")])
    await house.say_to()
    await house.quiet()
    assert house.speaker.replies[-1].text == "One moment. It is five."


async def test_a_model_that_goes_in_circles_is_ended_with_words(house: House):
    house.tool("loop", ToolResult("again"))
    house.session.fallback = [Call("loop")]
    turn = await house.say_to()
    await house.quiet()
    assert turn.outcome is TurnOutcome.FAILED
    assert len(house.session.requests) == 10
    assert house.ear.spoken() == ["(tool_failed)"]


async def test_content_latched_by_a_turn_that_failed_never_starts(house: House):
    house.tool("play", ToolResult("ok", music()))
    house.script([Call("play")], [Wait(100)])
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken() == ["(timed_out)"]
    assert house.ear.content == []
