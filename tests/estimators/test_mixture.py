"""A mixture as a run: evaluated, compared with a forest, reported, tagged with, like any other."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import hangtag
from hangtag.errors import BundleError, OptionError, RunError, SplitError
from hangtag.records import MixtureSpec
from hangtag.requests import MixtureRequest
from hangtag.rooms import load

KS = [8, 20]


@pytest.fixture(scope="module")
def mixture_run(tmp_path_factory):
    """A mixture with the split of the forest below, evaluated."""
    place = tmp_path_factory.mktemp("mixture") / "mixture"
    hangtag.fit_mixture("digits", k=KS, covariance="tied", seed=4, out=place)
    hangtag.evaluate(place)
    return place


@pytest.fixture(scope="module")
def forest_run(tmp_path_factory):
    place = tmp_path_factory.mktemp("forest") / "forest"
    hangtag.grow_forest("digits", n_estimators=20, max_depths=12, seed=4, out=place)
    hangtag.evaluate(place)
    return place


@pytest.fixture(scope="module")
def found(digits):
    return hangtag.mixture(digits, k=KS, covariance="tied", seed=4)


def test_the_run_tells_what_was_asked_and_what_came_of_it(mixture_run):
    run = hangtag.open_run(mixture_run)
    tried = run.candidates()
    assert run.stage == "evaluated"
    assert isinstance(run.config.spec, MixtureSpec)
    assert isinstance(run.config.options, MixtureRequest)
    assert run.config.spec.components == tried.chosen["components"]
    assert run.config.options.k == tuple(KS) == tried.values("k")
    assert tried.chosen.validation.accuracy == max(r.validation.accuracy for r in tried.rows)
    with pytest.raises(RunError, match="which is no network"):
        _ = run.config.network
    with pytest.raises(RunError, match="nothing to resume"):
        hangtag.resume(mixture_run)
    names = {one.name for one in mixture_run.iterdir()}
    assert {"run.json", "split.npz", "candidates.json", "bundle", "evaluation.json"} <= names


def test_the_evaluation_is_that_of_the_mixture_in_memory(mixture_run, found):
    run = hangtag.open_run(mixture_run)
    kept, direct = run.evaluation(), found.evaluate()
    assert kept.scores["accuracy"] == direct.scores["accuracy"]
    assert run.split().test.tolist() == found.split.test.tolist()
    assert kept.threshold == found.model.threshold
    assert kept.scores["accuracy"].value > 0.85


def test_it_is_fitted_to_training_images_and_to_no_others(digits, found):
    from sklearn.mixture import GaussianMixture

    train = digits.images[found.split.train]
    points = found.model.points(train)
    k = found.candidates.chosen["k"]
    theirs = GaussianMixture(k, covariance_type="tied", reg_covar=100, random_state=4).fit(points)
    belongs = theirs.predict_proba(points)
    labels = digits.labels[found.split.train]
    counts = np.stack([belongs[labels == label].sum(axis=0) for label in range(10)], axis=1)
    counts += np.bincount(labels) / len(labels)
    table = counts / counts.sum(axis=1, keepdims=True)
    test = digits.images[found.split.test]
    wanted = theirs.predict_proba(found.model.points(test)) @ table
    assert np.abs(found.model.probabilities(test) - wanted).max() <= 1e-6


def test_equally_good_numbers_are_decided_for_the_smallest(digits):
    tried = hangtag.mixture(digits, k=[1, 2], seed=0, class_conditional=True).candidates
    best = max(row.validation.accuracy for row in tried.rows)
    assert tried.chosen["k"] == min(r["k"] for r in tried.rows if r.validation.accuracy == best)


def test_a_mixture_and_a_forest_are_compared(mixture_run, forest_run):
    run = hangtag.open_run(mixture_run)
    mixture, forest = hangtag.compare([mixture_run, forest_run]).rows
    chosen = run.candidates().chosen
    assert (mixture.network, mixture.epochs, mixture.seed) == ("mixture", 0, 4)
    assert mixture.validation_accuracy == chosen.validation.accuracy
    assert mixture.gap == chosen.training.accuracy - chosen.validation.accuracy
    assert mixture.parameters == run.config.spec.parameters
    assert mixture.training_seconds == run.candidates().seconds
    assert 0 < mixture.prediction_seconds < 0.1
    assert forest.network == "random-forest"


def test_the_5x2cv_test_fits_a_mixture_anew(mixture_run, digits):
    from hangtag.estimators import ESTIMATORS

    run = hangtag.open_run(mixture_run)
    split = run.split()
    score = ESTIMATORS["mixture"].score_again(run.config, digits, (split.train, split.test), 4)
    assert score == pytest.approx(run.evaluation().scores["accuracy"].value)


def test_the_report_shows_what_was_tried_and_no_curves(mixture_run, tmp_path):
    html = hangtag.report(mixture_run, out=tmp_path / "report.html").read_text()
    assert "a Gaussian mixture of" in html
    assert "Accuracy of every mixture that was tried" in html
    assert "Learning curves" not in html
    assert "hangtag mixture digits --k 8,20 --covariance tied" in html


def test_look_alikes_are_found_by_its_embeddings(mixture_run, digits):
    from hangtag.rooms.similar import similar

    split, bundle = hangtag.open_run(mixture_run).split(), hangtag.open_bundle(mixture_run)
    found = similar(bundle, digits, queries=split.test, among=split.train, k=3)
    assert found.first_same_class > 0.9


def test_its_components_can_be_looked_at(mixture_run, digits):
    model, bundle = hangtag.open_mixture(mixture_run), hangtag.open_bundle(mixture_run)
    assert len(model.components) == bundle.spec.components
    answers = bundle.probabilities(digits.images)
    assert np.abs(answers - model.probabilities(digits.images)).max() <= 1e-5
    belongs = model.responsibilities(digits.images)
    assert np.allclose(belongs @ model.components.table, answers, atol=1e-5)


def test_a_forest_is_no_mixture_and_a_mixture_no_forest(mixture_run, forest_run):
    with pytest.raises(BundleError, match="holds random-forest, which is no mixture"):
        hangtag.open_mixture(forest_run)
    with pytest.raises(BundleError, match="holds mixture, which is no forest"):
        hangtag.open_forest(mixture_run)


def test_a_mixture_can_be_written_without_a_run(found, tmp_path, digits):
    written = found.write(tmp_path)
    assert [one.name for one in written] == ["bundle"]
    bundle = hangtag.open_bundle(tmp_path / "bundle")
    assert bundle.facts["components"] == found.candidates.chosen["components"]
    assert bundle.facts["data"]["fingerprint"] == digits.fingerprint


def test_singular_covariances_are_told(digits):
    notes = hangtag.mixture(digits, k=60, regularisation=1e-6).candidates.notes
    assert "of 60 covariances are singular but for the regularisation of 1e-06" in notes[0]


def test_a_choice_at_the_end_of_what_was_tried_is_told(digits):
    few = hangtag.mixture(digits, k=[2, 12]).candidates
    assert few.chosen["k"] == 12
    assert "more may be better still" in few.notes[-1]
    assert not hangtag.mixture(digits, k=12).candidates.notes


def test_no_validation_images_no_run(tmp_path, digits):
    split = load.split(digits, "auto", seed=0)
    everything = np.concatenate([split.train, split.validation])
    bare = type(split)("mine", 0, everything, everything[:0], split.test, digits.fingerprint)
    saved = load.save_split(bare, tmp_path / "split.npz")
    with pytest.raises(SplitError, match="no validation images to choose a mixture by"):
        hangtag.fit_mixture("digits", split=f"saved:{saved}", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_images_that_a_mixture_cannot_be_learnt_from_are_refused(digits):
    one_class = replace(digits, labels=np.zeros_like(digits.labels))
    with pytest.raises(OptionError, match="at least two classes"):
        hangtag.mixture(one_class)
    none = replace(digits, labels=np.full_like(digits.labels, -1))
    with pytest.raises(SplitError, match="no labelled image"):
        hangtag.mixture(none)


def test_images_without_a_class_are_left_out(digits):
    some = replace(digits, labels=np.where(np.arange(len(digits)) % 9, digits.labels, -1))
    found = hangtag.mixture(some, k=20)
    assert (some.labels[found.split.train] >= 0).all()
    assert found.candidates.chosen.validation.accuracy > 0.8


def test_a_damaged_run_of_a_mixture_is_told(mixture_run, tmp_path):
    run = shutil.copytree(mixture_run, tmp_path / "run")
    facts = json.loads((run / "run.json").read_text())
    facts["config"]["spec"].pop("covariance")
    (run / "run.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match="is damaged"):
        hangtag.open_run(run)
    facts["config"]["spec"]["kind"] = "oracle"
    (run / "run.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match="is damaged"):
        hangtag.open_run(run)
