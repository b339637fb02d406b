from __future__ import annotations

import csv
import io

import pytest

from hangtag import sheets


@pytest.mark.parametrize(
    "text", ["=cmd|x.png", "@SUM(1).png", "+1+1", "-2+3", "  =1", "＝1", "-", "=1\n"]
)
def test_what_begins_like_a_formula_is_shown_and_not_run(text):
    assert sheets.harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["-1", "+3.5", "-1e-5", "shoe.png", "a=b", "", "'", "9-11", "ä"])
def test_numbers_and_ordinary_names_stay_as_they_are(text):
    assert sheets.harmless(text) == text


def test_control_characters_and_bytes_that_are_no_text_are_written_out():
    assert sheets.visible("a\x1b[31mred\n\x9b\udcff.png") == r"a\x1b[31mred\n\x9b\udcff.png"


def test_a_table_has_a_line_a_row_whatever_is_in_it():
    rows = [("id", "n", "empty"), ('new\nline,"quoted"', -0.5, None), ("=1", -1, "")]
    text = sheets.as_csv(rows)
    assert text.splitlines()[2] == "'=1,-1,"
    assert list(csv.reader(io.StringIO(text)))[1] == [r"new\nline," + '"quoted"', "-0.5", ""]


def test_every_table_is_written_by_this_file():
    from pathlib import Path

    source = Path(sheets.__file__).parent
    writers = [path.name for path in source.rglob("*.py") if "csv.writer" in path.read_text()]
    words_of_a_command = "values.py"  # a shell reads them, no spreadsheet
    assert sorted(writers) == ["sheets.py", words_of_a_command]
