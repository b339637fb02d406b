"""Few points of many numbers become points of few numbers that are as far apart."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from hangtag import memory
from hangtag.errors import MachineError
from hangtag.geometry import fit_pca, same_distances


def drawn(n, d, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, d), dtype=np.uint8)


@pytest.mark.parametrize("d", [60, 5000])
def test_all_distances_are_kept_but_for_one_small_amount(d):
    rows = drawn(60, d)
    there = pdist(rows / 255, "sqeuclidean")
    here = pdist(same_distances(rows, 1 / 255).astype(np.float64), "sqeuclidean")
    more = here - there
    length = np.square(rows / 255 - (rows / 255).mean(axis=0)).sum(axis=1).mean()
    assert np.abs(more - more.mean()).max() < 1e-5 * length
    assert 0 <= more.mean() <= 2.3e-4 * length


def test_copies_and_equal_points_are_kept_together():
    rows = drawn(40, 900)
    rows[7] = rows[3]
    points = same_distances(rows, 1 / 255)
    apart = squareform(pdist(points))
    np.fill_diagonal(apart, np.inf)
    assert apart[3].argmin() == 7
    assert apart[3, 7] < 0.02 * np.median(apart[np.isfinite(apart)])
    equal = same_distances(np.full((5, 9), 100, np.uint8), 1 / 255)
    assert pdist(equal).max() < 1e-6


def test_principal_axes_explain_what_those_of_the_numbers_do():
    rows = drawn(50, 400)
    rows[:25, :200] //= 4
    here, there = fit_pca(same_distances(rows, 1 / 255)), fit_pca(rows / 255)
    np.testing.assert_allclose(here.ratios[:10], there.ratios[:10], rtol=1e-3)
    ours = here.transform(same_distances(rows, 1 / 255))[:, :3]
    np.testing.assert_allclose(np.abs(ours), np.abs(there.transform(rows / 255)[:, :3]), atol=1e-2)


def test_too_little_memory_is_said_before_the_work(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 1_000_000)
    with pytest.raises(MachineError, match="60 points of 5,000 numbers"):
        same_distances(drawn(60, 5000), 1 / 255)
