"""Whether the operator that holds a forest can only answer: it goes in, an error or nothing.

onnxruntime follows the numbers it finds: a child that lies before its parent is a circle, and a
feature beyond the point is memory that is not the model's. So every number is looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.onnx_graphs import TREE_OPERATOR, TREE_SUMS, TREES, operator_of
from hangtag.records import ForestSpec, PointsSpec

if TYPE_CHECKING:
    from onnx import AttributeProto, ModelProto, NodeProto

MOST_DEPTH = 1_000
"""Questions in a row; onnxruntime calls itself for each."""
_NODES = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
    "nodes_falsenodeids",
)  # fmt: skip
_CLASSES = ("class_treeids", "class_nodeids", "class_ids", "class_weights")
_TARGETS = ("target_treeids", "target_nodeids", "target_ids", "target_weights")
_VALUES, _LABELS, _STARTS = "nodes_values", "classlabels_int64s", "base_values"
_MODES, _AFTER, _HOW, _COUNT = "nodes_modes", "post_transform", "aggregate_function", "n_targets"
_ASKS, _LEAF = b"BRANCH_LEQ", b"LEAF"


def forest_refused(model: ModelProto, spec: ForestSpec) -> str:
    """What is wrong with the trees of a forest's graph; empty if nothing is.

    They must be sound and get points of the length they were checked for, which is written into
    the graph: ONNX infers no shapes behind trees.
    """
    from onnx import TensorProto, helper

    nodes = [node for node in model.graph.node if operator_of(node) == (TREES, TREE_OPERATOR)]
    if len(nodes) != 1 or len(nodes[0].input) != 1 or len(nodes[0].output) != 2:
        return "does not hold one forest"
    if not trees_are_sound(nodes[0], spec):
        return "holds trees that cannot be, or not those of its manifest"
    answers, votes = nodes[0].output
    labels = spec.n_classes + spec.embedding_size
    shapes = {answers: (TensorProto.INT64, ["n"]), votes: (TensorProto.FLOAT, ["n", labels])}
    shapes[nodes[0].input[0]] = (TensorProto.FLOAT, ["n", spec.n_features])
    del model.graph.value_info[:]
    model.graph.value_info.extend(
        helper.make_tensor_value_info(name, *about) for name, about in shapes.items()
    )
    return ""


def sums_refused(model: ModelProto, spec: PointsSpec) -> str:
    """What is wrong with the trees of a graph whose leaves add to sums; empty if nothing is.

    There need be none. Sizes that ONNX infers nothing of are written into the graph.
    """
    from onnx import TensorProto, helper

    nodes = [node for node in model.graph.node if operator_of(node) == (TREES, TREE_SUMS)]
    if not nodes:
        return ""
    if len(nodes) != 1 or len(nodes[0].input) != 1 or len(nodes[0].output) != 1:
        return "does not hold one set of trees"
    if not _sums_are_sound(nodes[0], spec):
        return "holds trees that cannot be, or not those of its manifest"
    shapes = {nodes[0].input[0]: spec.n_features, nodes[0].output[0]: spec.n_classes}
    del model.graph.value_info[:]
    model.graph.value_info.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        for name, size in shapes.items()
    )
    return ""


@dataclass(frozen=True)
class _Sizes:
    trees: int
    nodes: int
    features: int
    labels: int


def trees_are_sound(node: NodeProto, spec: ForestSpec) -> bool:
    """Whether every tree leads every point to a leaf, and every leaf to classes there are.

    Args:
        node: The operator ``TreeEnsembleClassifier``.
        spec: The forest it should be.
    """
    held = {one.name: one for one in node.attribute}
    wanted = {*_NODES, *_CLASSES, _VALUES, _LABELS, _MODES, _AFTER}
    if set(held) != wanted or len(held) != len(node.attribute):
        return False
    labels = np.fromiter(held[_LABELS].ints, np.int64)
    if not np.array_equal(labels, np.arange(spec.n_classes + spec.embedding_size)):
        return False
    sizes = _Sizes(spec.n_estimators, spec.nodes, spec.n_features, len(labels))
    return _sound(held, _CLASSES, sizes)


def _sums_are_sound(node: NodeProto, spec: PointsSpec) -> bool:
    held = {one.name: one for one in node.attribute}
    wanted = {*_NODES, *_TARGETS, _VALUES, _MODES, _AFTER, _HOW, _COUNT, _STARTS}
    if set(held) != wanted or len(held) != len(node.attribute):
        return False
    starts = np.fromiter(held[_STARTS].floats, np.float32)
    trees = held[_NODES[0]].ints
    if not len(trees) or not 0 <= trees[-1] < len(trees) or held[_HOW].s != b"SUM":
        return False
    if held[_COUNT].i != spec.n_classes or len(starts) != spec.n_classes:
        return False
    sizes = _Sizes(trees[-1] + 1, len(trees), spec.n_features, spec.n_classes)
    return bool(np.isfinite(starts).all()) and _sound(held, _TARGETS, sizes)


def _sound(held: dict[str, AttributeProto], votes: tuple[str, ...], sizes: _Sizes) -> bool:
    if held[_AFTER].s != b"NONE" or not set(held[_MODES].strings) <= {_ASKS, _LEAF}:
        return False
    *targets, weight = votes
    whole = [np.fromiter(held[name].ints, np.int64) for name in (*_NODES, *targets)]
    numbers = [np.fromiter(held[name].floats, np.float32) for name in (_VALUES, weight)]
    asks = _asks(held[_MODES])
    if not all(bool(np.isfinite(one).all()) for one in numbers):
        return False
    lengths = {len(one) for one in (*whole[:5], asks, numbers[0])}
    if lengths != {sizes.nodes} or not _nodes_are_sound(whole[:5], asks, sizes):
        return False
    return _votes([*whole[5:], numbers[1]], whole[0], asks, sizes)


def _asks(modes: AttributeProto) -> NDArray[np.bool_]:
    return np.fromiter((one == _ASKS for one in modes.strings), np.bool_, len(modes.strings))


def _nodes_are_sound(
    whole: list[NDArray[np.int64]], asks: NDArray[np.bool_], sizes: _Sizes
) -> bool:
    tree, node, feature, left, right = whole
    steps = np.diff(tree)
    if tree[0] != 0 or tree[-1] != sizes.trees - 1 or not np.isin(steps, (0, 1)).all():
        return False
    starts = _starts(tree, sizes)
    lengths = np.diff(starts)
    own = np.arange(sizes.nodes)
    numbered = np.array_equal(node, own - starts[tree])
    known = bool(((feature >= 0) & (feature < sizes.features)).all())
    children = np.stack([left, right])
    inside = (children[:, asks] > node[asks]) & (children[:, asks] < lengths[tree][asks])
    if not numbered or not known or not inside.all() or children[:, ~asks].any():
        return False
    # Every node but the first of a tree has exactly one parent.
    parents = np.bincount((children + starts[tree])[:, asks].ravel(), minlength=sizes.nodes)
    return np.array_equal(parents, node > 0) and _depth_is_fair(starts, children, asks, tree)


def _depth_is_fair(
    starts: NDArray[np.int64],
    children: NDArray[np.int64],
    asks: NDArray[np.bool_],
    tree: NDArray[np.int64],
) -> bool:
    level = starts[:-1]
    for _ in range(MOST_DEPTH):
        level = level[asks[level]]
        if not len(level):
            return True
        level = (children[:, level] + starts[tree[level]]).ravel()
    return False


def _votes(
    votes: list[NDArray[Any]], trees: NDArray[np.int64], asks: NDArray[np.bool_], sizes: _Sizes
) -> bool:
    tree, node, voted, weights = votes
    if len({len(one) for one in (tree, node, voted, weights)}) != 1:
        return False
    starts = _starts(trees, sizes)
    there = (tree >= 0) & (tree < sizes.trees) & (voted >= 0) & (voted < sizes.labels)
    if not there.all() or not ((node >= 0) & (node < np.diff(starts)[tree])).all():
        return False
    return not asks[starts[tree] + node].any()


def _starts(tree: NDArray[np.int64], sizes: _Sizes) -> NDArray[np.int64]:
    return np.searchsorted(tree, np.arange(sizes.trees + 1)).astype(np.int64)
