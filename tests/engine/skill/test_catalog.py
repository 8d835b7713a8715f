"""Ids of catalog items, and streams that begin later."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.huxley.engine.audio.pcm import FRAME_BYTES, size
from custom_components.huxley.engine.errors import HuxleyError
from custom_components.huxley.engine.skill.catalog import CatalogError, MediaId, is_media_id, skip
from custom_components.huxley.sdk import Skill
from custom_components.huxley.sdk.testing import make_context
from tests.engine.virtual_time import run

PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100)


@given(PRINTABLE)
def test_any_item_comes_back_from_its_id(item: str) -> None:
    media_id = str(MediaId("abuelos", "music", item))
    assert is_media_id(media_id)
    assert MediaId.parse(media_id) == MediaId("abuelos", "music", item)


def test_an_item_never_adds_a_step_to_the_path_of_an_id() -> None:
    assert str(MediaId("basic", "music", "../../secrets.yaml")) == "huxley://basic/music/..%2F..%2Fsecrets.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "huxley://",
        "huxley://basic",
        "huxley:///music/a",
        "huxley://basic//a",
        "huxley://../music/a",
        "huxley://basic/music/a/b",
        "huxley://basic/music/a%00b",
        "huxley://basic/music/a%0Ab",
        "huxley://basic/music/" + "a" * 1025,
        "media-source://basic/music/a",
        "Huxley://basic/music/a",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="is not the id of anything"):
        MediaId.parse(text)


def test_a_refusal_is_an_error_that_a_caller_may_catch() -> None:
    assert issubclass(CatalogError, HuxleyError)


async def test_a_skill_names_its_items_for_the_house() -> None:
    class Books(Skill):
        name = "books"

    skill = Books()
    await skill.setup(make_context("books"))
    assert skill.media_id("el principito") == "huxley://test/books/el%20principito"
    assert skill.catalog() is None


class Tape:
    """Counts up, one value a sample, in chunks that fit no frame."""

    def __init__(self) -> None:
        self.closed = False

    async def play(self) -> AsyncIterator[bytes]:
        try:
            for start in range(0, 4800, 100):
                yield b"".join(number.to_bytes(2, "little") for number in range(start, start + 100))
        finally:
            self.closed = True


async def _all(source: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in source])


def test_a_skipped_stream_begins_exactly_at_its_start() -> None:
    for milliseconds in (0, 1, 20, 33, 199):
        audio = run(_all(skip(Tape().play, timedelta(milliseconds=milliseconds))()))
        first = size(timedelta(milliseconds=milliseconds)) // 2
        assert int.from_bytes(audio[:2], "little") == first
        assert len(audio) == (4800 - first) * 2


def test_a_stream_that_is_shorter_than_its_start_is_silent() -> None:
    assert run(_all(skip(Tape().play, timedelta(seconds=9))())) == b""


def test_closing_a_skipped_stream_closes_its_source() -> None:
    tape = Tape()

    async def glance() -> None:
        stream = skip(tape.play, timedelta(milliseconds=5))()
        assert len(await anext(stream)) < FRAME_BYTES
        await stream.aclose()  # type: ignore[attr-defined]

    run(glance())
    assert tape.closed
