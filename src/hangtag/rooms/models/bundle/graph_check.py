"""Whether an ONNX model is one Hangtag could have written: bytes go in, an error or nothing.

A hash shows that a model is the one its maker meant, not that its maker meant well. Refused are
data in other files, operators from elsewhere, functions, control flow, and inputs and outputs
other than ours. Imports onnx, which parses without running anything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hangtag.errors import BundleError
from hangtag.rooms.models.bundle.container import AGAIN
from hangtag.rooms.models.onnx_names import EMBEDDING, OPERATORS, PICTURES, PROBABILITIES
from hangtag.rooms.models.resolve import MOST_VALUES

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

STANDARD = {"", "ai.onnx"}


def check_graph(where: str, data: bytes) -> None:
    """Refuse a model that is not one of ours.

    Args:
        where: The bundle, for the error.
        data: The ONNX model.

    Raises:
        BundleError: With what is wrong about it.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(data)
    except DecodeError:
        raise _refused(where, "is not an ONNX model") from None
    for wrong, words in _checks(model):
        if wrong:
            raise _refused(where, words)
    if _largest_value(where, model) > MOST_VALUES:
        raise _refused(where, f"needs more than {MOST_VALUES:,} values at once for one picture")


def _checks(model: ModelProto) -> list[tuple[bool, str]]:
    graph = model.graph
    operators = {node.op_type for node in graph.node}
    domains = {one.domain for one in (*model.opset_import, *graph.node)}
    names = ([one.name for one in graph.input], [one.name for one in graph.output])
    return [
        (_has_outside_data(graph), "takes data from other files"),
        (not domains <= STANDARD, "uses operators that are not of standard ONNX"),
        (bool(model.functions or model.training_info), "brings functions of its own"),
        (not operators <= OPERATORS, f"uses {', '.join(sorted(operators - OPERATORS))}"),
        (names != ([PICTURES], [PROBABILITIES, EMBEDDING]), "has other inputs or outputs"),
    ]


def _largest_value(where: str, model: ModelProto) -> int:
    """How many values the largest thing between two operators has, for one picture."""
    from onnx import shape_inference

    try:
        inferred = shape_inference.infer_shapes(model, strict_mode=True)
    except (shape_inference.InferenceError, ValueError):
        raise _refused(where, "does not fit together") from None
    shapes = [
        [size.dim_value for size in one.type.tensor_type.shape.dim[1:]]
        for one in (*inferred.graph.value_info, *inferred.graph.output)
    ]
    largest: int = max(math.prod(shape) for shape in shapes)
    return largest


def _has_outside_data(graph: GraphProto) -> bool:
    """Our operators have no attribute that holds a tensor or a graph, so these must be none."""
    held = any(
        attribute.HasField("t") or attribute.HasField("g") or attribute.tensors or attribute.graphs
        for node in graph.node
        for attribute in node.attribute
    )
    outside = any(one.external_data or one.data_location for one in graph.initializer)
    return held or outside or bool(graph.sparse_initializer)


def _refused(where: str, words: str) -> BundleError:
    return BundleError(f"the model in {where} {words}; such a model is not opened", AGAIN)
