"""The page on skills: what it shows, works."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from custom_components.huxley import sdk
from custom_components.huxley.engine.model.offline import OfflineModel
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.engine.skill.skill import check_config
from custom_components.huxley.engine.skill.words import replies_by_language
from custom_components.huxley.runtime.skill_packages import SkillPackage, SkillPackages
from custom_components.huxley.sdk.testing import BYTES_PER_SECOND, FakeHome, FakeRoom, make_context
from tests.engine.virtual_time import run

PAGE = (Path(__file__).parents[2] / "docs" / "skills.md").read_text("utf-8")


def block(kind: str, containing: str) -> str:
    found = [text for text in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) if containing in text]
    return found[0]


@pytest.fixture
def dice(config: Path) -> SkillPackage:
    folder = config / "huxley" / "skills" / "dice"
    (folder / "sentences").mkdir(parents=True)
    (folder / "__init__.py").write_text(block("python", "class DiceSkill"), "utf-8")
    (folder / "skill.yaml").write_text(block("yaml", "name: dice"), "utf-8")
    (folder / "sentences" / "en.yaml").write_text(block("yaml", "tools:"), "utf-8")
    return SkillPackages(config).load("dice")


def test_first_skill_loads_and_understands_its_sentences(dice: SkillPackage) -> None:
    registry = Registry({"dice": dice.skill_class()})
    model = OfflineModel(registry, {"dice": dice.sentences}, languages=["en"], phrases={})
    for text, arguments in (
        ("Roll the dice, please!", {}),
        ("throw a die with twenty sides", {"sides": 20}),
        ("Flip a coin.", {"sides": 2}),
    ):
        found = model.match(text, None)
        assert found is not None, text
        assert (found[0].tool, found[0].arguments) == ("roll", arguments)


async def test_first_skill_answers_in_the_personas_words(dice: SkillPackage) -> None:
    config = yaml.safe_load(block("yaml", "Fortune"))["skills"]["dice"]
    skill = dice.skill_class()
    await skill.setup(make_context("dice", responses=dice.responses, replies=replies_by_language(config, "en")))
    assert re.fullmatch(r"Fortune says [12]\.", (await skill.handle("roll", {"sides": 2})).output)


def test_eggs_are_announced_when_their_minutes_are_over() -> None:
    names: dict[str, Any] = {}
    exec(block("python", "class EggSkill"), names)  # noqa: S102 - the page's own code
    room = FakeRoom()

    async def boil() -> None:
        eggs = names["EggSkill"]()
        await eggs.setup(make_context("eggs", responses={"en": {"done": "Done!", "started": "{minutes}."}}, room=room))
        assert (await eggs.handle("boil", {"minutes": 4})).output == "4."
        await asyncio.sleep(239)
        assert room.said == []
        await asyncio.sleep(2)
        assert room.said == ["Done!"]

    run(boil())


async def test_the_catalog_on_the_page_can_be_browsed_searched_and_opened() -> None:
    names: dict[str, Any] = {}
    exec(block("python", "class Shelf"), names)  # noqa: S102 - the page's own code
    skill = names["BookSkill"]()
    home = FakeHome(audio={"/config/huxley/data/test/books/prince.mp3": 10})
    await skill.setup(make_context("books", home=home))
    catalog = skill.catalog()
    (book,) = (await catalog.browse("")).items
    assert await catalog.search("little") == [book] == [await catalog.item(book.id)]
    stream = await catalog.open(book.id, timedelta(seconds=4))
    assert sum([len(chunk) async for chunk in stream.factory()]) == 6 * BYTES_PER_SECOND
    with pytest.raises(sdk.CatalogError, match="no shelf"):
        await catalog.browse("gone")


def test_music_config_is_one_that_the_skill_takes(load) -> None:
    config = yaml.safe_load(block("yaml", "media-source"))["skills"]["music"]
    assert check_config(load("music").skill_class, config) == config


def test_every_name_in_the_sdk_is_there_and_documented() -> None:
    undocumented = {name for name in sdk.__all__ if not (getattr(sdk, name).__doc__ or "").strip()}
    assert not {name for name in undocumented if isinstance(getattr(sdk, name), type)}
    for name in ("AudioStream", "PlayMedia", "InputClaim", "PlaySound", "CancelMedia", "SetVolume", "InjectPriority"):
        assert name in PAGE
