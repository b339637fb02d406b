"""One k-means: scikit-learn's result, and what it says to what cannot be clustered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.cluster import KMeans

from hangtag.errors import OptionError
from hangtag.geometry import fit_pca
from hangtag.rooms.cluster import agreement, agreement_of, kmeans, lloyd


@pytest.mark.parametrize("native", ["0", "1"], ids=["numpy", "native"])
@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize("k", [2, 10, 33, 70])
def test_gives_the_clusters_of_scikit_learn(points, init, k, native, monkeypatch):
    if native == "1":
        pytest.importorskip("hangtag_kernels", reason="the native kernels are not installed")
    monkeypatch.setenv("HANGTAG_NATIVE", native)
    theirs = KMeans(k, init=init, n_init=3, random_state=5).fit(points)
    ours = kmeans(points, k, init=init, n_init=3, seed=5)
    assert np.array_equal(ours.assignments, theirs.labels_)
    assert ours.scores["inertia"] == pytest.approx(theirs.inertia_, rel=1e-9)
    assert ours.scores["iterations"] == theirs.n_iter_
    assert np.allclose(ours.centres, theirs.cluster_centers_, atol=1e-9)


def test_gives_the_figures_of_the_s0_study(fashion):
    training = np.arange(60000)
    axes = fit_pca(fashion.images[training] / np.float32(255), components=9)
    places = axes.transform(fashion.images[training] / np.float32(255))
    clusters = kmeans(places, 10, seed=33, n_init=10, images=fashion, indices=training)
    reported = [6727, 9629, 9177, 2546, 4380, 2842, 7273, 7705, 2290, 7431]
    assert np.abs(np.sort(clusters.sizes) - np.sort(reported)).max() <= 20
    found = agreement(clusters, fashion)
    assert found.ari == pytest.approx(0.346, abs=0.01)
    assert found.nmi == pytest.approx(0.508, abs=0.01)


def test_gives_one_cluster_the_mean_of_all(points):
    one = kmeans(points, 1, n_init=2)
    assert np.allclose(one.centres[0], points.mean(axis=0))
    assert one.scores["inertia"] == pytest.approx(((points - points.mean(axis=0)) ** 2).sum())


def test_gives_as_many_clusters_as_images_one_image_each(points):
    few = points[:40]
    clusters = kmeans(few, 40, init="random")
    assert sorted(clusters.assignments) == list(range(40))
    assert clusters.scores["inertia"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("far", [1, 2])
def test_fills_an_empty_cluster_as_scikit_learn_does(points, far):
    # Centres so far away that no image is nearest to them.
    start = np.concatenate([points[:6], np.full((far, points.shape[1]), 1e5)])
    theirs = KMeans(6 + far, init=start, n_init=1).fit(points)
    ready = lloyd.prepare(points)
    limits = lloyd.Limits(300, 1e-4 * points.var(axis=0).mean())
    ours = lloyd.settle(ready, lloyd.iterate(ready, start - ready.mean, limits))
    assert ours.inertia == pytest.approx(theirs.inertia_)
    assert agreement_of(ours.assignments, theirs.labels_, "abcdefgh").accuracy == 1


def test_says_when_clusters_stay_empty():
    same = np.repeat([[0.0, 1.0], [5.0, 5.0]], 10, axis=0)
    clusters = kmeans(same, 3, init="random", n_init=2)
    assert clusters.scores["inertia"] == 0
    assert "1 of 3 clusters are empty" in clusters.notes[0]


def test_same_seed_gives_the_same_clusters_and_another_seed_others(points):
    first, again = (kmeans(points, 25, n_init=1, seed=1) for _ in range(2))
    other = kmeans(points, 25, n_init=1, seed=2)
    assert np.array_equal(first.assignments, again.assignments)
    assert not np.array_equal(first.assignments, other.assignments)


def test_moving_and_scaling_the_points_changes_nothing(points):
    here = kmeans(points, 10, n_init=2)
    there = kmeans(points * 1e4 + 1e7, 10, n_init=2)
    assert np.array_equal(here.assignments, there.assignments)


@settings(max_examples=60, deadline=None)
@given(
    places=arrays.arrays(
        np.float64,
        st.tuples(st.integers(2, 30), st.integers(1, 4)),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    k=st.integers(1, 6),
)
def test_any_points_end_nearest_to_their_own_centre(places, k):
    k = min(k, len(places))
    clusters = kmeans(places, k, n_init=2, init="random")
    gaps = ((places[:, None] - clusters.centres) ** 2).sum(axis=2)
    own = gaps[np.arange(len(places)), clusters.assignments]
    scale = max(gaps.max(), 1e-12)
    assert (own <= gaps.min(axis=1) + 1e-9 * scale).all()
    assert clusters.scores["inertia"] == pytest.approx(own.sum(), abs=1e-7 * scale)


def test_tells_how_many_starts_are_done(points):
    told = []
    kmeans(points, 5, n_init=4, progress=lambda *said: told.append(said[:3]))
    assert told[-1] == ("k-means", 4, 4)
    assert [done for _, done, _ in told] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"k": 1798}, "1798 clusters were asked for; there are 1797 images"),
        ({"k": 0}, "0 clusters were asked for"),
        ({"k": 5, "n_init": 0}, "n_init is 0"),
        ({"k": 5, "init": "kmeans++"}, "no start 'kmeans\\+\\+'"),
        ({"k": 5, "tol": -1.0}, "tol is -1.0"),
    ],
)
def test_refuses_what_cannot_be(points, change, sentence):
    with pytest.raises(OptionError, match=sentence):
        kmeans(points, **change)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (np.zeros((5, 2, 2)), "a table of points"),
        (np.zeros((0, 3)), "a table of points"),
        (np.array([[1.0], [np.nan], [2.0]]), "finite points"),
        (np.array([[1.0], [1e30], [2.0]]), "takes values up to 1e\\+15"),
    ],
)
def test_refuses_points_that_are_no_table_of_numbers(bad, sentence):
    with pytest.raises(OptionError, match=sentence):
        kmeans(bad, 2)
