"""The page about behaviour says what the end-to-end tests check, and nothing else."""

import re

from tests.e2e.behaviour import kitchen, living_room, page
from tests.e2e.behaviour.cells import Course, Event, Situation
from tests.packaging.repository import ROOT


def test_the_page_is_what_the_script_writes() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text(), "run scripts/behaviour and commit the page"


def test_every_situation_meets_every_event() -> None:
    here = [(cell.situation, cell.event) for cell in kitchen.CELLS]
    assert here == [(situation, event) for situation in Situation for event in Event]
    without_restart = [event for event in Event if event is not Event.RESTART]
    there = [(cell.situation, cell.event) for cell in living_room.CELLS]
    rows = (Situation.IDLE, Situation.OWN, Situation.SPEAKING)
    assert there == [(situation, event) for situation in rows for event in without_restart]


def test_rules_of_cells_are_told_of_in_the_page_about_the_engine() -> None:
    engine = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\b([FTIA]\d+)\b", engine))
    for letter, first, last in re.findall(r"\b([FTIA])(\d+)(?: to |-)[FTIA]?(\d+)", engine):
        told |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    assert {rule for cell in (*kitchen.CELLS, *living_room.CELLS) for rule in cell.rules} - told == set()


def test_music_plays_in_the_situations_with_music_only() -> None:
    with_music = {Situation.OWN, Situation.FOREIGN}
    for cell in (*kitchen.CELLS, *living_room.CELLS):
        assert (cell.course is not Course.NOTHING) is (cell.situation in with_music), cell.id
