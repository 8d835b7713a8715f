"""Engine I1-I9, T9, T16: what the room has to say by itself, when, and what becomes of it."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusState, MixingBehavior
from custom_components.huxley.engine.model.protocol import Narration
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.turn import Injection, TurnOutcome, TurnState
from tests.engine.turn.house import (
    BLOCK,
    NORMAL,
    PREEMPT,
    House,
    Say,
    book,
    music,
    radio,
    speaker_error,
    spoken_book,
    status,
)

SPOKEN, INTERRUPTED, FAILED = InjectStatus.SPOKEN, InjectStatus.INTERRUPTED, InjectStatus.FAILED


async def test_a_message_is_spoken_word_for_word(house: House):
    outcome = await house.room.inject(house.injection("Dinner is ready"), wait=True)
    assert outcome.status is SPOKEN
    assert outcome.heard.total_seconds() == pytest.approx(1.5)
    assert house.ear.spoken() == ["Dinner is ready"]
    assert house.session.requests == []


async def test_a_prompt_is_put_into_the_models_words(house: House):
    house.script([Say("The food awaits.")])
    injection = Injection(house.agent, prompt="tell them that dinner is ready", priority=BLOCK)
    assert (await house.room.inject(injection, wait=True)).status is SPOKEN
    assert house.session.requests == [Narration("tell them that dinner is ready")]
    assert house.ear.spoken() == ["The food awaits."]


async def test_nobody_waits_who_did_not_ask_to(house: House):
    assert (await house.room.inject(house.injection())).status is InjectStatus.QUEUED
    await house.quiet()


async def test_music_ducks_under_an_announcement_and_comes_back(house: House):
    await house.playing(music())
    await house.inject()
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


async def test_a_book_pauses_under_an_announcement_and_goes_on_without_being_opened_again(house: House):
    await house.playing(book())
    await house.inject()
    await house.quiet()
    assert house.ear.commands()[-1] == "resume book done"
    assert house.ear.heard_content() == ["book", "book"]


async def test_normal_words_wait_for_the_music_to_end(house: House):
    playback = await house.playing(music())
    injection = await house.inject(priority=NORMAL)
    await asyncio.sleep(10)
    assert status(injection) is None
    playback.end()
    await house.quiet()
    assert status(injection) is SPOKEN


@pytest.mark.parametrize("how", ["stopped at the device", "failed", "stopped", "interrupted", "out of patience"])
async def test_normal_words_are_spoken_however_the_content_ends(house: House, how: str):
    playback = await house.playing(book(patience=3))
    injection = await house.inject("Doorbell", NORMAL)
    await asyncio.sleep(0.5)
    if how == "stopped at the device":
        playback.end(PlaybackEnd.STOPPED)
    elif how == "failed":
        playback.end(PlaybackEnd.FAILED)
    elif how == "stopped":
        await house.room.stop_content()
    elif how == "interrupted":
        await house.room.interrupt()
    else:
        call = await house.call()
        await asyncio.sleep(5)
        await house.focus.release(call)
        await house.inject("Somebody calls the queue", BLOCK)
    await house.quiet()
    assert status(injection) is SPOKEN
    assert house.room.deck.content is None


@pytest.mark.parametrize("priority", [NORMAL, BLOCK])
async def test_words_wait_for_the_running_turn(house: House, priority: str):
    house.script([Say("One two three four.")])
    await house.say_to()
    injection = await house.inject("Later", priority)
    await house.quiet()
    assert house.ear.spoken() == ["One two three four.", "Later"]
    assert house.ear.speech[1].begin >= house.ear.speech[0].end
    assert status(injection) is SPOKEN


async def test_words_wait_for_a_call_and_are_not_lost(house: House):
    call = await house.call()
    blocked = await house.inject("Reminder", BLOCK)
    await asyncio.sleep(10)
    assert status(blocked) is None
    await house.focus.release(call)
    await house.say_to()
    await house.quiet()
    assert status(blocked) is SPOKEN


@pytest.mark.parametrize("moment", ["nothing said", "interrupted", "others done", "turn failed", "turn finished"])
async def test_the_queue_drains_whenever_the_room_falls_quiet(house: House, moment: str):
    if moment == "others done":
        await house.room.others_speak()
    else:
        await house.room.press()
    injection = await house.inject(priority=NORMAL)
    await asyncio.sleep(1)
    assert status(injection) is None
    match moment:
        case "nothing said":
            await house.room.nothing_said()
        case "interrupted":
            await house.room.interrupt()
        case "others done":
            await house.room.others_done()
        case "turn failed":
            house.script([RuntimeError("no")])
            await house.ask()
        case _:
            await house.ask()
    await house.quiet()
    assert status(injection) is SPOKEN


async def test_higher_tiers_come_first_and_each_tier_in_its_order(house: House):
    await house.room.press()
    for message, priority in (
        ("n1", NORMAL),
        ("b1", BLOCK),
        ("n2", NORMAL),
        ("p1", PREEMPT),
        ("b2", BLOCK),
        ("p2", PREEMPT),
    ):
        await house.inject(message, priority)
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.spoken() == ["p1", "p2", "b1", "b2", "n1", "n2"]


async def test_a_queued_duplicate_takes_the_place_of_the_older_one(house: House):
    await house.room.press()
    old = await house.inject("one minute", dedup_key="timer")
    await house.inject("other")
    new = await house.inject("two minutes", dedup_key="timer")
    assert status(old) is InjectStatus.REPLACED
    await house.room.nothing_said()
    await house.quiet()
    assert house.ear.spoken() == ["two minutes", "other"]
    assert status(new) is SPOKEN


async def test_a_duplicate_of_what_is_being_spoken_is_a_no_op(house: House):
    first = await house.inject("One two three four", dedup_key="timer")
    await asyncio.sleep(1)
    second = await house.room.inject(house.injection("again", dedup_key="timer"))
    assert second.status is InjectStatus.REPLACED
    await house.quiet()
    assert status(first) is SPOKEN
    assert house.ear.spoken() == ["One two three four"]


async def test_the_same_key_may_speak_again_later(house: House):
    for _ in range(2):
        await house.inject("timer", dedup_key="timer")
        await house.quiet()
    assert house.ear.spoken() == ["timer", "timer"]


async def test_words_that_come_too_late_expire(house: House):
    await house.room.press()
    late = await house.inject("Bus leaves now", expires_after=timedelta(seconds=10))
    in_time = await house.inject("Reminder", expires_after=timedelta(seconds=100))
    await asyncio.sleep(11)
    assert status(late) is InjectStatus.EXPIRED
    await house.room.nothing_said()
    await house.quiet(200)
    assert status(in_time) is SPOKEN


async def test_words_that_began_in_time_do_not_expire(house: House):
    injection = await house.inject("One two three four", expires_after=timedelta(seconds=1))
    await house.quiet()
    assert status(injection) is SPOKEN


async def test_the_queue_is_bounded(house: House):
    await house.room.press()
    waiting = [await house.inject(str(number), NORMAL) for number in range(64)]
    refused = await house.inject("one too many", NORMAL)
    assert status(refused) is InjectStatus.REFUSED
    assert not any(injection.outcome.done() for injection in waiting)


async def test_a_full_queue_makes_room_for_what_is_urgent(house: House):
    await house.room.press()
    waiting = [await house.inject(str(number), NORMAL) for number in range(64)]
    alarm = await house.inject("Smoke", PREEMPT)
    assert status(waiting[-1]) is InjectStatus.REFUSED
    assert not any(injection.outcome.done() for injection in waiting[:-1])
    await house.room.nothing_said()
    await house.quiet(200)
    assert house.ear.spoken()[0] == "Smoke"
    assert status(alarm) is SPOKEN


async def test_quiet_hours_refuse_normal_words_only(house: House):
    outcomes = [
        (await house.room.inject(house.injection(priority=priority), wait=True, quiet=True)).status
        for priority in (NORMAL, BLOCK, PREEMPT)
    ]
    assert outcomes == [InjectStatus.REFUSED, SPOKEN, SPOKEN]


async def test_urgent_words_cut_off_an_answer(house: House):
    house.script([Say("One two three four five six.")])
    turn = await house.ask()
    await asyncio.sleep(1)
    alarm = await house.inject("Smoke", PREEMPT)
    await asyncio.sleep(0)
    await house.quiet()
    assert turn.outcome is TurnOutcome.INTERRUPTED
    assert house.ear.speech[0].end - house.ear.speech[0].begin == pytest.approx(1)
    assert status(alarm) is SPOKEN


async def test_urgent_words_cut_off_lower_ones_but_not_each_other(house: House):
    lower = await house.inject("One two three four five six", BLOCK)
    await asyncio.sleep(1)
    first = await house.inject("Smoke in the kitchen", PREEMPT)
    second = await house.inject("Water in the cellar", PREEMPT)
    await house.quiet()
    assert [status(lower), status(first), status(second)] == [INTERRUPTED, SPOKEN, SPOKEN]
    assert lower.outcome.result().heard.total_seconds() == pytest.approx(1)
    assert house.ear.speech[2].begin >= house.ear.speech[1].end


async def test_urgent_words_hear_a_person_out_for_five_seconds(house: House):
    await house.room.press()
    await asyncio.sleep(1)
    since = house.ear.now()
    await house.inject("Smoke", PREEMPT)
    await house.quiet()
    assert house.ear.speech[0].begin - since == pytest.approx(5)


async def test_urgent_words_wait_no_longer_than_the_person_talks(house: House):
    turn = await house.room.press()
    alarm = await house.inject("Smoke", PREEMPT)
    await asyncio.sleep(2)
    since = house.ear.now()
    await house.ask()
    await house.quiet()
    assert house.ear.spoken() == ["Smoke"]
    assert house.ear.speech[0].begin == pytest.approx(since, abs=0.1)
    assert turn.outcome is TurnOutcome.INTERRUPTED
    assert house.speaker.replies[0].aborted
    assert status(alarm) is SPOKEN


async def test_a_person_who_presses_into_an_alarm_holds_off_the_next_one_for_five_seconds(house: House):
    await house.inject("One two three four five six", PREEMPT)
    await house.inject("Water", PREEMPT)
    await asyncio.sleep(1)
    await house.room.press()
    since = house.ear.now()
    await house.quiet()
    assert house.ear.spoken()[-1] == "Water"
    assert house.ear.speech[-1].begin - since == pytest.approx(5)


async def test_the_patience_for_one_person_is_not_charged_to_the_next(house: House):
    await house.room.press()
    await house.inject("Smoke", PREEMPT)
    await asyncio.sleep(1)
    await house.room.nothing_said()
    await asyncio.sleep(3)
    await house.room.press()
    await house.inject("Water", PREEMPT)
    since = house.ear.now()
    await house.quiet()
    assert house.ear.speech[-1].begin - since == pytest.approx(5)


async def test_urgent_words_go_through_a_call(house: House):
    await house.call()
    alarm = await house.inject("Smoke", PREEMPT)
    await asyncio.sleep(10)
    assert status(alarm) is SPOKEN


async def test_music_stays_ducked_between_an_answer_and_the_words_that_waited_for_it(house: House):
    await house.playing(music())
    await house.say_to()
    await house.inject("One")
    await house.inject("Two")
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]
    assert house.ear.content[1].end >= house.ear.speech[-1].end
    assert len(house.ear.speech) == 3


class Recorder:
    """A weaker sound that writes down what focus tells it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        self.told.append(behavior)

    async def on_patience_expired(self) -> None:
        raise AssertionError("it had time")


