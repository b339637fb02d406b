"""Two-dimensional max-pooling on a CPU: feature maps in, the largest of every window out.

``lax.reduce_window`` and its gradient are five times slower on the CPU than the maximum of as many
strided slices as the window has places.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer

LARGEST_WINDOW = 25
"""Places in a window beyond which slices stop paying (and the program grows)."""


def replacement(layer: Layer) -> Replacement | None:
    """Our ``call`` for `layer`, or None for options only Keras' own covers."""
    window = tuple(layer.pool_size)
    strides = tuple(layer.strides)
    if layer.data_format != "channels_last" or layer.padding not in {"same", "valid"}:
        return None
    if window[0] * window[1] > LARGEST_WINDOW:
        return None
    padding = layer.padding

    def call(inputs: Array) -> Array:
        return max_pool(inputs, window=window, strides=strides, padding=padding)

    return "call", call


def max_pool(
    images: Array, *, window: tuple[int, int], strides: tuple[int, int], padding: str
) -> Array:
    """The largest value of every window, as Keras pools.

    Args:
        images: ``(n, height, width, channels)``.
        window: Rows and columns of a window.
        strides: Steps down and across.
        padding: ``same`` or ``valid``; windows over an edge see only what is inside.

    Returns:
        ``(n, new_height, new_width, channels)``.
    """
    import jax.numpy as jnp

    images = jnp.asarray(images)
    if padding == "same":
        images = _pad(images, window, strides)
    height = (images.shape[1] - window[0]) // strides[0] + 1
    width = (images.shape[2] - window[1]) // strides[1] + 1
    slices = [
        images[
            :,
            row : row + (height - 1) * strides[0] + 1 : strides[0],
            column : column + (width - 1) * strides[1] + 1 : strides[1],
        ]
        for row in range(window[0])
        for column in range(window[1])
    ]
    return reduce(jnp.maximum, slices)


def _pad(images: Array, window: tuple[int, int], strides: tuple[int, int]) -> Array:
    import jax.numpy as jnp

    edges = []
    for size, width, step in zip(images.shape[1:3], window, strides, strict=True):
        wanted = max((-(-size // step) - 1) * step + width - size, 0)
        edges.append((wanted // 2, wanted - wanted // 2))
    if not any(map(any, edges)):
        return images
    return jnp.pad(images, ((0, 0), *edges, (0, 0)), constant_values=-jnp.inf)
