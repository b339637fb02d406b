"""Runs are listed with what they are worth; one that cannot be read is listed as such."""

import shutil

import pytest

import hangtag
from hangtag.errors import OptionError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    linear = hangtag.train("digits", model="linear", pca=4, limit=150, out=place / "linear")
    hangtag.evaluate(linear)
    hangtag.train("digits", model="neighbors", k=3, pca=4, limit=150, out=place / "neighbors")
    shutil.copytree(linear.folder, place / "torn")
    (place / "torn" / "run.json").write_text("{")
    (place / "no-run").mkdir()
    return place


def test_every_run_is_a_row_and_what_has_no_score_says_why(place):
    found = hangtag.list_runs(place)
    rows = {one.name: one for one in found.rows}
    assert (set(rows), found.of) == ({"linear", "neighbors", "torn"}, 3)
    linear, neighbors, torn = rows["linear"], rows["neighbors"], rows["torn"]
    evaluation = hangtag.open_run(place / "linear").evaluation()
    assert linear.accuracy == evaluation.scores["accuracy"]
    assert (linear.kind, linear.data, linear.note) == ("linear", "digits", "")
    assert neighbors.accuracy is None
    assert 0 < neighbors.validation <= 1
    assert neighbors.note == f"hangtag evaluate {place / 'neighbors'} opens the test split"
    assert torn.stage == "unreadable"
    assert "damaged" in torn.note


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"model": "linear"}, ["linear"]),
        ({"stage": "trained"}, ["neighbors"]),
        ({"stage": "unreadable"}, ["torn"]),
        ({"data": "DIGITS", "sort": "accuracy"}, ["linear", "neighbors"]),
        ({"data": "fashion"}, []),
        ({"above": 0.0}, ["linear"]),
        ({"above": 1.0}, []),
        ({"sort": "accuracy", "shown": 1}, ["linear"]),
    ],
)
def test_runs_are_chosen_and_ordered(place, asked, names):
    assert [one.name for one in hangtag.list_runs(place, **asked).rows] == names


def test_an_order_that_is_not_there_is_refused_with_those_that_are(place):
    with pytest.raises(OptionError, match="'colour'") as error:
        hangtag.list_runs(place, sort="colour")
    assert "accuracy" in error.value.hint


def test_a_list_is_a_table_in_a_notebook_and_a_frame(place):
    found = hangtag.list_runs(place, sort="accuracy")
    assert "neighbors" in found._repr_html_()
    frame = found.to_frame()
    assert frame["run"][0] == "linear"
    assert frame.height == 3


def test_a_folder_without_runs_says_what_makes_one(tmp_path):
    assert "hangtag train" in hangtag.list_runs(tmp_path)._repr_html_()


def test_the_last_run_written_elsewhere_is_listed_with_those_of_the_runs_folder(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("HANGTAG_RUNS", str(tmp_path / "runs"))
    out = tmp_path / "elsewhere"
    hangtag.train("digits", model="neighbors", k=3, pca=4, limit=150, out=out)
    assert [one.place for one in hangtag.list_runs().rows] == [str(out)]
    assert hangtag.list_runs(tmp_path / "runs").rows == ()
