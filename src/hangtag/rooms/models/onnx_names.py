"""What goes into our ONNX models and what comes out, by name; writer and readers agree here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

PICTURES = "pictures"
"""Input: uint8 ``(n, height, width, channels)``, raw pixels."""

PROBABILITIES = "probabilities"
"""Output: float32 ``(n, classes)``, each row summing to one."""

EMBEDDING = "embedding"
"""Output: float32 ``(n, values)``, near for look-alikes."""

FAMILIARITY = "familiarity"
"""Output of models that remember: float32 ``(n, 1)``, the mean cosine to what was seen."""

Operator = tuple[str, str]
"""Domain and name."""

STANDARD, TREES = "", "ai.onnx.ml"
"""Domains: of all standard operators, and of those for trees."""

NETWORK_OPERATORS = frozenset((STANDARD, name) for name in (
    "Add", "AveragePool", "Cast", "Conv", "Div", "Elu", "Erf", "Flatten", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Identity", "LeakyRelu", "MaxPool", "Mul", "Relu",
    "Sigmoid", "Slice", "Softmax", "Sub", "Tanh", "Transpose",
))  # fmt: skip
"""Every operator of a network; a model with any other is not opened."""

FAMILIAR_OPERATORS = frozenset((STANDARD, name) for name in (
    "Add", "Cast", "Div", "MatMul", "Mul", "ReduceSum", "Sqrt", "Sub", "TopK",
))  # fmt: skip
"""Every operator between an embedding and how familiar it is."""

ENCODER_OPERATORS = NETWORK_OPERATORS | {(STANDARD, "Clip"), (STANDARD, "Concat")}
"""Every operator of a network that was trained elsewhere: ReLU6 is a Clip, squares are joined."""

TREE_OPERATOR = "TreeEnsembleClassifier"
FOREST_OPERATORS = frozenset({
    *((STANDARD, name) for name in ("Cast", "Div", "Flatten", "MatMul", "Mul", "Slice", "Sub")),
    (TREES, TREE_OPERATOR),
})  # fmt: skip
"""Every operator of a forest."""

MIXTURE_OPERATORS = frozenset((STANDARD, name) for name in (
    "Add", "Cast", "Div", "Flatten", "MatMul", "Mul", "ReduceSum", "Reshape", "Slice", "Softmax",
    "Sub",
))  # fmt: skip
"""Every operator of a Gaussian mixture."""

TREE_SUMS = "TreeEnsembleRegressor"
POINTS_OPERATORS = frozenset({
    *((STANDARD, name) for name in (
        "Add", "Cast", "Div", "Flatten", "Gather", "MatMul", "Mul", "ReduceSum", "Relu", "Slice",
        "Softmax", "Sqrt", "Sub", "TopK", "Unsqueeze",
    )),
    (TREES, TREE_SUMS),
})  # fmt: skip
"""Every operator of any other model of points: arithmetic, a choice of the nearest, trees."""


def domain_of(name: str) -> str:
    """A domain by the name we have for it."""
    return STANDARD if name == "ai.onnx" else name


def operator_of(node: NodeProto) -> Operator:
    """Domain and name of a node's operator."""
    return domain_of(node.domain), node.op_type
