"""What every value of a graph is for one number of images: constants in full, others by shape.

An exporter that left the number of images free writes sizes down as arithmetic on ``Shape``, by
hundreds of nodes. For a number that is known all of that are constants, and are found here, node by
node: by onnx's own inference and its own reference implementation, a bounded one at a time.
Nothing but constants is computed, so no network runs. Imports onnx inside its functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.onnx_graphs import MOST_VALUES, STANDARD

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TypeProto

SMALL = 4096
"""Entries of a constant whose values may decide a shape; no shape has more axes."""

Shape = tuple[int, ...]


@dataclass(eq=False)
class Walk:
    """The values of a graph for one number of images.

    Attributes:
        types: Of every value, sizes among that.
        constants: Values that come from no image.
        left: How many values may still be made of constants.
    """

    types: dict[str, TypeProto] = field(default_factory=dict)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    left: int = MOST_VALUES

    def shape(self, name: str) -> Shape:
        """Sizes of a value.

        Raises:
            ValueError: They are not known; the end of a sentence.
        """
        kind = self.types[name].tensor_type if name in self.types else None
        if kind is None or not kind.HasField("shape"):
            raise ValueError("has values of unknown size")
        if not all(one.HasField("dim_value") for one in kind.shape.dim):
            raise ValueError("has values of unknown size")
        return tuple(one.dim_value for one in kind.shape.dim)

    def kind(self, name: str) -> int:
        """What the numbers of a value are, as ONNX counts that."""
        found: int = self.types[name].tensor_type.elem_type
        return found


class Written(Protocol):
    """A graph whose sizes are written for one number of images, as it is for another."""

    def sizes(self, walk: Walk, node: NodeProto) -> Shape | None:
        """Sizes of what a node gives, where they are not what its constants say."""

    def repeated(self, walk: Walk, node: NodeProto) -> dict[str, tuple[int, int]]:
        """Constants that a node takes once for each image: along which axis, and that size."""


def walked(
    model: ModelProto,
    held: Mapping[str, NDArray[Any]],
    sizes: dict[str, Shape],
    written: Written | None = None,
) -> Walk:
    """Walk a graph once, from its first node to its last.

    Args:
        model: The model, with no constants in nodes.
        held: Its constants.
        sizes: Of each of its inputs that is no constant.
        written: What its sizes are written for, where that is another number of images.

    Raises:
        ValueError: Sizes do not meet, or a constant is too large; the end of a sentence.
    """
    from onnx import helper

    walk = Walk()
    for name, value in held.items():
        _keep(walk, name, value)
    for one in model.graph.input:
        if one.name in sizes:
            element = one.type.tensor_type.elem_type
            walk.types[one.name] = helper.make_tensor_type_proto(element, sizes[one.name])
    version = version_of(model)
    for node in model.graph.node:
        _step(walk, node, version, written)
    return walk


def version_of(model: ModelProto) -> int:
    """The version of the standard operators that a model has."""
    found: int = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    return found


def _step(walk: Walk, node: NodeProto, version: int, written: Written | None) -> None:
    from onnx import helper

    given = [one for one in node.input if one]
    if node.op_type == "Shape":
        _keep(walk, node.output[0], _shape(walk, node))
        return
    other = written.sizes(walk, node) if written else None
    if other is not None:
        element = walk.kind(node.input[0])
        walk.types[node.output[0]] = helper.make_tensor_type_proto(element, other)
        return
    types = _inferred(walk, node, version, written.repeated(walk, node) if written else {})
    walk.types.update(types)
    if all(one in walk.constants for one in given):
        walk.left -= sum(math.prod(walk.shape(one)) for one in types)
        if walk.left < 0:
            raise ValueError(f"makes more than {MOST_VALUES:,} values of its constants")
        names = [one for one in node.output if one]
        for name, value in zip(names, _computed(walk, node, version), strict=False):
            _keep(walk, name, np.asarray(value))


def _keep(walk: Walk, name: str, value: NDArray[Any]) -> None:
    from onnx import helper

    element = helper.np_dtype_to_tensor_dtype(value.dtype)
    walk.constants[name] = value
    walk.types[name] = helper.make_tensor_type_proto(element, value.shape)


def _shape(walk: Walk, node: NodeProto) -> NDArray[np.int64]:
    whole = walk.shape(node.input[0])
    ends = {one.name: one.i for one in node.attribute}
    return np.asarray(whole[ends.get("start", 0) : ends.get("end", len(whole))], np.int64)


def _inferred(
    walk: Walk, node: NodeProto, version: int, repeated: dict[str, tuple[int, int]]
) -> dict[str, TypeProto]:
    """Types of what a node gives."""
    from onnx import defs, helper, numpy_helper, shape_inference

    unknown = [one for one in node.input if one and one not in walk.types]
    if unknown:
        raise ValueError(f"uses '{unknown[0]}' before anything makes it")
    held = {
        one: numpy_helper.from_array(walk.constants[one], one)
        for one in node.input
        if one in walk.constants and walk.constants[one].size <= SMALL
    }
    types = {one: walk.types[one] for one in node.input if one}
    for one, (axis, size) in repeated.items():
        shape = [*walk.shape(one)]
        shape[axis] = size
        types[one] = helper.make_tensor_type_proto(walk.kind(one), shape)
        held.pop(one, None)
    try:
        schema = defs.get_schema(node.op_type, version, STANDARD)
        found = shape_inference.infer_node_outputs(
            schema, node, types, held, opset_imports=[helper.make_opsetid("", version)]
        )
    except (shape_inference.InferenceError, defs.SchemaError, ValueError):
        raise ValueError(f"does not fit together at its {node.op_type}") from None
    return {name: kind for name, kind in found.items() if name}


def _computed(walk: Walk, node: NodeProto, version: int) -> Sequence[Any]:
    """What a node makes of constants."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    given = [one for one in dict.fromkeys(node.input) if one]
    inputs = [helper.make_value_info(one, walk.types[one]) for one in given]
    outputs = [helper.make_value_info(one, walk.types[one]) for one in node.output if one]
    graph = helper.make_graph([node], "one", inputs, outputs)
    opsets = [helper.make_opsetid("", version)]
    try:
        one = ReferenceEvaluator(helper.make_model(graph, opset_imports=opsets))
        with np.errstate(all="ignore"):
            found: Sequence[Any] = one.run(None, {name: walk.constants[name] for name in given})
    except Exception as error:
        raise ValueError(f"has a {node.op_type} of constants that fails") from error
    return found
