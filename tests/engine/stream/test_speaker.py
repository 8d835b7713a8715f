import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

import numpy as np
import pytest

from custom_components.huxley.engine.audio.pcm import RATE
from custom_components.huxley.engine.errors import SpeakerError
from custom_components.huxley.engine.skill.effects import AudioStream, PlayMedia
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.stream import StreamMicrophone, StreamReply, StreamSpeaker
from tests.engine.audio.sounds import FADE, Desk, at, chunks, counting, level_db, sine

WORD = timedelta(seconds=0.5)
RADIO = PlayMedia("media-source://radio", "music")


class Voice:
    """Half a second a word; it notes when it was ended."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.ended = 0
        self.error: Exception | None = None

    async def speak(self, words: AsyncIterator[str]) -> AsyncGenerator[bytes]:
        try:
            async for piece in words:
                self.texts.append(piece)
                if self.error is not None:
                    raise self.error
                async for chunk in chunks(sine(0.5 * len(piece.split()), 900)):
                    yield chunk
        finally:
            self.ended += 1


class Opened:
    """A stream whose generator says where it is."""

    def __init__(self, pcm: bytes, error: Exception | None = None) -> None:
        self.pcm, self.error = pcm, error
        self.opened = self.closed = self.pulled = 0

    async def factory(self) -> AsyncGenerator[bytes]:
        self.opened += 1
        try:
            async for chunk in chunks(self.pcm):
                self.pulled += len(chunk)
                yield chunk
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1


def voiced(desk: Desk) -> tuple[StreamSpeaker, Voice]:
    voice = Voice()
    return StreamSpeaker(desk.mixer, voice=voice.speak), voice


async def test_words_are_heard_out_when_the_last_one_was_heard(desk: Desk) -> None:
    speaker, voice = voiced(desk)
    reply = speaker.reply()
    await reply.write("one two")
    await reply.write("three")
    await reply.finish()
    begin = asyncio.get_running_loop().time()
    assert await reply.heard_out() == 3 * WORD
    assert asyncio.get_running_loop().time() - begin == pytest.approx(1.5, abs=0.03)
    assert voice.texts == ["one two", "three"]
    assert await reply.abort() == 3 * WORD


def sounding(reply: StreamReply) -> list[float]:
    """The moments at which the first sound was told, in seconds of loop time."""
    moments: list[float] = []
    reply.on_first_sound = lambda: moments.append(asyncio.get_running_loop().time())
    return moments


async def test_the_first_sound_is_told_when_the_client_plays_it(desk: Desk) -> None:
    speaker, _ = voiced(desk)
    desk.play(sine(5))
    await asyncio.sleep(0.5)
    begin = asyncio.get_running_loop().time()
    lead = desk.listener.ahead
    assert lead > 0.05
    reply = speaker.reply()
    moments = sounding(reply)
    await reply.write("one two")
    await reply.finish()
    await reply.heard_out()
    assert [moment - begin for moment in moments] == [pytest.approx(lead, abs=0.021)]
    assert asyncio.get_running_loop().time() - moments[0] == pytest.approx(1, abs=0.001)


async def test_a_voice_that_begins_with_silence_is_heard_after_it(desk: Desk) -> None:
    async def hesitant(words: AsyncIterator[str]) -> AsyncGenerator[bytes]:
        async for _ in words:
            async for chunk in chunks(bytes(48_000) + sine(0.5)):
                yield chunk

    reply = StreamSpeaker(desk.mixer, voice=hesitant).reply()
    moments, begin = sounding(reply), asyncio.get_running_loop().time()
    await reply.write("one")
    await reply.finish()
    await reply.heard_out()
    assert [moment - begin for moment in moments] == [pytest.approx(1, abs=0.021)]


async def test_words_cut_off_before_they_were_heard_never_sounded(desk: Desk) -> None:
    speaker, _ = voiced(desk)
    desk.play(sine(5))
    await asyncio.sleep(0.5)
    reply = speaker.reply()
    moments = sounding(reply)
    await reply.write("one two")
    await asyncio.sleep(0.04)
    assert await reply.abort() == timedelta(0)
    await asyncio.sleep(2)
    assert moments == []


async def test_words_that_are_taken_back_and_come_again_sound_when_they_come_again(desk: Desk) -> None:
    speaker, _ = voiced(desk)
    other = desk.play(sine(5))
    await asyncio.sleep(0.5)
    reply, begin = speaker.reply(), asyncio.get_running_loop().time()
    moments = sounding(reply)
    await reply.write("one two")
    await asyncio.sleep(0.04)
    desk.mixer.remove(other)
    await reply.finish()
    await reply.heard_out()
    assert [moment - begin for moment in moments] == [pytest.approx(0.05, abs=0.02)]
    assert asyncio.get_running_loop().time() - moments[0] == pytest.approx(1, abs=0.001)


async def test_a_reply_without_words_is_heard_out_at_once(desk: Desk) -> None:
    speaker, _ = voiced(desk)
    reply = speaker.reply()
    await reply.finish()
    assert await reply.heard_out() == timedelta(0)
    await reply.write("too late")
    assert await reply.abort() == timedelta(0)


async def test_an_aborted_reply_is_silent_within_a_frame_and_tells_what_was_heard(desk: Desk) -> None:
    speaker, voice = voiced(desk)
    reply = speaker.reply()
    await reply.write("one two three four")
    await asyncio.sleep(1)
    assert await reply.abort() == timedelta(seconds=1)
    assert voice.ended == 1
    assert desk.listener.ahead <= 0.02
    await asyncio.sleep(1)
    assert not at(desk.listener.recording(), 1.03, 2).any()
    assert await reply.heard_out() == timedelta(seconds=1)
    assert await reply.abort() == timedelta(seconds=1)


async def test_a_reply_aborted_before_a_word_never_speaks(desk: Desk) -> None:
    speaker, voice = voiced(desk)
    reply = speaker.reply()
    assert await reply.abort() == timedelta(0)
    await reply.write("hello")
    await asyncio.sleep(1)
    assert voice.texts == []


async def test_a_voice_that_fails_is_a_speaker_error(desk: Desk) -> None:
    speaker, voice = voiced(desk)
    voice.error = OSError("no route to the voice")
    reply = speaker.reply()
    await reply.write("hello")
    await reply.finish()
    with pytest.raises(SpeakerError, match="no route"):
        await reply.heard_out()


async def test_a_speaker_without_a_voice_says_so(desk: Desk) -> None:
    speaker = StreamSpeaker(desk.mixer)
    assert not speaker.capabilities.speak
    with pytest.raises(SpeakerError, match="voice"):
        speaker.reply()


async def test_a_pause_leaves_the_generator_at_its_yield_and_resumes_with_the_next_sample(desk: Desk) -> None:
    pcm = counting(4)
    stream, ends = Opened(pcm), list[PlaybackEnd]()
    playback = StreamSpeaker(desk.mixer).playback(AudioStream(stream.factory), ends.append)
    await playback.start()
    await playback.start()
    await asyncio.sleep(1.005)
    await playback.pause()
    await asyncio.sleep(0.1)
    heard, pulled = playback.heard, stream.pulled
    assert pulled - round(heard.total_seconds() * 48_000) <= 0.2 * 48_000
    await asyncio.sleep(60)
    assert (playback.heard, stream.pulled, stream.closed) == (heard, pulled, 0)
    await playback.resume()
    await asyncio.sleep(1)
    recording, book = desk.listener.recording(), np.frombuffer(pcm, "<i2")
    place, back = round(heard.total_seconds() * RATE), round(61.105 * RATE)
    assert np.array_equal(recording[back + FADE : back + 20_000], book[place + FADE : place + 20_000])
    await asyncio.sleep(3)
    assert ends == [PlaybackEnd.FINISHED]
    assert playback.heard == timedelta(seconds=4)
    assert stream.opened == stream.closed == 1


async def test_a_stopped_stream_is_silent_and_its_finally_has_run(desk: Desk) -> None:
    stream, ends = Opened(sine(5)), list[PlaybackEnd]()
    playback = StreamSpeaker(desk.mixer).playback(AudioStream(stream.factory), ends.append)
    await playback.start()
    await asyncio.sleep(1)
    await playback.stop()
    assert stream.closed == 1
    assert playback.heard == timedelta(seconds=1)
    await playback.stop()
    await playback.pause()
    await asyncio.sleep(1)
    assert level_db(at(desk.listener.recording(), 1.1, 2)) < -90
    assert ends == []


async def test_a_stream_that_raises_is_heard_as_far_as_it_came_and_ends_as_failed(desk: Desk) -> None:
    stream, ends = Opened(sine(1), OSError("the disk is gone")), list[PlaybackEnd]()
    playback = StreamSpeaker(desk.mixer).playback(AudioStream(stream.factory), ends.append)
    await playback.start()
    await asyncio.sleep(2)
    assert ends == [PlaybackEnd.FAILED]
    assert playback.heard == timedelta(seconds=1)


async def test_a_live_stream_is_closed_by_a_pause_and_opened_again(desk: Desk) -> None:
    stream = Opened(sine(5))
    playback = StreamSpeaker(desk.mixer).playback(AudioStream(stream.factory, live=True), lambda _: None)
    await playback.start()
    await asyncio.sleep(1)
    await playback.pause()
    assert (stream.opened, stream.closed) == (1, 1)
    await playback.resume()
    await asyncio.sleep(1)
    assert stream.opened == 2
    assert playback.heard == timedelta(seconds=2)
    await playback.stop()


async def test_content_that_comes_back_ducked_is_never_loud(desk: Desk) -> None:
    stream = Opened(sine(5, 300, 16000))
    playback = StreamSpeaker(desk.mixer).playback(AudioStream(stream.factory), lambda _: None)
    await playback.start()
    await asyncio.sleep(1)
    await playback.pause()
    await playback.set_ducked(ducked=True)
    await playback.resume()
    await asyncio.sleep(0.5)
    heard = desk.listener.recording()
    assert np.abs(at(heard, 1.03, 1.4)).max() < 16000 * 10 ** (-17 / 20)
    await playback.stop()


async def test_media_by_id_needs_somebody_who_opens_it(desk: Desk) -> None:
    with pytest.raises(SpeakerError, match="radio"):
        StreamSpeaker(desk.mixer).playback(RADIO, lambda _: None)
    stream, ends = Opened(sine(1)), list[PlaybackEnd]()
    speaker = StreamSpeaker(desk.mixer, open_media=lambda _: stream.factory)
    await speaker.playback(RADIO, ends.append).start()
    await asyncio.sleep(1.5)
    assert ends == [PlaybackEnd.FINISHED]


async def test_the_volume_is_kept_within_its_bounds(desk: Desk) -> None:
    speaker = StreamSpeaker(desk.mixer, volume=40)
    assert speaker.volume == 40
    await speaker.set_volume(130)
    assert speaker.volume == 100
    await speaker.set_volume(-4)
    assert (speaker.volume, desk.mixer.volume) == (0, 0.0)


async def test_a_short_sound_returns_when_it_was_heard(desk: Desk) -> None:
    begin = asyncio.get_running_loop().time()
    await StreamSpeaker(desk.mixer).play_sound(sine(0.5))
    assert asyncio.get_running_loop().time() - begin == pytest.approx(0.5, abs=0.01)
    await StreamSpeaker(desk.mixer).play_sound(b"")


async def test_cancelling_a_short_sound_cuts_it_off(desk: Desk) -> None:
    playing = asyncio.create_task(StreamSpeaker(desk.mixer).play_sound(sine(5)))
    await asyncio.sleep(0.5)
    playing.cancel()
    await asyncio.wait([playing])
    assert desk.listener.ahead <= 0.02


async def test_a_microphone_is_lent_to_one_and_comes_back(desk: Desk) -> None:
    microphone = StreamMicrophone()
    speaker = StreamSpeaker(desk.mixer, microphone=microphone)
    heard: list[bytes] = []

    async def hear(frame: bytes) -> None:
        heard.append(frame)

    microphone.feed(b"nobody")
    lease = speaker.lend_microphone(hear, lambda: None)
    with pytest.raises(SpeakerError, match="lent"):
        speaker.lend_microphone(hear, lambda: None)
    microphone.feed(b"one")
    microphone.feed(b"two")
    await asyncio.sleep(0.1)
    await lease.close()
    await lease.close()
    microphone.feed(b"three")
    await asyncio.sleep(0.1)
    assert heard == [b"one", b"two"]
    again = speaker.lend_microphone(hear, lambda: None)
    await lease.close()
    microphone.feed(b"four")
    await asyncio.sleep(0.1)
    assert heard[-1] == b"four"
    await again.close()


async def test_a_lost_client_is_told_once(desk: Desk) -> None:
    microphone, lost = StreamMicrophone(), list[str]()

    async def hear(frame: bytes) -> None:
        raise AssertionError

    lease = microphone.lend(hear, lambda: lost.append("lost"))
    microphone.lost()
    microphone.lost()
    lease.lost()
    await lease.close()
    assert lost == ["lost"]


async def test_who_is_slow_hears_the_newest_second(desk: Desk) -> None:
    microphone, heard = StreamMicrophone(), list[bytes]()

    async def hear(frame: bytes) -> None:
        heard.append(frame)
        await asyncio.sleep(1)

    lease = microphone.lend(hear, lambda: None)
    await asyncio.sleep(0)
    for number in range(60):
        microphone.feed(str(number).encode())
    await asyncio.sleep(1.5)
    assert heard[0] == b"10"
    await lease.close()


async def test_a_claim_may_end_itself_from_a_frame() -> None:
    microphone = StreamMicrophone()

    async def hang_up(frame: bytes) -> None:
        await lease.close()

    lease = microphone.lend(hang_up, lambda: None)
    microphone.feed(b"one")
    await asyncio.sleep(0.1)
    microphone.feed(b"two")


async def test_a_room_without_a_microphone_says_so(desk: Desk) -> None:
    speaker = StreamSpeaker(desk.mixer)
    assert not speaker.capabilities.microphone

    async def hear(frame: bytes) -> None:
        return

    with pytest.raises(SpeakerError, match="microphone"):
        speaker.lend_microphone(hear, lambda: None)
