"""What a person sees of a record: one line, a card with images, a drawing, a table."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import hangtag
from hangtag.errors import OptionError
from hangtag.records import History


@pytest.fixture(scope="module")
def digits():
    return hangtag.load("digits")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("notebook") / "first"
    made = hangtag.train("digits", network="s2-mlp", options={"epochs": 2}, out=place)
    made.evaluate()
    return hangtag.open_run(place)


@pytest.fixture(scope="module")
def records(digits, run):
    """One of each that can be looked at."""
    some = digits.take(np.arange(120))
    return {
        "ImageSet": digits,
        "Split": hangtag.split(digits, "stratified:0.2"),
        "Run": run,
        "Evaluation": run.evaluate(),
        "Projection": hangtag.reduce(some, method="pca"),
        "Clustering": hangtag.cluster(some, k=4, n_init=2).clustering,
        "Findings": hangtag.audit(some, checks=["duplicates", "classes"]),
        "History": run.history(),
    }


KINDS = (
    "ImageSet",
    "Split",
    "Run",
    "Evaluation",
    "Projection",
    "Clustering",
    "Findings",
    "History",
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_one_line_that_says_what_it_is(records, kind):
    line = repr(records[kind])
    assert line.startswith((f"<{kind} ", f"<{kind}:"))
    assert len(line) < 160
    assert "array(" not in line


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_gets_a_card(records, kind):
    html = records[kind]._repr_html_()
    assert html.startswith("<div")
    assert html.count("<div") == html.count("</div>")
    assert ("data:image/png;base64," in html) == (kind not in {"Split", "Run", "Findings"})
    assert "http" not in re.sub(r"data:[^']+", "", html), "a card needs no network"


def test_names_from_data_are_escaped_on_a_card(digits):
    evil = "<script>alert(1)</script>"
    images = hangtag.from_arrays(digits.images[:20], digits.labels[:20], name=evil)
    card = images._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card


@pytest.mark.parametrize("kind", ["Evaluation", "Projection", "Clustering", "History"])
def test_what_can_be_drawn_is_drawn_on_the_axes_given(records, kind):
    axes = Figure().subplots()
    assert records[kind].plot(axes) is axes
    assert axes.get_title()
    assert axes.get_xlabel()


def test_drawings_have_the_names_of_the_field(records):
    assert (
        records["Evaluation"].plot(Figure().subplots()).get_title().startswith("Confusion matrix")
    )
    assert records["History"].plot(Figure().subplots()).get_title() == "Learning curve"


def test_a_map_is_coloured_by_the_classes_of_its_images(records, digits):
    axes = Figure().subplots()
    records["Projection"].plot(axes, images=digits.take(np.arange(120)))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(digits.class_names)


def test_a_curve_that_was_not_kept_is_refused(records):
    with pytest.raises(OptionError, match="kept no curve 'f1'"):
        records["History"].plot(Figure().subplots(), curve="f1")
    assert repr(History({}, ())) == "<History of 0 epochs; ended by epochs>"


def test_tables_have_a_row_for_each_class_epoch_image_and_trial(records, digits, run, tmp_path):
    scores = records["Evaluation"].to_frame()
    assert scores.height == 12
    assert scores["class"].to_list()[-2:] == ["macro average", "weighted average"]
    assert (scores["precision_low"] <= scores["precision"]).all()
    assert records["History"].to_frame()["epoch"].to_list() == [1, 2]
    tags = run.tag(digits.images[:5], threshold=0).to_frame()
    assert tags["label"].to_list() == [tag.label for tag in run.tag(digits.images[:5], threshold=0)]
    found = hangtag.tune(
        "digits", model="kmeans", space="k=8,10", method="grid", limit=100, out=tmp_path / "search"
    )
    assert sorted(found.to_frame()["k"].to_list()) == [8, 10]


def test_studies_and_the_scikit_learn_face_are_there_without_another_import():
    assert hangtag.study.open_recipe("network-ladder").name == "network-ladder"
    assert hangtag.sklearn.ImageClassifier
    assert {"study", "sklearn"} <= set(dir(hangtag))


def test_someone_who_looks_on_sees_one_line_and_others_nothing(monkeypatch, capsys):
    import io
    import sys

    from hangtag import progress

    hangtag.load("digits", limit=20)
    hangtag.reduce("digits", sample=60, method="lle")
    assert capsys.readouterr().err == ""
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_OWN_DOOR", [False])
    hangtag.reduce("digits", sample=60, method="lle")
    shown = terminal.getvalue()
    assert "lle: 3 of 3" in shown
    hangtag.reduce("digits", sample=60, method="lle", progress=progress.silent)
    progress.by_its_own_door()
    hangtag.reduce("digits", sample=60, method="lle")
    assert terminal.getvalue() == shown


def test_a_line_is_wiped_by_a_shorter_one_and_cautions_stay():
    import io

    from hangtag.progress import CAUTION, Line

    stream = io.StringIO()
    line = Line(stream, every=0)
    line("train", 1, 3, "a long note")
    line("train", 2, 0)
    line(CAUTION, 0, 0, "5 % are unreadable")
    line("train", 3, 3)
    texts = stream.getvalue().split("\r")
    assert texts[1] == "train: 1 of 3 a long note"
    assert texts[2] == "train: 2" + " " * (len(texts[1]) - len("train: 2"))
    assert texts[3].rstrip(" \n") == "5 % are unreadable"
    assert texts[3].endswith("\n")
    assert texts[4] == "train: 3 of 3\n"
