"""Engine C1-C7: somebody else has the microphone, and everything comes back when they are done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.huxley.engine.errors import ClaimBusyError, SpeakerError
from custom_components.huxley.engine.focus import Activity, Channel, ContentType, FocusState, MixingBehavior
from custom_components.huxley.engine.skill.effects import ClaimEndReason
from custom_components.huxley.engine.skill.inject import InjectStatus
from custom_components.huxley.engine.skill.result import ToolResult
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.turn import Cause, Injection, TurnSource, TurnState
from tests.engine.turn.house import BLOCK, NORMAL, PREEMPT, Call, House, Say, book, music, status
from tests.engine.turn.phone import ANNOUNCE, ERROR, NATURAL, PREEMPTED, USER_PTT, Phone


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house)


def in_call(house: House) -> bool:
    return any(held.activity.channel is Channel.COMMS for held in house.focus.snapshot())


async def at_rest(house: House) -> None:
    """Nothing of a claim is left."""
    await house.quiet()
    assert not in_call(house)
    assert not house.room.in_call
    assert all(not microphone.lent for microphone in house.speaker.microphones)
    assert not house.session.suspended
    commands = house.ear.commands()
    assert commands.count("model suspended") == commands.count("model resumed")


def order(house: House, *names: str) -> list[str]:
    return [command for command in house.ear.commands() if command in names]


async def by_the_skill(phone: Phone) -> None:
    assert phone.handle is not None
    await phone.handle.cancel()


async def by_the_other_side(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.FINISHED)


async def by_button(phone: Phone) -> None:
    assert await phone.house.room.press() is None


async def by_the_hang_up_entity(phone: Phone) -> None:
    assert await phone.house.room.hang_up()


async def by_silence(phone: Phone) -> None:
    assert await phone.house.room.interrupt(Cause.STOP)


async def by_an_alarm(phone: Phone) -> None:
    await phone.house.inject("Smoke", PREEMPT)
    await asyncio.sleep(0.01)


async def by_a_raising_handler(phone: Phone) -> None:
    phone.mic_error = RuntimeError("bug in the skill")
    await phone.house.microphone.hears(b"hello")


async def by_a_handler_that_lets_a_cancellation_slip(phone: Phone) -> None:
    phone.mic_error = asyncio.CancelledError()
    await phone.house.microphone.hears(b"hello")


async def by_a_raising_source(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.FAILED)


async def by_a_hand_on_the_device(phone: Phone) -> None:
    (await phone.other_side()).end(PlaybackEnd.STOPPED)


async def by_a_lost_client(phone: Phone) -> None:
    phone.house.microphone.lose()


async def by_focus(phone: Phone) -> None:
    await phone.house.focus.stop_foreground()


ENDS: dict[Callable[[Phone], Awaitable[None]], ClaimEndReason] = {
    by_the_skill: NATURAL,
    by_the_other_side: NATURAL,
    by_button: USER_PTT,
    by_the_hang_up_entity: USER_PTT,
    by_silence: USER_PTT,
    by_a_hand_on_the_device: USER_PTT,
    by_an_alarm: PREEMPTED,
    by_focus: PREEMPTED,
    by_a_raising_handler: ERROR,
    by_a_handler_that_lets_a_cancellation_slip: ERROR,
    by_a_raising_source: ERROR,
    by_a_lost_client: ERROR,
}

every_end = pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)


@every_end
async def test_whatever_ends_a_call_everything_is_given_back(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]
):
    handle = await phone.connected()
    await end(phone)
    await at_rest(house)
    assert phone.ends == [ENDS[end]]
    assert await handle.wait_end() is ENDS[end]
    assert (await phone.other_side()).name not in house.ear.heard_content()[1:]
    await phone.connected()


@every_end
async def test_a_call_gives_back_in_this_order(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await phone.connected()
    await end(phone)
    await at_rest(house)
    steps = order(
        house,
        *("model suspended", "microphone lent", "start María"),
        *("stop María", "microphone back", "model resumed", f"claim ended {ENDS[end]}"),
    )
    assert steps == [
        *("model suspended", "microphone lent", "start María"),
        *("stop María", "microphone back", "model resumed", f"claim ended {ENDS[end]}"),
    ]


@every_end
async def test_no_frame_passes_after_the_end(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await phone.connected()
    await house.microphone.hears(b"before")
    await end(phone)
    phone.mic_error = None
    passed = len(phone.frames)
    await house.microphone.hears(b"after")
    assert phone.frames[0] == b"before"
    assert len(phone.frames) == passed
    await at_rest(house)


@every_end
async def test_what_waited_for_the_call_is_said_when_it_ends(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]
):
    await phone.connected()
    reminder = await house.inject("Take the pills")
    await asyncio.sleep(30)
    assert status(reminder) is None
    await end(phone)
    await at_rest(house)
    assert status(reminder) is InjectStatus.SPOKEN


@pytest.mark.parametrize("item", [book, music])
@pytest.mark.parametrize("end", [end for end in ENDS if end is not by_silence], ids=lambda end: end.__name__)
async def test_whoever_hangs_up_the_content_comes_back(
    house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]], item: Callable[[], object]
):
    playback = await house.playing(item())  # type: ignore[arg-type]
    await phone.connected()
    assert [part.what for part in house.ear.content if part.end == house.ear.now()] == ["María"]
    await end(phone)
    await at_rest(house)
    assert house.ear.content[-1].what == playback.name
    assert house.ear.content[-1].level == "full"
    assert house.ear.commands().count(f"start {playback.name}") == 1


@pytest.mark.parametrize("end", [by_button, by_the_skill], ids=lambda end: end.__name__)
async def test_hang_up_brings_the_parked_book_back(house: House, phone: Phone, end: Callable[[Phone], Awaitable[None]]):
    await house.playing(book())
    phone.dials()
    await house.say_to("call María")
    await asyncio.sleep(10)
    assert house.room.in_call
    assert house.ear.heard_content() == ["book", "María"]
    assert house.room.deck.content is None
    phone.handle = house.room.claims.current
    await end(phone)
    await at_rest(house)
    assert house.ear.heard_content() == ["book", "María", "book+"]


async def test_silence_ends_the_call_and_the_content(house: House, phone: Phone):
    await house.playing(book())
    await phone.connected()
    assert await house.room.interrupt(Cause.STOP)
    await at_rest(house)
    assert house.ear.heard_content() == ["book", "María"]


# Beginning


async def test_a_call_that_a_tool_wants_begins_when_the_answer_was_heard_out(house: House, phone: Phone):
    phone.dials()
    await house.say_to("call María")
    await asyncio.sleep(0.5)
    assert house.speaker.microphones == []
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert house.room.state is TurnState.IDLE
    call = house.ear.content[0]
    assert call.what == "María"
    assert call.begin >= house.ear.speech[-1].end
    marks = [mark.event for mark in house.trace.records[-1].marks]
    assert marks[-2:] == ["effect_start", "finished"]
    assert await house.room.hang_up()


async def test_a_call_beats_music_that_the_same_turn_wanted(house: House, phone: Phone):
    phone.dials()
    house.tool("play", ToolResult("ok", music()))
    house.session.scripts[0].insert(1, Call("play"))
    await house.say_to()
    await asyncio.sleep(10)
    assert house.ear.heard_content() == ["María"]
    assert await house.room.hang_up()
    await at_rest(house)
    assert house.ear.heard_content() == ["María"]


async def test_a_call_that_comes_during_an_answer_waits_for_its_end(house: House, phone: Phone):
    house.script([Say("One two three four five six.")])
    await house.ask()
    await asyncio.sleep(1)
    handle = await phone.rings()
    assert house.speaker.microphones == []
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(3)
    await handle.cancel()
    await at_rest(house)


async def test_a_call_that_is_cancelled_before_it_opened_opens_nothing(house: House, phone: Phone):
    await house.ask()
    handle = await phone.rings()
    await handle.cancel()
    await at_rest(house)
    assert phone.ends == [NATURAL]
    assert house.speaker.microphones == []


async def test_a_press_does_not_refuse_a_call_that_nobody_knows_of_yet(house: House, phone: Phone):
    await house.ask()
    await phone.rings(announce=ANNOUNCE)
    assert await house.room.press() is not None
    await house.room.nothing_said()
    await asyncio.sleep(10)
    assert house.ear.spoken()[-1] == ANNOUNCE
    assert house.microphone.lent
    await house.room.press()


async def test_a_second_claim_is_refused_and_the_first_is_unharmed(house: House, phone: Phone):
    await phone.connected()
    second = Phone(house)
    with pytest.raises(ClaimBusyError, match="María"):
        await second.rings()
    await house.microphone.hears(b"hello")
    assert phone.frames == [b"hello"]
    assert (phone.ends, second.ends) == ([], [])
    await house.room.press()
    await at_rest(house)
    assert second.ends == []


async def test_a_claim_is_refused_while_somebody_else_holds_comms(house: House, phone: Phone):
    call = await house.call()
    with pytest.raises(ClaimBusyError):
        await phone.rings()
    await house.focus.release(call)
    await phone.connected()


async def test_a_tools_second_claim_becomes_an_error_that_the_model_hears(house: House, phone: Phone):
    await phone.connected()
    second = Phone(house)
    second.dials()
    house.script([Say("I cannot.")])
    await house.ask("call Juan", TurnSource.TEXT)
    await asyncio.sleep(10)
    assert house.session.requests[-1].outputs[0].output == "(no_microphone)"  # type: ignore[union-attr]
    assert phone.ends == []
    await house.room.press()


async def test_a_claim_that_comes_before_the_barrier_wins_and_the_latched_one_is_spoken_about(
    house: House, phone: Phone
):
    phone.dials()
    await house.ask("call María")
    await asyncio.sleep(0.5)
    first = Phone(house)
    await first.rings()
    await asyncio.sleep(10)
    assert house.microphone.lent
    assert phone.ends == []
    await house.room.press()
    await at_rest(house)
    assert house.ear.spoken()[-1] == "(no_microphone)"
    assert first.ends == [USER_PTT]


async def test_a_new_call_waits_for_one_that_is_ending(house: House, phone: Phone):
    handle = await phone.connected()
    await handle.cancel()
    await phone.connected()
    assert phone.ends == [NATURAL]


async def test_a_room_without_a_microphone_refuses(house: House, phone: Phone):
    house.speaker.capabilities = replace(house.speaker.capabilities, microphone=False)
    with pytest.raises(ClaimBusyError, match="no microphone"):
        await phone.rings()
    await at_rest(house)


async def test_a_closed_room_refuses(house: House, phone: Phone):
    await house.room.close()
    with pytest.raises(ClaimBusyError):
        await phone.rings()


async def test_a_memo_needs_no_sound_and_no_agent(house: House, phone: Phone):
    handle = await house.room.start_input_claim(phone.claim(source=False), None)
    await asyncio.sleep(1)
    await house.microphone.hears(b"remember the milk")
    await handle.cancel()
    await at_rest(house)
    assert phone.frames == [b"remember the milk"]
    assert phone.ends == [NATURAL]
    assert "model suspended" not in house.ear.commands()


@pytest.mark.parametrize("error", [SpeakerError("gone"), RuntimeError("bug"), asyncio.CancelledError()])
@pytest.mark.parametrize("what", ["model", "microphone lent", "start", "source"])
async def test_a_call_that_cannot_be_opened_ends_as_an_error(
    house: House, phone: Phone, what: str, error: BaseException
):
    if what == "model":
        house.session.suspend_error = error
    elif what == "source":
        house.speaker.playback_error = error  # type: ignore[assignment]
    else:
        house.speaker.errors[what] = error
    handle = await phone.rings()
    assert await handle.wait_end() is ERROR
    await at_rest(house)
    assert phone.ends == [ERROR]
    if what == "model":
        assert house.speaker.microphones == []


async def test_a_call_that_ends_while_the_model_is_being_suspended_lends_nothing(house: House, phone: Phone):
    house.session.suspending = 1.0
    await phone.rings()
    await asyncio.sleep(0.5)
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.speaker.microphones == []


async def test_a_model_that_hangs_when_it_is_suspended_ends_the_call_and_hears_again(house: House, phone: Phone):
    house.session.suspending = 1e6
    handle = await phone.rings()
    assert await handle.wait_end() is ERROR
    await at_rest(house)
    assert house.speaker.microphones == []


@pytest.mark.parametrize("what", ["stop", "microphone back"])
@pytest.mark.parametrize("trouble", ["raises", "hangs"])
async def test_a_device_in_trouble_does_not_keep_the_room_in_the_call(
    house: House, phone: Phone, what: str, trouble: str
):
    await phone.connected()
    if trouble == "raises":
        house.speaker.errors[what] = RuntimeError("bug")
    else:
        house.speaker.delays[what] = 10.0
    await house.room.press()
    await house.quiet()
    assert phone.ends == [USER_PTT]
    assert not in_call(house)
    assert house.ear.commands()[-2:] == ["model resumed", "claim ended user_ptt"] or what == "stop"
    house.speaker.errors.clear()
    house.speaker.delays.clear()


# A press


async def test_a_press_right_at_the_start_is_ignored(house: House, phone: Phone):
    await phone.rings()
    await asyncio.sleep(0.29)
    assert await house.room.press() is None
    await asyncio.sleep(1)
    assert phone.ends == []
    assert house.microphone.lent
    assert await house.room.press() is None
    await at_rest(house)
    assert phone.ends == [USER_PTT]


async def test_a_press_counts_three_tenths_of_a_second_after_the_start(house: House, phone: Phone):
    await phone.rings()
    await asyncio.sleep(0.3)
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]


async def test_the_press_after_a_hang_up_opens_a_turn(house: House, phone: Phone):
    await phone.connected()
    await house.room.press()
    await house.say_to("hello")
    await at_rest(house)
    assert house.ear.spoken() == ["All right."]


async def test_hanging_up_with_nobody_on_the_line_says_so(house: House):
    assert not await house.room.hang_up()


# Announcing


async def test_a_call_is_announced_before_the_bridge_opens_and_the_content_is_quiet_meanwhile(
    house: House, phone: Phone
):
    await house.playing(music())
    handle = await phone.rings(announce=ANNOUNCE)
    assert house.room.state is not TurnState.IDLE
    await asyncio.sleep(10)
    said = house.ear.speech[0]
    assert said.what == ANNOUNCE
    assert [part.what for part in house.ear.content] == ["waltz", "María"]
    assert house.ear.content[0].end <= said.begin
    assert house.ear.content[1].begin >= said.end
    lent_at = next(at for at, what in house.ear.log if what == "microphone lent")
    assert lent_at >= said.end
    await handle.cancel()
    await at_rest(house)
    assert house.ear.heard_content("ducked") == []
    assert house.ear.content[-1].what == "waltz"
    assert [record.source for record in house.trace.records] == ["claim"]


async def test_a_call_that_a_tool_wants_is_announced_too(house: House, phone: Phone):
    phone.dials(announce="The line is open")
    await house.say_to("call María")
    await asyncio.sleep(10)
    assert house.ear.spoken() == ["I call María.", "The line is open"]
    assert house.microphone.lent
    await house.room.press()


@pytest.mark.parametrize("after", [0.05, 1.0])
@pytest.mark.parametrize("how", [by_button, by_the_hang_up_entity, by_silence], ids=lambda how: how.__name__)
async def test_a_press_during_the_announcement_refuses_the_call(
    house: House, phone: Phone, how: Callable[[Phone], Awaitable[None]], after: float
):
    await house.playing(book())
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(after)
    pressed_at = house.ear.now()
    await how(phone)
    assert house.ear.speech[0].end <= pressed_at
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.speaker.microphones == []
    assert "model suspended" not in house.ear.commands()
    assert house.ear.heard_content() == (["book"] if how is by_silence else ["book", "book"])


async def test_a_caller_who_gives_up_during_the_announcement_cuts_it_off(house: House, phone: Phone):
    handle = await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(1)
    await handle.cancel()
    await at_rest(house)
    assert house.ear.speech[0].end - house.ear.speech[0].begin == pytest.approx(1)
    assert phone.ends == [NATURAL]
    assert house.speaker.microphones == []


async def test_a_call_that_could_not_be_announced_does_not_open(house: House, phone: Phone):
    house.speaker.reply_error = SpeakerError("there is no satellite")
    await phone.rings(announce=ANNOUNCE)
    await at_rest(house)
    assert phone.ends == [ERROR]
    assert house.speaker.microphones == []


async def test_written_words_during_the_announcement_put_it_off(house: House, phone: Phone):
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    await house.ask("what time is it", TurnSource.TEXT)
    await asyncio.sleep(10)
    assert house.ear.spoken() == [ANNOUNCE, "All right.", ANNOUNCE]
    assert house.microphone.lent
    await house.room.press()
    await at_rest(house)


async def test_a_room_whose_focus_is_gone_keeps_no_claim(house: House, phone: Phone):
    await house.focus.stop()
    with pytest.raises(RuntimeError):
        await phone.rings(announce=ANNOUNCE)
    assert house.room.claims.current is None


async def test_a_claim_whose_announcement_finds_no_floor_is_not_kept(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    acquire = house.focus.acquire

    async def refuse_dialog(activity: Activity) -> None:
        if activity.channel is Channel.DIALOG:
            raise RuntimeError("no floor")
        await acquire(activity)

    monkeypatch.setattr(house.focus, "acquire", refuse_dialog)
    with pytest.raises(RuntimeError, match="no floor"):
        await phone.rings(announce=ANNOUNCE)
    await at_rest(house)
    assert phone.ends == [ERROR]


# What happens during a call


async def test_an_alarm_during_the_announcement_ends_the_call(house: House, phone: Phone):
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert phone.ends == [PREEMPTED]
    assert house.ear.spoken()[-1] == "Smoke"


async def test_an_alarm_ends_a_call_that_waits_for_the_floor(house: House, phone: Phone):
    await house.ask()
    await phone.rings(announce=ANNOUNCE)
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert phone.ends == [PREEMPTED]
    assert ANNOUNCE not in house.ear.spoken()


async def test_an_alarm_is_not_spoken_over_the_other_side(house: House, phone: Phone):
    await phone.connected()
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert house.ear.content[0].end <= house.ear.speech[0].begin


async def test_music_stays_silent_through_the_alarm_that_ended_the_call(house: House, phone: Phone):
    await house.playing(music())
    await phone.connected()
    await house.inject("Smoke", PREEMPT)
    await at_rest(house)
    assert [(part.what, part.level) for part in house.ear.content] == [
        ("waltz", "full"),
        ("María", "full"),
        ("waltz", "full"),
    ]


@pytest.mark.parametrize("priority", [NORMAL, BLOCK])
async def test_waiting_for_words_never_ends_a_call(house: House, phone: Phone, priority: str):
    await phone.connected()
    asked = asyncio.ensure_future(house.room.inject(house.injection("Later", priority), wait=True))  # type: ignore[arg-type]
    await asyncio.sleep(600)
    assert not asked.done()
    assert house.microphone.lent
    assert phone.ends == []
    await house.room.press()
    assert (await asked).status is InjectStatus.SPOKEN


async def test_words_in_writing_are_answered_while_the_call_is_on_hold(house: House, phone: Phone):
    await phone.connected()
    await house.ask("what time is it", TurnSource.TEXT)
    await asyncio.sleep(0.5)
    await house.microphone.hears(b"not for her")
    await asyncio.sleep(10)
    await house.microphone.hears(b"for her")
    assert phone.frames == [b"for her"]
    assert phone.ends == []
    assert house.ear.heard_content() == ["María", "María"]
    assert house.ear.collisions() == []
    await house.room.press()
    await at_rest(house)


async def test_a_press_while_the_call_is_on_hold_hangs_up_and_cuts_the_answer(house: House, phone: Phone):
    await phone.connected()
    house.script([Say("One two three four five six.")])
    await house.ask("tell me", TurnSource.TEXT)
    await asyncio.sleep(1)
    assert await house.room.press() is None
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(1)


async def test_a_call_that_ends_on_hold_leaves_the_answer_alone(house: House, phone: Phone):
    handle = await phone.connected()
    house.script([Say("One two three four five six.")])
    await house.ask("tell me", TurnSource.TEXT)
    await asyncio.sleep(1)
    await handle.cancel()
    await at_rest(house)
    assert phone.ends == [NATURAL]
    assert house.ear.speech[-1].end - house.ear.speech[-1].begin == pytest.approx(3)


async def test_a_call_that_begins_while_another_agent_speaks_opens_after_it(house: House, phone: Phone):
    await house.room.others_speak()
    await phone.rings()
    await asyncio.sleep(3)
    assert house.speaker.microphones == []
    await house.room.others_done()
    await asyncio.sleep(1)
    assert house.microphone.lent
    await house.room.press()


async def test_another_agents_words_put_the_call_on_hold_before_it_opened(house: House, phone: Phone):
    await phone.rings()
    await house.room.others_speak()
    await asyncio.sleep(3)
    await house.room.others_done()
    await asyncio.sleep(1)
    await house.microphone.hears(b"hello")
    assert phone.frames == [b"hello"]
    assert house.ear.heard_content()[-1] == "María"
    await house.room.press()


async def test_another_agents_words_put_the_call_on_hold_while_it_opens(house: House, phone: Phone):
    house.session.suspending = 1.0
    await phone.rings()
    await asyncio.sleep(0.5)
    await house.room.others_speak()
    await asyncio.sleep(3)
    assert house.ear.content == []
    await house.room.others_done()
    await asyncio.sleep(1)
    assert house.ear.heard_content() == ["María"]
    await house.room.press()
    await at_rest(house)


class Bell:
    """An alert's sound; it writes down what focus tells it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        self.told.append(behavior)

    async def on_patience_expired(self) -> None:
        return


