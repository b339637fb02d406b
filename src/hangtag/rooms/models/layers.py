"""The known layers: options and an input shape go in, output shape and weights come out.

This is the one table of known layers, by their Keras names and with their Keras options, and all
of it works without Keras. To add a layer: one entry in :data:`LAYERS`, one writer in
``onnx_layers.WRITERS`` (a test compares the two), and any new option in ``options.CHECKS``.
Options of Keras that only steer training from inside a layer (regularisers, constraints) and data
layouts other than channels last are left out on purpose: a spec that has them is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]
Shape = tuple[int, ...]
"""Of one image inside the network: ``(height, width, channels)`` or ``(values,)``."""

REQUIRED = object()
"""Stands where an option has no default."""


@dataclass(frozen=True)
class Weight:
    """One array of numbers in a layer.

    Attributes:
        name: As Keras calls it, such as ``kernel``.
        shape: Its shape.
        trainable: Whether training moves it.
        dtype: ``float32``, or ``int32`` for a counter.
    """

    name: str
    shape: Shape
    trainable: bool = True
    dtype: str = "float32"

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


class Misfit(ValueError):  # noqa: N818 - caught one floor up and turned into a SpecError
    """A layer cannot take what comes in; the text follows the layer's name."""


def _same(_options: Options, shape: Shape) -> Shape:
    return shape


def _none(_options: Options, _shape: Shape) -> tuple[Weight, ...]:
    return ()


@dataclass(frozen=True)
class LayerKind:
    """What is known of one kind of layer.

    Attributes:
        prefix: Start of the names such layers get, such as ``conv2d``.
        options: Every option with its Keras default, :data:`REQUIRED` where it has none.
        output: Output shape for options and input shape; raises :class:`Misfit`.
        weights: The weights it holds, in Keras' order.
        seeded: Whether it draws random numbers and takes Keras' ``seed``.
    """

    prefix: str
    options: Options = field(default_factory=dict)
    output: Callable[[Options, Shape], Shape] = _same
    weights: Callable[[Options, Shape], tuple[Weight, ...]] = _none
    seeded: bool = False


def window_output(size: int, window: int, stride: int, padding: str) -> int:
    """How many places a window of `window` has along `size` values, as Keras counts them."""
    if padding == "same":
        # Rounded up: TensorFlow's and Keras' "same" covers the rest at the edge with a window of
        # its own.
        return -(-size // stride)
    return (size - window) // stride + 1


def _image(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise Misfit(f"needs rows, columns and channels, and gets {shape[0]} flat values")
    height, width, channels = shape
    return height, width, channels


def _slid(options: Options, shape: Shape, window: tuple[int, int]) -> tuple[int, int]:
    height, width, _ = _image(shape)
    if options["padding"] == "valid" and (height < window[0] or width < window[1]):
        raise Misfit(
            f"slides a window of {window[0]}×{window[1]} and gets only {height}×{width} values"
        )
    strides = options["strides"]
    rows = window_output(height, window[0], strides[0], options["padding"])
    columns = window_output(width, window[1], strides[1], options["padding"])
    return rows, columns


def _convolved(options: Options, shape: Shape) -> Shape:
    return (*_slid(options, shape, options["kernel_size"]), options["filters"])


def _pooled(options: Options, shape: Shape) -> Shape:
    return (*_slid(options, shape, options["pool_size"]), shape[2])


def _channels(_options: Options, shape: Shape) -> Shape:
    return (_image(shape)[2],)


def _flat(_options: Options, shape: Shape) -> Shape:
    return (math.prod(shape),)


def _dense(options: Options, shape: Shape) -> Shape:
    if len(shape) != 1:
        size = "×".join(map(str, shape))
        raise Misfit(f"needs flat values and gets {size}; a Flatten must stand before it")
    return (options["units"],)


def _bias(options: Options, size: int) -> tuple[Weight, ...]:
    return (Weight("bias", (size,)),) if options["use_bias"] else ()


def _convolution_weights(options: Options, shape: Shape) -> tuple[Weight, ...]:
    kernel = (*options["kernel_size"], shape[2], options["filters"])
    return (Weight("kernel", kernel), *_bias(options, options["filters"]))


def _dense_weights(options: Options, shape: Shape) -> tuple[Weight, ...]:
    units = options["units"]
    return (Weight("kernel", (shape[0], units)), *_bias(options, units))


def _batch_weights(options: Options, shape: Shape) -> tuple[Weight, ...]:
    size = (shape[-1],)
    gamma = (Weight("gamma", size),) if options["scale"] else ()
    beta = (Weight("beta", size),) if options["center"] else ()
    moving = (Weight("moving_mean", size, False), Weight("moving_variance", size, False))
    return (*gamma, *beta, *moving)


def _normalization_weights(_options: Options, shape: Shape) -> tuple[Weight, ...]:
    size = (shape[-1],)
    return (
        Weight("mean", size, False),
        Weight("variance", size, False),
        Weight("count", (), False, "int32"),
    )


_KERNEL: Options = {
    "activation": "linear",
    "use_bias": True,
    "kernel_initializer": "glorot_uniform",
    "bias_initializer": "zeros",
}
_WINDOW: Options = {"pool_size": (2, 2), "strides": None, "padding": "valid"}

LAYERS: dict[str, LayerKind] = {
    "Activation": LayerKind("activation", {"activation": REQUIRED}),
    "AveragePooling2D": LayerKind("average_pooling2d", _WINDOW, _pooled),
    "BatchNormalization": LayerKind(
        "batch_normalization",
        {"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True},
        weights=_batch_weights,
    ),
    "Conv2D": LayerKind(
        "conv2d",
        {
            "filters": REQUIRED,
            "kernel_size": REQUIRED,
            "strides": (1, 1),
            "padding": "valid",
            **_KERNEL,
        },
        _convolved,
        _convolution_weights,
    ),
    "Dense": LayerKind("dense", {"units": REQUIRED, **_KERNEL}, _dense, _dense_weights),
    "Dropout": LayerKind("dropout", {"rate": REQUIRED}, seeded=True),
    "Flatten": LayerKind("flatten", {}, _flat),
    "GlobalAveragePooling2D": LayerKind("global_average_pooling2d", {}, _channels),
    "GlobalMaxPooling2D": LayerKind("global_max_pooling2d", {}, _channels),
    "LeakyReLU": LayerKind("leaky_relu", {"negative_slope": 0.3}),
    "MaxPooling2D": LayerKind("max_pooling2d", _WINDOW, _pooled),
    "Normalization": LayerKind("normalization", {}, weights=_normalization_weights),
}
"""Every known layer by its Keras name."""
