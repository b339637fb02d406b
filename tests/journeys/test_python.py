"""Hangtag from Python: every verb takes data or a run, and what it returns the next one takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError, RunError
from hangtag.workbench import kept_images
from hangtag.workbench.data import as_images, as_run, origin_of


@pytest.fixture(scope="module")
def digits():
    return hangtag.load("digits")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("python") / "first"
    return hangtag.train("digits", network="s2-mlp", options={"epochs": 2}, out=place)


def test_images_come_from_a_name_a_path_a_set_arrays_or_a_run(digits, run, tmp_path):
    pixels, labels = digits.images[:60], digits.labels[:60]
    np.savez(tmp_path / "some.npz", images=pixels, labels=labels)
    assert len(as_images("digits", limit=50)) == 50
    assert len(as_images(tmp_path / "some.npz")) == 60
    assert as_images(digits) is digits
    assert len(as_images((pixels, labels), limit=10)) == 10
    assert as_images((pixels, labels), class_names="abcdefghij").class_names[3] == "d"
    assert (as_images(pixels).labels == -1).all()
    assert as_images(run).fingerprint == digits.fingerprint == run.images().fingerprint


def test_a_limit_of_a_loaded_set_is_that_of_loading(digits):
    assert as_images(digits, limit=70).fingerprint == hangtag.load("digits", limit=70).fingerprint


@pytest.mark.parametrize("data", [3, None, 2.5, object()])
def test_what_holds_no_images_is_refused_in_one_sentence(data):
    with pytest.raises(OptionError, match="there are no images in a") as refused:
        hangtag.audit(data)
    assert "(images, labels)" in refused.value.hint


def test_options_of_loading_are_refused_where_nothing_is_loaded(digits):
    with pytest.raises(OptionError, match="size is an option of loading"):
        as_images(digits, size=28)
    with pytest.raises(OptionError, match="label is an option of loading"):
        as_images((digits.images, digits.labels), label="kind")
    with pytest.raises(OptionError, match="limit must be at least 1"):
        as_images(digits, limit=0)


def test_a_run_is_taken_as_itself_its_folder_its_name_or_latest(run):
    again = as_run(run)
    assert again == as_run(run.folder) == as_run(str(run.folder))
    with pytest.raises(OptionError, match="a run was expected; got a int"):
        hangtag.evaluate(7)
    with pytest.raises(RunError, match="there is no run at nowhere"):
        hangtag.evaluate("nowhere")


def test_looking_verbs_take_names_and_arrays_alike(digits):
    some = (digits.images[:80], digits.labels[:80])
    assert hangtag.info("digits")["fingerprint"] == digits.fingerprint
    assert (
        hangtag.explore("digits", limit=60).fingerprint == as_images("digits", limit=60).fingerprint
    )
    assert hangtag.audit(some).fingerprint == as_images(some).fingerprint
    assert len(hangtag.split(some, "stratified:0.5").train) == 40


def test_a_set_says_where_it_comes_from_only_while_that_is_true(digits):
    source, limit = origin_of(digits)
    assert (source.place, limit) == ("digits", None)
    assert origin_of(as_images(digits, limit=9))[1] == 9
    assert origin_of(as_images((digits.images, digits.labels))) is None
    assert origin_of(digits.take(np.arange(5))) is None
    small = hangtag.load("digits", size=6)
    assert origin_of(small)[0].options.size == (6, 6)


def test_what_a_verb_returns_the_next_one_takes(run, tmp_path):
    evaluation = run.evaluate()
    assert hangtag.evaluate(run).scores == evaluation.scores
    assert len(as_run(run).evaluations) == 1, "a second look at the result opens nothing"
    page = run.report(out=tmp_path / "report.html")
    assert page == tmp_path / "report.html"
    assert "<html" in page.read_text()[:200]


def test_runs_are_compared_as_they_come(run, tmp_path):
    other = hangtag.train(
        "digits", network="s2-mlp", options={"epochs": 1}, out=tmp_path / "second"
    )
    run.evaluate()
    other.evaluate()
    found = hangtag.compare([run, other])
    assert [row.name for row in found.rows] == ["first", "second"]
    (one,), (again,) = found.comparison.differences, run.compare(other).comparison.differences
    assert one.p_value == again.p_value


def test_a_run_tags_a_folder_a_set_and_an_array(digits, run, tmp_path):
    from PIL import Image

    Image.fromarray(digits.images[0, :, :, 0]).save(tmp_path / "one.png")
    (tag,) = run.tag(tmp_path, threshold=0)
    first, *rest = run.tag(digits.take(np.arange(4)), threshold=0)
    assert tag.top == first.top
    assert len(rest) == 3
    larger = hangtag.load("digits", size=16).images[:2]
    assert {one.done for one in run.tag(larger)} == {"images were made 8×8×1 for the model"}


def test_images_that_come_from_arrays_are_kept_in_the_run(digits, run, tmp_path):
    images = as_images((digits.images[:50], [f"class {one}" for one in digits.labels[:50]]))
    assert kept_images.read(run) is None
    kept_images.write(run, images)
    try:
        again = kept_images.read(run)
        assert again.fingerprint == images.fingerprint
        assert again.class_names == images.class_names
        path = Path(run.folder / kept_images.FILE)
        path.write_bytes(path.read_bytes()[:-70] + b"x" * 70)
        with pytest.raises(RunError, match=r"images\.npz"):
            kept_images.read(run)
    finally:
        (run.folder / kept_images.FILE).unlink()


def test_arrays_are_trained_on_evaluated_and_reported_without_a_file(digits, tmp_path):
    names = np.array([f"digit {one}" for one in digits.labels])
    run = hangtag.train(
        (digits.images, names), model="forest", n_estimators=20, max_depths=8, out=tmp_path / "run"
    )
    assert run.evaluate().scores["accuracy"].value > 0.8
    assert "digit 7" in run.report().read_text()
    assert hangtag.open_run(run.folder).images().fingerprint == run.images().fingerprint
    assert next(iter(run.tag(digits.images[:3], threshold=0))).label == "digit 0"


def test_a_reader_of_a_report_finds_the_words_of_the_field(run, tmp_path):
    page = run.report(out=tmp_path / "words.html").read_text().lower()
    for word in ("confusion matrix", "learning curve", "calibration", "confidence interval"):
        assert word in page, word
    glossary = (Path(__file__).parents[2] / "docs/concepts/glossary.md").read_text().lower()
    for word in ("confusion matrix", "learning curve", "calibration", "silhouette", "leakage"):
        assert word in glossary, word


def test_images_before_the_model_are_told_the_order(digits, run):
    for turned in (digits, digits.images[:3], [digits.images[0]]):
        with pytest.raises(OptionError, match="the model comes first"):
            hangtag.tag(turned, run)
