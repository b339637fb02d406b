"""Trees whose leaves add to sums: scikit-learn's as arrays, their answers, their operator.

The trees are those of ``records.Trees``, each leaf standing for one class, and ``values`` says what
a leaf adds; so they are checked, walked and kept like a forest's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.estimators.classical import Arrays, Learning, Sizes
from hangtag.geometry.as_onnx import EMBEDDING
from hangtag.records import Trees
from hangtag.records.forest import LEAF
from hangtag.rooms.forest import leaves, rounded_down, trees_from_arrays, trees_to_arrays
from hangtag.rooms.forest.joined import joined

if TYPE_CHECKING:
    from onnx import NodeProto

NEVER = -100.0
"""Where a class that training does not have starts: its softmax is nothing."""


def from_predictors(
    rounds: Sequence[Sequence[Any]],
    baseline: NDArray[Any],
    present: NDArray[np.int64],
    learning: Learning,
) -> dict[str, NDArray[Any]]:
    """Arrays of boosted trees.

    Args:
        rounds: scikit-learn's tree predictors, one per class in every round; one in all for two.
        baseline: What their sums start from.
        present: The classes that training has.
        learning: What they were fitted on.
    """
    columns = present if len(present) > 2 else present[1:]
    made = [
        (_tree(one.nodes, int(column), learning), one.nodes["value"].astype(np.float64))
        for several in rounds
        for column, one in zip(columns, several, strict=True)
    ]
    starts = np.full(learning.n_classes, NEVER)
    starts[present] = 0.0
    starts[columns] = np.ravel(baseline)
    trees = joined([one for one, _ in made])
    values = np.concatenate([one for _, one in made])
    values[trees.features != LEAF] = 0
    return {**trees_to_arrays(trees), "values": values, "baseline": starts}


def _tree(nodes: NDArray[Any], column: int, learning: Learning) -> Trees:
    leaf = nodes["is_leaf"].astype(bool)
    largest = np.finfo(np.float32).max
    thresholds = np.clip(rounded_down(nodes["num_threshold"].astype(np.float64)), -largest, largest)
    ends = np.concatenate([[0], np.cumsum(leaf)]).astype(np.int64)
    return Trees(
        tree_offsets=np.array([0, len(nodes)]),
        features=np.where(leaf, LEAF, nodes["feature_idx"]).astype(np.int32),
        thresholds=np.where(leaf, np.float32(0), thresholds).astype(np.float32),
        left_children=np.where(leaf, LEAF, nodes["left"]).astype(np.int32),
        right_children=np.where(leaf, LEAF, nodes["right"]).astype(np.int32),
        shares_at=ends,
        classes=np.full(int(leaf.sum()), column, np.int32),
        shares=np.ones(int(leaf.sum())),
        n_classes=learning.n_classes,
        n_features=learning.points.shape[1],
    )


def _opened(arrays: Arrays) -> Trees:
    known = {name: one for name, one in arrays.items() if name not in ("values", "baseline")}
    return trees_from_arrays(known)


def sums_of(arrays: Arrays, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """``(n, n_classes)`` what the trees add up to."""
    trees = _opened(arrays)
    sums = np.tile(arrays["baseline"], (len(points), 1))
    for first, one in zip(trees.tree_offsets, trees.each(), strict=False):
        sums[:, one.classes[0]] += arrays["values"][first + leaves(one, points)]
    return sums


def tree_sizes(arrays: Arrays) -> Sizes:
    """Sizes of the trees; ValueError where they cannot be."""
    try:
        trees = _opened(arrays)
    except FormatError as error:
        raise ValueError(error.message) from None
    values, baseline = arrays["values"], arrays["baseline"]
    fits = values.shape == trees.features.shape and baseline.shape == (trees.n_classes,)
    # A tree of boosting adds to one class's sum; leaves of several would be a forest's.
    alone = all((one.classes == one.classes[0]).all() for one in trees.each())
    if not fits or not alone or not (np.isfinite(values).all() and np.isfinite(baseline).all()):
        raise ValueError("values")
    return Sizes(trees.n_features, trees.n_classes, max(trees.n_features, trees.n_classes))


def sum_node(arrays: Arrays, result: str) -> NodeProto:
    """All trees as one operator, from the points to their sums."""
    from onnx import helper

    trees = _opened(arrays)
    sizes = np.diff(trees.tree_offsets)
    tree = np.repeat(np.arange(len(trees)), sizes)
    node = np.arange(trees.n_nodes) - np.repeat(trees.tree_offsets[:-1], sizes)
    asks = trees.features != LEAF
    attributes: dict[str, Any] = {
        "nodes_treeids": tree,
        "nodes_nodeids": node,
        "nodes_featureids": np.where(asks, trees.features, 0),
        "nodes_values": trees.thresholds,
        "nodes_modes": np.where(asks, "BRANCH_LEQ", "LEAF"),
        "nodes_truenodeids": np.where(asks, trees.left_children, 0),
        "nodes_falsenodeids": np.where(asks, trees.right_children, 0),
        "target_treeids": tree[~asks],
        "target_nodeids": node[~asks],
        "target_ids": trees.classes,
        "target_weights": arrays["values"][~asks].astype(np.float32),
        "base_values": arrays["baseline"].astype(np.float32),
    }
    return helper.make_node(
        "TreeEnsembleRegressor",
        [EMBEDDING],
        [result],
        domain="ai.onnx.ml",
        n_targets=trees.n_classes,
        aggregate_function="SUM",
        post_transform="NONE",
        **{name: values.tolist() for name, values in attributes.items()},
    )
