"""Search is exact, gives each group once, holds back what is not close, and says how good it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.rooms import search

RANDOM = np.random.default_rng(0)


def directions(n, width=16):
    found = RANDOM.normal(size=(n, width)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_nearest_are_those_that_sorting_all_gives():
    points, question = directions(500), directions(1)[0]
    hits = search.nearest(points, question, 10, groups=np.arange(500))
    assert hits.rows.tolist() == np.argsort(-(points @ question))[:10].tolist()
    assert np.allclose(hits.cosines, (points @ question)[hits.rows])
    assert hits.held_back == 0


def test_of_a_group_only_the_nearest_is_given():
    points, question = directions(60), directions(1)[0]
    groups = np.arange(60) // 6
    hits = search.nearest(points, question, 20, groups=groups)
    assert len(hits.rows) == 10
    assert len(set(groups[hits.rows].tolist())) == 10
    for row in hits.rows:
        of = np.flatnonzero(groups == groups[row])
        assert row == of[np.argmax(points[of] @ question)]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=300),
    st.integers(1, 9),
    st.integers(1, 40),
)
def test_equal_ones_and_large_groups_change_nothing_of_what_sorting_all_gives(near, k, members):
    # Few different directions and groups of many: whole groups lie among the first that are sorted.
    points = np.float32([[np.cos(one), np.sin(one)] for one in near])
    groups = np.arange(len(points)) // members
    question = np.float32([1, 0])
    cosines = points @ question
    expected, met = [], set()
    for row in np.lexsort((np.arange(len(points)), -cosines)):
        if groups[row] not in met and len(met) < k:
            expected.append(row)
            met.add(groups[row])
    assert search.nearest(points, question, k, groups=groups).rows.tolist() == expected


def test_a_filter_loses_nothing():
    points, question = directions(300), directions(1)[0]
    among = np.array([5, 17, 250])
    hits = search.nearest(points, question, 10, groups=np.arange(300), among=among)
    assert sorted(hits.rows.tolist()) == among.tolist()
    assert (
        search.nearest(points, question, 3, groups=np.arange(300), among=among[:0]).rows.size == 0
    )


def test_equal_ones_come_in_the_order_of_the_set():
    points = np.repeat(directions(1), 5, axis=0)
    assert search.nearest(points, points[0], 3, groups=np.arange(5)).rows.tolist() == [0, 1, 2]


def test_what_is_far_from_everything_is_held_back_and_counted():
    center = directions(1)[0]
    points = center + 0.3 * directions(200) * RANDOM.random((200, 1)).astype(np.float32)
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    close = search.close_from(points, np.arange(200))
    assert close is not None
    inside = search.nearest(points, center, 5, groups=np.arange(200), close=close)
    assert inside.held_back == 0
    far = np.roll(center, 5)
    outside = search.nearest(points, far, 5, groups=np.arange(200), close=close)
    assert (len(outside.rows), outside.held_back) == (0, 5)


@pytest.mark.parametrize("n", [0, 1, 49])
def test_in_a_small_collection_nobody_says_what_is_close(n):
    assert search.close_from(directions(n), np.arange(n)) is None


def test_about_as_many_of_its_own_are_held_back_as_is_promised():
    points = directions(1500, 8)
    close = search.close_from(points, np.arange(1500))
    cosines = points @ points.T - 3 * np.eye(1500)
    assert (cosines.max(axis=1) < close[0]).mean() == pytest.approx(0.02, abs=0.002)


def test_precision_and_mean_average_precision_are_those_of_their_definition():
    points, labels = directions(40, 3), [str(n % 3) for n in range(40)]
    found = search.measured(points, np.arange(40), labels, k=5)
    precisions, averages = [], []
    for query in range(40):
        order = [
            one for one in np.argsort(-(points @ points[query]), kind="stable") if one != query
        ]
        right = np.array([labels[one] == labels[query] for one in order])
        precisions.append(right[:5].mean())
        ranks = np.arange(1, 40)
        averages.append((right.cumsum() / ranks)[right].mean())
    assert found.queries == 40
    assert found.precision == pytest.approx(np.mean(precisions))
    assert found.mean_average_precision == pytest.approx(np.mean(averages))


def test_items_without_a_label_are_neither_asked_about_nor_found():
    points = directions(30)
    labels = ["a"] * 10 + [""] * 20
    assert search.measured(points, np.arange(30), labels, k=3).precision == 1
    assert search.measured(points, np.arange(30), [""] * 30).queries == 0


def test_where_nothing_could_be_found_no_number_is_made_up():
    points = directions(12)
    each = search.measured(points, np.arange(12), [f"kind {n}" for n in range(12)])
    assert (each.queries, each.precision) == (12, 0)
    assert np.isnan(each.mean_average_precision)
    alone = search.measured(points, np.zeros(12, int), ["same"] * 12)
    assert alone.queries == 0
    assert np.isnan(alone.precision)


def test_rankings_are_put_together_by_rank():
    assert search.fused([[1, 2, 3], [3, 9]]) == [3, 1, 2, 9]
    assert search.fused([[], [4]]) == [4]
