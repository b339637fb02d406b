"""A graph as exporters write it goes in; one of fewer operators, free in its images, comes out.

Exporters compute sizes while the network runs (``Shape``, ``Gather``, ``Concat``, ``Expand``, ...),
and bake one image into the file where nobody told them better. A graph is walked for two and for
three images (``walking.py``). What is the same both times is a constant. What differs can only
differ with the number of images, and there are few places for that: the sizes of a ``Reshape``, of
which one is left open, and constants that are repeated for each image (a class token, say).

What one operator of a later version says is said by the older ones that bundles have
(``lowering.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.encode.lowering import Into, lowered
from hangtag.rooms.encode.walking import Shape, version_of, walked
from hangtag.rooms.encode.written import WrittenFor

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

FEW, MORE = 2, 3
"""Numbers of images at which a graph is walked; their ratio is that of nothing else's sizes."""
ZERO = "zero_of_each"
"""A value of the graph that is 0 for each image: whatever is added to it is repeated for each."""


def folded(model: ModelProto, given: str, inside: Shape, baked: int) -> ModelProto:
    """Fold all that comes from no image, and leave the number of images free.

    Args:
        model: The model, with no constants in nodes; it is not changed.
        given: Its input of images.
        inside: Sizes of one image.
        baked: How many images the file takes, 0 where it says that any number is.

    Returns:
        A model of the same answers with other nodes; its opset is that it had.

    Raises:
        ValueError: It depends on the number of images in other ways; the end of a sentence.
    """
    from onnx import numpy_helper

    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    # An exporter that traces a network writes a 1 where the network said "as many as came", though
    # it was told that any number may: where sizes as they stand do not meet, they are for one.
    as_written = [
        _Folding(model, held, given, inside, baked or 1, last=last) for last in (False, True)
    ]
    first: ValueError | None = None
    for one in [_Folding(model, held, given, inside, None), *as_written][bool(baked) :]:
        try:
            return one.made()
        except ValueError as error:
            first = first or error
    raise first or ValueError("mixes images with each other")


class _Folding:
    """One graph while it is folded.

    Args:
        model: The model.
        held: Its constants.
        given: Its input of images.
        inside: Sizes of one image.
        baked: The number of images that its sizes are written for; None where they are not.
        last: See :class:`WrittenFor`.
    """

    def __init__(
        self,
        model: ModelProto,
        held: Mapping[str, NDArray[Any]],
        given: str,
        inside: Shape,
        baked: int | None,
        *,
        last: bool = False,
    ) -> None:
        self.model, self.held, self.given, self.inside = model, held, given, inside
        self.baked, self.last = baked, last
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.repeated = set[str]()

    def made(self) -> ModelProto:
        """The graph, folded.

        Raises:
            ValueError: It cannot be; the end of a sentence.
        """
        self._walk()
        for node in self.model.graph.node:
            if all(one in self.few.constants for one in node.output if one):
                continue
            ready = self._with_constants(self._free(node))
            self.nodes += lowered(ready, Into(self.few, self.constants), self.version)
        return _rebuilt(self.model, [*self._zero(), *self.nodes], self.constants)

    def _walk(self) -> None:
        self.version = version_of(self.model)
        self.written = None
        if self.baked is not None:
            sizes = {self.given: (self.baked, *self.inside)}
            as_written = walked(self.model, self.held, sizes)
            self.written = WrittenFor(as_written, self.baked, last=self.last)
        self.few, self.more = (
            walked(self.model, self.held, {self.given: (number, *self.inside)}, self.written)
            for number in (FEW, MORE)
        )
        for one in self.model.graph.output:
            if self.few.shape(one.name)[:1] != (FEW,) or self.more.shape(one.name)[:1] != (MORE,):
                raise ValueError("does not give one embedding an image")

    def _free(self, node: NodeProto) -> NodeProto:
        """A node of our own, with sizes that fit any number of images."""
        if node.op_type == "Reshape":
            return self._sized(node, self._open_shape(node.output[0]))
        if node.op_type == "Expand":
            # To what else it is expanded: its own sizes are as many as there are images.
            return self._expanded(node)
        return own_copy(node)

    def _open_shape(self, name: str) -> NDArray[np.int64]:
        """Sizes of a value, with -1 for the one that grows with the number of images."""
        few, more = self.few.shape(name), self.more.shape(name)
        open_ = [-1 if one != other else one for one, other in zip(few, more, strict=True)]
        if open_.count(-1) != 1:
            raise ValueError("mixes images with each other")
        return np.asarray(open_, np.int64)

    def _sized(self, node: NodeProto, shape: NDArray[np.int64]) -> NodeProto:
        from onnx import helper

        name = f"{node.output[0]}_sizes"
        self.constants[name] = shape
        return helper.make_node("Reshape", [node.input[0], name], list(node.output), name=node.name)

    def _expanded(self, node: NodeProto) -> NodeProto:
        """Zeros are added that are as many as the value is to become."""
        from onnx import helper

        before, after = self.few.shape(node.input[0]), self.few.shape(node.output[0])
        before = (1,) * (len(after) - len(before)) + before
        grown = tuple(b if a == 1 else 1 for a, b in zip(before, after, strict=True))
        name = f"{node.output[0]}_zeros"
        kind = helper.tensor_dtype_to_np_dtype(self.few.kind(node.input[0]))
        self.constants[name] = np.zeros(grown, kind)
        if self.few.shape(node.output[0]) == self.more.shape(node.output[0]):
            raise ValueError("loses which image is which")
        return helper.make_node("Add", [node.input[0], name], list(node.output), name=node.name)

    def _with_constants(self, node: NodeProto) -> NodeProto:
        """The node, with what it takes of constants among those of the graph."""
        repeated = self.written.repeated(self.few, node) if self.written else {}
        for at, name in enumerate(node.input):
            if name not in self.few.constants or name in self.constants:
                continue
            few, more = self.few.constants[name], self.more.constants[name]
            if name in repeated:
                node.input[at] = self._for_each(name, few, repeated[name][0])
            elif few.shape == more.shape and few.tobytes() == more.tobytes():
                self.constants[name] = few
            else:
                node.input[at] = self._for_each(name, *_one_of(few, more))
        return node

    def _for_each(self, name: str, one: NDArray[Any], axis: int) -> str:
        """A constant, repeated for each image along an axis."""
        from onnx import helper

        repeated = f"{name}_of_each_{axis}"
        if repeated in self.repeated:
            return repeated
        if one.dtype.kind == "b":
            raise ValueError("repeats what is true for each image")
        self.repeated.add(repeated)
        # An axis for images before that which they share with what is repeated.
        zeros = [1] * (one.ndim + 1)
        zeros[axis] = -1
        whole = [*one.shape]
        whole[axis] = -1
        self.constants |= {
            f"{repeated}_zeros": np.asarray(zeros, np.int64),
            f"{repeated}_sizes": np.asarray(whole, np.int64),
            f"{repeated}_one": np.expand_dims(one, axis),
        }
        element = helper.np_dtype_to_tensor_dtype(one.dtype)
        self.nodes += [
            helper.make_node("Cast", [ZERO], [f"{repeated}_cast"], to=element),
            helper.make_node(
                "Reshape", [f"{repeated}_cast", f"{repeated}_zeros"], [f"{repeated}_zero"]
            ),
            helper.make_node("Add", [f"{repeated}_zero", f"{repeated}_one"], [f"{repeated}_each"]),
            helper.make_node("Reshape", [f"{repeated}_each", f"{repeated}_sizes"], [repeated]),
        ]
        return repeated

    def _zero(self) -> list[NodeProto]:
        """What makes a zero for each image, where one is needed: pixels are finite."""
        from onnx import helper

        if not self.repeated:
            return []
        self.constants[f"{ZERO}_factor"] = np.zeros((), np.float32)
        every = list(range(1, len(self.inside) + 1))
        return [
            helper.make_node("ReduceMean", [self.given], [f"{ZERO}_mean"], axes=every),
            helper.make_node("Mul", [f"{ZERO}_mean", f"{ZERO}_factor"], [ZERO]),
        ]