@pytest.mark.parametrize("first", ["bell", "call"])
async def test_an_alert_stays_audible_in_a_call_and_music_does_not(house: House, phone: Phone, first: str):
    await house.playing(music())
    bell = Bell()
    alert = Activity(Channel.ALERT, "timer", bell, ContentType.MIXABLE, timedelta(hours=1))
    if first == "bell":
        await house.focus.acquire(alert)
        await phone.connected()
    else:
        await phone.connected()
        await house.focus.acquire(alert)
    await house.focus.settled()
    assert bell.told[-1] == "may_duck"
    assert [part.what for part in house.ear.content if part.end == house.ear.now()] == ["María"]
    await house.focus.release(alert)
    await house.room.press()


async def test_content_started_during_a_call_begins_after_it(house: House, phone: Phone):
    await phone.connected()
    await house.room.play(music())
    await asyncio.sleep(5)
    assert house.ear.heard_content() == ["María"]
    await house.room.press()
    await at_rest(house)
    assert house.ear.heard_content() == ["María", "waltz"]
    await house.inject("Dinner")
    await asyncio.sleep(0.5)
    assert house.ear.content[-1].level == "ducked"


async def test_a_call_of_more_than_ten_minutes_under_words_that_never_end_is_over(house: House, phone: Phone):
    await phone.connected()
    await house.room.others_speak()
    await asyncio.sleep(601)
    await house.room.others_done()
    await at_rest(house)
    assert phone.ends == [PREEMPTED]


