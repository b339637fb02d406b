"""A newcomer who wants to add something finds in ARCHITECTURE.md where, and it is there."""

import re
from collections.abc import Sized
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "hangtag"
WANTED = (
    "a file format", "a projection", "a way to cluster", "a kind of model", "a kind of features",
    "a kind of feed", "an encoder of photographs", "a format to export to",
    "a caution of studies, or of runs",
    "an optimizer", "a type of layer", "a metric of training", "a section of the report",
    "an option of every command", "a web route", "a command",
)  # fmt: skip


def rows():
    """What can be added, the places that get a line, and a file to copy."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    part = text[text.index("## Where a new line belongs") : text.index("## Decisions")]
    cells = [[one.strip() for one in line.strip("|").split("|")] for line in part.splitlines()
             if line.startswith("| a")]  # fmt: skip
    return {row[0]: row[1:] for row in cells}


ROWS = rows()


def test_what_people_add_is_in_the_table():
    assert tuple(ROWS) == WANTED


@pytest.mark.parametrize("wanted", WANTED)
def test_the_table_that_gets_a_line_is_where_it_is_said_to_be(wanted):
    places, _ = ROWS[wanted]
    found = re.findall(r"`([\w/]+\.py)`(?: `([A-Z]+)`)?", places)
    assert found, places
    for file, table in found:
        assert (PACKAGE / file).is_file(), file
        name = "hangtag." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if table:
            members = getattr(import_module(name), table)
            assert isinstance(members, Sized), table
            assert len(members) > 1 or table == "ENCODERS", table


@pytest.mark.parametrize("wanted", WANTED)
def test_the_example_is_a_file_that_says_what_it_is(wanted):
    _, example = ROWS[wanted]
    for file in re.findall(r"`([\w/]+\.py)`", example):
        assert (PACKAGE / file).read_text().startswith('"""'), file
        # The line that makes it a member names it: nothing else has to know of it.
        places, _ = ROWS[wanted]
        tables = [(PACKAGE / one).read_text() for one in re.findall(r"`([\w/]+\.py)`", places)]
        assert any(Path(file).stem in text for text in tables), file
