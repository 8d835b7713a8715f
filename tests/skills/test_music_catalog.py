"""The music skill's catalog: what is shown, what is found, and that nothing leads out of its folder."""

from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.huxley.sdk import AudioStream, CatalogError, CatalogItem, ItemKind, Place, PlayMedia, SkillError
from tests.skills.test_music import RADIO, House, Load, heard


@pytest.fixture
async def house(load: Load, tmp_path: Path) -> House:
    house = House(load, tmp_path)
    for name in ("first.mp3", "jazz/02 - Ella - Blue Moon.mp3", "jazz/live/so what.ogg", "jazz/Ella - Moonglow.mp3"):
        house.file(name, 10)
    await house.set_up(folder="songs", media=[RADIO])
    return house


async def test_the_first_page_has_folders_tracks_and_media(house: House) -> None:
    page = await house.skill.catalog().browse("")
    assert (page.title, page.plays) == ("Music", True)
    assert list(page.items) == [
        CatalogItem("folder/jazz", "jazz", ItemKind.ALBUM, opens=True),
        CatalogItem("track/first.mp3", "First"),
        CatalogItem("media/media-source://radio/1", "Radio Uno"),
    ]


async def test_a_folder_has_its_own_page(house: House) -> None:
    page = await house.skill.catalog().browse("folder/jazz")
    assert (page.title, page.kind) == ("jazz", ItemKind.ALBUM)
    assert [(item.id, item.title, item.artist) for item in page.items] == [
        ("folder/jazz/live", "live", None),
        ("track/jazz/02 - Ella - Blue Moon.mp3", "Blue Moon", "Ella"),
        ("track/jazz/Ella - Moonglow.mp3", "Moonglow", "Ella"),
    ]


async def test_every_item_that_is_shown_can_be_asked_for_again(house: House) -> None:
    catalog = house.skill.catalog()
    for page in ("", "folder/jazz", "folder/jazz/live"):
        for item in (await catalog.browse(page)).items:
            assert await catalog.item(item.id) == item


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("blue moon", ["Blue Moon"]),
        ("ella", ["Blue Moon", "Moonglow"]),
        ("MOON", ["Blue Moon", "Moonglow"]),
        ("so wat", ["So What"]),
        ("radio", ["Radio Uno"]),
        ("opera", []),
        ("  ", []),
    ],
)
async def test_search_finds_titles_and_artists(house: House, query: str, titles: list[str]) -> None:
    assert [item.title for item in await house.skill.catalog().search(query)] == titles


async def test_a_track_is_opened_at_any_place(house: House) -> None:
    stream = await house.skill.catalog().open("track/jazz/Ella - Moonglow.mp3", timedelta(seconds=7))
    assert isinstance(stream, AudioStream)
    assert (stream.title, stream.artist) == ("Moonglow", "Ella")
    assert await heard(stream.factory()) == 3
    assert house.decoded() == [("Ella - Moonglow.mp3", 7)]


async def test_media_is_left_to_the_player(house: House) -> None:
    opened = await house.skill.catalog().open("media/media-source://radio/1", timedelta(0))
    assert opened == PlayMedia("media-source://radio/1", "music", title="Radio Uno")


async def test_music_by_voice_says_which_track_it_is_at_and_is_found_again(house: House) -> None:
    stream = await house.stream()
    await heard(stream.factory(), 25)
    place = stream.place(timedelta(seconds=14))
    item = "from%2Fjazz%2F02%20-%20Ella%20-%20Blue%20Moon.mp3"
    assert place == Place(f"huxley://test/music/{item}", timedelta(seconds=4), "Blue Moon", "Ella")
    again = await house.skill.catalog().open("from/jazz/02 - Ella - Blue Moon.mp3", place.position)
    assert await heard(again.factory()) == 6 + 10 + 10


async def test_a_single_track_by_voice_is_that_track(house: House) -> None:
    stream = await house.stream("moonglow")
    assert stream.place(timedelta(seconds=3)).media_id == "huxley://test/music/track%2Fjazz%2FElla%20-%20Moonglow.mp3"


@pytest.mark.parametrize(
    "item",
    [
        "track/../secret.mp3",
        "track/songs/../../secret.mp3",
        "track//etc/passwd",
        "track/jazz",
        "folder/..",
        "folder/jazz/..",
        "folder//",
        "from/gone.mp3",
        "media/http://elsewhere",
        "gone",
    ],
)
async def test_nothing_outside_the_folder_is_ever_opened(house: House, item: str) -> None:
    (house.data_path / "secret.mp3").write_bytes(b"secret")
    catalog = house.skill.catalog()
    for ask in (catalog.browse, catalog.item):
        with pytest.raises(CatalogError, match="is not there any more"):
            await ask(item)
    with pytest.raises(CatalogError, match="is not there any more"):
        await catalog.open(item, timedelta(0))
    assert house.decoded() == []


async def test_a_missing_folder_is_said(load: Load, tmp_path: Path) -> None:
    house = House(load, tmp_path)
    with pytest.raises(SkillError):
        await house.set_up(folder="songs")
    with pytest.raises(CatalogError, match="I cannot find the music folder songs"):
        await house.skill.catalog().browse("")
    house.file("first.mp3")
    assert [item.title for item in (await house.skill.catalog().browse("")).items] == ["First"]
