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
"""More than any network we know has; each costs time before the first image is answered."""

MOST_VALUES = 50_000_000
"""Values that a step may give for one image: 200 MB as float32."""

IMAGES = "pictures"
"""Input: uint8 ``(n, height, width, channels)``, raw pixels."""

PROBABILITIES = "probabilities"
"""Output: float32 ``(n, classes)``, each row summing to one."""

EMBEDDING = "embedding"
"""Output: float32 ``(n, values)``, near for look-alikes."""

FAMILIARITY = "familiarity"
"""Output of models that remember: float32 ``(n, 1)``, the mean cosine to what was seen, less what
pixels have that nothing in training had."""

BATCH = "n"
"""What the number of images is called in shapes. A value whose first size is called otherwise has
rows that are not images, and how many nobody knows."""

Size = tuple[int, ...]
"""Of a value along each of its axes."""

_FEW, _MORE = 2, 3
"""Numbers of images for which sizes are inferred: what grows as they do is theirs."""

_DECIDES_SIZES = 4096
"""Entries that a constant has at most whose values can be sizes."""

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
    "Abs", "BatchNormalization", "Exp", "Gather", "HardSigmoid", "HardSwish",
    "InstanceNormalization", "IsNaN", "LayerNormalization", "LpNormalization", "MatMul", "Max",
    "Min", "Neg", "PRelu", "Pad", "Pow", "Reciprocal", "ReduceL2", "ReduceMax", "ReduceMean",
    "ReduceSum", "Reshape", "Softplus", "Split", "Sqrt", "Squeeze", "Unsqueeze", "Where",
))  # fmt: skip
"""Every operator of an encoder that somebody brings: what others' exporters make of the same."""

FOLDED_OPERATORS = BROUGHT_OPERATORS | frozenset((STANDARD, name) for name in (
    "And", "Ceil", "ConstantOfShape", "Equal", "Expand", "Floor", "Gelu", "Greater",
    "GreaterOrEqual", "Less", "LessOrEqual", "Mod", "Not", "Or", "Range", "ReduceProd", "Resize",
    "Shape", "Tile", "Trilu",
))  # fmt: skip
"""Every operator of a file that is brought, before what comes from no image was folded."""

TEXT_OPERATORS = BROUGHT_OPERATORS | frozenset((STANDARD, name) for name in (
    "And", "ArgMax", "CumSum", "Equal", "Expand", "GatherElements", "GatherND", "Greater",
    "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or",
))  # fmt: skip
"""Every operator of a network that reads words: masks are computed of them, ends are looked for."""

FOLDED_TEXT_OPERATORS = TEXT_OPERATORS | FOLDED_OPERATORS
"""Every operator of a file that reads words, before what comes from none was folded."""

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


def flaw(model: ModelProto, known: frozenset[Operator], *, sized: bool = False) -> str:
    """What is wrong with a model whose operators can be `known` alone; empty if nothing is.

    Args:
        model: The model.
        known: The operators it may have.
        sized: Whether a ``ConstantOfShape`` may say what it is filled with.
    """
    operators = {operator_of(node) for node in model.graph.node}
    domains = {domain_of(one.domain) for one in model.opset_import}
    standard = {domain for domain, _ in known}
    used = {domain for domain, _ in operators}
    others = sorted(name for domain, name in operators - known)
    checks = (
        (_has_outside_data(model.graph, sized), "takes data from other files"),
        (not domains | used <= standard, "uses operators that are not of standard ONNX"),
        (bool(model.functions or model.training_info), "brings functions of its own"),
        (bool(others), f"uses {', '.join(others)}"),
    )
    return next((words for wrong, words in checks if wrong), "")