# The end


@pytest.mark.parametrize("thinks_for", [0.0, 0.5])
async def test_the_end_may_be_spoken_about_without_a_moment_of_music(house: House, phone: Phone, thinks_for: float):
    async def say() -> None:
        await asyncio.sleep(thinks_for)
        await house.inject("María hung up")

    phone.at_end = say
    await house.playing(music())
    await phone.connected()
    await by_the_other_side(phone)
    await at_rest(house)
    assert house.ear.spoken() == ["María hung up"]
    assert [(part.what, part.level) for part in house.ear.content] == [
        ("waltz", "full"),
        ("María", "full"),
        ("waltz", "full"),
    ]
    assert house.ear.content[-1].begin >= house.ear.speech[-1].end


async def test_a_farewell_that_waits_for_its_own_words_does_not_lock_the_room(house: House, phone: Phone):
    outcomes = []

    async def say() -> None:
        injection = Injection(house.agent, message="María hung up", priority=BLOCK)
        outcomes.append(await house.room.inject(injection, wait=True))

    phone.at_end = say
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert [outcome.status for outcome in outcomes] == [InjectStatus.SPOKEN]


@pytest.mark.parametrize("error", [RuntimeError("bug"), asyncio.CancelledError()])
async def test_a_farewell_that_raises_hurts_nobody(house: House, phone: Phone, error: BaseException):
    async def fail() -> None:
        raise error

    phone.at_end = fail
    await house.playing(book())
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert phone.ends == [USER_PTT]
    assert house.ear.heard_content()[-1] == "book"


