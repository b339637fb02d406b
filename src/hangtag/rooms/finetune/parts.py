"""A network trained elsewhere, cut in two: ONNX goes in, ONNX up to the cut and steps come out.

What lies before the cut stays as it is and is run by onnxruntime; what lies behind it is a list of
steps with weights that can be trained, and goes back into the ONNX model afterwards. Imports onnx
inside its functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

IMAGES, EMBEDDING = "pictures", "embedding"
CONVOLUTION, DEPTHWISE, POINTWISE = "convolution", "depthwise", "pointwise"
_SAME = {"Add": "add", "Clip": "relu6", "GlobalAveragePool": "pool", "Flatten": "flatten"}
_BOUNDS = (0.0, 6.0)
Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Step:
    """One operation behind the cut.

    Attributes:
        kind: ``depthwise``, ``pointwise``, ``relu6``, ``add``, ``pool`` or ``flatten``.
        inputs: Names of the values it takes.
        output: Name of the value it makes.
        weight: Name of its weight, ``(kernel, kernel, channels)`` or ``(in, out)``; "" for none.
        bias: Name of its bias, ``(channels,)``.
        stride: Of a convolution.
        pads: Rows above, columns left, rows below, columns right that a convolution adds.
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    weight: str = ""
    bias: str = ""
    stride: int = 1
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Parts:
    """A network on both sides of a cut.

    Attributes:
        frozen: ONNX from uint8 ``(n, height, width, 3)`` called ``pictures`` to the value at the
            cut, called ``embedding``, float32 with channels last.
        cut: Name of the value at the cut.
        steps: What lies behind it; the last gives ``(n, width)``.
        weights: Of the steps, by name, in the shapes that steps have them in.
    """

    frozen: bytes
    cut: str
    steps: tuple[Step, ...]
    weights: Weights


def divided(model: bytes, cut: str) -> Parts:
    """Cut a network in two.

    Args:
        model: ONNX from ``pictures`` to ``embedding``.
        cut: Name of the value, ``(n, channels, height, width)``, through which all goes.

    Raises:
        FormatError: There is no such value, or behind it lies what cannot be trained.
    """
    import onnx
    from onnx import helper, numpy_helper

    whole = onnx.load_model_from_string(model)
    graph = whole.graph
    made = [node.output[0] for node in graph.node]
    if cut not in made:
        raise FormatError(f"the network has no value '{cut}' to be cut at")
    at = made.index(cut) + 1
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    steps, weights = [], Weights()
    for node in graph.node[at:]:
        steps.append(_step(node, constants))
        weights |= _of(steps[-1], constants)
    known = {cut, *(one.output for one in steps)}
    if any(name not in known for one in steps for name in one.inputs):
        raise FormatError(f"not everything in the network goes through '{cut}'")
    nodes = [
        *graph.node[:at],
        helper.make_node("Transpose", [cut], [EMBEDDING], perm=[0, 2, 3, 1]),
    ]
    output = helper.make_tensor_value_info(EMBEDDING, onnx.TensorProto.FLOAT, ["n", "h", "w", "c"])
    return Parts(_model(whole, nodes, _images(None), output), cut, tuple(steps), weights)


def with_weights(model: bytes, parts: Parts, weights: Mapping[str, NDArray[Any]]) -> bytes:
    """The network with other weights behind the cut.

    Args:
        model: What was divided.
        parts: Its parts.
        weights: By name, as `parts` has them.
    """
    import onnx
    from onnx import numpy_helper

    whole = onnx.load_model_from_string(model)
    kinds = {one.weight: one.kind for one in parts.steps if one.weight}
    for constant in whole.graph.initializer:
        if constant.name in weights:
            array = np.asarray(weights[constant.name], np.float32)
            shaped = _as_onnx(array, kinds.get(constant.name, ""))
            constant.CopyFrom(numpy_helper.from_array(shaped, constant.name))
    return bytes(whole.SerializeToString())


