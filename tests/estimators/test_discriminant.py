"""Linear discriminant analysis, against scikit-learn's and where its own algebra would fail."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from hangtag.estimators.classical import Learning
from hangtag.estimators.discriminant import DISCRIMINANT
from hangtag.progress import silent
from hangtag.requests import DiscriminantRequest


def fitted(points, labels, proportion, n_classes=3):
    learning = Learning(points.astype(np.float32), labels, n_classes)
    (only,) = DISCRIMINANT.tried(learning, DiscriminantRequest(shrinkage=(proportion,)), silent)
    return only.arrays


@pytest.fixture(scope="module")
def clouds():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    mixed = rng.normal(size=(90, 12)) @ rng.normal(size=(12, 12))
    return mixed + 2 * rng.normal(size=(3, 12))[labels], labels


def in_a_loop(points, labels, proportion):
    """The same from its formula, with the whole covariance and its inverse."""
    points = points.astype(np.float32).astype(np.float64)
    means = np.stack([points[labels == one].mean(axis=0) for one in range(3)])
    apart = points - means[labels]
    covariance = apart.T @ apart / (len(points) - 3)
    d = points.shape[1]
    shrunk = (1 - proportion) * covariance + proportion * np.trace(covariance) / d * np.eye(d)
    inverse = np.linalg.inv(shrunk)
    sums = np.stack([-((points - m) @ inverse * (points - m)).sum(axis=1) / 2 for m in means], 1)
    sums += np.log(np.bincount(labels) / len(labels))
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("proportion", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("n", [90, 11])
def test_answers_are_those_of_gaussians_of_one_covariance(clouds, proportion, n):
    points, labels = clouds[0][:n], clouds[1][:n]  # more features than points, too
    found = DISCRIMINANT.answer(fitted(points, labels, proportion), points.astype(np.float32))
    np.testing.assert_allclose(found, in_a_loop(points, labels, proportion), atol=1e-6)


def test_hardly_shrunk_it_is_that_of_scikit_learn(clouds):
    points, labels = clouds
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(points, labels)
    found = DISCRIMINANT.answer(fitted(points, labels, 1e-9), points.astype(np.float32))
    np.testing.assert_array_equal(found.argmax(axis=1), theirs.predict(points))


def test_a_class_without_training_images_is_never_answered(clouds):
    points, labels = clouds
    found = DISCRIMINANT.answer(
        fitted(points, labels * 2, 0.1, n_classes=5), points.astype(np.float32)
    )
    assert found[:, [1, 3]].max() == 0
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_points_that_are_all_alike_within_their_classes_are_no_division_by_zero():
    points = np.repeat(np.eye(3), 4, axis=0)
    labels = np.repeat(np.arange(3), 4)
    found = DISCRIMINANT.answer(fitted(points, labels, 0.1), points.astype(np.float32))
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found.argmax(axis=1), labels)


def networked(**options):
    return DiscriminantRequest(shrinkage=(0.3,), features="encoder:photo", **options)


def long_tailed(n=300, d=8, seed=0):
    """Classes that differ by a factor of what is there, as recognized parts do."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    factors = rng.uniform(0.5, 2, (3, d))
    return (rng.gamma(0.6, size=(n, d)) * factors[labels]).astype(np.float32), labels


def test_of_a_network_it_sees_the_square_roots_of_what_is_never_below_0():
    points, labels = long_tailed()
    learning = Learning(points, labels, 3)
    (rooted,) = DISCRIMINANT.tried(learning, networked(), silent)
    (plain,) = DISCRIMINANT.tried(learning, networked(roots=False), silent)
    (below,) = DISCRIMINANT.tried(Learning(points - 0.01, labels, 3), networked(), silent)
    assert rooted.parameters == {"shrinkage": 0.3, "roots": 1}
    assert plain.parameters == below.parameters == {"shrinkage": 0.3}
    same = fitted(np.sqrt(points), labels, 0.3)
    found = DISCRIMINANT.answer(rooted.arrays, points)
    np.testing.assert_allclose(found, DISCRIMINANT.answer(same, np.sqrt(points)), atol=1e-6)
    # What lies below 0 in a new image is as if nothing had been recognized.
    lower = points.copy()
    lower[:, 0] = -5
    nothing = np.where(np.arange(points.shape[1]) == 0, 0, points)
    np.testing.assert_array_equal(
        DISCRIMINANT.answer(rooted.arrays, lower), DISCRIMINANT.answer(rooted.arrays, nothing)
    )


def test_a_temperature_softens_its_answers_and_leaves_the_roots():
    points, labels = long_tailed()
    (one,) = DISCRIMINANT.tried(Learning(points, labels, 3), networked(), silent)
    warm = DISCRIMINANT.calibrated(one.arrays, 2.0)
    softer, found = (DISCRIMINANT.answer(each, points) for each in (warm, one.arrays))
    expected = np.sqrt(found) / np.sqrt(found).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softer, expected, rtol=1e-9)
    assert DISCRIMINANT.sizes(warm) == DISCRIMINANT.sizes(one.arrays)
    with pytest.raises(ValueError, match="roots"):
        DISCRIMINANT.sizes({**warm, "roots": np.ones(2, np.int8)})


def test_a_run_of_it_says_so_is_scored_again_alike_and_its_graph_answers_alike(tmp_path):
    import hangtag

    asked = {"split": "stratified:0.2+test:0.2", "network": "s2-mlp", "epochs": 1}
    network = hangtag.train("digits", out=tmp_path / "network", **asked)
    asked = {"model": "discriminant", "features": f"network:{network.folder}",
             "shrinkage": [0.1, 0.3], "split": "stratified:0.2+test:0.2"}  # fmt: skip
    rooted = hangtag.train("digits", out=tmp_path / "rooted", **asked)
    plain = hangtag.train("digits", out=tmp_path / "plain", roots=False, **asked)
    assert rooted.config.spec.numbers["roots"] == 1
    assert "roots" not in plain.config.spec.numbers
    assert "--no-roots" in plain.config.command
    images = hangtag.load("digits")
    for run in (rooted, plain):
        answers = hangtag.open_model(run).probabilities(images.images[:50])
        np.testing.assert_allclose(
            hangtag.open_bundle(run).probabilities(images.images[:50]), answers, atol=1e-5
        )
        rows = np.arange(len(images))
        again = DISCRIMINANT.score_again(run.config, images, (rows[:900], rows[900:]), 0)
        best = {"shrinkage": (run.config.spec.numbers["shrinkage"],), "roots": run is rooted}
        request = DISCRIMINANT.request({"features": asked["features"], **best}, 0)
        assert again == DISCRIMINANT.score(request, images, (rows[:900], rows[900:])) > 0.8
