"""Neighbours and close pairs: what comparing every pair finds, in less memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from hangtag.errors import OptionError
from hangtag.geometry import distances_of, nearest_neighbours, pairs_within, ranks_of
from hangtag.geometry.boxes import LEAF, Boxes


def table(points, others=None):
    others = points if others is None else others
    return np.linalg.norm(points[:, None].astype(float) - others[None], axis=2)


def clouds(seed, n, d, offset=0.0):
    return np.random.default_rng(seed).normal(offset, 1, (n, d))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(3, 60), st.integers(1, 9), st.floats(0, 1000))
def test_finds_what_a_full_table_finds(seed, n, d, offset):
    points = clouds(seed, n, d, offset)
    k = 1 + seed % (n - 1)
    graph = nearest_neighbours(points, k=k)
    truth = table(points)
    np.fill_diagonal(truth, np.inf)
    nearest = np.sort(truth, axis=1)[:, :k]
    np.testing.assert_allclose(graph.distances, nearest, rtol=1e-3, atol=1e-3)
    named = np.take_along_axis(truth, graph.indices, axis=1)
    np.testing.assert_allclose(named, nearest, rtol=1e-3, atol=1e-3)


def test_a_point_is_never_its_own_neighbour_even_among_copies():
    points = np.repeat(np.eye(3), 4, axis=0)
    graph = nearest_neighbours(points, k=3)
    assert (graph.indices != np.arange(12)[:, None]).all()
    assert (graph.distances == 0).all()


def test_finds_neighbours_of_other_points_among_many_blocks(digits):
    points = digits.images.reshape(1797, -1).astype(float)
    graph = nearest_neighbours(points[:1500], k=4, queries=points[1500:])
    truth = table(points[1500:], points[:1500])
    np.testing.assert_allclose(graph.distances, np.sort(truth, axis=1)[:, :4], rtol=1e-5)


def test_agrees_with_scikit_learn_on_many_points(fashion):
    from sklearn.neighbors import NearestNeighbors

    points = fashion.images[:12_000].reshape(12_000, -1)[:, ::7].astype(np.float32)
    graph = nearest_neighbours(points, k=15)
    distances, indices = NearestNeighbors(n_neighbors=15).fit(points).kneighbors()
    np.testing.assert_allclose(graph.distances, distances, rtol=1e-4)
    assert np.mean(graph.indices == indices) > 0.999


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(1, 80), st.floats(0.1, 4))
def test_finds_every_close_pair_once(seed, n, radius):
    points = clouds(seed, n, 3)
    pairs, distances, used = pairs_within(points, radius=radius)
    truth = np.argwhere(np.triu(table(points.astype(np.float32)) <= radius, 1))
    clear = np.abs(table(points)[tuple(truth.T)] - radius) > 1e-4
    assert {*map(tuple, truth[clear])} <= {*map(tuple, pairs)}
    assert (distances <= radius + 1e-6).all()
    assert used == radius
    assert len({*map(tuple, pairs)}) == len(pairs)


def test_pairs_far_from_the_origin_are_still_told_apart():
    points = np.asarray([[1000.0, 0], [1000, 0.01], [1000, 5]])
    pairs, distances, _ = pairs_within(points, radius=0.1)
    assert pairs.tolist() == [[0, 1]]
    assert distances == pytest.approx([0.01], rel=1e-3)


def test_a_smaller_radius_is_used_and_said_when_pairs_are_too_many():
    points = np.linspace(0, 1, 2500)[:, None]
    pairs, distances, used = pairs_within(points, radius=1.0, most=10_000)
    assert used < 1.0
    assert len(pairs) <= 10_000
    again, _, _ = pairs_within(points, radius=used)
    np.testing.assert_array_equal(pairs, again)
    assert (distances <= used).all()


def test_parts_that_are_left_out_hold_no_close_pair():
    """Clusters far apart make many parts; what is found is what the whole table holds."""
    middles = clouds(1, 40, 12) * 3
    points = (middles.repeat(75, axis=0) + clouds(2, 3000, 12) * 0.2).astype(np.float32)
    pairs, distances, _ = pairs_within(points, radius=0.6)
    truth = cdist(points, points)
    np.testing.assert_array_equal(pairs, np.argwhere(np.triu(truth <= 0.6, 1)))
    np.testing.assert_allclose(distances, truth[tuple(pairs.T)], rtol=1e-4)
    boxes = Boxes(points - points.mean(axis=0))
    asked = sum(len(boxes.within(task, 0.6)[1]) * LEAF for task in boxes.tasks(0.6))
    assert asked < 0.2 * len(points) ** 2  # it is not the whole table that was looked through


def test_of_more_equal_points_than_pairs_may_be_some_are_left_out():
    pairs, distances, used = pairs_within(np.zeros((500, 3)), radius=1.0, most=1000)
    assert len(pairs) == 1000
    assert (distances == 0).all()
    assert 0 < used < 0.002


def test_ranks_are_places_in_the_order_of_distance():
    points = clouds(1, 300, 5)
    order = np.argsort(table(points), axis=1, kind="stable")
    ranks = ranks_of(points, order[:, [1, 7, 299]])
    np.testing.assert_array_equal(ranks, np.tile([1, 7, 299], (300, 1)))
    some = np.asarray([5, 100])
    np.testing.assert_array_equal(ranks_of(points, order[some][:, [3]], rows=some), [[3], [3]])


def test_measures_pairs_by_differences():
    points = np.asarray([[0, 0], [3, 4], [1e4, 1e4]], np.float32)
    np.testing.assert_allclose(distances_of(points, np.asarray([[0, 1], [1, 0]])), [5, 5])


def test_tells_how_far_it_is_to_the_end():
    heard = []
    nearest_neighbours(clouds(0, 50, 2), k=3, progress=lambda *told: heard.append(told))
    assert heard[-1][1] == heard[-1][2] > 0


@pytest.mark.parametrize("k", [0, 5])
def test_says_when_there_are_too_few_others(k):
    with pytest.raises(OptionError, match=f"{k} neighbours were asked for"):
        nearest_neighbours(np.eye(5), k=k)
