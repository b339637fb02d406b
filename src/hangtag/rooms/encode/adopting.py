"""An ONNX file that somebody brings goes in, an encoder as all others are comes out, as data.

Ours takes raw pixels, uint8 ``(n, size, size, 3)`` called ``pictures``, and gives ``embedding``,
float32 ``(n, width)``: what is done to pixels first becomes a part of it, so that it cannot be
forgotten. Refused are operators beyond the list that bundles have, too, other files, functions,
sizes that nobody knows. Imports onnx inside its functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag import onnx_graphs
from hangtag.errors import FormatError, OptionError
from hangtag.geometry.as_onnx import constant
from hangtag.onnx_graphs import (
    BATCH,
    BROUGHT_OPERATORS,
    EMBEDDING,
    FOLDED_OPERATORS,
    IMAGES,
    MOST_VALUES,
)
from hangtag.onnx_sessions import first_line
from hangtag.requests import AddEncoderRequest
from hangtag.rooms.encode.folding import folded
from hangtag.rooms.encode.lowering import OPSET

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

MOST_WIDTH = 65_536
"""Numbers of an embedding: more are an image, and no summary of one."""
SIDES = (16, 1024)
LUMINANCE = (0.299, 0.587, 0.114)
"""What red, green and blue weigh in gray, as Pillow has it."""
IR, INNER = 8, "inner_"
_PLAIN = {
    "value_float": np.float32,
    "value_floats": np.float32,
    "value_int": np.int64,
    "value_ints": np.int64,
}
"""Numbers that a constant may have without a tensor, and what they are."""
EXPORT = (
    "export it again with the number of images left free and everything in one file (of PyTorch: "
    "in eval mode, and with dynamo=False if this was the newer exporter)"
)


@dataclass(frozen=True, eq=False)
class Adopted:
    """A file as an encoder.

    Attributes:
        model: Ours.
        size: Rows and columns of the square it sees.
        width: Numbers of an embedding.
        layout: ``nchw`` or ``nhwc``.
        channels: 3, or 1 of gray images.
        source: The same network from numbers, before its pixels and names were ours.
        output: Which of its outputs is the embedding.
    """

    model: bytes
    size: int
    width: int
    layout: str
    channels: int
    source: bytes
    output: str

    def prepared(self, images: NDArray[np.uint8], asked: AddEncoderRequest) -> NDArray[np.float32]:
        """What the brought file itself is to be given for ``(n, size, size, 3)`` images."""
        values = images.astype(np.float32)
        if self.channels == 1:
            values = (values @ np.asarray(LUMINANCE, np.float32))[..., None]
        centre, spread = _pixels(asked, self.channels)
        values = (values - centre) / spread
        ready = values.transpose(0, 3, 1, 2) if self.layout == "nchw" else values
        return np.ascontiguousarray(ready, np.float32)


def adopted(name: str, data: bytes, asked: AddEncoderRequest) -> Adopted:
    """Make an encoder of an ONNX file.

    Args:
        name: The file, for errors.
        data: Its bytes.
        asked: What is done to pixels, and what the file leaves open.

    Raises:
        FormatError: It is no ONNX model that can be an encoder.
        OptionError: What is asked does not fit it.
    """
    try:
        model = onnx_graphs.parsed(data)
        hoist_constants(model.graph)
        refuse(onnx_graphs.flaw(model, FOLDED_OPERATORS, sized=True))
        output = _output(name, model.graph, asked.output)
        given = _input(model.graph)
        layout, channels, size = _shape_of(name, given, asked)
        inside = (channels, size, size) if layout == "nchw" else (size, size, channels)
        baked = given.type.tensor_type.shape.dim[0].dim_value
        _free(model.graph, given, output, inside)
        model = folded(raised(model), given.name, inside, baked)
        refuse(onnx_graphs.flaw(model, BROUGHT_OPERATORS))
        made, width = _ours(model, output, layout, size, _pixels(asked, channels))
        if onnx_graphs.largest_value_for(made, BROUGHT_OPERATORS) > MOST_VALUES:
            raise ValueError(f"needs more than {MOST_VALUES:,} values at once for one image")
    except ValueError as error:
        raise FormatError(f"{name} {error}; it cannot be an encoder", EXPORT) from None
    ours = bytes(made.SerializeToString())
    return Adopted(ours, size, width, layout, channels, data, output)


def hoist_constants(graph: GraphProto) -> None:
    """Constants that are nodes become constants of the graph, which are looked at as such."""
    from onnx import helper, numpy_helper

    rest = []
    for node in graph.node:
        said = (
            node.attribute[0] if node.op_type == "Constant" and len(node.attribute) == 1 else None
        )
        if said is not None and said.name == "value" and said.HasField("t"):
            held = graph.initializer.add()
            held.CopyFrom(said.t)
            held.name = node.output[0]
        elif said is not None and said.name in _PLAIN:
            value = np.asarray(helper.get_attribute_value(said), _PLAIN[said.name])
            graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        else:
            rest.append(node)
    del graph.node[:]
    graph.node.extend(rest)


def _input(graph: GraphProto) -> ValueInfoProto:
    """The one input that is no constant; old files name their constants as inputs, too."""
    held = {one.name for one in graph.initializer}
    given = [one for one in graph.input if one.name not in held]
    if len(given) != 1:
        raise ValueError(f"takes {len(given)} inputs where images are one")
    return given[0]


def _output(name: str, graph: GraphProto, asked: str | None) -> str:
    names = [one.name for one in graph.output]
    if asked is not None and asked not in names:
        raise OptionError(f"{name} has no output '{asked}'", f"it has {', '.join(names)}")
    if asked is None and len(names) != 1:
        raise OptionError(
            f"{name} has {len(names)} outputs: {', '.join(names)}", "name the embedding by --output"
        )
    return asked or names[0]


def _shape_of(name: str, given: ValueInfoProto, asked: AddEncoderRequest) -> tuple[str, int, int]:
    """Layout, channels and the side of the square that a file sees."""
    from onnx import TensorProto

    kind = given.type.tensor_type
    if kind.elem_type != TensorProto.FLOAT:
        raise ValueError("does not take images as float32")
    sizes = [one.dim_value for one in kind.shape.dim]
    if len(sizes) != 4:
        raise ValueError(f"takes an input of {len(sizes)} axes where images have four")
    fits = {"nchw": sizes[1], "nhwc": sizes[3]}
    layout = asked.layout or next((key for key, at in fits.items() if at in (1, 3)), None)
    if layout is None or fits[layout] not in (1, 3):
        raise ValueError(f"takes {'×'.join(str(one or '?') for one in sizes)} and no images")
    sides = sizes[2:] if layout == "nchw" else sizes[1:3]
    fixed = {side for side in sides if side}
    if len(fixed) > 1 or (asked.size is not None and fixed - {asked.size}):
        shown = "×".join(str(side or "?") for side in sides)
        raise OptionError(
            f"{name} sees {shown} pixels", "an encoder sees squares, of --size if free"
        )
    size = next(iter(fixed), asked.size or 224)
    if not SIDES[0] <= size <= SIDES[1]:
        raise ValueError(f"sees squares of {size} pixels, not of {SIDES[0]} to {SIDES[1]}")
    return layout, fits[layout], size


def _free(graph: GraphProto, given: ValueInfoProto, output: str, inside: tuple[int, ...]) -> None:
    """Leave the number of images open and fix the sides; other shapes are inferred anew."""
    from onnx import TensorProto, helper

    fresh = helper.make_tensor_value_info(given.name, TensorProto.FLOAT, [BATCH, *inside])
    del graph.input[:], graph.output[:], graph.value_info[:]
    graph.input.append(fresh)
    graph.output.append(helper.make_empty_tensor_value_info(output))
    graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT


def refuse(wrong: str) -> None:
    """Raise what is wrong, if anything is."""
    if wrong:
        raise ValueError(wrong)


def raised(model: ModelProto) -> ModelProto:
    """A model of older operators in the version that bundles have; newer ones are folded first."""
    from onnx import version_converter

    versions = {onnx_graphs.domain_of(one.domain): one.version for one in model.opset_import}
    if versions.get("", 0) >= OPSET:
        return model
    try:
        converted: ModelProto = version_converter.convert_version(model, OPSET)
    except Exception as error:  # noqa: BLE001 - it has no exceptions of its own
        raise ValueError(f"is of opset {versions.get('')} ({first_line(error)})") from None
    # The converter writes sizes that were attributes as constants in nodes.
    hoist_constants(converted.graph)
    return converted


def _pixels(
    asked: AddEncoderRequest, channels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is taken from pixels and what they are divided by then, of each channel.

    Raises:
        OptionError: There are other numbers of them than channels.
    """
    found = []
    for option, given in (("--mean", asked.mean), ("--std", asked.std)):
        if len(given) not in (1, channels):
            raise OptionError(
                f"{option} has {len(given)} numbers for {channels} channels",
                "give one, or one each",
            )
        found.append(np.broadcast_to(np.asarray(given, np.float64) * asked.scale, (channels,)))
    centre, spread = (one.astype(np.float32) for one in found)
    return centre, spread


