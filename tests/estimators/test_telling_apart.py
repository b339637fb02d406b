"""A model on frozen numbers learns what a search measures by, and says what that is worth."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load, save

import hangtag
from hangtag.errors import BundleError
from hangtag.estimators.telling_apart import FEWEST, learned, metric_of
from hangtag.geometry import directions


def clouds(n, classes, seed=0, apart=3.0):
    """Classes that differ in a number each, which hardly varies; the other forty do, and tell
    nothing."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    points = rng.normal(size=(n, 40 + classes))
    points[:, :classes] = 0.3 * rng.normal(size=(n, classes)) + apart * np.eye(classes)[labels]
    return points.astype(np.float32), labels


def test_what_it_finds_among_known_and_unseen_classes_is_measured():
    metric, worth = learned(*clouds(400, 6), *clouds(300, 6, seed=1))
    assert metric is not None
    assert worth.queries == 300
    assert worth.metric > worth.own > 0.3
    own, unseen = worth.unseen
    assert own > 0.5  # two classes: half are right by chance
    assert unseen < worth.metric + 0.1
    assert worth.words == (
        f"search: of the 10 nearest of a validation image {worth.metric:.0%} are of its class by"
        f" the metric that was learned from the classes, {worth.own:.0%} without it; among classes"
        f" that it was not told of {unseen:.0%}, {own:.0%} without it"
    )


def test_one_that_finds_no_more_is_not_kept():
    points, labels = clouds(200, 4, apart=40)
    metric, worth = learned(points, labels, *clouds(100, 4, seed=1, apart=40))
    assert worth.own == 1
    assert metric is None


@pytest.mark.parametrize(("classes", "held"), [(3, 90), (6, 30)])
def test_too_few_classes_or_images_leave_unseen_ones_out(classes, held):
    _, worth = learned(*clouds(200, classes), *clouds(held, classes, seed=1))
    assert worth.unseen is None
    assert "not told of" not in worth.words


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A network of digits, and a linear model of its last layer but one."""
    folder = tmp_path_factory.mktemp("runs")
    asked = {"split": "stratified:0.2+test:0.2", "network": "s2-mlp", "epochs": 1}
    network = hangtag.train("digits", out=folder / "network", **asked)
    linear = hangtag.train(
        "digits",
        model="linear",
        features=f"network:{network.folder}",
        c=[0.01],
        split="stratified:0.2+test:0.2",
        out=folder / "linear",
    )
    return network, linear


def test_a_bundle_keeps_it_and_says_what_it_is_worth(runs, digits):
    network, linear = runs
    assert metric_of(hangtag.open_bundle(network)) is None
    bundle = hangtag.open_bundle(linear)
    metric, facts = metric_of(bundle), bundle.facts["search"]
    assert facts["metric"] > facts["own"] > 0.5
    assert facts["unseen"][1] > 0.5
    assert metric.middle.shape == (bundle.embedding_size,)
    (note,) = [one for one in linear.candidates().notes if one.startswith("search: ")]
    assert f"{facts['metric']:.0%}" in note
    # In memory it is the same one.
    other = metric_of(hangtag.open_model(linear))
    found = directions(bundle.embeddings(digits.images[:9]))
    np.testing.assert_array_equal(other.of(found), metric.of(found))


def test_a_damaged_one_is_a_sentence(runs, monkeypatch):
    bundle = hangtag.open_bundle(runs[1])
    arrays = load((bundle.path / "weights.safetensors").read_bytes())
    arrays["metric_axes"] = arrays["metric_axes"][:-1]
    told = load(save(arrays))
    monkeypatch.setattr("hangtag.rooms.models.weights_from_bundle", lambda _: told)
    with pytest.raises(BundleError, match="measures by is damaged"):
        metric_of(bundle)


def test_the_report_says_what_it_is_worth(runs):
    hangtag.evaluate(runs[1])
    page = hangtag.report(runs[1].folder).read_text()
    (note,) = [one for one in runs[1].candidates().notes if one.startswith("search: ")]
    assert f"<p>S{note[1:]}.</p>" in page


def test_of_few_validation_images_nothing_is_measured_and_none_is_kept(runs, tmp_path):
    run = hangtag.train(
        "digits",
        model="discriminant",
        features=f"network:{runs[0].folder}",
        limit=40,
        split="stratified:0.2",
        out=tmp_path / "run",
    )
    assert len(run.split().validation) < FEWEST
    bundle = hangtag.open_bundle(run)
    assert "search" not in bundle.facts
    assert metric_of(bundle) is None