@pytest.mark.parametrize("end", ["answered", "nothing said", "interrupted", "cut off by an alarm"])
async def test_dialog_is_handed_over_and_never_free_in_between(house: House, end: str):
    recorder = Recorder()
    patience = timedelta(minutes=10)
    await house.focus.acquire(Activity(Channel.ALERT, "hum", recorder, ContentType.MIXABLE, patience))
    await house.room.press()
    await house.inject("One")
    await house.inject("Two")
    if end == "answered":
        await house.ask()
    elif end == "nothing said":
        await house.room.nothing_said()
    elif end == "interrupted":
        await house.room.interrupt()
    else:
        await house.inject("Smoke", PREEMPT)
    await house.quiet()
    assert house.ear.spoken()[-2:] == ["One", "Two"]
    assert recorder.told == ["primary", "may_duck", "primary"]


@pytest.mark.parametrize("item", [book(), spoken_book()], ids=lambda item: item.title)
async def test_a_book_stays_silent_between_an_announcement_and_the_next(house: House, item: object):
    await house.playing(item)  # type: ignore[arg-type]
    for message in ("One", "Two", "Three"):
        await house.inject(message)
    await house.quiet()
    assert len(house.ear.content) == 2
    assert house.ear.content[1].begin >= house.ear.speech[-1].end


