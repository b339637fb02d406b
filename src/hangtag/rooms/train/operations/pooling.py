"""Two-dimensional max-pooling on a CPU: feature maps in, the largest of every window out.

``lax.reduce_window`` and its gradient are five to ten times slower on the CPU than the maximum of
as many strided slices as the window has places. The place of each maximum is kept in a byte, from
which the gradient is written; among equal values the first one gets it, as in Keras (equal values
are common: every window of an empty background).

To plug in a native kernel: make :func:`max_pool` call it; the layer sees nothing else.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer

LARGEST_WINDOW = 25
"""Places in a window beyond which slices stop paying (and the program grows)."""

Pair = tuple[int, int]


def replacement(layer: Layer) -> Replacement | None:
    """Our ``call`` for `layer`, or None for options only Keras' own covers."""
    window, strides, padding = tuple(layer.pool_size), tuple(layer.strides), layer.padding
    if layer.data_format != "channels_last" or padding not in {"same", "valid"}:
        return None
    if math.prod(window) > LARGEST_WINDOW:
        return None

    def call(inputs: Array) -> Array:
        return max_pool(inputs, window=window, strides=strides, padding=padding)

    return "call", call


def max_pool(images: Array, *, window: Pair, strides: Pair, padding: str) -> Array:
    """The largest value of every window, as Keras pools.

    Args:
        images: ``(n, height, width, channels)``.
        window: Rows and columns of a window.
        strides: Steps down and across.
        padding: ``same`` or ``valid``; windows over an edge see only what is inside.

    Returns:
        ``(n, new_height, new_width, channels)``.
    """
    import jax
    import jax.numpy as jnp

    images = jnp.asarray(images)
    # A window of one place only strides; nothing is compared, and the slice has its own gradient.
    if window == (1, 1):
        return images[:, :: strides[0], :: strides[1]]
    if padding == "same":
        images = _padded(images, window, strides)
    pool = jax.custom_vjp(partial(_largest, window, strides))
    pool.defvjp(
        partial(_with_places, window, strides), partial(_backward, window, strides, images.shape)
    )
    result: Array = pool(images)
    return result


def _largest(window: Pair, strides: Pair, images: Array) -> Array:
    import jax.numpy as jnp

    return reduce(jnp.maximum, _slices(window, strides, images))


def _with_places(window: Pair, strides: Pair, images: Array) -> tuple[Array, Array]:
    """The maxima, and which place of its window each is at (the first one of equals)."""
    import jax.numpy as jnp

    slices = _slices(window, strides, images)
    largest = reduce(jnp.maximum, slices)
    # From the last place to the first, so that the first of equals has the last word. A byte holds
    # every place of a window of at most 25.
    places = jnp.full(largest.shape, len(slices) - 1, jnp.uint8)
    for place in reversed(range(len(slices) - 1)):
        places = jnp.where(slices[place] == largest, jnp.uint8(place), places)
    return largest, places


def _backward(
    window: Pair, strides: Pair, shape: tuple[int, ...], places: Array, slope: Array
) -> tuple[Array]:
    slope = settled(slope)
    # The usual case: windows tile the image, every place is in one window only, and the gradient
    # is a choice and no sum.
    if window == strides:
        return (_spread(window, shape, places, slope),)
    return (_scattered(window, strides, shape, places, slope),)


def settled(values: Array) -> Array:
    """The same values, worked out once and kept instead of again in every loop that reads them.

    XLA copies whatever it thinks cheap into each loop that needs it, here four times, and drops
    ``optimization_barrier`` before it does so on a CPU. A division it thinks dear, and does not
    copy; the divisor is one unless the values are lost already, which XLA cannot know.
    """
    import jax.numpy as jnp

    one = 1 - jnp.isnan(values.reshape(-1)[0]).astype(values.dtype)
    return values / one


def _spread(window: Pair, shape: tuple[int, ...], places: Array, slope: Array) -> Array:
    """Windows that tile the image: one loop along whole rows of channels, nothing gathered."""
    import jax.numpy as jnp

    rows, columns = window
    n, height, width, channels = slope.shape
    numbers = jnp.arange(rows * columns, dtype=jnp.uint8).reshape(1, 1, rows, 1, columns, 1)
    # Six axes: image, window down, row in it, window across, column in it, channel.
    spread = jnp.where(
        places[:, :, None, :, None, :] == numbers, slope[:, :, None, :, None, :], 0
    ).reshape(n, height * rows, width * columns, channels)
    left = (shape[1] - height * rows, shape[2] - width * columns)
    return jnp.pad(spread, ((0, 0), (0, left[0]), (0, left[1]), (0, 0)))


def _scattered(
    window: Pair, strides: Pair, shape: tuple[int, ...], places: Array, slope: Array
) -> Array:
    """Windows that overlap or leave gaps: the sum over the places of a window."""
    import jax.numpy as jnp
    from jax import lax

    total = jnp.zeros(shape, slope.dtype)
    for place in range(math.prod(window)):
        own = jnp.where(places == place, slope, 0)
        # Negative padding cuts, interior padding spreads by the strides: one operation puts the
        # place's gradients where they came from.
        edges = [(0, 0, 0)]
        for axis, first in enumerate(divmod(place, window[1])):
            long = (slope.shape[axis + 1] - 1) * strides[axis] + 1
            edges.append((first, shape[axis + 1] - first - long, strides[axis] - 1))
        total = total + lax.pad(own, jnp.zeros((), slope.dtype), [*edges, (0, 0, 0)])
    return total


def _slices(window: Pair, strides: Pair, images: Array) -> list[Array]:
    high, wide = (
        (size - length) // step * step + 1
        for size, length, step in zip(images.shape[1:3], window, strides, strict=True)
    )
    return [
        images[:, row : row + high : strides[0], column : column + wide : strides[1]]
        for row in range(window[0])
        for column in range(window[1])
    ]


def _padded(images: Array, window: Pair, strides: Pair) -> Array:
    import jax.numpy as jnp

    edges = []
    for size, length, step in zip(images.shape[1:3], window, strides, strict=True):
        wanted = max((-(-size // step) - 1) * step + length - size, 0)
        edges.append((wanted // 2, wanted - wanted // 2))
    if not any(map(any, edges)):
        return images
    # The lowest number and not minus infinity, which is NaN as soon as anything multiplies it by
    # zero.
    lowest = jnp.finfo(images.dtype).min
    return jnp.pad(images, ((0, 0), *edges, (0, 0)), constant_values=lowest)
