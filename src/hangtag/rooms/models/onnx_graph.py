"""An ONNX graph while it is being written: operators and constants go in, a model comes out.

Imports onnx, and is itself imported only by whoever writes a model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

OPSET = 17
"""Operators as of ONNX 1.12: every onnxruntime since 1.13 runs them."""
IR_VERSION = 8
"""The file format that belongs to that operator set."""


Attribute = int | float | list[int]


@dataclass(frozen=True)
class Value:
    """Something that flows between operators.

    Attributes:
        name: Its name in the graph.
        shape: For one image, in Keras' order: ``(height, width, channels)`` or ``(values,)``.
        channels_first: Whether the graph has it as ``(n, channels, height, width)``, which is
            what ONNX convolutions and pooling take.
    """

    name: str
    shape: tuple[int, ...]
    channels_first: bool = False

    @property
    def axis(self) -> int:
        """The axis of the channels."""
        return 1 if self.channels_first else len(self.shape)

    def along_channels(self, array: NDArray[Any]) -> NDArray[Any]:
        """One number per channel, shaped so that it broadcasts along the channels."""
        return array.reshape(-1, 1, 1) if self.channels_first else array


@dataclass
class Graph:
    """Collects operators; every method that adds one returns the name of what it gives."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    _names: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Store an array under a name, or give the name of one with the same numbers."""
        stored = np.ascontiguousarray(array).reshape(array.shape)
        own = (stored.dtype.str, stored.shape, hashlib.sha256(stored.data).digest())
        if own not in self._names:
            self.constants.append(numpy_helper.from_array(stored, name))
            self._names[own] = name
        return self._names[own]

    def number(self, name: str, value: float) -> str:
        """Store one float32 number under a name."""
        return self.constant(name, np.asarray(value, np.float32))

    def add(self, operator: str, name: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operator; `name` is its name and that of what it gives."""
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def channels_first(self, value: Value) -> Value:
        """The same value as ONNX convolutions take it."""
        if value.channels_first:
            return value
        name = self._once("Transpose", f"{value.name}/nchw", value.name, perm=[0, 3, 1, 2])
        return replace(value, name=name, channels_first=True)

    def channels_last(self, value: Value) -> Value:
        """The same value as Keras has it."""
        if not value.channels_first:
            return value
        name = self._once("Transpose", f"{value.name}/nhwc", value.name, perm=[0, 2, 3, 1])
        return replace(value, name=name, channels_first=False)

    def flat(self, value: Value) -> Value:
        """The same numbers as ``(n, values)``, in Keras' order."""
        last = self.channels_last(value)
        if len(last.shape) == 1:
            return last
        name = self._once("Flatten", f"{last.name}/flat", last.name, axis=1)
        return Value(name, (int(np.prod(last.shape)),))

    def _once(self, operator: str, name: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operator unless it is there: two may want the same value in another order."""
        if any(node.name == name for node in self.nodes):
            return name
        return self.add(operator, name, *inputs, **attributes)

    def model(
        self, name: str, inputs: dict[str, tuple[int, ...]], outputs: dict[str, Value]
    ) -> ModelProto:
        """Close the graph: uint8 inputs, float32 outputs of `outputs`, all with n in front."""
        for output, value in outputs.items():
            self.add("Identity", output, value.name)
        taken = [
            helper.make_tensor_value_info(one, TensorProto.UINT8, ["n", *shape])
            for one, shape in inputs.items()
        ]
        given = [
            helper.make_tensor_value_info(one, TensorProto.FLOAT, ["n", *value.shape])
            for one, value in outputs.items()
        ]
        graph = helper.make_graph(self.nodes, name, taken, given, self.constants)
        model = helper.make_model(
            graph,
            producer_name="hangtag",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        checker.check_model(model, full_check=True)
        return model
