"""Whether an ONNX model is one Hangtag could have written: bytes go in, an error or nothing.

A hash shows that a model is the one its maker meant, not that its maker meant well. Refused are
data in other files, operators that the kind of model has no use for, functions, control flow,
trees that lead nowhere, steps that no mixture takes, and inputs and outputs other than ours.
Imports onnx, which parses without running anything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hangtag.errors import BundleError
from hangtag.records import Spec
from hangtag.rooms.models.bundle.container import AGAIN
from hangtag.rooms.models.bundle.kinds import described
from hangtag.rooms.models.onnx_names import (
    EMBEDDING,
    FAMILIARITY,
    PICTURES,
    PROBABILITIES,
    Operator,
    domain_of,
    operator_of,
)

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

_OUTPUTS = ([PROBABILITIES, EMBEDDING], [PROBABILITIES, EMBEDDING, FAMILIARITY])
MOST_NODES = 10_000
"""More than any network we write has; each costs time before the first picture is answered."""


def check_graph(where: str, data: bytes, spec: Spec) -> None:
    """Refuse a model that is not one of ours.

    Args:
        where: The bundle, for the error.
        data: The ONNX model.
        spec: What the model should be.

    Raises:
        BundleError: With what is wrong about it.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(data)
    except DecodeError:
        raise _refused(where, "is not an ONNX model") from None
    # Before anything walks over them, since walking is what so many are there to make long.
    if len(model.graph.node) > MOST_NODES:
        raise _refused(where, f"has {len(model.graph.node):,} nodes")
    rules = described(spec)
    for wrong, words in _checks(model, rules.operators):
        if wrong:
            raise _refused(where, words)
    own = rules.refused(model)
    if own:
        raise _refused(where, own)
    # Last, as it infers shapes, which is only safe of graphs that the checks before have let
    # through.
    most = rules.largest_value()
    if _largest_value(where, model) > most:
        raise _refused(where, f"needs more than {most:,} values at once for one picture")


def _checks(model: ModelProto, known: frozenset[Operator]) -> list[tuple[bool, str]]:
    graph = model.graph
    operators = {operator_of(node) for node in graph.node}
    domains = {domain_of(one.domain) for one in model.opset_import}
    names = ([one.name for one in graph.input], [one.name for one in graph.output])
    standard = {domain for domain, _ in known}
    used = {domain for domain, _ in operators}
    others = sorted(name for domain, name in operators - known)
    return [
        (_has_outside_data(graph), "takes data from other files"),
        (not domains | used <= standard, "uses operators that are not of standard ONNX"),
        (bool(model.functions or model.training_info), "brings functions of its own"),
        (bool(others), f"uses {', '.join(others)}"),
        (
            names[0] != [PICTURES] or names[1] not in _OUTPUTS,
            "has other inputs or outputs",
        ),
    ]


def _largest_value(where: str, model: ModelProto) -> int:
    """How many values the largest thing between two operators has, for one picture."""
    from onnx import shape_inference

    try:
        inferred = shape_inference.infer_shapes(model, strict_mode=True)
    except (shape_inference.InferenceError, ValueError):
        raise _refused(where, "does not fit together") from None
    found = {one.name: one for one in (*inferred.graph.value_info, *inferred.graph.output)}
    # A constant in bytes that is made numbers is there once, for all pictures.
    held = {one.name for one in model.graph.initializer}
    nodes = [one for one in model.graph.node if one.op_type != "Cast" or one.input[0] not in held]
    names = [name for node in nodes for name in node.output]
    if not all(name in found and _is_known(found[name]) for name in names):
        raise _refused(where, "has values of unknown size")
    largest: int = max(
        math.prod(size.dim_value for size in one.type.tensor_type.shape.dim[1:])
        for one in found.values()
    )
    return largest


def _is_known(one: ValueInfoProto) -> bool:
    """Whether it has one entry a picture, and each of them a size."""
    sizes = one.type.tensor_type.shape.dim
    return len(sizes) > 0 and bool(sizes[0].dim_param) and all(s.dim_value > 0 for s in sizes[1:])


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
