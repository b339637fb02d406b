"""A terminal shows what a page shows: the same tables and sentences, in 80 columns."""

import pytest

from hangtag.records import StudyTable
from hangtag.rooms.report.results.plain import WIDE, table_lines

HEADER = ("model", "accuracy", "low", "high", "epochs", "note")


def test_an_interval_stands_beside_its_value_and_a_star_at_the_best():
    rows = (("a", 0.9, 0.85, 0.94, 3, None), ("b", 0.95, None, None, None, None))
    lines = list(table_lines(StudyTable("t", "The models", HEADER, rows, ((1, 1),), "A note.")))
    title, heads, first, second, note = lines
    assert (title, note) == ("The models", "A note.")
    assert heads.split() == ["model", "accuracy", "epochs"]  # the empty column is left out
    assert first.split() == ["a", "0.9000", "[0.8500,", "0.9400]", "3"]
    assert second.split() == ["b", "0.9500*", "–"]  # an interval that was refused is not made up


@pytest.mark.parametrize("columns", [2, 7, 30])
def test_no_line_is_wider_than_a_screen_and_no_column_is_lost(columns):
    header = ("class", *(f"precision {number}" for number in range(columns)))
    rows = tuple((f"name {row}", *(row / 7 + at for at in range(columns))) for row in range(5))
    lines = list(table_lines(StudyTable("t", "Class by class", header, rows)))
    assert max(map(len, lines)) <= WIDE
    heads = [line for line in lines if line.startswith("class")]
    shown = " ".join(heads)
    assert all(f"precision {number}" in shown for number in range(columns))
    # Every block names its rows.
    assert sum(line.startswith("name 3") for line in lines) == len(heads)