async def test_a_press_between_leaves_music_ducked_throughout(house: House):
    await house.playing(radio())
    await house.inject("One two three four")
    await asyncio.sleep(1)
    await house.say_to()
    await house.quiet()
    assert [part.level for part in house.ear.content] == ["full", "ducked", "full"]


async def test_latched_music_begins_after_the_words_that_waited(house: House):
    house.plays(music())
    await house.say_to()
    await house.inject("Dinner")
    await house.quiet()
    assert house.ear.content[0].begin >= house.ear.speech[-1].end
    assert house.ear.spoken() == ["Here it comes.", "Dinner"]


async def test_words_that_cannot_be_spoken_have_failed(house: House):
    house.speaker.reply_error = speaker_error("there is no satellite")
    outcome = await house.room.inject(house.injection(), wait=True)
    assert outcome.status is FAILED
    assert outcome.reason == "there is no satellite"
    house.speaker.reply_error = None
    assert (await house.room.inject(house.injection(), wait=True)).status is SPOKEN


async def test_words_whose_model_fails_have_failed_and_it_is_said(house: House):
    house.script([RuntimeError("no")])
    injection = Injection(house.agent, prompt="tell them", priority=BLOCK)
    outcome = await house.room.inject(injection, wait=True)
    assert outcome.status is FAILED
    assert house.ear.spoken() == ["(model_lost)"]


