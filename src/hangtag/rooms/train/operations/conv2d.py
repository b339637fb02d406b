"""Two-dimensional convolution on a CPU: pictures and kernel in, feature maps out.

``lax.conv_general_dilated`` inside a compiled loop on the CPU falls back to a plain nest of loops,
ten to a hundred times slower than the same arithmetic as matrix products. Which product is
fastest depends on the shape; :func:`form` is the one place that chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import Replacement

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer


def replacement(layer: Layer) -> Replacement | None:
    """Our ``convolution_op`` for `layer`, or None for options only Keras' own covers."""
    plain = (
        layer.data_format == "channels_last"
        and layer.groups == 1
        and tuple(layer.dilation_rate) == (1, 1)
        and layer.padding in {"same", "valid"}
    )
    if not plain:
        return None
    strides = tuple(layer.strides)
    padding = layer.padding

    def convolution_op(inputs: Array, kernel: Array) -> Array:
        return convolve(inputs, kernel, strides=strides, padding=padding)

    return "convolution_op", convolution_op


def convolve(images: Array, kernel: Array, *, strides: tuple[int, int], padding: str) -> Array:
    """Convolve as Keras does.

    Args:
        images: ``(n, height, width, channels)``.
        kernel: ``(rows, columns, channels, filters)``.
        strides: Steps down and across.
        padding: ``same`` or ``valid``.

    Returns:
        ``(n, new_height, new_width, filters)``.
    """
    import jax.numpy as jnp

    images = jnp.asarray(images)
    kernel = jnp.asarray(kernel)
    images = pad(images, kernel.shape[:2], strides, padding)
    return by_patches(images, kernel, strides)


def pad(images: Array, window: tuple[int, int], strides: tuple[int, int], padding: str) -> Array:
    """Put zeros around `images` as ``same`` asks; ``valid`` asks for none."""
    import jax.numpy as jnp

    if padding == "valid":
        return images
    edges = [
        _edges(size, width, step)
        for size, width, step in zip(images.shape[1:3], window, strides, strict=True)
    ]
    if not any(map(any, edges)):
        return images
    return jnp.pad(images, ((0, 0), *edges, (0, 0)))


def by_patches(images: Array, kernel: Array, strides: tuple[int, int]) -> Array:
    """Lay every window out as a row, then one matrix product with all filters."""
    import jax.numpy as jnp

    rows, columns, channels, filters = kernel.shape
    shifted = [
        _shift(images, row, column, (rows, columns), strides)
        for row in range(rows)
        for column in range(columns)
    ]
    patches = jnp.concatenate(shifted, axis=-1) if len(shifted) > 1 else shifted[0]
    n, height, width, _ = patches.shape
    flat = patches.reshape(n * height * width, rows * columns * channels)
    return (flat @ kernel.reshape(-1, filters)).reshape(n, height, width, filters)


def _edges(size: int, window: int, step: int) -> tuple[int, int]:
    wanted = max((-(-size // step) - 1) * step + window - size, 0)
    return wanted // 2, wanted - wanted // 2


def _shift(
    images: Array, row: int, column: int, window: tuple[int, int], strides: tuple[int, int]
) -> Array:
    height = (images.shape[1] - window[0]) // strides[0] + 1
    width = (images.shape[2] - window[1]) // strides[1] + 1
    return images[
        :,
        row : row + (height - 1) * strides[0] + 1 : strides[0],
        column : column + (width - 1) * strides[1] + 1 : strides[1],
    ]
