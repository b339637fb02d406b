"""A description, its weights and the preprocessing go in; an ONNX model as bytes comes out.

The model takes the raw pictures, crops and scales them itself, and gives ``probabilities`` and
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

from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms.models.onnx_graph import Graph, Value
from hangtag.rooms.models.onnx_layers import WRITERS
from hangtag.rooms.models.onnx_names import EMBEDDING, PICTURES, PROBABILITIES
from hangtag.rooms.models.resolve import embedding_position, resolve


def onnx_model(
    spec: NetworkSpec, weights: Mapping[str, NDArray[Any]], preprocessing: Preprocessing
) -> bytes:
    """Write a network as ONNX.

    Args:
        spec: The description.
        weights: Every weight by ``layer/weight``.
        preprocessing: What the graph does to the pictures first.

    Returns:
        A model with the input ``pictures``, uint8 ``(n, height, width, channels)``, and the
        outputs ``probabilities`` ``(n, classes)`` and ``embedding`` ``(n, values)``, float32.
    """
    graph = Graph()
    value = _preprocessed(graph, preprocessing)
    embedding = value
    for position, layer in enumerate(resolve(spec)):
        own = {one.name: weights[f"{layer.name}/{one.name}"] for one in layer.weights}
        # A layer may be called as our input or outputs are; no layer name has a slash.
        value = WRITERS[layer.kind](graph, replace(layer, name=f"layers/{layer.name}"), own, value)
        if position == embedding_position(spec):
            embedding = value
    outputs = {PROBABILITIES: value, EMBEDDING: graph.flat(embedding)}
    model = graph.model(spec.name, {PICTURES: preprocessing.picture_shape}, outputs)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _preprocessed(graph: Graph, preprocessing: Preprocessing) -> Value:
    """The pictures as the network sees them: what ``Preprocessing.apply`` does, in its order."""
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
        return PICTURES
    starts, ends = (np.asarray([one[end] for one in kept], np.int64) for end in (0, 1))
    return graph.add(
        "Slice",
        "cropped",
        PICTURES,
        graph.constant("first", starts),
        graph.constant("past_the_last", ends),
        graph.constant("rows_and_columns", np.asarray([1, 2], np.int64)),
    )
