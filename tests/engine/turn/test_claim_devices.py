"""Engine C2, T15: a call gives everything back although a device, a model or a skill does not play along."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.huxley.engine.focus import Activity, Channel
from custom_components.huxley.engine.model.protocol import ModelCapabilities, ModelEvent, ModelRequest
from custom_components.huxley.engine.turn.suspension import resume, suspend
from tests.engine.turn.house import House, book
from tests.engine.turn.phone import ANNOUNCE, NATURAL, USER_PTT, Phone, at_rest, in_call


@pytest.mark.parametrize("what", ["stop", "microphone back"])
async def test_a_device_that_hangs_holds_a_hang_up_up_for_two_seconds(house: House, phone: Phone, what: str):
    await phone.connected()
    house.speaker.delays[what] = 10
    since = house.ear.now()
    await house.room.press()
    assert house.ear.now() - since == pytest.approx(2)
    house.speaker.delays.clear()
    await at_rest(house)
    assert phone.ends == [USER_PTT]


async def test_a_model_that_cannot_resume_does_not_keep_the_call(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    async def fail() -> None:
        raise RuntimeError("bug in the session")

    monkeypatch.setattr(house.session, "resume", fail)
    await house.playing(book())
    handle = await phone.connected()
    await house.room.press()
    assert await handle.wait_end() is USER_PTT
    await house.quiet()
    assert phone.ends == [USER_PTT]
    assert house.ear.heard_content()[-1] == "book"


async def test_a_model_resumes_only_when_its_suspension_has_ended(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    async def gives_up_slowly() -> None:
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.5)
            house.ear.note("suspension gave up")

    monkeypatch.setattr(house.session, "suspend", gives_up_slowly)
    await phone.rings()
    await asyncio.sleep(0.5)
    await house.room.press()
    await house.quiet()
    commands = house.ear.commands()
    assert commands.index("suspension gave up") < commands.index("model resumed")


async def test_a_call_that_is_hung_up_while_it_opens_is_no_failure(
    house: House, phone: Phone, caplog: pytest.LogCaptureFixture
):
    house.session.suspending = 1.0
    await phone.rings()
    await asyncio.sleep(0.5)
    with caplog.at_level(logging.WARNING):
        await house.room.press()
        await at_rest(house)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_microphone_that_gives_up_on_a_frame_does_not_end_the_call(house: House, phone: Phone):
    async def takes_its_time(frame: bytes) -> None:
        phone.frames.append(frame)
        await asyncio.sleep(10)

    await house.room.start_input_claim(replace(phone.claim(), on_mic_frame=takes_its_time), house.agent)
    await asyncio.sleep(1)
    hearing = asyncio.ensure_future(house.microphone.hears(b"hello"))
    await asyncio.sleep(1)
    hearing.cancel()
    await asyncio.sleep(1)
    assert phone.frames == [b"hello"]
    assert phone.ends == []
    assert house.microphone.lent
    await house.room.press()
    await at_rest(house)


class TextOnlySession:
    """A session that hears nothing by itself."""

    capabilities = ModelCapabilities()

    async def respond(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        raise AssertionError(request)
        yield

    async def cancel(self, response_id: str, heard: timedelta | None = None) -> None:
        return

    async def close(self) -> None:
        return


async def test_a_session_that_hears_nothing_is_left_alone(house: House, phone: Phone):
    await suspend(TextOnlySession())
    await resume(TextOnlySession())
    house.agent.session = TextOnlySession()  # type: ignore[assignment]
    handle = await phone.rings()
    await asyncio.sleep(1)
    assert house.microphone.lent
    await handle.cancel()
    assert await handle.wait_end() is NATURAL
    assert phone.ends == [NATURAL]


async def test_a_farewell_that_never_ends_is_called_off_after_two_minutes(house: House, phone: Phone):
    called_off: list[float] = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            called_off.append(house.ear.now())

    phone.at_end = never
    await phone.connected()
    since = house.ear.now()
    await house.room.press()
    await house.quiet(200)
    assert [at - since for at in called_off] == [pytest.approx(120)]


async def test_a_call_whose_end_finds_no_floor_leaves_comms_free(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    acquire = house.focus.acquire

    async def refuse_dialog(activity: Activity) -> None:
        if activity.channel is Channel.DIALOG:
            raise RuntimeError("no floor")
        await acquire(activity)

    handle = await phone.connected()
    await house.inject("Take the pills")
    monkeypatch.setattr(house.focus, "acquire", refuse_dialog)
    await handle.cancel()
    assert await handle.wait_end() is NATURAL
    assert not in_call(house)
    assert "claim.aftermath_failed" in caplog.text


async def test_a_call_that_was_refused_is_not_announced_again(house: House, phone: Phone):
    async def slow() -> None:
        await asyncio.sleep(5)

    phone.at_end = slow
    await phone.rings(announce=ANNOUNCE)
    await asyncio.sleep(0.5)
    await house.room.press()
    await house.room.press()
    await house.room.nothing_said()
    await at_rest(house)
    assert house.ear.spoken() == [ANNOUNCE]
    assert house.speaker.microphones == []
