"""The music skill: what it plays, what it says, and where it picks up."""

import wave
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.huxley.engine.errors import HuxleyError, SkillError
from custom_components.huxley.engine.skill.language import speaking
from custom_components.huxley.runtime.skill_packages import SkillPackage
from custom_components.huxley.sdk import AudioStream, CancelMedia, ContentType, PlayMedia, Skill, ToolResult
from custom_components.huxley.sdk.testing import BYTES_PER_SECOND, FakeHome, make_context

type Load = Callable[[str], SkillPackage]

RADIO = {"title": "Radio Uno", "media_content_id": "media-source://radio/1", "media_content_type": "music"}


class House:
    """A music skill with a folder of tracks, each two seconds long unless told otherwise."""

    def __init__(self, load: Load, data_path: Path) -> None:
        self.data_path = data_path
        self.home = FakeHome()
        self._package = load("music")
        self.skill: Skill = self._package.skill_class()

    def file(self, name: str, seconds: float | None = 2) -> None:
        path = self.data_path / "songs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not really music")
        if seconds is not None:
            self.home.audio[str(path)] = seconds

    async def set_up(self, **config: Any) -> None:
        await self.skill.setup(
            make_context(
                "music", config=config, responses=self._package.responses, home=self.home, data_path=self.data_path
            )
        )

    async def play(self, title: str | None = None) -> ToolResult:
        return await self.skill.handle("play", {} if title is None else {"title": title})

    async def stream(self, title: str | None = None) -> AudioStream:
        effect = (await self.play(title)).side_effect
        assert isinstance(effect, AudioStream)
        return effect

    def decoded(self) -> list[tuple[str, float]]:
        return [(Path(source).name, start.total_seconds()) for source, start in self.home.decoded]


@pytest.fixture
def house(load: Load, tmp_path: Path) -> House:
    return House(load, tmp_path)


async def heard(audio: AsyncIterator[bytes], seconds: float | None = None) -> float:
    """Take audio until `seconds` are there, or to its end; return how many there were."""
    count = 0
    async with aclosing(audio) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            count += len(piece)
            if seconds is not None and count >= seconds * BYTES_PER_SECOND:
                break
    return count / BYTES_PER_SECOND


async def test_out_of_the_box_it_plays_its_own_tune(house: House) -> None:
    await house.set_up()
    result = await house.play()
    stream = result.side_effect
    assert result.output == "Playing Huxley Waltz."
    assert isinstance(stream, AudioStream)
    assert (stream.title, stream.artist, stream.content_type) == ("Huxley Waltz", None, ContentType.MIXABLE)
    assert stream.duration == timedelta(seconds=24)


async def test_everything_in_the_folder_is_played_one_after_the_other(house: House) -> None:
    for name in ("02 - Ella - Blue Moon.mp3", "01_first_song.mp3", "deep/er.ogg", "cover.jpg", ".hidden.mp3"):
        house.file(name)
    await house.set_up(folder="songs")
    stream = await house.stream()
    assert (stream.title, stream.duration) == ("First Song", None)
    assert await heard(stream.factory()) == 6
    assert house.decoded() == [("01_first_song.mp3", 0), ("02 - Ella - Blue Moon.mp3", 0), ("er.ogg", 0)]


async def test_nothing_is_decoded_before_the_room_asks(house: House) -> None:
    house.file("a.mp3")
    await house.set_up(folder="songs")
    await house.stream()
    assert house.decoded() == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Canción de cuna", "Canción De Cuna"),
        ("CANCION DE CUNA!", "Canción De Cuna"),
        ("blue moon", "Blue Moon"),
        ("moon", "Blue Moon"),
        ("blu mun", "Blue Moon"),
        ("cancion de luna", "Canción De Cuna"),
    ],
)
async def test_title_is_found_as_people_say_it(house: House, asked: str, found: str) -> None:
    for name in ("canción de cuna.mp3", "Ella - Blue Moon.mp3", "Blue Moon over the Long River.mp3"):
        house.file(name)
    await house.set_up(folder="songs")
    result = await house.play(asked)
    assert result.output == f"Playing {found}."
    assert isinstance(result.side_effect, AudioStream)


async def test_artist_is_told_to_the_room(house: House) -> None:
    house.file("Ella - Blue Moon.mp3")
    await house.set_up(folder="songs")
    assert (await house.stream("blue moon")).artist == "Ella"


@pytest.mark.parametrize("asked", ["hotel", "?", "zzz"])
async def test_what_is_not_there_is_answered_with_what_is(house: House, asked: str) -> None:
    house.file("blue moon.mp3")
    await house.set_up(folder="songs")
    result = await house.play(asked)
    assert result == ToolResult(f"I could not find {asked}. I do have Blue Moon.", is_error=True)


async def test_missing_folder_is_a_clear_error_at_setup_and_an_honest_answer_later(house: House) -> None:
    with pytest.raises(SkillError, match=r"songs is not there\. Create it, or change `folder`"):
        await house.set_up(folder="songs")
    answer = ToolResult("I cannot find the music folder songs.", is_error=True)
    assert await house.play() == answer
    assert await house.skill.handle("list_tracks", {}) == answer
    assert await house.skill.lists() == {"title": []}


async def test_folder_that_appears_later_is_played_without_a_reload(house: House) -> None:
    with pytest.raises(SkillError):
        await house.set_up(folder="songs")
    house.file("blue moon.mp3")
    assert (await house.play()).output == "Playing Blue Moon."


