"""Map quality: scikit-learn's trustworthiness, in less memory, and the classes of neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.rooms.reduce import class_agreement, quality, quality_of, trustworthiness


@pytest.fixture(scope="module")
def points(digits):
    return digits.images.reshape(len(digits), -1).astype(float)


@pytest.mark.parametrize("k", [1, 5, 30])
@pytest.mark.parametrize("columns", [slice(0, 2), slice(20, 22), slice(0, 40)])
def test_trustworthiness_is_scikit_learns(points, k, columns):
    from sklearn.manifold import trustworthiness as theirs

    noise = np.random.default_rng(0).normal(0, 2, (len(points), 64))  # no ties to break
    high, low = points + noise, (points + 3 * noise)[:, columns]
    assert trustworthiness(high, low, k=k) == pytest.approx(
        theirs(high, low, n_neighbors=k), abs=1e-4
    )


def test_the_points_themselves_are_a_perfect_map(points):
    shaken = points + np.random.default_rng(0).normal(0, 0.01, points.shape)
    assert trustworthiness(shaken, shaken) == pytest.approx(1, abs=1e-9)


def test_class_agreement_is_the_proportion_of_neighbours_of_the_class():
    places = np.asarray([[0.0, 0], [0.1, 0], [0.2, 0], [5, 0], [5.1, 0], [5.2, 0]])
    assert class_agreement(places, np.asarray([0, 0, 0, 1, 1, 1]), k=2) == 1
    assert class_agreement(places, np.asarray([0, 0, 1, 0, 1, 1]), k=2) == pytest.approx(2 / 6)


def test_unlabelled_points_are_neither_asked_nor_counted():
    places = np.asarray([[0.0], [0.1], [0.2], [5], [5.1]])
    assert class_agreement(places, np.asarray([0, -1, 0, 1, 1]), k=1) == 1


def test_a_sample_of_rows_estimates_the_whole(points):
    rows = np.sort(np.random.default_rng(0).permutation(len(points))[:600])
    places = points[:, 20:22] + np.random.default_rng(1).normal(0, 0.1, (len(points), 2))
    whole, part = trustworthiness(points, places), trustworthiness(points, places, rows=rows)
    assert part == pytest.approx(whole, abs=0.02)
    assert part != whole


def test_a_sample_is_said_with_its_size_and_seed(points, digits, monkeypatch):
    monkeypatch.setattr(quality, "MOST", 1000)
    monkeypatch.setattr(quality, "SAMPLED", 500)
    measured, notes = quality_of(points, points[:, :2], digits.labels, seed=4)
    assert notes == (
        "quality is averaged over 500 of 1,797 points (seed 4), each ranked among all",
    )
    assert set(measured) == {"trustworthiness", "class_agreement"}
    monkeypatch.undo()
    assert quality_of(points, points[:, :2], digits.labels, seed=4)[1] == ()


def test_copies_at_one_place_still_have_others_as_neighbours():
    places = np.zeros((50, 2))
    rows = np.asarray([3, 7])
    assert 0 <= class_agreement(places, np.arange(50) % 2, k=5, rows=rows) <= 1


def test_without_labels_only_the_neighbours_are_measured(points):
    measured, _ = quality_of(points, points[:, :2], np.full(len(points), -1), seed=0)
    assert set(measured) == {"trustworthiness"}


def test_says_when_there_are_too_few_points():
    with pytest.raises(OptionError, match="needs more than 10 points"):
        trustworthiness(np.eye(9), np.eye(9), k=5)
    with pytest.raises(OptionError, match="needs more than 10 labelled points"):
        class_agreement(np.eye(9), np.zeros(9, int))
