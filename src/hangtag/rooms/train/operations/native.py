"""Native kernels, when package ``hangtag-kernels`` is there: a network in, its fastest layers out.

A convolution with its bias, its ReLU and the max-pooling right behind it becomes one call, as does
a batch normalization with the ReLU right behind it; the layer behind then passes on what it is
given. Everything else stays what it is without the kernels. ``HANGTAG_NATIVE=0`` in the
environment turns them off.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from hangtag.errors import OptionError
from hangtag.rooms.train.operations import (
    Replacement,
    as_it_is,
    is_keras_own,
    layers_of,
    normalization,
    unread,
)
from hangtag.rooms.train.operations.conv2d import edges_of

if TYPE_CHECKING:
    from jax import Array
    from keras import Model
    from keras.layers import Layer

NEEDED = frozenset(
    {"adam", "conv2d", "dense", "drop", "max_pool", "normalize", "take_rows", "train_stack"}
)
"""What the kernels must have; an older package is as good as none."""

LARGEST_WINDOW = 15
"""Rows of the largest pooling window the kernels have."""


class FusedAfter(NamedTuple):
    """What a convolution does with its answers in the same call.

    Attributes:
        every: Work out only every so many-th row and column.
        pool: Rows of the pooling window; 1 is none.
    """

    every: tuple[int, int] = (1, 1)
    pool: int = 1


def in_use() -> str:
    """Which operations train here: ``native avx512`` and the like, or ``xla``.

    Raises:
        OptionError: HANGTAG_NATIVE_ISA asks for what this processor does not have.
    """
    if importlib.util.find_spec("hangtag_kernels") is None:
        return "xla"
    import hangtag_kernels

    if not set(dir(hangtag_kernels)) >= NEEDED:
        return "xla"
    try:
        instructions: str = hangtag_kernels.available()
    except ValueError as error:
        raise OptionError(str(error), "unset HANGTAG_NATIVE_ISA to take the best") from None
    return f"native {instructions}" if instructions else "xla"


def here() -> bool:
    """Whether what is compiled now runs on a CPU with the kernels."""
    import jax

    return jax.default_backend() == "cpu" and in_use() != "xla"


def replacements(network: Model) -> Iterator[tuple[Layer, Replacement]]:
    """What to put on the layers of `network`; nothing when the kernels are not there."""
    if in_use() == "xla":
        return
    # A layer that stands in two places has two followers; what it could do for one would be wrong
    # for the other.
    uses = Counter(id(layer) for layer in layers_of(network))
    followers = {
        id(first): second
        for first, second in unread.pairs(network)
        if uses[id(first)] == uses[id(second)] == 1
    }
    for layer in layers_of(network):
        if not is_keras_own(layer) or layer.compute_dtype != "float32":
            continue
        # By the very class and not by what derives from it: a subclass may compute something else.
        if type(layer).__name__ == "Conv2D" and _covered(layer):
            yield from _convolution(layer, followers.get(id(layer)))
        elif type(layer).__name__ == "MaxPooling2D" and _pool_of(layer) > 1:
            yield layer, ("call", _pooling(_pool_of(layer)))
        elif type(layer).__name__ == "BatchNormalization":
            yield from normalization.replacements(layer, followers.get(id(layer)))
        elif type(layer).__name__ == "Dense":
            yield layer, ("call", _multiplying(layer))


def _convolution(layer: Layer, follower: Layer | None) -> Iterator[tuple[Layer, Replacement]]:
    fused = FusedAfter() if follower is None else _fused_after(layer, follower)
    if follower is not None and fused != FusedAfter():
        yield follower, ("call", as_it_is)
    yield layer, ("call", _convolving(layer, fused))


def _covered(layer: Layer) -> bool:
    return bool(
        layer.data_format == "channels_last"
        and layer.groups == 1
        and tuple(layer.dilation_rate) == (1, 1)
        and layer.padding in {"same", "valid"}
    )


def _fused_after(layer: Layer, follower: Layer) -> FusedAfter:
    """What of `follower` the convolution `layer` can do itself."""
    pooling = type(follower).__name__ == "MaxPooling2D" and is_keras_own(follower)
    if not pooling or follower.data_format != "channels_last" or layer.activity_regularizer:
        return FusedAfter()
    name = _activation(layer)
    # Pooling of one pixel with strides throws pixels away; those are not computed in the first
    # place.
    if tuple(follower.pool_size) == (1, 1) and name in unread.PLACEWISE:
        return FusedAfter(every=tuple(follower.strides))
    return FusedAfter(pool=_pool_of(follower)) if name in {"linear", "relu"} else FusedAfter()


def _pool_of(layer: Layer) -> int:
    """Rows of the windows when they are square, side by side and inside the image; 1 if not."""
    rows, columns = layer.pool_size
    plain = tuple(layer.strides) == (rows, columns) and layer.padding == "valid"
    square = rows == columns and rows <= LARGEST_WINDOW
    return int(rows) if plain and square and layer.data_format == "channels_last" else 1


def _activation(layer: Layer) -> str:
    return "linear" if layer.activation is None else getattr(layer.activation, "__name__", "")


def _convolving(layer: Layer, fused: FusedAfter) -> Any:  # noqa: ANN401 - a call of Keras' signature
    import keras

    from hangtag_kernels import conv2d

    relu = layer.activation is keras.activations.relu
    strides, padding = tuple(layer.strides), layer.padding
    steps = (strides[0] * fused.every[0], strides[1] * fused.every[1])

    def call(inputs: Array) -> Array:
        import jax.numpy as jnp

        kernel = jnp.asarray(layer.kernel)
        bias = jnp.asarray(layer.bias) if layer.use_bias else None
        answers = conv2d(
            jnp.asarray(inputs),
            kernel,
            bias,
            strides=steps,
            padding=edges_of(inputs.shape, kernel.shape, strides, padding),
            activation="relu" if relu else None,
            pool=fused.pool,
        )
        finished = relu or layer.activation is None
        result: Array = answers if finished else layer.activation(answers)
        return result

    return call


def _pooling(window: int) -> Any:  # noqa: ANN401 - a call of Keras' signature
    from hangtag_kernels import max_pool

    def call(inputs: Array) -> Array:
        import jax.numpy as jnp

        result: Array = max_pool(jnp.asarray(inputs), window)
        return result

    return call


def _multiplying(layer: Layer) -> Any:  # noqa: ANN401 - a call of Keras' signature
    import keras

    from hangtag_kernels import dense

    relu = layer.activation is keras.activations.relu
    own = type(layer).call

    def call(inputs: Array, training: bool | None = None) -> Array:
        import jax.numpy as jnp

        given = jnp.asarray(inputs)
        # Keras applies a dense layer along the last axis of anything; the kernel knows tables only.
        if given.ndim != 2:
            return own(layer, inputs, training=training)
        bias = jnp.asarray(layer.bias) if layer.use_bias else None
        answers = dense(given, jnp.asarray(layer.kernel), bias, activation="relu" if relu else None)
        finished = relu or layer.activation is None
        result: Array = answers if finished else layer.activation(answers)
        return result

    return call