async def test_words_without_an_agent_are_spoken(house: House):
    outcome = await house.room.inject(Injection(None, message="Hello"), wait=True)
    assert outcome.status is SPOKEN
    assert house.ear.spoken() == ["Hello"]


async def test_closing_tells_everybody_who_waits(house: House):
    in_flight = asyncio.ensure_future(house.room.inject(house.injection("One two three four"), wait=True))
    queued = asyncio.ensure_future(house.room.inject(house.injection("Later", NORMAL), wait=True))
    await asyncio.sleep(1)
    await house.room.close()
    assert (await in_flight).status is INTERRUPTED
    assert (await in_flight).heard.total_seconds() == pytest.approx(1)
    assert (await queued).status is FAILED


async def test_who_waits_may_give_up_without_harm(house: House):
    waiting = asyncio.ensure_future(house.room.inject(house.injection(), wait=True))
    await asyncio.sleep(0.5)
    waiting.cancel()
    await house.quiet()
    assert house.ear.spoken() == ["Dinner is ready"]


async def test_a_stream_that_ended_may_have_a_word_to_say(house: House):
    item = music()
    object.__setattr__(item, "on_complete_prompt", "the waltz is over")
    object.__setattr__(item, "completion_silence", timedelta(seconds=3))
    playback = await house.playing(item)
    house.script([Say("That was the waltz.")])
    playback.end()
    ended_at = house.ear.now()
    await house.quiet()
    assert house.ear.speech[0].begin - ended_at == pytest.approx(3)
    assert house.session.requests == [Narration("the waltz is over")]


@pytest.mark.parametrize("how", [PlaybackEnd.STOPPED, PlaybackEnd.FAILED])
async def test_a_stream_that_was_stopped_has_nothing_to_say(house: House, how: PlaybackEnd):
    item = music()
    object.__setattr__(item, "on_complete_prompt", "the waltz is over")
    playback = await house.playing(item)
    playback.end(how)
    await house.quiet()
    assert house.session.requests == []


async def test_a_person_wins_over_what_a_stream_has_to_say(house: House):
    item = music()
    object.__setattr__(item, "on_complete_prompt", "the waltz is over")
    object.__setattr__(item, "completion_silence", timedelta(seconds=3))
    playback = await house.playing(item)
    playback.end()
    await asyncio.sleep(1)
    await house.room.press()
    await asyncio.sleep(5)
    await house.room.nothing_said()
    await house.quiet()
    assert house.session.requests == []


async def test_content_that_ended_never_plays_again_by_itself(house: House):
    playback = await house.playing(music())
    playback.end()
    playback.end()
    await house.say_to()
    await house.quiet()
    assert house.ear.heard_content() == ["waltz"]
    assert house.room.deck.content is None


async def test_a_book_that_ends_at_the_very_press_does_not_come_back(house: House):
    playback = await house.playing(book())
    playback.end()
    await house.say_to()
    await house.quiet()
    assert house.ear.heard_content() == ["book"]


async def test_a_book_whose_patience_ends_says_goodbye_and_is_gone(house: House):
    said: list[str] = []

    async def goodbye() -> None:
        said.append("goodbye")
        await house.room.inject(house.injection("I left off where we were", NORMAL))

    item = book(patience=2)
    object.__setattr__(item, "on_patience_expired", goodbye)
    await house.playing(item)
    call = await house.call()
    await asyncio.sleep(5)
    assert said == ["goodbye"]
    assert house.room.deck.content is None
    await house.focus.release(call)
    await house.inject("Queue", BLOCK)
    await house.quiet()
    assert "I left off where we were" in house.ear.spoken()


async def test_a_farewell_that_waits_for_its_own_words_does_not_lock_the_room(house: House):
    async def goodbye() -> None:
        await house.room.inject(house.injection("Goodbye", BLOCK), wait=True)
        await house.room.stop_content()

    item = book(patience=2)
    object.__setattr__(item, "on_patience_expired", goodbye)
    await house.playing(item)
    await house.room.press()
    await house.room.nothing_said()
    await house.inject("One two three four five six seven eight", BLOCK)
    await house.quiet()
    await house.say_to()
    await house.quiet()
    assert house.ear.spoken()[-1] == "All right."


async def test_music_returns_only_when_both_a_call_and_the_words_about_it_are_over(house: House):
    await house.playing(music())
    call = await house.call()
    await asyncio.sleep(1)
    held = {item.activity.name: item.behavior for item in house.focus.snapshot()}
    assert held["media"] is MixingBehavior.MUST_PAUSE
    await house.focus.release(call)
    await asyncio.sleep(1)
    assert house.ear.content[-1].level == "full"
    assert house.room.state is TurnState.IDLE
