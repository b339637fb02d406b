"""Whether the operator that holds a forest can only answer: it goes in, an error or nothing.

onnxruntime follows the numbers it finds: a child that lies before its parent is a circle, and a
feature beyond the point is memory that is not the model's. So every number is looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ForestSpec
from hangtag.rooms.models.onnx_names import TREE_OPERATOR, TREES, operator_of

if TYPE_CHECKING:
    from onnx import AttributeProto, ModelProto, NodeProto

MOST_DEPTH = 1_000
"""Questions in a row; onnxruntime calls itself for each."""
_WHOLE = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
    "nodes_falsenodeids", "class_treeids", "class_nodeids", "class_ids", "classlabels_int64s",
)  # fmt: skip
_NUMBERS = ("nodes_values", "class_weights")
_MODES, _AFTER = "nodes_modes", "post_transform"
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


def trees_are_sound(node: NodeProto, spec: ForestSpec) -> bool:
    """Whether every tree leads every point to a leaf, and every leaf to classes there are.

    Args:
        node: The operator ``TreeEnsembleClassifier``.
        spec: The forest it should be.
    """
    held = {one.name: one for one in node.attribute}
    if set(held) != {*_WHOLE, *_NUMBERS, _MODES, _AFTER} or len(held) != len(node.attribute):
        return False
    if held[_AFTER].s != b"NONE" or not set(held[_MODES].strings) <= {_ASKS, _LEAF}:
        return False
    arrays = {name: np.fromiter(held[name].ints, np.int64) for name in _WHOLE}
    arrays |= {name: np.fromiter(held[name].floats, np.float32) for name in _NUMBERS}
    asks = _asks(held[_MODES])
    numbers_are_finite = all(bool(np.isfinite(arrays[name]).all()) for name in _NUMBERS)
    return (
        numbers_are_finite and _nodes_are_sound(arrays, asks, spec) and _votes(arrays, asks, spec)
    )


def _asks(modes: AttributeProto) -> NDArray[np.bool_]:
    return np.fromiter((one == _ASKS for one in modes.strings), np.bool_, len(modes.strings))


def _nodes_are_sound(
    arrays: dict[str, NDArray[Any]], asks: NDArray[np.bool_], spec: ForestSpec
) -> bool:
    tree, node, feature, left, right = (arrays[name] for name in _WHOLE[:5])
    lengths = {len(one) for one in (tree, node, feature, left, right, asks, arrays[_NUMBERS[0]])}
    if lengths != {spec.nodes}:
        return False
    steps = np.diff(tree)
    if tree[0] != 0 or tree[-1] != spec.n_estimators - 1 or not np.isin(steps, (0, 1)).all():
        return False
    starts = _starts(tree, spec)
    sizes = np.diff(starts)
    own = np.arange(spec.nodes)
    numbered = np.array_equal(node, own - starts[tree])
    known = bool(((feature >= 0) & (feature < spec.n_features)).all())
    children = np.stack([left, right])
    inside = (children[:, asks] > node[asks]) & (children[:, asks] < sizes[tree][asks])
    if not numbered or not known or not inside.all() or children[:, ~asks].any():
        return False
    # Every node but the first of a tree has exactly one parent.
    parents = np.bincount((children + starts[tree])[:, asks].ravel(), minlength=spec.nodes)
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


def _votes(arrays: dict[str, NDArray[Any]], asks: NDArray[np.bool_], spec: ForestSpec) -> bool:
    tree, node, voted, labels = (arrays[name] for name in _WHOLE[5:])
    if len({len(one) for one in (tree, node, voted, arrays[_NUMBERS[1]])}) != 1:
        return False
    if not np.array_equal(labels, np.arange(spec.n_classes + spec.embedding_size)):
        return False
    starts = _starts(arrays["nodes_treeids"], spec)
    there = (tree >= 0) & (tree < spec.n_estimators) & (voted >= 0) & (voted < len(labels))
    if not there.all() or not ((node >= 0) & (node < np.diff(starts)[tree])).all():
        return False
    return not asks[starts[tree] + node].any()


def _starts(tree: NDArray[np.int64], spec: ForestSpec) -> NDArray[np.int64]:
    return np.searchsorted(tree, np.arange(spec.n_estimators + 1)).astype(np.int64)
