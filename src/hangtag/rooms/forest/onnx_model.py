"""A forest goes in, an ONNX model comes out that takes raw images and answers the same.

Preprocessing and projection are inside, so that whoever runs the model gets the forest's answers.
One operator holds all trees: besides its classes every leaf votes for a place of the sketch, and
the votes are cut apart afterwards. Votes are added up whole and divided at the end, which float32
does without rounding where leaves are pure. Imports onnx inside its functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry.as_onnx import (
    EMBEDDING,
    IMAGES,
    PROBABILITIES,
    constant,
    graph_model,
    pixels,
    see_that_it_answers_the_same,
)
from hangtag.records import Trees
from hangtag.records.forest import LEAF
from hangtag.rooms.forest.answer import SKETCH, leaf_hashes
from hangtag.rooms.forest.classifier import Forest

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

_TREES_OPSET = 3
_TREES_DOMAIN = "ai.onnx.ml"


def onnx_model(forest: Forest, images: NDArray[np.uint8] | None = None) -> bytes:
    """Write a forest as an ONNX model and see that it answers the same.

    Args:
        forest: The forest.
        images: Real images to compare the answers on, beside random ones.

    Returns:
        The model: input ``pictures`` uint8 ``(n, height, width, channels)``, outputs
        ``probabilities`` and ``embedding``.

    Raises:
        FailedError: The model answers otherwise, by more than 1e-5.
    """
    nodes, constants = _points(forest)
    more, others = _votes(forest.trees)
    model = graph_model(
        forest,
        [*nodes, *more],
        [*constants, *others],
        (forest.trees.n_classes, SKETCH),
        [(_TREES_DOMAIN, _TREES_OPSET)],
    )
    see_that_it_answers_the_same(model, forest, images)
    return model


def _points(forest: Forest) -> tuple[list[NodeProto], list[TensorProto]]:
    """From images to the points that trees see, each step as ``Preprocessing`` takes it."""
    from onnx import TensorProto, helper

    if forest.embedder is not None:
        return forest.embedder.graph(IMAGES, "points")
    nodes, constants = pixels(forest.preprocessing, IMAGES, "flat" if forest.axes else "points")
    if forest.axes is not None:
        constants += [
            constant("axes_mean", forest.axes.mean),
            constant("axes", forest.axes.components.T),
        ]
        nodes += [
            helper.make_node("Cast", ["flat"], ["precise"], to=TensorProto.DOUBLE),
            helper.make_node("Sub", ["precise", "axes_mean"], ["from_mean"]),
            helper.make_node("MatMul", ["from_mean", "axes"], ["coordinates"]),
            helper.make_node("Cast", ["coordinates"], ["points"], to=TensorProto.FLOAT),
        ]
    return nodes, constants


def _votes(trees: Trees) -> tuple[list[NodeProto], list[TensorProto]]:
    """From points to probabilities and embeddings."""
    from onnx import helper

    c = trees.n_classes
    constants = [
        constant("zero", np.array([0])),
        constant("classes", np.array([c])),
        constant("all", np.array([c + SKETCH])),
        constant("along", np.array([1])),
        constant("n_trees", np.float32(len(trees))),
        constant("root_n_trees", np.sqrt(np.float32(len(trees)))),
    ]
    nodes = [
        _tree_node(trees),
        helper.make_node("Slice", ["votes", "zero", "classes", "along"], ["class_votes"]),
        helper.make_node("Slice", ["votes", "classes", "all", "along"], ["leaf_votes"]),
        helper.make_node("Div", ["class_votes", "n_trees"], [PROBABILITIES]),
        helper.make_node("Div", ["leaf_votes", "root_n_trees"], [EMBEDDING]),
    ]
    return nodes, constants


def _tree_node(trees: Trees) -> NodeProto:
    from onnx import helper

    # ONNX numbers nodes within each tree, our arrays all of them in a row.
    sizes = np.diff(trees.tree_offsets)
    tree = np.repeat(np.arange(len(trees)), sizes)
    node = np.arange(trees.n_nodes) - np.repeat(trees.tree_offsets[:-1], sizes)
    asks = trees.features != LEAF
    voters, targets, weights = _leaf_votes(trees, tree, node)
    labels = np.arange(trees.n_classes + SKETCH)
    attributes: dict[str, Any] = {
        "nodes_treeids": tree,
        "nodes_nodeids": node,
        "nodes_featureids": np.where(asks, trees.features, 0),
        "nodes_values": trees.thresholds,
        # Less or equal, as scikit-learn asks; thresholds were rounded down so that float32 keeps
        # every answer.
        "nodes_modes": np.where(asks, "BRANCH_LEQ", "LEAF"),
        "nodes_truenodeids": np.where(asks, trees.left_children, 0),
        "nodes_falsenodeids": np.where(asks, trees.right_children, 0),
        "class_treeids": tree[voters],
        "class_nodeids": node[voters],
        "class_ids": targets,
        "class_weights": weights,
        "classlabels_int64s": labels,
    }
    lists = {name: values.tolist() for name, values in attributes.items()}
    return helper.make_node(
        "TreeEnsembleClassifier",
        ["points"],
        ["answers", "votes"],
        domain=_TREES_DOMAIN,
        post_transform="NONE",
        **lists,
    )


def _leaf_votes(
    trees: Trees, tree: NDArray[np.int64], node: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Which node votes for what with which weight: classes first, places of the sketch after."""
    leaves = np.flatnonzero(trees.features == LEAF)
    voters = np.repeat(np.arange(trees.n_nodes), np.diff(trees.shares_at))
    places = np.empty(trees.n_nodes, np.int64)
    signs = np.empty(trees.n_nodes, np.float32)
    for number, (first, last) in enumerate(
        zip(trees.tree_offsets, trees.tree_offsets[1:], strict=False)
    ):
        places[first:last], signs[first:last] = leaf_hashes(number, int(last - first))
    nodes = np.concatenate([voters, leaves])
    targets = np.concatenate([trees.classes, trees.n_classes + places[leaves]])
    weights = np.concatenate([trees.shares.astype(np.float32), signs[leaves]])
    # onnxruntime reads the votes of a leaf as one run.
    order = np.lexsort((targets, node[nodes], tree[nodes]))
    return nodes[order], targets[order], weights[order]
