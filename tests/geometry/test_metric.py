"""What tells classes apart stands beside an encoder's own numbers."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from hangtag.geometry import directions, fit_metric, metric, metric_from_arrays

N, D = 240, 20


@pytest.fixture(scope="module")
def clouds():
    """Three classes that differ in two numbers, which vary little; others vary much and say
    nothing. All lie in one direction from the origin, as an encoder's points do."""
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 3
    points = 3 + rng.normal(size=(N, D)).astype(np.float32)
    points[:, 0] = 3 + 1.5 * (labels == 1) + 0.2 * rng.normal(size=N)
    points[:, 1] = 3 + 1.5 * (labels == 2) + 0.2 * rng.normal(size=N)
    return points, labels


def of_one_class(found, labels, k=10):
    cosines = found @ found.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)[:, :k]
    return float((labels[nearest] == labels[:, None]).mean())


def test_the_nearest_are_more_often_of_one_class(clouds):
    points, labels = clouds
    told, asked = np.arange(N) < N // 2, np.arange(N) >= N // 2
    found = directions(points)
    learned = fit_metric(points[told], labels[told])
    own = of_one_class(found[asked], labels[asked])
    assert of_one_class(learned.of(found[asked]), labels[asked]) > own + 0.2


def test_it_is_of_length_1_and_the_own_numbers_come_first(clouds):
    points, labels = clouds
    learned = fit_metric(points, labels)
    turned, found = learned.of(directions(points)), directions(points)
    assert turned.shape == (N, learned.width) == (N, D + 2)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(directions(turned[:, :D]), found, rtol=1e-5)


def test_axes_are_those_of_scikit_learn(clouds):
    points, labels = clouds
    theirs = LinearDiscriminantAnalysis(solver="eigen", shrinkage=metric.SHRINKAGE)
    theirs.fit(directions(points).astype(np.float64), labels)
    own = fit_metric(points, labels).axes
    # Which of two opposite ways an axis points is nobody's business, and how long a unit is, one's.
    for mine, other in zip(own.T, theirs.scalings_.T[:2], strict=True):
        cosine = abs(mine @ other) / np.linalg.norm(mine) / np.linalg.norm(other)
        assert cosine > 0.999


def test_it_comes_back_from_its_arrays_and_damaged_ones_are_refused(clouds):
    points, labels = clouds
    learned = fit_metric(points, labels)
    arrays = learned.arrays()
    again = metric_from_arrays({"weights": points, **arrays})
    np.testing.assert_array_equal(again.of(directions(points)), learned.of(directions(points)))
    assert metric_from_arrays({"weights": points}) is None
    short = {**arrays, "metric_middle": arrays["metric_middle"][:-1]}
    bad = {**arrays, "metric_axes": np.full_like(arrays["metric_axes"], np.nan)}
    for one in (short, bad):
        with pytest.raises(ValueError, match="sizes"):
            metric_from_arrays(one)
    with pytest.raises(KeyError):
        metric_from_arrays({"metric_axes": arrays["metric_axes"]})


def test_fewer_points_than_numbers_and_classes_of_one_point_are_enough():
    points = np.random.default_rng(1).normal(size=(5, 40)).astype(np.float32)
    learned = fit_metric(points, np.array([0, 0, 1, 1, 7]))
    assert np.isfinite(learned.of(directions(points))).all()
    assert np.isfinite(fit_metric(points[[0, 2]], np.array([0, 1])).axes).all()


def test_of_many_classes_the_axes_that_tell_most_are_kept():
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(100), 3)
    points = rng.normal(size=(100, 120))[labels] + 0.1 * rng.normal(size=(300, 120))
    assert fit_metric(points.astype(np.float32), labels).axes.shape == (120, metric.MOST_AXES)


def test_what_no_class_was_told_of_is_as_near_as_by_the_encoder_alone(clouds):
    """Words, say: where they lie along what tells classes apart nobody knows."""
    points, labels = clouds
    learned = fit_metric(points, labels)
    found = directions(points)
    asked = learned.untold(found[:5])
    assert asked @ learned.of(found).T == pytest.approx(found[:5] @ found.T, abs=1e-5)
