"""What a record can be asked is the verb of that name, with the record put first."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.records import Findings, History, ImageSet, InputImage, Split, Tag, Tags
from hangtag.records.findings import Finding
from hangtag.records.upstairs import Carded, Framed, Plotted, RunVerbs


class Run(RunVerbs):
    """A run that only says what it was asked."""


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def verb(name):
        def told(*given, **options):
            calls.append((name, given, options))
            return name

        return told

    for name in ("run_images", "evaluate", "report", "compare", "tags"):
        monkeypatch.setattr(hangtag, name, verb(name), raising=False)
    return calls


def test_verbs_of_a_run_put_the_run_first(asked):
    run = Run()
    run.images()
    run.evaluate(again=True)
    run.compare("other", exact=True)
    run.tag("folder", threshold=0.5)
    assert asked == [
        ("run_images", (run,), {}),
        ("evaluate", (run,), {"again": True, "images": None}),
        ("compare", ([run, "other"],), {"exact": True}),
        ("tags", (run, "folder"), {"threshold": 0.5}),
    ]


def test_a_report_evaluates_first(asked):
    assert Run().report() == "report"
    assert [name for name, *_ in asked] == ["evaluate", "report"]


def test_progress_is_handed_on_where_it_is_given(asked):
    def heard(*_):
        """Listen."""

    Run().images(progress=heard)
    assert asked[0][2] == {"progress": heard}


class Odd(Plotted, Framed):
    """A record that nobody can show."""

    def __repr__(self):
        return "<Odd & strange>"


def test_what_nobody_can_show_is_one_sentence():
    with pytest.raises(OptionError, match="nothing to draw of a Odd"):
        Odd().plot()
    with pytest.raises(OptionError, match="a Odd is no table"):
        Odd().to_frame()
    assert Odd()._repr_html_() == "<pre>&lt;Odd &amp; strange&gt;</pre>"


@pytest.mark.parametrize("record", [ImageSet, Split, Findings, History])
def test_records_have_a_card(record):
    assert issubclass(record, Carded)


def test_tags_are_a_list_and_a_table():
    tags = Tags([Tag("a.png", "coat", 0.9, (("coat", 0.9), ("shoe", 0.1)), "m"),
                 Tag("b.png", "", None, (), "m", "torn")])  # fmt: skip
    assert isinstance(tags, list)
    frame = tags.to_frame()
    assert frame["label"].to_list() == ["coat", ""]
    assert frame["top_labels"].to_list() == [["coat", "shoe"], []]
    assert frame["error"].to_list() == ["", "torn"]
    assert InputImage("b.png", None, "torn").done == ""


def test_findings_are_counted_by_check_kind_and_severity():
    rows = (
        Finding("leaks", "serious", (0, 5), "a copy", kind="exact"),
        Finding("duplicates", "warning", (1, 2), "near", 0.1, kind="near"),
        Finding("duplicates", "info", (3, 4), "equal", kind="exact"),
    )
    found = Findings("f", {"leaks": {}, "duplicates": {}, "labels": {}}, rows)
    assert len(found) == 3
    assert found.of("duplicates") == rows[1:]
    assert found.of("duplicates", "near") == rows[1:2]
    assert found.of("labels") == ()
    assert repr(found) == "<Findings: 3 of 3 checks (1 serious, 1 warning, 1 info)>"
    assert repr(Findings("f", {"leaks": {}}, ())) == "<Findings: 0 of 1 checks>"


def test_a_split_says_its_recipe_and_sizes():
    one = Split("last:2", None, np.arange(3), np.arange(3, 5), np.array([], np.int64), "f")
    assert repr(one) == "<Split last:2: 3 training, 2 validation, 0 test images>"
    assert "seed 4" in repr(Split("stratified:0.2", 4, one.train, one.validation, one.test, "f"))
