"""Thresholds and depths: no point can tell plain arrays from scikit-learn's tree."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from hangtag.rooms.forest.compact import ancestors, node_depths, rounded_down


@given(
    st.floats(-1e30, 1e30),
    st.floats(-(2.0**90), 2.0**90, width=32),
)
def test_no_float32_can_tell_a_rounded_threshold_from_the_whole(threshold, point):
    (rounded,) = rounded_down(np.array([threshold]))
    assert rounded.dtype == np.float32
    nearby = np.float32(threshold)
    around = [np.nextafter(nearby, np.float32(way)) for way in (-np.inf, np.inf)]
    for one in (np.float32(point), nearby, *around):
        assert (float(one) <= threshold) == bool(one <= rounded)


def _tree():
    generator = np.random.default_rng(0)
    points = generator.normal(size=(300, 5)).astype(np.float32)
    model = DecisionTreeClassifier(random_state=0).fit(points, generator.integers(0, 3, 300))
    return model.tree_, points


def test_depths_are_the_questions_on_the_way():
    tree, points = _tree()
    path = np.asarray(tree.decision_path(points).sum(axis=1)).ravel()
    assert np.array_equal(node_depths(tree)[tree.apply(points)], path - 1)
    assert node_depths(tree).max() == tree.max_depth


def test_ancestors_lie_on_the_way_at_the_depth():
    tree, points = _tree()
    depths = node_depths(tree)
    way = tree.decision_path(points).toarray()
    for depth in (0, 1, 3, tree.max_depth, tree.max_depth + 4):
        found = ancestors(tree, depth)[tree.apply(points)]
        assert way[np.arange(len(points)), found].all()
        assert np.array_equal(depths[found], np.minimum(depths[tree.apply(points)], depth))