def fixed(model: ModelProto, sizes: dict[str, Shape], most: int) -> ModelProto:
    """Fold all that comes from no input of a model whose inputs have these sizes and no others.

    Args:
        model: The model, with no constants in nodes; it is not changed.
        sizes: Of each of its inputs.
        most: Values that a step may give.

    Raises:
        ValueError: Sizes do not meet, are unknown or too large; the end of a sentence.
    """
    from onnx import numpy_helper

    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    walk = walked(model, held, sizes)
    constants: dict[str, NDArray[Any]] = {}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if not all(one in walk.constants for one in node.output if one):
            nodes += lowered(own_copy(node), Into(walk, constants), version_of(model))
    if any(
        math.prod(walk.shape(one)) > most
        for node in nodes
        for one in node.output
        if one in walk.types
    ):
        raise ValueError(f"needs more than {most:,} values at once")
    taken = {one for node in nodes for one in node.input}
    constants |= {name: walk.constants[name] for name in walk.constants.keys() & taken}
    return _rebuilt(model, nodes, constants)


def own_copy(node: NodeProto) -> NodeProto:
    """A node of our own, without what its exporter noted of the machine it ran on."""
    own = type(node)()
    own.CopyFrom(node)
    own.doc_string = ""
    if hasattr(own, "metadata_props"):
        del own.metadata_props[:]
    return own


def _rebuilt(
    model: ModelProto, nodes: Sequence[NodeProto], constants: Mapping[str, NDArray[Any]]
) -> ModelProto:
    """A model of other nodes and constants with the same ends."""
    from onnx import ModelProto, numpy_helper

    made = ModelProto()
    made.ir_version = model.ir_version
    made.opset_import.extend(model.opset_import)
    made.graph.name = "folded"
    made.graph.input.extend(model.graph.input)
    made.graph.output.extend(model.graph.output)
    made.graph.node.extend(nodes)
    made.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value, order="C"), name)
        for name, value in constants.items()
    )
    return made


def _one_of(few: NDArray[Any], more: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """What a constant that grows with the number of images repeats, and along which axis."""
    grown = [at for at, (a, b) in enumerate(zip(few.shape, more.shape, strict=False)) if a != b]
    if len(grown) == 1 and few.ndim == more.ndim:
        axis = grown[0]
        one = np.take(more, range(more.shape[axis] // MORE), axis)
        times = [1] * one.ndim
        times[axis] = MORE
        if np.array_equal(np.tile(one, times), more):
            return one, axis
    raise ValueError("counts its images")
