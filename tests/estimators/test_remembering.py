"""A network remembers what trained it: strangers are unknown, its answers stay what they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import hangtag
from hangtag.errors import BundleError
from hangtag.estimators import familiar, remembering
from hangtag.rooms import models


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    made = tmp_path_factory.mktemp("runs") / "run"
    return hangtag.train("digits", network="s2-mlp", epochs=8, seed=3, out=made)


@pytest.fixture(scope="module")
def bundle(run):
    return hangtag.open_bundle(run)


def test_noise_is_unlike_anything_seen_and_ones_own_digits_are_not(run, bundle, digits):
    noise = np.random.default_rng(0).integers(0, 17, (60, 8, 8, 1), dtype=np.uint8)
    reasons = [one.reason for one in hangtag.tag(run, noise)]
    assert reasons.count("unlike anything seen") > 50
    own = bundle.told(digits.images[hangtag.open_run(run).split().test])[1]
    assert (own < bundle.familiarity).mean() < 0.1


def test_evaluation_and_report_say_how_many_of_its_own_are_called_strange(run):
    score = run.evaluate().scores["strange"]
    assert score.value < 0.1
    assert score.low < score.value < score.high
    assert "unlike anything that trained it" in hangtag.report(run).read_text()


def test_its_probabilities_are_those_of_the_network(bundle, digits):
    network = models.network_from_bundle(bundle)
    some = digits.images[:40]
    expected = network.predict(bundle.preprocessing.apply(some), verbose=0)
    assert np.abs(bundle.probabilities(some) - expected).max() < 1e-5


def test_a_bundle_that_remembers_nothing_answers_as_before(run, bundle, digits, tmp_path):
    manifest = bundle.manifest
    place = models.write_bundle(
        tmp_path / "old.hangtag",
        models.network_from_bundle(bundle),
        bundle.spec,
        bundle.preprocessing,
        class_names=manifest.class_names,
        class_codes=manifest.class_codes,
        facts={"threshold": bundle.threshold},
    )
    old = models.open_bundle(place)
    assert old.familiarity is None
    assert {one.reason for one in hangtag.tag(old, digits.images[:40])} <= {"", "unsure"}
    assert np.array_equal(old.probabilities(digits.images), bundle.probabilities(digits.images))


def test_as_many_of_each_class_are_remembered_as_there_are_or_may(digits):
    labels = np.repeat([0, 1, 2], [20, 5000, 9000])
    rows = familiar.chosen(labels, 128, seed=1)
    assert len(rows) == familiar.MOST_BYTES // 129
    counts = np.bincount(labels[rows])
    assert counts[0] == 20
    assert abs(counts[1] - counts[2]) <= 1
    assert (np.diff(rows) > 0).all()
    assert not np.array_equal(rows, familiar.chosen(labels, 128, seed=2))


def test_a_number_that_is_on_for_every_image_does_not_make_all_images_alike():
    """Two sorts of points that share one large number: without a scale all cosines are near 1."""
    rng = np.random.default_rng(0)
    points = np.abs(rng.normal(size=(400, 20))).astype(np.float32) * (rng.random((400, 20)) < 0.4)
    points[:, 0] = 30 + rng.normal(size=400) * 0.3
    strange = rng.permuted(points, axis=1)
    strange[:, 0] = points[:, 0] + 5
    found = familiar.remembered(points[:300])
    least = familiar.threshold(found.of(points[300:]))
    assert (found.of(strange) < least).mean() > 0.9


def test_no_more_than_a_twentieth_of_new_images_is_called_strange_in_95_of_100_sets():
    rng = np.random.default_rng(0)
    kept = 0
    for _ in range(400):
        least = familiar.threshold(rng.random(300, np.float32))
        kept += least <= familiar.OWN_REJECTED  # of uniform numbers so many are below it
    assert kept / 400 > 0.93


def test_all_at_once_is_what_each_says_for_itself(bundle, digits):
    some = digits.images[:150]
    probabilities, familiarity, points = bundle.whole(some)
    np.testing.assert_array_equal(probabilities, bundle.told(some)[0])
    np.testing.assert_array_equal(familiarity, bundle.told(some)[1])
    np.testing.assert_array_equal(points, bundle.embeddings(some))


def test_a_limit_is_one_that_a_bundle_may_have():
    assert familiar.threshold(np.linspace(-2, -1.5, 300, dtype=np.float32)) == -1


def test_a_model_that_would_answer_otherwise_is_not_written(bundle, digits, run, monkeypatch):
    model = models.model_from_bundle(bundle)
    labels, train = digits, hangtag.open_run(run).split().train
    known = familiar.remembered(bundle.embeddings(digits.images[train]))
    wrong = replace(known, beside=known.beside * 9)
    monkeypatch.setattr(familiar, "remembered", lambda points: known)
    monkeypatch.setattr(familiar.Familiar, "graph", wrong_graph(wrong, familiar.Familiar.graph))
    with pytest.raises(BundleError, match="says what is familiar"):
        remembering.told(bundle, _plain(bundle, model), labels, train, 0)


def wrong_graph(wrong, graph):
    """The graph of another memory, in place of its own."""
    return lambda self, to: graph(wrong, to)


def _plain(bundle, model):
    """The ONNX model without what it remembers."""
    import onnx

    whole = onnx.load_model_from_string(model)
    for place in ("node", "initializer"):
        held = getattr(whole.graph, place)
        for one in list(held):
            named = str(getattr(one, "output", one.name))
            if "familiar" in named or "usual_" in named:
                held.remove(one)
    del whole.graph.output[-1]
    return whole.SerializeToString()
