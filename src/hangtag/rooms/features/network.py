"""The embedding layer of a trained network as features, by onnxruntime and without Keras."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.framing import in_lots
from hangtag.geometry.as_onnx import EMBEDDING, IMAGES, PIXELS
from hangtag.onnx_graphs import needed as needed_for
from hangtag.onnx_sessions import Session, answers, open_session
from hangtag.records import ImageSet, Preprocessing, SeenNetwork
from hangtag.rooms.features.base import Graph, Material
from hangtag.rooms.features.cache import cached

if TYPE_CHECKING:
    from onnx import ModelProto

BATCH = 256
"""Images in one call, where they are small."""
PREFIX = "network_"
MOST_KEPT = 4
"""Lots of points that are kept in memory: those that train and those that choose, of two sets."""


@dataclass(frozen=True, eq=False)
class Network:
    """What a network's layer before the last says.

    Attributes:
        said: The run or bundle, or the encoder, as it was asked for.
        preprocessing: The network's own.
        model: ONNX from raw images to an output called ``embedding``; others it has are ignored.
        cache: Folder where embeddings are kept; None keeps none.
        word: What stands before the colon of its name.
    """

    said: str
    preprocessing: Preprocessing
    model: bytes
    cache: Path | None = None
    word: str = "network"
    _kept: dict[tuple[int, bytes], tuple[ImageSet, NDArray[np.float32]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def name(self) -> str:
        """By the run or the encoder."""
        return f"{self.word}:{self.said}"

    @cached_property
    def _session(self) -> Session:
        return open_session(self.model)

    @cached_property
    def _parsed(self) -> ModelProto:
        import onnx

        return onnx.load_model_from_string(self.model)

    @cached_property
    def n_features(self) -> int:
        """As wide as its layer."""
        return self._width

    @cached_property
    def _width(self) -> int:
        outputs = {one.name: one for one in self._parsed.graph.output}
        if EMBEDDING not in outputs:
            raise OptionError(f"{self.said} gives no embedding", "name a run of a network")
        _, size = outputs[EMBEDDING].type.tensor_type.shape.dim
        return int(size.dim_value)

    @cached_property
    def width(self) -> int:
        """Values of its widest layer, of those before the embedding."""
        from onnx import shape_inference

        inferred = shape_inference.infer_shapes(self._parsed, strict_mode=True)
        before = needed_for(self._parsed.graph, EMBEDDING)
        sizes: list[int] = [
            math.prod(size.dim_value for size in one.type.tensor_type.shape.dim[1:])
            for one in (*inferred.graph.value_info, *inferred.graph.output)
            if one.name in before
        ]
        return max(sizes)

    @cached_property
    def stored(self) -> int:
        """Numbers of its weights."""
        _, constants = self.graph(IMAGES, EMBEDDING)
        return sum(math.prod(one.dims) for one in constants)

    def points(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """Embeddings, kept by what the images and the network are."""
        self.preprocessing.check(images, f"the network {self.said}")
        digest = hashlib.sha256(self.model)
        digest.update(repr(images.shape).encode())
        digest.update(np.ascontiguousarray(images).data)
        return cached(self.cache, digest.hexdigest(), lambda: self._embedded(images))

    def at(self, images: ImageSet, rows: NDArray[np.int64], /) -> NDArray[np.float32]:
        """Of the set's array, or of its files, of which the last are kept in memory."""
        if not self.preprocessing.frames:
            return self.points(images.images[rows])
        # By the set's identity: hashing photographs would take longer than looking their embeddings
        # up.
        key = (id(images), rows.tobytes())
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            # With the set itself: gone, another could get its place in memory and so its key.
            self._kept[key] = images, self._of_files(images, rows)
        return self._kept[key][1]

    def _of_files(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return in_lots(self.points, images, rows, self.preprocessing)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Nothing: the name says which run."""
        return {}

    def _embedded(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = np.empty((len(images), self._width), np.float32)
        # Memory goes by pixels, not by images: a batch of photographs is a thousand times one of
        # digits.
        size = max(1, min(BATCH, PIXELS // math.prod(images.shape[1:])))
        for start in range(0, len(images), size):
            batch = np.ascontiguousarray(images[start : start + size])
            found[start : start + len(batch)] = answers(self._session, EMBEDDING, batch)
        return found

    @property
    def network(self) -> SeenNetwork:
        """Itself in numbers."""
        return SeenNetwork(self.name, self.n_features, self.stored, self.width)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """None: the network's weights are in the ONNX model."""
        return {}

    def graph(self, images: str, result: str, /) -> Graph:
        """The network's own nodes up to its embedding, all values in between renamed."""
        return self._renamed(images, result, PREFIX)

    def _renamed(self, images: str, result: str, prefix: str) -> Graph:
        """The graph, values between nodes called after `prefix` and constants after the usual."""
        from onnx import NodeProto, TensorProto

        whole = self._parsed.graph
        needed = needed_for(whole, EMBEDDING)
        held = {one.name for one in whole.initializer}
        # Weights keep one name for all frames of a photograph, so that they are in the model once.
        names = {name: (PREFIX if name in held else prefix) + name for name in needed}
        names |= {IMAGES: images, EMBEDDING: result, "": ""}  # an input that is left out
        nodes = []
        for node in whole.node:
            if needed & set(node.output):
                copy = NodeProto()
                copy.CopyFrom(node)
                copy.name = node.name and prefix + node.name
                copy.input[:] = [names[one] for one in node.input]
                copy.output[:] = [names.get(one, prefix + one) for one in node.output]
                nodes.append(copy)
        constants = []
        for one in whole.initializer:
            if one.name in needed:
                constant = TensorProto()
                constant.CopyFrom(one)
                constant.name = names[one.name]
                constants.append(constant)
        return nodes, constants


def layer_of(model: bytes, value: str, width: int) -> bytes:
    """A model up to one of its inner values, which becomes its embedding.

    A forest's own embedding is a sketch of its leaves; what its trees see lies before them.

    Args:
        model: ONNX.
        value: The name of the value.
        width: How many numbers it has for each image.
    """
    import onnx

    whole = onnx.load_model_from_string(model)
    graph = whole.graph
    needed = needed_for(graph, value)
    nodes = [node for node in graph.node if needed & set(node.output)]
    constants = [one for one in graph.initializer if one.name in needed]
    # A name for the output, and no change: renaming the value itself would have to follow it
    # through all nodes.
    nodes.append(onnx.helper.make_node("Identity", [value], [EMBEDDING]))
    output = onnx.helper.make_tensor_value_info(EMBEDDING, onnx.TensorProto.FLOAT, ["n", width])
    cut = onnx.helper.make_graph(nodes, graph.name, graph.input, [output], constants)
    opsets = whole.opset_import
    made = onnx.helper.make_model(cut, opset_imports=opsets, ir_version=whole.ir_version)
    return bytes(made.SerializeToString())


def from_network(said: str, material: Material) -> Network:
    """The embedding layer of a run or bundle; nothing is learnt.

    Args:
        said: Its place.
        material: The images it must take.

    Raises:
        OptionError: It takes other images.
        HangtagError: There is no such run or bundle.
    """
    preprocessing, model = material.open_network(said)
    found = Network(said, preprocessing, model, material.cache)
    if not preprocessing.frames:  # it sees squares, which are made of images of any size
        preprocessing.check(material.images, f"the network {said}")
    return found
