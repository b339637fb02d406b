"""ONNX models as graphs: names that writers and readers agree on, and what no graph may have.

A model is a file from anywhere. What it may be made of stands here once, for bundles and for
encoders that people bring: operators that compute and no more, no data in other files, values of
known size. Imports onnx inside its functions, which parses without running anything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

MOST_NODES = 10_000
"""More than any network we know has; each costs time before the first picture is answered."""

MOST_VALUES = 50_000_000
"""Values that a step may give for one picture: 200 MB as float32."""

PICTURES = "pictures"
"""Input: uint8 ``(n, height, width, channels)``, raw pixels."""

PROBABILITIES = "probabilities"
"""Output: float32 ``(n, classes)``, each row summing to one."""

EMBEDDING = "embedding"
"""Output: float32 ``(n, values)``, near for look-alikes."""

FAMILIARITY = "familiarity"
"""Output of models that remember: float32 ``(n, 1)``, the mean cosine to what was seen, less what
pixels have that nothing in training had."""

BATCH = "n"
"""What the number of pictures is called in shapes. A value whose first size is called otherwise has
rows that are not pictures, and how many nobody knows."""

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

BROUGHT_OPERATORS = ENCODER_OPERATORS | frozenset((STANDARD, name) for name in (
    "BatchNormalization", "Gather", "HardSigmoid", "HardSwish", "LayerNormalization",
    "LpNormalization", "MatMul", "PRelu", "Pad", "Pow", "ReduceMean", "ReduceSum", "Reshape",
    "Sqrt", "Squeeze", "Unsqueeze",
))  # fmt: skip
"""Every operator of an encoder that somebody brings: what others' exporters make of the same."""

SEEN_OPERATORS = {"network": ENCODER_OPERATORS, "encoder": BROUGHT_OPERATORS}
"""Operators of what a model of points may see, by the word before the colon. A network that is seen
may be one that was trained elsewhere and then here."""

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


def parsed(data: bytes) -> ModelProto:
    """The model that bytes are.

    Raises:
        ValueError: They are none; the end of a sentence that begins with the file.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(data)
    except DecodeError:
        raise ValueError("is not an ONNX model") from None
    # Before anything walks over them, since walking is what so many are there to make long.
    if len(model.graph.node) > MOST_NODES:
        raise ValueError(f"has {len(model.graph.node):,} nodes")
    return model


def flaw(model: ModelProto, known: frozenset[Operator]) -> str:
    """What is wrong with a model whose operators can be `known` alone; empty if nothing is."""
    operators = {operator_of(node) for node in model.graph.node}
    domains = {domain_of(one.domain) for one in model.opset_import}
    standard = {domain for domain, _ in known}
    used = {domain for domain, _ in operators}
    others = sorted(name for domain, name in operators - known)
    checks = (
        (_has_outside_data(model.graph), "takes data from other files"),
        (not domains | used <= standard, "uses operators that are not of standard ONNX"),
        (bool(model.functions or model.training_info), "brings functions of its own"),
        (bool(others), f"uses {', '.join(others)}"),
    )
    return next((words for wrong, words in checks if wrong), "")


def largest_value(model: ModelProto) -> int:
    """How many values the largest thing between two operators has, for one picture.

    Shapes are inferred, which is only safe of graphs that :func:`flaw` has let through.

    Raises:
        ValueError: A size is unknown, or sizes do not meet; the end of a sentence.
    """
    from onnx import shape_inference

    try:
        inferred = shape_inference.infer_shapes(model, strict_mode=True)
    except (shape_inference.InferenceError, ValueError):
        raise ValueError("does not fit together") from None
    found = {one.name: one for one in (*inferred.graph.value_info, *inferred.graph.output)}
    # A constant in bytes that is made numbers is there once, for all pictures.
    held = {one.name for one in model.graph.initializer}
    nodes = [one for one in model.graph.node if one.op_type != "Cast" or one.input[0] not in held]
    names = [name for node in nodes for name in node.output]
    if not all(name in found and _is_known(found[name]) for name in names):
        raise ValueError("has values of unknown size")
    largest: int = max(
        math.prod(size.dim_value for size in one.type.tensor_type.shape.dim[1:])
        for one in found.values()
    )
    return largest


def needed(graph: GraphProto, value: str) -> set[str]:
    """The names of a value and of all that it is made of; inputs that are left out have none."""
    makers = {name: node for node in graph.node for name in node.output if name}
    found, wanted = set[str](), [value]
    while wanted:
        name = wanted.pop()
        if name and name not in found:
            found.add(name)
            wanted += makers[name].input if name in makers else []
    return found


def _is_known(one: ValueInfoProto) -> bool:
    """Whether it has one entry a picture, and each of them a size."""
    sizes = one.type.tensor_type.shape.dim
    return (
        len(sizes) > 0 and sizes[0].dim_param == BATCH and all(s.dim_value > 0 for s in sizes[1:])
    )


def _has_outside_data(graph: GraphProto) -> bool:
    """No known operator has an attribute that holds a tensor or a graph: there must be none."""
    held = any(
        attribute.HasField("t") or attribute.HasField("g") or attribute.tensors or attribute.graphs
        for node in graph.node
        for attribute in node.attribute
    )
    outside = any(one.external_data or one.data_location for one in graph.initializer)
    return held or outside or bool(graph.sparse_initializer)
