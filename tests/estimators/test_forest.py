"""A forest as a run: evaluated, compared with a network, reported, like any other."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

import hangtag
from hangtag.errors import BundleError, RunError, SplitError
from hangtag.rooms import load

SIZES, DEPTHS = [5, 20], [4, 12]


@pytest.fixture(scope="module")
def forest_run(tmp_path_factory, digit_runs):
    """A forest on the split of the runs of networks, evaluated."""
    place = tmp_path_factory.mktemp("forest") / "forest"
    saved = digit_runs["s2-mlp-0"].parent / "split.npz"
    hangtag.grow_forest(
        "digits", n_estimators=SIZES, max_depths=DEPTHS, split=f"saved:{saved}", seed=4, out=place
    )
    hangtag.evaluate(place)
    return place


def test_the_run_tells_what_was_asked_and_what_came_of_it(forest_run):
    run = hangtag.open_run(forest_run)
    best = run.candidates().chosen
    assert run.stage == "evaluated"
    assert run.config.spec.n_estimators == best["n_estimators"]
    assert run.config.options.n_estimators == tuple(SIZES)
    with pytest.raises(RunError, match="which is no network"):
        _ = run.config.network
    with pytest.raises(RunError, match="nothing to resume"):
        hangtag.resume(forest_run)


def test_the_evaluation_is_that_of_the_forest_in_memory(forest_run, digit_runs, digits):
    run, saved = hangtag.open_run(forest_run), digit_runs["s2-mlp-0"].parent / "split.npz"
    found = hangtag.forest(
        digits, n_estimators=SIZES, max_depths=DEPTHS, split=f"saved:{saved}", seed=4
    )
    kept, direct = run.evaluation(), found.evaluate()
    assert kept.scores["accuracy"] == direct.scores["accuracy"]
    assert run.split().test.tolist() == found.split.test.tolist()
    assert kept.threshold == found.model.threshold


def test_a_forest_and_a_network_are_compared(forest_run, digit_runs):
    found = hangtag.compare([forest_run, digit_runs["s2-mlp-0"]])
    forest, network = found.rows
    best = hangtag.open_run(forest_run).candidates().chosen
    assert (forest.network, forest.epochs, forest.seed) == ("random-forest", 0, 4)
    assert forest.validation_accuracy == best.validation.accuracy
    assert forest.gap == best.training.accuracy - best.validation.accuracy
    assert forest.parameters == hangtag.open_run(forest_run).config.spec.parameters
    assert 0 < forest.prediction_seconds < 0.1
    assert network.epochs == 8


def test_the_5x2cv_test_grows_a_forest_anew(forest_run, digit_runs):
    from hangtag.estimators import ESTIMATORS

    run, images = hangtag.open_run(forest_run), hangtag.load("digits")
    split = run.split()
    score = ESTIMATORS["forest"].score_again(run.config, images, (split.train, split.test), 4)
    best = hangtag.open_forest(forest_run)
    right = best.probabilities(images.images[split.test]).argmax(axis=1)
    assert score == np.mean(right == images.labels[split.test])


def test_the_command_shows_no_epochs_for_a_forest(hangtag_command, forest_run, digit_runs):
    done = hangtag_command("compare", forest_run, digit_runs["s2-mlp-0"])
    rows = [line for line in done.out.splitlines() if line.startswith("forest ")]
    assert any(" – " in row for row in rows)


def test_the_report_of_a_forest_shows_its_grid_and_no_curves(forest_run, tmp_path):
    html = hangtag.report(forest_run, out=tmp_path / "report.html").read_text()
    assert re.search(r"a forest of \d+ trees \(random forest\) names", html)
    assert "Validation accuracy of every forest that was tried" in html
    assert "Learning curves" not in html
    assert "hangtag forest digits" in html


def test_a_network_is_no_forest(digit_runs):
    with pytest.raises(BundleError, match="which is no forest"):
        hangtag.open_forest(digit_runs["s2-mlp-0"])


def test_no_validation_images_no_run(tmp_path, digits):
    split = load.split(digits, "auto", seed=0)
    everything = np.concatenate([split.train, split.validation])
    bare = type(split)("mine", 0, everything, everything[:0], split.test, digits.fingerprint)
    saved = load.save_split(bare, tmp_path / "split.npz")
    with pytest.raises(SplitError, match="no validation images"):
        hangtag.grow_forest("digits", split=f"saved:{saved}", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_damaged_run_of_a_forest_is_told(forest_run, tmp_path):
    run = shutil.copytree(forest_run, tmp_path / "run")
    facts = json.loads((run / "run.json").read_text())
    facts["config"]["spec"].pop("nodes")
    (run / "run.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match="is damaged"):
        hangtag.open_run(run)
