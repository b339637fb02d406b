"""One node of a newer version of the operators goes in; nodes of the version we have come out.

What onnx's own converter leaves out on its way down is here: exporters write the newest version.
Imports onnx inside its functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.encode.walking import Walk

if TYPE_CHECKING:
    from onnx import NodeProto

OPSET = 17
"""The version of the operators that bundles have."""

_AXES_BECAME_INPUT = 18
"""From this version on what is averaged over is an input of ``ReduceMean`` and its like."""


@dataclass(frozen=True, eq=False)
class Into:
    """A graph that is made of another.

    Attributes:
        walk: Values of the other.
        constants: Its own; what new nodes take is put among them.
    """

    walk: Walk
    constants: dict[str, NDArray[Any]]


_Lower = Callable[["NodeProto", Into], "list[NodeProto]"]


def lowered(node: NodeProto, into: Into, version: int) -> list[NodeProto]:
    """A node as nodes of :data:`OPSET`.

    Args:
        node: The node.
        into: The graph that they are to be in.
        version: Of the operators that the node is of.
    """
    found = _ALWAYS.get(node.op_type)
    if found is None and version >= _AXES_BECAME_INPUT:
        found = _NEWER.get(node.op_type)
    return [node] if found is None else found(node, into)


def _gelu(node: NodeProto, into: Into) -> list[NodeProto]:
    """Half of x, times 1 + erf(x/√2), or the approximation by tanh where that was asked."""
    from onnx import helper

    (value,), (out,) = node.input, node.output
    made: list[NodeProto] = []

    def step(operator: str, *given: str | float) -> str:
        name = f"{out}:{len(made)}"
        made.append(helper.make_node(operator, [known(one) for one in given], [name]))
        return name

    def known(one: str | float) -> str:
        if isinstance(one, str):
            return one
        name = f"{out}:{one}"
        into.constants[name] = np.asarray(one, np.float32)
        return name

    approximate = next((one.s for one in node.attribute if one.name == "approximate"), b"none")
    if approximate == b"tanh":
        cube = step("Mul", step("Mul", value, value), value)
        inner = step("Add", value, step("Mul", cube, 0.044715))
        bent = step("Tanh", step("Mul", inner, math.sqrt(2 / math.pi)))
    else:
        bent = step("Erf", step("Div", value, math.sqrt(2)))
    step("Mul", step("Mul", value, 0.5), step("Add", bent, 1.0))
    made[-1].output[0] = out
    return made


def _split(node: NodeProto, into: Into) -> list[NodeProto]:
    """Parts by their sizes, not by their number."""
    from onnx import helper

    axis = next((one.i for one in node.attribute if one.name == "axis"), 0)
    name = f"{node.output[0]}_parts"
    into.constants[name] = np.asarray([into.walk.shape(one)[axis] for one in node.output], np.int64)
    return [helper.make_node("Split", [node.input[0], name], list(node.output), axis=axis)]


def _pad(node: NodeProto, into: Into) -> list[NodeProto]:
    """Margins of every axis, not of those that are named."""
    if len(node.input) < 4 or not node.input[3]:
        return [node]
    rank = len(into.walk.shape(node.input[0]))
    named = [int(axis) % rank for axis in into.walk.constants[node.input[3]]]
    before, after = np.split(into.walk.constants[node.input[1]], 2)
    margins = np.zeros((2, rank), np.int64)
    margins[0, named], margins[1, named] = before, after
    name = f"{node.output[0]}_margins"
    into.constants[name] = margins.ravel()
    node.input[1] = name
    del node.input[3]
    return [node]


def _reduce(node: NodeProto, into: Into) -> list[NodeProto]:
    """What is reduced over as an attribute."""
    from onnx import helper

    said = {one.name: one.i for one in node.attribute}
    axes = (
        into.walk.constants[node.input[1]].tolist()
        if len(node.input) > 1 and node.input[1]
        else None
    )
    if not axes and said.get("noop_with_empty_axes"):
        return [helper.make_node("Identity", [node.input[0]], list(node.output))]
    keep = said.get("keepdims", 1)
    return [
        helper.make_node(
            node.op_type, [node.input[0]], list(node.output), axes=axes or None, keepdims=keep
        )
    ]


_ALWAYS: dict[str, _Lower] = {"Gelu": _gelu, "Pad": _pad, "Split": _split}
_NEWER: dict[str, _Lower] = dict.fromkeys(("ReduceL2", "ReduceMax", "ReduceMean"), _reduce)
