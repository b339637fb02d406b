"""Values nobody reads: a convolution followed by a pool of 1×1 with strides in, no waste out.

Such a pool keeps one of every four values and throws the others away; the convolution in front of
it then need not work them out. The answers and gradients are the same, a quarter of the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement, as_it_is, is_keras_own
from hangtag.rooms.train.operations.conv2d import replacement

if TYPE_CHECKING:
    from keras import Model
    from keras.layers import Layer

PLACEWISE = {
    *("celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_tanh", "leaky_relu", "linear"),
    *("mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign"),
    "tanh",
}
"""Activations of Keras that look at one place of an image at a time."""


def pairs(network: Model) -> Iterator[tuple[Layer, Layer]]:
    """Layers of which the second is all that reads the first: neighbours in a ``Sequential``."""
    import keras

    if isinstance(network, keras.Sequential):
        yield from pairwise(network.layers)
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from pairs(layer)


def replacements(first: Layer, second: Layer) -> Iterator[tuple[Layer, Replacement]]:
    """What to put on the two layers when `second` throws most of `first` away."""
    kinds = (type(first).__name__, type(second).__name__)
    if kinds != ("Conv2D", "MaxPooling2D") or not (is_keras_own(first) and is_keras_own(second)):
        return
    placewise = first.activation is None or getattr(first.activation, "__name__", "") in PLACEWISE
    wasteful = tuple(second.pool_size) == (1, 1) and tuple(second.strides) != (1, 1)
    found = replacement(first, tuple(second.strides)) if placewise and wasteful else None
    if found is None or second.data_format != "channels_last":
        return
    yield first, found
    yield second, ("call", as_it_is)
