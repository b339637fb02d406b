"""A tree of scikit-learn goes in, the same tree as plain arrays comes out, whole or cut.

A tree cut at a depth is what a tree of that depth would be if it had asked the same questions: each
node at that depth answers with the classes of the images that passed through it, which the tree
still knows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Trees
from hangtag.records.forest import LEAF
from hangtag.rooms.forest.grow import GrownTree
from hangtag.rooms.forest.training_points import TrainingPoints


def compact(tree: GrownTree, learnt: TrainingPoints, *, cut: int | None = None) -> Trees:
    """Keep of a tree what its answers need.

    Args:
        tree: scikit-learn's ``Tree``.
        learnt: What it was grown from.
        cut: Depth below which nothing is kept; None keeps all.
    """
    depths = node_depths(tree)
    # A node at the cut becomes a leaf: scikit-learn keeps class proportions in every node, not in
    # leaves alone, so nothing has to be counted again.
    kept = np.flatnonzero(depths <= (depths.max() if cut is None else cut))
    numbers = np.full(len(depths), LEAF, np.int32)
    numbers[kept] = np.arange(len(kept))
    features = tree.feature[kept].astype(np.int32)
    features[(features < 0) | (depths[kept] == cut)] = LEAF
    # scikit-learn compares float32 points with float64 thresholds; rounding the thresholds down
    # keeps every answer, since no float32 lies between.
    asks = features != LEAF
    at, classes, proportions = _proportions(tree.value[kept, 0], ~asks)
    return Trees(
        tree_offsets=np.array([0, len(kept)]),
        features=features,
        thresholds=np.where(asks, rounded_down(tree.threshold[kept]), np.float32(0)),
        left_children=np.where(asks, numbers[tree.children_left[kept]], LEAF).astype(np.int32),
        right_children=np.where(asks, numbers[tree.children_right[kept]], LEAF).astype(np.int32),
        shares_at=at,
        classes=learnt.present[classes].astype(np.int32),
        shares=proportions,
        n_classes=learnt.n_classes,
        n_features=learnt.points.shape[1],
    )


def rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 not above each threshold: no float32 point can tell the difference."""
    single = thresholds.astype(np.float32)
    below = np.nextafter(single, np.float32(-np.inf))
    return np.where(single > thresholds, below, single)


def node_depths(tree: GrownTree) -> NDArray[np.int64]:
    """``(nodes,)`` questions asked before each node."""
    depths = np.zeros(tree.node_count, np.int64)
    level = np.array([0])
    depth = 0
    # Level by level with arrays: a loop over nodes would take longer than growing the tree did.
    while len(level):
        depths[level] = depth
        asking = level[tree.children_left[level] >= 0]
        level = np.concatenate([tree.children_left[asking], tree.children_right[asking]])
        depth += 1
    return depths


def ancestors(tree: GrownTree, depth: int) -> NDArray[np.int64]:
    """``(nodes,)`` the node at `depth` on the way to each node; itself where it is not deeper."""
    depths = node_depths(tree)
    found = np.arange(tree.node_count)
    for children in (tree.children_left, tree.children_right):
        asking = np.flatnonzero(children >= 0)
        deep = asking[depths[asking] >= depth]
        # Every node points at its parent where that is not above the depth asked for, else at
        # itself.
        found[children[deep]] = deep
    # Each pass doubles the generations that are bridged.
    while True:
        further = found[found]
        if np.array_equal(further, found):
            return found
        found = further


def _proportions(
    values: NDArray[np.float64], leaves: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The classes of the leaves, without the zeros that nearly all of them are."""
    # A leaf of a deep tree holds one class of many; kept as they are, proportions would be nearly
    # all zeros.
    nodes, classes = np.nonzero(values * leaves[:, None])
    at = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.bincount(nodes, minlength=len(values)), out=at[1:])
    return at, classes, values[nodes, classes]
