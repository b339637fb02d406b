"""A description, its weights and the preprocessing go in; an ONNX model as bytes comes out.

The model takes the raw images, crops and scales them itself, and gives ``probabilities`` and
``embedding``; anyone with onnxruntime can use it without Hangtag. Keras' own export is not used:
for networks on JAX it writes pooling that onnxruntime refuses. A new layer is added in
``onnx_layers``. Imports onnx; imported only to write a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.onnx_graphs import EMBEDDING, IMAGES, PROBABILITIES
from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms.models.onnx_graph import Graph, Value
from hangtag.rooms.models.onnx_layers import WRITERS
from hangtag.rooms.models.resolve import embedding_position, resolve


def onnx_model(
    spec: NetworkSpec, weights: Mapping[str, NDArray[Any]], preprocessing: Preprocessing
) -> bytes:
    """Write a network as ONNX.

    Args:
        spec: The description.
        weights: Every weight by ``layer/weight``.
        preprocessing: What the graph does to the images first.

    Returns:
        A model with the input ``pictures``, uint8 ``(n, height, width, channels)``, and the
        outputs ``probabilities`` ``(n, classes)`` and ``embedding`` ``(n, values)``, float32.
    """
    graph = Graph()
    value = _preprocessed(graph, preprocessing)
    # A layer may be called as our input or outputs are; no layer name has a slash.
    answers = _answers(graph, spec, weights, value, "layers")
    if spec.mirrored:
        other = _answers(graph, spec, weights, _mirror_image(graph, value), "mirrored")
        pairs = zip((PROBABILITIES, EMBEDDING), answers, other, strict=True)
        answers = tuple(_mean(graph, f"mean/{name}", *pair) for name, *pair in pairs)
    outputs = dict(zip((PROBABILITIES, EMBEDDING), answers, strict=True))
    model = graph.model(spec.name, {IMAGES: preprocessing.picture_shape}, outputs)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _answers(
    graph: Graph, spec: NetworkSpec, weights: Mapping[str, NDArray[Any]], value: Value, where: str
) -> tuple[Value, ...]:
    """The network's layers, named after `where`: what goes in to probabilities and embedding."""
    embedding = value
    for position, layer in enumerate(resolve(spec)):
        own = {one.name: weights[f"{layer.name}/{one.name}"] for one in layer.weights}
        value = WRITERS[layer.kind](graph, replace(layer, name=f"{where}/{layer.name}"), own, value)
        if position == embedding_position(spec):
            embedding = value
    return value, graph.flat(embedding)


def _mirror_image(graph: Graph, value: Value) -> Value:
    """The images with left and right exchanged: columns from the last to before the first."""
    bounds = {"last": -1, "before_the_first": -(2**31), "columns": 2, "backwards": -1}
    given = (graph.constant(name, np.asarray([one], np.int64)) for name, one in bounds.items())
    return replace(value, name=graph.add("Slice", "mirror_image", value.name, *given))


def _mean(graph: Graph, name: str, one: Value, other: Value) -> Value:
    both = graph.add("Add", f"{name}/sum", one.name, other.name)
    half = graph.number("a_half_of_both", 0.5)
    return replace(one, name=graph.add("Mul", name, both, half))


def _preprocessed(graph: Graph, preprocessing: Preprocessing) -> Value:
    """The images as the network sees them: what ``Preprocessing.apply`` does, in its order."""
    name = _cropped(graph, preprocessing)
    name = graph.add("Cast", "pixels", name, to=1)  # 1 is float32
    name = graph.add("Mul", "scaled", name, graph.number("scale", preprocessing.scale))
    if any(preprocessing.mean):
        mean = graph.constant("mean", np.asarray(preprocessing.mean, np.float32))
        name = graph.add("Sub", "centred", name, mean)
    if any(one != 1 for one in preprocessing.deviation):
        deviation = graph.constant("deviation", np.asarray(preprocessing.deviation, np.float32))
        name = graph.add("Div", "standardised", name, deviation)
    return Value(name, preprocessing.output_shape)


def _cropped(graph: Graph, preprocessing: Preprocessing) -> str:
    height, width, _ = preprocessing.picture_shape
    kept = (preprocessing.rows, preprocessing.columns)
    if kept == ((0, height), (0, width)):
        return IMAGES
    starts, ends = (np.asarray([one[end] for one in kept], np.int64) for end in (0, 1))
    return graph.add(
        "Slice",
        "cropped",
        IMAGES,
        graph.constant("first", starts),
        graph.constant("past_the_last", ends),
        graph.constant("rows_and_columns", np.asarray([1, 2], np.int64)),
    )
