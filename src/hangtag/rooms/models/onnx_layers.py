"""One writer per layer: what flows into it goes in, operators are added, what flows out comes out.

To add a layer: one function here, one line in :data:`WRITERS`; the tests then compare it with
Keras on random images. Imports onnx through ``onnx_graph``; imported only to write a model.
Operators: https://onnx.ai/onnx/operators/ ; what each layer computes: https://keras.io/api/layers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.models.layers import window_output
from hangtag.rooms.models.onnx_graph import Graph, Value
from hangtag.rooms.models.resolve import Layer

Weights = Mapping[str, NDArray[Any]]
"""The weights of one layer by their Keras names."""

Writer = Callable[[Graph, Layer, Weights, Value], Value]

LEAKY_RELU_SLOPE = 0.2
"""Slope of Keras' activation ``leaky_relu``; its layer LeakyReLU has an own one, 0.3 as a rule."""
NORMALIZATION_EPSILON = 1e-7
"""Keras divides by at least this: ``keras.backend.epsilon()``."""


def write_activation(graph: Graph, activation: str, value: Value) -> Value:
    """Add the operators of an activation, given by its Keras name."""
    if activation == "linear":
        return value
    name = f"{value.name}/{activation}"
    if activation in _SIMPLE:
        operator, attributes = _SIMPLE[activation]
        result = graph.add(operator, name, value.name, **attributes)
    elif activation == "softmax":
        result = graph.add("Softmax", name, value.name, axis=value.axis)
    else:
        result = _BUILT[activation](graph, name, value.name)
    return Value(result, value.shape, value.channels_first)


def _silu(graph: Graph, name: str, value: str) -> str:
    gate = graph.add("Sigmoid", f"{name}/gate", value)
    return graph.add("Mul", name, value, gate)


def _gelu(graph: Graph, name: str, value: str) -> str:
    scaled = graph.add("Mul", f"{name}/scaled", value, graph.number(f"{name}/root", 0.5**0.5))
    error = graph.add("Erf", f"{name}/error", scaled)
    above = graph.add("Add", f"{name}/above", error, graph.number(f"{name}/one", 1.0))
    half = graph.add("Mul", f"{name}/half", value, graph.number(f"{name}/a_half", 0.5))
    return graph.add("Mul", name, half, above)