async def test_the_farewell_may_begin_another_call(house: House, phone: Phone):
    again = Phone(house)

    async def redial() -> None:
        await again.rings()

    phone.at_end = redial
    await phone.connected()
    await by_the_other_side(phone)
    await asyncio.sleep(3)
    assert house.microphone.lent
    assert again.ends == []
    await house.room.press()
    await at_rest(house)


@pytest.mark.parametrize("what", ["an alarm", "closing"])
async def test_the_end_is_told_once_whatever_else_ends_it(house: House, phone: Phone, what: str):
    async def slow() -> None:
        await asyncio.sleep(5)

    phone.at_end = slow
    handle = await phone.connected()
    await house.room.press()
    await asyncio.sleep(0.1)
    if what == "an alarm":
        await house.inject("Smoke", PREEMPT)
        await at_rest(house)
    else:
        await house.room.close()
    assert phone.ends == [USER_PTT]
    assert await handle.wait_end() is USER_PTT


async def test_a_press_right_after_the_end_is_heard(house: House, phone: Phone):
    async def slow() -> None:
        await asyncio.sleep(10)

    phone.at_end = slow
    await house.playing(book())
    await phone.connected()
    await house.room.press()
    assert await house.room.press() is not None
    await asyncio.sleep(3)
    assert house.room.state is TurnState.LISTENING
    assert house.room.deck.content is None
    await house.ask()
    await at_rest(house)
    assert house.ear.heard_content()[-1] == "book+"