def largest_value(model: ModelProto) -> int:
    """How many values the largest thing between two operators has, for one image.

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
    names = [name for node in _computing(model) for name in node.output]
    if not all(name in found and _is_known(found[name]) for name in names):
        raise ValueError("has values of unknown size")
    largest: int = max(
        math.prod(size.dim_value for size in one.type.tensor_type.shape.dim[1:])
        for one in found.values()
    )
    return largest


def largest_value_for(model: ModelProto, known: frozenset[Operator]) -> int:
    """How many values the largest thing between two operators has, for one image.

    Args:
        model: The model.
        known: The operators it may have. Among those of an encoder that somebody brings, values
            may have parts of images as rows, or images behind another axis, as transformers do.

    Raises:
        ValueError: A size is unknown, or sizes do not meet; the end of a sentence.
    """
    if not known >= BROUGHT_OPERATORS:
        return largest_value(model)
    few, more = inferred_sizes(model, _FEW), inferred_sizes(model, _MORE)
    names = [name for node in _computing(model) for name in node.output if name]
    return max((_of_one(few.get(name), more.get(name)) for name in names), default=0)


def _of_one(few: Size | None, more: Size | None) -> int:
    """How many values one has for an image, by what it has for :data:`_FEW` and for more."""
    whole, other = math.prod(few or ()), math.prod(more or ())
    if not few or not more or whole * _MORE != other * _FEW:
        raise ValueError("has values of unknown size")
    return whole // _FEW


def _computing(model: ModelProto) -> list[NodeProto]:
    """The nodes that give something for each image.

    A constant in bytes that is made numbers is there once, for all images.
    """
    held = {one.name for one in model.graph.initializer}
    return [one for one in model.graph.node if one.op_type != "Cast" or one.input[0] not in held]


def inferred_sizes(model: ModelProto, images: int) -> dict[str, Size | None]:
    """The sizes of every value of a model for some number of images; None for unknown ones.

    Raises:
        ValueError: Sizes do not meet; the end of a sentence.
    """
    from onnx import shape_inference

    own = _without_weights(model)
    for one in (*own.graph.input, *own.graph.output):
        for size in one.type.tensor_type.shape.dim:
            if size.dim_param == BATCH:
                size.dim_value = images
    try:
        found = shape_inference.infer_shapes(own, strict_mode=True, data_prop=True).graph
    except (shape_inference.InferenceError, ValueError):
        raise ValueError("does not fit together") from None
    return {one.name: _sizes(one) for one in (*found.input, *found.value_info, *found.output)}


def _without_weights(model: ModelProto) -> ModelProto:
    """A model with its large constants as inputs: sizes are the same, and no copy has weights."""
    from onnx import helper

    whole = model.graph
    small = [one for one in whole.initializer if math.prod(one.dims) <= _DECIDES_SIZES]
    large = [
        helper.make_tensor_value_info(one.name, one.data_type, one.dims)
        for one in whole.initializer
        if math.prod(one.dims) > _DECIDES_SIZES
    ]
    graph = helper.make_graph(whole.node, whole.name, [*whole.input, *large], whole.output, small)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _sizes(one: ValueInfoProto) -> Size | None:
    kind = one.type.tensor_type
    if not kind.HasField("shape") or not all(one.dim_value > 0 for one in kind.shape.dim):
        return None
    return tuple(one.dim_value for one in kind.shape.dim)


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
    """Whether it has one entry an image, and each of them a size."""
    sizes = one.type.tensor_type.shape.dim
    return (
        len(sizes) > 0 and sizes[0].dim_param == BATCH and all(s.dim_value > 0 for s in sizes[1:])
    )


def _has_outside_data(graph: GraphProto, sized: bool) -> bool:
    """No other known operator has an attribute that holds a tensor or a graph."""
    attributes = [(node, attribute) for node in graph.node for attribute in node.attribute]
    held = any(
        attribute.HasField("g")
        or attribute.tensors
        or attribute.graphs
        or (attribute.HasField("t") and not (sized and node.op_type == "ConstantOfShape"))
        for node, attribute in attributes
    )
    tensors = [*graph.initializer, *(one.t for _, one in attributes if one.HasField("t"))]
    outside = any(one.external_data or one.data_location for one in tensors)
    return held or outside or bool(graph.sparse_initializer)