def _ours(
    model: ModelProto,
    output: str,
    layout: str,
    size: int,
    pixels: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> tuple[ModelProto, int]:
    """From raw pixels to an embedding of two axes, names of what is between set apart."""
    from onnx import TensorProto, helper

    whole = model.graph
    held = {one.name for one in whole.initializer}
    given = next(one.name for one in whole.input if one.name not in held)
    needed = onnx_graphs.needed(whole, output)
    if given not in needed:
        raise ValueError("gives something that does not come from the image")
    own, held_apart = set_apart(whole, needed)
    nodes = _first(f"{INNER}{given}", layout, len(pixels[0])) + own
    nodes.append(helper.make_node("Flatten", [INNER + output], [EMBEDDING]))
    constants = [constant("centre", pixels[0]), constant("spread", pixels[1]), *held_apart]
    if len(pixels[0]) == 1:
        weights = np.asarray(LUMINANCE, np.float32)[:, None]
        constants.append(constant("luminance", weights))
    images = helper.make_tensor_value_info(IMAGES, TensorProto.UINT8, [BATCH, size, size, 3])
    result = helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, [BATCH, None])
    graph = helper.make_graph(nodes, "encoder", [images], [result], constants)
    opsets = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=IR)
    width = _width(made)
    made.graph.output[0].type.tensor_type.shape.dim[1].dim_value = width
    return made, width