_SIMPLE: dict[str, tuple[str, dict[str, float]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": LEAKY_RELU_SLOPE}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "elu": ("Elu", {"alpha": 1.0}),
}
_BUILT: dict[str, Callable[[Graph, str, str], str]] = {"silu": _silu, "gelu": _gelu}


def _activation(graph: Graph, layer: Layer, _weights: Weights, value: Value) -> Value:
    return write_activation(graph, layer.options["activation"], value)


def _leaky_relu(graph: Graph, layer: Layer, _weights: Weights, value: Value) -> Value:
    slope = layer.options["negative_slope"]
    name = graph.add("LeakyRelu", layer.name, value.name, alpha=slope)
    return Value(name, value.shape, value.channels_first)


def _convolution(graph: Graph, layer: Layer, weights: Weights, value: Value) -> Value:
    value = graph.channels_first(value)
    window = layer.options["kernel_size"]
    # Keras keeps rows, columns, inputs, outputs; ONNX wants outputs, inputs, rows, columns.
    kernel = graph.constant(f"{layer.name}/kernel", weights["kernel"].transpose(3, 2, 0, 1))
    inputs = [value.name, kernel, *_bias(graph, layer, weights)]
    name = graph.add("Conv", layer.name, *inputs, **_window(layer, window))
    return _activated(graph, layer, Value(name, layer.output_shape, channels_first=True))


def _dense(graph: Graph, layer: Layer, weights: Weights, value: Value) -> Value:
    kernel = graph.constant(f"{layer.name}/kernel", weights["kernel"])
    name = graph.add("Gemm", layer.name, value.name, kernel, *_bias(graph, layer, weights))
    return _activated(graph, layer, Value(name, layer.output_shape))


def _bias(graph: Graph, layer: Layer, weights: Weights) -> list[str]:
    return [graph.constant(f"{layer.name}/bias", weights["bias"])] if "bias" in weights else []


def _activated(graph: Graph, layer: Layer, value: Value) -> Value:
    return write_activation(graph, layer.options["activation"], value)


def _pooling(operator: str, **more: int) -> Writer:
    def write(graph: Graph, layer: Layer, _weights: Weights, value: Value) -> Value:
        value = graph.channels_first(value)
        window = _window(layer, layer.options["pool_size"])
        name = graph.add(operator, layer.name, value.name, **window, **more)
        return Value(name, layer.output_shape, channels_first=True)

    return write


def _window(layer: Layer, window: tuple[int, int]) -> dict[str, list[int]]:
    """Size, steps and padding of a sliding window.

    Keras' ``same`` puts the odd row or column of padding at the end; ONNX is told the numbers.
    """
    strides, padding = layer.options["strides"], layer.options["padding"]
    before, after = [], []
    for size, width, stride in zip(layer.input_shape, window, strides, strict=False):
        places = window_output(size, width, stride, padding)
        # What the last window reaches beyond the image; ONNX's auto_pad, which would say the
        # same, is deprecated.
        total = max((places - 1) * stride + width - size, 0) if padding == "same" else 0
        before.append(total // 2)
        after.append(total - total // 2)
    return {"kernel_shape": list(window), "strides": list(strides), "pads": before + after}


def _global_pooling(operator: str) -> Writer:
    def write(graph: Graph, layer: Layer, _weights: Weights, value: Value) -> Value:
        value = graph.channels_first(value)
        name = graph.add(operator, layer.name, value.name)
        # ONNX's global pooling leaves axes of length one behind, Keras' does not.
        flat = graph.add("Flatten", f"{name}/flat", name, axis=1)
        return Value(flat, layer.output_shape)

    return write


def _flatten(graph: Graph, _layer: Layer, _weights: Weights, value: Value) -> Value:
    return graph.flat(value)


def _unchanged(_graph: Graph, _layer: Layer, _weights: Weights, value: Value) -> Value:
    return value


def _batch_normalization(graph: Graph, layer: Layer, weights: Weights, value: Value) -> Value:
    """As it is after training: two numbers per channel, worked out here in double precision."""
    deviation = np.sqrt(weights["moving_variance"].astype(np.float64) + layer.options["epsilon"])
    factor = weights.get("gamma", np.float64(1)) / deviation
    shift = weights.get("beta", np.float64(0)) - weights["moving_mean"] * factor
    return _scaled(graph, layer, value, factor, shift)


def _scaled(
    graph: Graph, layer: Layer, value: Value, factor: NDArray[Any], shift: NDArray[Any]
) -> Value:
    numbers = [
        graph.constant(f"{layer.name}/{what}", value.along_channels(array.astype(np.float32)))
        for what, array in (("factor", factor), ("shift", shift))
    ]
    scaled = graph.add("Mul", f"{layer.name}/scaled", value.name, numbers[0])
    name = graph.add("Add", layer.name, scaled, numbers[1])
    return Value(name, value.shape, value.channels_first)


def _normalization(graph: Graph, layer: Layer, weights: Weights, value: Value) -> Value:
    # Keras' Normalization bounds the deviation from below and adds nothing to the variance, unlike
    # its batch normalization.
    deviation = np.maximum(np.sqrt(weights["variance"]), np.float32(NORMALIZATION_EPSILON))
    mean, divisor = (
        graph.constant(f"{layer.name}/{what}", value.along_channels(array.astype(np.float32)))
        for what, array in (("mean", weights["mean"]), ("deviation", deviation))
    )
    centred = graph.add("Sub", f"{layer.name}/centred", value.name, mean)
    name = graph.add("Div", layer.name, centred, divisor)
    return Value(name, value.shape, value.channels_first)


WRITERS: dict[str, Writer] = {
    "Activation": _activation,
    "AveragePooling2D": _pooling("AveragePool", count_include_pad=0),
    "BatchNormalization": _batch_normalization,
    "Conv2D": _convolution,
    "Dense": _dense,
    "Dropout": _unchanged,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_pooling("GlobalAveragePool"),
    "GlobalMaxPooling2D": _global_pooling("GlobalMaxPool"),
    "LeakyReLU": _leaky_relu,
    "MaxPooling2D": _pooling("MaxPool"),
    "Normalization": _normalization,
}
"""How each known layer is written; the same names as ``layers.LAYERS``."""