async def test_the_first_reason_counts(house: House, phone: Phone):
    handle = await phone.connected()
    await handle.cancel()
    await house.room.close()
    assert await handle.wait_end() is NATURAL
    assert phone.ends == [NATURAL]


async def test_cancelling_twice_and_waiting_later_is_harmless(house: House, phone: Phone):
    handle = await phone.connected()
    early = asyncio.ensure_future(handle.wait_end())
    await asyncio.gather(handle.cancel(), handle.cancel())
    assert await early is NATURAL
    await handle.cancel()
    await asyncio.sleep(100)
    assert await handle.wait_end() is NATURAL
    assert phone.ends == [NATURAL]


async def test_who_waits_for_the_end_may_give_up(house: House, phone: Phone):
    handle = await phone.connected()
    waiting = asyncio.ensure_future(handle.wait_end())
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.sleep(1)
    assert house.microphone.lent
    await house.room.press()
    assert await handle.wait_end() is USER_PTT


async def test_a_handler_may_cancel_its_own_claim(house: House, phone: Phone):
    claim = phone.claim()

    async def hang_up(frame: bytes) -> None:
        phone.frames.append(frame)
        assert phone.handle is not None
        await phone.handle.cancel()

    phone.handle = await house.room.start_input_claim(replace(claim, on_mic_frame=hang_up), house.agent)
    await asyncio.sleep(1)
    await house.microphone.hears(b"bye")
    await house.microphone.hears(b"never")
    await at_rest(house)
    assert phone.frames == [b"bye"]
    assert phone.ends == [NATURAL]


@pytest.mark.parametrize("announce", [None, ANNOUNCE])
@pytest.mark.parametrize("after", [0.0, 1.0, 20.0])
async def test_closing_the_room_ends_the_call(house: House, phone: Phone, announce: str | None, after: float):
    handle = await phone.rings(announce=announce)
    await asyncio.sleep(after)
    await house.room.close()
    assert await handle.wait_end() is ERROR
    assert phone.ends == [ERROR]
    assert not in_call(house)
    assert all(not microphone.lent for microphone in house.speaker.microphones)


async def test_who_listens_hears_of_a_call_and_harms_nobody(house: House, phone: Phone):
    heard: list[bool] = []

    def listener() -> None:
        heard.append(house.room.in_call)
        raise RuntimeError("bug in a sensor")

    stop = house.room.claims.listen(listener)
    await phone.connected()
    await house.room.press()
    await at_rest(house)
    assert (heard[0], heard[-1]) == (True, False)
    stop()
    count = len(heard)
    await phone.connected()
    assert len(heard) == count
