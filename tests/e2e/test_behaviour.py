"""The behaviour matrix: what is heard when something happens while a room does something (docs/behaviour.md)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from scripts.rig.process import ROOT
from tests.e2e.behaviour import kitchen, living_room
from tests.e2e.behaviour.cells import Cell, Course, Sentence
from tests.e2e.behaviour.house import matrix_house
from tests.e2e.behaviour.judge import judge
from tests.e2e.behaviour.play import Take, play_all
from tests.e2e.behaviour.voices import Numbers, references

ARTIFACTS = ROOT / "build" / "e2e" / "behaviour"
KITCHENS = 7  # one for each situation, and one that goes on after a restart
LIVING_ROOMS = 3
CELLS = (*kitchen.CELLS, *living_room.CELLS)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells, played."""

    takes: Mapping[Cell, list[Take]]
    sentences: Mapping[Sentence, Numbers]


@pytest_asyncio.fixture(scope="session")
async def matrix(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Matrix]:
    """Play the cells of the tests that run, side by side in the rooms of one house."""
    wanted = {item.callspec.params.get("cell") for item in request.session.items if hasattr(item, "callspec")}
    cells = [cell for cell in CELLS if cell in wanted]
    sentences = await references()

    def holds(cell: Cell, take: Take) -> bool:
        try:
            _judge(cell, take, sentences)
        except Exception:  # noqa: BLE001  its test raises it if it happens again
            return False
        return True

    async with matrix_house(tmp_path_factory.mktemp("matrix"), KITCHENS, LIVING_ROOMS) as house:
        try:
            takes = await play_all(house, cells, holds)
        finally:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            (ARTIFACTS / "homeassistant.log").write_text(house.console + house.homeassistant.console)
    yield Matrix(takes, sentences)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
async def test_what_is_heard(matrix: Matrix, cell: Cell) -> None:
    courses = (cell.course, Course.RESUMED)  # the second take is that of a room that goes on after a restart
    for take, course in zip(matrix.takes[cell], courses, strict=False):
        try:
            _judge(replace(cell, course=course), take, matrix.sentences)
        except AssertionError as error:
            if isinstance(take, BaseException):
                raise
            error.add_note(f"{cell.heard}\nevent at {take.event:.2f} s\n{take.notes}")
            take.save(ARTIFACTS / f"{cell.id}.wav")
            raise


def _judge(cell: Cell, take: Take, sentences: Mapping[Sentence, Numbers]) -> None:
    """Raise unless there is a recording, and it is as the cell says."""
    if isinstance(take, BaseException):
        raise take
    judge(cell, take, sentences)