def answering(model: bytes, size: int, *, mirrored: bool) -> bytes:
    """A network as it answers for squares of one size.

    Args:
        model: ONNX from ``pictures`` to ``embedding``.
        size: Rows and columns of images; any multiple of the network's strides.
        mirrored: Whether it is shown the mirror image of each, too, and gives the mean embedding.
            A linear answer to the mean is the mean of both, so what follows need not know of it.
    """
    import onnx
    from onnx import helper, numpy_helper

    whole = onnx.load_model_from_string(model)
    output = whole.graph.output[0]
    if not mirrored:
        return _model(whole, list(whole.graph.node), _images(size), output)
    # Columns from the last to before the first.
    bounds = {"mirror_from": -1, "mirror_to": -(2**31), "mirror_axis": 2, "mirror_step": -1}
    nodes = [helper.make_node("Slice", [IMAGES, *bounds], ["mirror_image"])]
    for prefix, given in (("straight/", IMAGES), ("mirrored/", "mirror_image")):
        nodes += _renamed(whole.graph, prefix, given)
    both = [f"{prefix}{EMBEDDING}" for prefix in ("straight/", "mirrored/")]
    nodes.append(helper.make_node("Add", both, ["both"]))
    nodes.append(helper.make_node("Mul", ["both", "one_half"], [EMBEDDING]))
    numbers = {name: np.array([one], np.int64) for name, one in bounds.items()}
    constants = {**numbers, "one_half": np.array(0.5, np.float32)}
    whole.graph.initializer.extend(
        numpy_helper.from_array(one, name) for name, one in constants.items()
    )
    return _model(whole, nodes, _images(size), output)


def _step(node: NodeProto, constants: Mapping[str, NDArray[Any]]) -> Step:
    """A node as a step that can be trained through."""
    if node.op_type != "Conv":
        bounds = tuple(float(constants[name]) for name in node.input[1:] if name in constants)
        known = node.op_type in _SAME and bounds in {(), _BOUNDS}
        if not known:
            raise FormatError(f"the network has a {node.op_type} that cannot be trained through")
        inputs = tuple(name for name in node.input if name not in constants)
        return Step(_SAME[node.op_type], inputs, node.output[0])
    from onnx import helper

    said = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    value, weight, bias = node.input
    shape = constants[weight].shape
    depthwise = said["group"] == shape[0] and shape[1] == 1
    if not depthwise and (said["group"] != 1 or shape[2:] != (1, 1) or said["strides"] != [1, 1]):
        raise FormatError("the network has a convolution that cannot be trained")
    kind = DEPTHWISE if depthwise else POINTWISE
    return Step(
        kind, (value,), node.output[0], weight, bias, said["strides"][0], tuple(said["pads"])
    )


def _of(step: Step, constants: Mapping[str, NDArray[Any]]) -> Weights:
    if not step.weight:
        return {}
    weight = constants[step.weight]
    # Channels last, as images are: neighboring numbers are then worked on together.
    shaped = weight[:, 0].transpose(1, 2, 0) if step.kind == DEPTHWISE else weight[:, :, 0, 0].T
    return {step.weight: np.ascontiguousarray(shaped), step.bias: constants[step.bias]}


def _as_onnx(array: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    if kind == DEPTHWISE:
        array = array.transpose(2, 0, 1)[:, None]
    elif kind == POINTWISE:
        array = array.T[:, :, None, None]
    return np.ascontiguousarray(array)


def _renamed(graph: GraphProto, prefix: str, images: str) -> list[NodeProto]:
    """The nodes with a name of their own for every value; the weights stay the same ones."""
    from onnx import NodeProto

    held = {one.name for one in graph.initializer}
    nodes = []
    for node in graph.node:
        copy = NodeProto()
        copy.CopyFrom(node)
        given = {IMAGES: images}
        copy.input[:] = [n if n in held else given.get(n, prefix + n) for n in node.input]
        copy.output[:] = [prefix + one for one in node.output]
        nodes.append(copy)
    return nodes


def _images(size: int | None) -> Any:  # noqa: ANN401 - a ValueInfoProto
    from onnx import TensorProto, helper

    sides = ["height", "width"] if size is None else [size, size]
    return helper.make_tensor_value_info(IMAGES, TensorProto.UINT8, ["n", *sides, 3])


def _model(whole: ModelProto, nodes: list[NodeProto], given: Any, output: Any) -> bytes:  # noqa: ANN401
    """A model of these nodes and of the constants that they read."""
    from onnx import helper

    used = {name for node in nodes for name in node.input}
    constants = [one for one in whole.graph.initializer if one.name in used]
    graph = helper.make_graph(nodes, whole.graph.name, [given], [output], constants)
    made = helper.make_model(graph, opset_imports=whole.opset_import, ir_version=whole.ir_version)
    return bytes(made.SerializeToString())
