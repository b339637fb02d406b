"""Forests as arrays: each tree by itself, all of them joined again, and their numbers counted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.records import ForestSpec, Trees
from hangtag.records.forest import LEAF
from hangtag.rooms.forest.joined import joined

ARRAYS = (
    "tree_offsets", "features", "thresholds", "left_children", "right_children", "shares_at",
    "classes", "shares",
)  # fmt: skip


def stump(feature, threshold, left, right):
    """A tree of one question, whose leaves are each sure of a class."""
    return Trees(
        tree_offsets=np.array([0, 3]),
        features=np.array([feature, LEAF, LEAF], np.int32),
        thresholds=np.array([threshold, 0, 0], np.float32),
        left_children=np.array([1, 0, 0], np.int32),
        right_children=np.array([2, 0, 0], np.int32),
        shares_at=np.array([0, 0, 1, 2]),
        classes=np.array([left, right], np.int32),
        shares=np.array([1.0, 1.0]),
        n_classes=3,
        n_features=5,
    )


def leaf():
    """A tree that is one leaf, sure of nothing."""
    nothing = np.array([0], np.int32)
    return Trees(
        np.array([0, 1]), nothing - 1, np.array([0], np.float32), nothing, nothing,
        np.array([0, 3]), np.arange(3, dtype=np.int32), np.full(3, 1 / 3), 3, 5,
    )  # fmt: skip


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def test_trees_that_are_joined_come_apart_again():
    trees = [stump(4, 0.5, 0, 2), leaf(), stump(1, 7.0, 2, 1)]
    forest = joined(trees)
    assert len(forest) == 3
    assert forest.n_nodes == 7
    assert forest.tree_offsets.tolist() == [0, 3, 4, 7]
    assert forest.shares_at.tolist() == [0, 0, 1, 2, 5, 5, 6, 7]
    assert all(same(one, tree) for one, tree in zip(forest.each(), trees, strict=True))
    assert (forest.n_classes, forest.n_features) == (3, 5)


def test_joining_forests_is_joining_their_trees():
    first, second = joined([stump(0, 1.0, 0, 1), leaf()]), joined([stump(2, 2.0, 1, 2)])
    assert same(joined([first, second]), joined([*first.each(), *second.each()]))


def spec(**changes):
    values = {
        "name": "extra-trees", "input_shape": (2, 3, 1), "n_estimators": 2, "max_depth": None,
        "axes": None, "n_classes": 3, "nodes": 8, "shares": 5, "embedding_size": 2,
    }  # fmt: skip
    return ForestSpec(**(values | changes))


def test_parameters_are_questions_proportions_and_axes():
    # Two trees of eight nodes in all: three questions of a feature and a threshold each.
    assert spec().parameters == 2 * 3 + 5
    assert spec(axes=4).parameters == 2 * 3 + 5 + 5 * 6
    assert (spec().n_pixels, spec().n_features, spec(axes=4).n_features) == (6, 6, 4)


@pytest.mark.parametrize("changes", [{}, {"axes": 4, "max_depth": 7}])
def test_a_description_survives_json_and_says_its_kind_first(changes):
    values = json.loads(json.dumps(spec(**changes).to_dict()))
    assert next(iter(values.items())) == ("kind", "forest")
    assert ForestSpec.from_dict(values) == spec(**changes)