async def test_media_is_played_even_when_the_folder_is_missing(house: House) -> None:
    with pytest.raises(SkillError):
        await house.set_up(folder="songs", media=[RADIO])
    assert (await house.play()).output == "Playing Radio Uno."
    assert (await house.skill.handle("list_tracks", {})).output == "I have Radio Uno."


async def test_empty_folder_is_said(house: House) -> None:
    (house.data_path / "songs").mkdir()
    await house.set_up(folder="songs")
    assert await house.play() == ToolResult("There is no music in the folder yet.", is_error=True)
    assert (await house.skill.handle("list_tracks", {})).output == "There is no music in the folder yet."
    assert house.skill.prompt_context() is None


async def test_media_is_left_to_the_rooms_player(house: House) -> None:
    await house.set_up(media=[RADIO, {"title": "Jazz", "media_content_id": "http://jazz"}])
    assert (await house.play()).side_effect == PlayMedia("media-source://radio/1", "music", title="Radio Uno")
    assert (await house.play("jazz")).side_effect == PlayMedia("http://jazz", "music", title="Jazz")


async def test_resume_picks_up_at_the_heard_place(house: House) -> None:
    house.file("a.mp3", 10)
    await house.set_up(folder="songs")
    stream = await house.stream()
    await heard(stream.factory(), 6)
    await stream.on_progress(timedelta(seconds=4.5))
    again = stream.resume()
    assert await heard(again.factory()) == 5.5
    assert house.decoded() == [("a.mp3", 0), ("a.mp3", 4.5)]
    await again.on_progress(timedelta(seconds=2))
    assert await heard(again.resume().factory()) == 3.5


async def test_resume_finds_the_track_that_was_heard(house: House) -> None:
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        house.file(name, 10)
    await house.set_up(folder="songs")
    stream = await house.stream()
    await heard(stream.factory(), 21)
    await stream.on_progress(timedelta(seconds=19.5))
    again = stream.resume()
    assert again.title == "B"
    assert await heard(again.factory()) == 10.5
    assert house.decoded()[3:] == [("b.mp3", 9.5), ("c.mp3", 0)]
    await again.on_progress(timedelta(seconds=1.5))
    await heard(again.resume().factory(), 1)
    assert house.decoded()[5:] == [("c.mp3", 1)]


async def test_two_streams_do_not_share_their_place(house: House) -> None:
    house.file("a.mp3", 10)
    await house.set_up(folder="songs")
    first, second = await house.stream(), await house.stream()
    await first.on_progress(timedelta(seconds=4))
    await heard(second.resume().factory(), 1)
    assert house.decoded() == [("a.mp3", 0)]


async def test_stream_that_never_started_resumes_at_its_beginning(house: House) -> None:
    house.file("a.mp3", 10)
    await house.set_up(folder="songs")
    assert await heard((await house.stream()).resume().factory()) == 10


async def test_track_that_cannot_be_read_is_passed_over(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.file("a.mp3", None)
    house.file("b.mp3")
    await house.set_up(folder="songs")
    assert await heard((await house.stream()).factory()) == 2
    assert "music.track_skipped track=a.mp3" in caplog.text


async def test_only_track_that_cannot_be_read_is_an_error_of_the_stream(house: House) -> None:
    house.file("a.mp3", None)
    await house.set_up(folder="songs")
    stream = await house.stream()
    with pytest.raises(HuxleyError, match="cannot be decoded"):
        await heard(stream.factory())


async def test_stop_says_whether_anything_was_playing_and_stops_it_in_any_case(house: House) -> None:
    house.file("a.mp3")
    await house.set_up(folder="songs")
    silent = ToolResult("Nothing is playing.", CancelMedia())
    assert await house.skill.handle("stop", {}) == silent
    await heard((await house.stream()).factory(), 1)
    assert await house.skill.handle("stop", {}) == ToolResult("Stopped.", CancelMedia())
    assert await house.skill.handle("stop", {}) == silent
    await heard((await house.stream()).factory())
    assert await house.skill.handle("stop", {}) == silent


async def test_titles_reach_the_sentences_and_the_prompt(house: House) -> None:
    house.file("blue moon.mp3")
    await house.set_up(folder="songs", media=[RADIO])
    assert await house.skill.lists() == {"title": ["Blue Moon", "Radio Uno"]}
    assert house.skill.prompt_context() == "Music: Blue Moon, Radio Uno"
    assert (await house.skill.handle("list_tracks", {})).output == "I have Blue Moon, Radio Uno."


async def test_answer_is_in_the_language_of_the_person(house: House) -> None:
    await house.set_up()
    with speaking("es"):
        assert (await house.play()).output == "Pongo Huxley Waltz."
    with speaking("fr"):
        assert (await house.skill.handle("stop", {})).output == "Rien ne joue."


async def test_broken_wav_has_no_duration(house: House) -> None:
    house.file("a.wav")
    await house.set_up(folder="songs")
    assert (await house.stream()).duration is None


async def test_length_of_a_wav_is_told(house: House) -> None:
    house.file("a.wav")
    with wave.open(str(house.data_path / "songs" / "a.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(24_000))
    await house.set_up(folder="songs")
    assert (await house.stream()).duration == timedelta(seconds=0.5)
