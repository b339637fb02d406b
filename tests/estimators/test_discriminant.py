"""Linear discriminant analysis, against scikit-learn's and where its own algebra would fail."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from hangtag.estimators.classical import Learning
from hangtag.estimators.discriminant import DISCRIMINANT
from hangtag.progress import silent
from hangtag.requests import DiscriminantRequest


def fitted(points, labels, share, n_classes=3):
    learning = Learning(points.astype(np.float32), labels, n_classes)
    (only,) = DISCRIMINANT.tried(learning, DiscriminantRequest(shrinkage=(share,)), silent)
    return only.arrays


@pytest.fixture(scope="module")
def clouds():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    mixed = rng.normal(size=(90, 12)) @ rng.normal(size=(12, 12))
    return mixed + 2 * rng.normal(size=(3, 12))[labels], labels


def in_a_loop(points, labels, share):
    """The same from its formula, with the whole covariance and its inverse."""
    points = points.astype(np.float32).astype(np.float64)
    means = np.stack([points[labels == one].mean(axis=0) for one in range(3)])
    apart = points - means[labels]
    covariance = apart.T @ apart / (len(points) - 3)
    d = points.shape[1]
    shrunk = (1 - share) * covariance + share * np.trace(covariance) / d * np.eye(d)
    inverse = np.linalg.inv(shrunk)
    sums = np.stack([-((points - m) @ inverse * (points - m)).sum(axis=1) / 2 for m in means], 1)
    sums += np.log(np.bincount(labels) / len(labels))
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("n", [90, 11])
def test_answers_are_those_of_gaussians_of_one_covariance(clouds, share, n):
    points, labels = clouds[0][:n], clouds[1][:n]  # more features than points, too
    found = DISCRIMINANT.answer(fitted(points, labels, share), points.astype(np.float32))
    np.testing.assert_allclose(found, in_a_loop(points, labels, share), atol=1e-6)


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