def set_apart(graph: GraphProto, needed: set[str]) -> tuple[list[NodeProto], list[TensorProto]]:
    """Nodes and constants of a graph that make some values, no name of them one that we have."""
    nodes = [node for node in graph.node if needed & set(node.output)]
    for node in nodes:
        node.name = node.name and INNER + node.name
        node.input[:] = [one and INNER + one for one in node.input]
        node.output[:] = [one and INNER + one for one in node.output]
    constants = [one for one in graph.initializer if one.name in needed]
    for one in constants:
        one.name = INNER + one.name
    return nodes, constants


def _first(given: str, layout: str, channels: int) -> list[NodeProto]:
    """The nodes from raw pixels to what the network takes."""
    from onnx import TensorProto, helper

    nodes = [helper.make_node("Cast", [IMAGES], ["values"], to=TensorProto.FLOAT)]
    if channels == 1:
        nodes.append(helper.make_node("MatMul", ["values", "luminance"], ["gray"]))
    nodes += [
        helper.make_node("Sub", [nodes[-1].output[0], "centre"], ["centred"]),
        helper.make_node("Div", ["centred", "spread"], ["standard"]),
    ]
    if layout == "nchw":
        return [*nodes, helper.make_node("Transpose", ["standard"], [given], perm=[0, 3, 1, 2])]
    return [*nodes, helper.make_node("Identity", ["standard"], [given])]


def _width(made: ModelProto) -> int:
    """Numbers of an embedding.

    Raises:
        ValueError: The output is no list of numbers for each image.
    """
    found = [onnx_graphs.inferred_sizes(made, number) for number in (2, 3)]
    last = made.graph.node[-1].input[0]
    two, three = (one.get(last) for one in found)
    if two is None or three is None or (two[0], three[0]) != (2, 3) or two[1:] != three[1:]:
        raise ValueError("gives no embedding for each image")
    if len(two) < 2 or max(two[1:]) != math.prod(two[1:]):
        shown = "×".join(map(str, ("n", *two[1:])))
        raise ValueError(f"gives {shown}, where an embedding is one list of numbers an image")
    width: int = max(two[1:])
    if not 2 <= width <= MOST_WIDTH:
        raise ValueError(f"gives {width:,} numbers an image, not 2 to {MOST_WIDTH:,}")
    return width
