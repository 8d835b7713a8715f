"""A skill with a catalog, as somebody might write it, for a room to play from."""

import asyncio
import sys
from pathlib import Path
from typing import Any

SKILL = '''
import asyncio
from datetime import timedelta

from custom_components.huxley.sdk import (
    AudioStream, CatalogError, CatalogItem, CatalogPage, ContentType, ItemKind, PlayMedia, Skill, tool,
)

OPENED = []
BROKEN = set()
SLOW = {}

BOOKS = {
    "prince": CatalogItem("prince", "The Little Prince", ItemKind.BOOK, artist="Saint-Exupery",
                          image_url="/local/prince.jpg", duration=timedelta(minutes=90)),
    "quijote": CatalogItem("quijote", "Don Quijote", ItemKind.BOOK),
    "news": CatalogItem("news", "News", ItemKind.STATION),
    "all": CatalogItem("all", "All books", ItemKind.PLAYLIST, opens=True),
    "shelf": CatalogItem("shelf", "Closed shelf", ItemKind.FOLDER, plays=False, opens=True),
}


class Books:
    async def browse(self, item_id):
        if item_id == "all":
            return CatalogPage("All books", [BOOKS["prince"], BOOKS["quijote"]], plays=True)
        if item_id:
            raise CatalogError(f"There is no shelf {item_id}.")
        if "browse" in BROKEN:
            raise RuntimeError("the library burned down")
        return CatalogPage("Library", list(BOOKS.values()))

    async def item(self, item_id):
        if item_id not in BOOKS:
            raise CatalogError(f"There is no book {item_id}.")
        return BOOKS[item_id]

    async def search(self, query):
        if "search" in BROKEN:
            raise RuntimeError("no index")
        return [book for book in BOOKS.values() if query.lower() in book.title.lower()]

    async def open(self, item_id, start):
        if item_id in SLOW:
            await SLOW[item_id].wait()
        if item_id in BROKEN:
            raise CatalogError(f"{item_id} is torn.")
        OPENED.append((item_id, start.total_seconds()))
        book = BOOKS[item_id]
        if item_id == "news":
            return PlayMedia("http://radio/news.mp3", "music", title="News")

        async def audio():
            for _ in range(60 * 50):
                yield bytes(960)

        return AudioStream(audio, content_type=ContentType.NONMIXABLE, title=book.title, artist=book.artist,
                           image_url=book.image_url, duration=book.duration)


class BooksSkill(Skill):
    name = "books"

    def catalog(self):
        return Books()

    @tool
    async def shelf(self) -> str:
        """Say what there is."""
        return "Books."
'''

SENTENCES = """
tools:
  shelf: [what books are there]
examples:
  - What books are there
  - What books are there?
"""

PERSONA = "skills:\n  books: {}\n  music: {}\n"


def write_skill(config_dir: str) -> None:
    """Put the skill into a house's folder."""
    folder = Path(config_dir) / "huxley" / "skills" / "books"
    (folder / "sentences").mkdir(parents=True)
    (folder / "__init__.py").write_text(SKILL, "utf-8")
    (folder / "skill.yaml").write_text('name: books\nversion: "1.0.0"\ndescription: Books.\n', "utf-8")
    (folder / "sentences" / "en.yaml").write_text(SENTENCES, "utf-8")


def opened() -> list[tuple[str, float]]:
    """What was opened since the last reload, and where, in seconds."""
    return _module().OPENED


def broken() -> set[str]:
    """What does not work."""
    return _module().BROKEN


def slow() -> dict[str, asyncio.Event]:
    """What is opened only when its event is set."""
    return _module().SLOW


def _module() -> Any:
    return next(module for name, module in sys.modules.items() if name.endswith("huxley_skills.books"))
