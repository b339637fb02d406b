"""Two-dimensional convolution on a CPU: images and kernel in, feature maps out, by products.

``lax.conv_general_dilated`` inside a compiled loop on the CPU falls back to a plain nest of loops,
twenty to fifty times slower than the same arithmetic as matrix products. There are many ways to
write a convolution as products; measured on two AVX-512 machines (processor time of forward and
both gradients, 3×3 kernels) two are never far from the best:

- *patches*: every window becomes a row, one product with all filters; nine copies of the input.
  For few channels, few places, or strides.
- *separable*: windows are laid out across only (three copies of the input), one product gives the
  filters of all kernel rows at once, and the rows are added down. The gradients are the same with
  across and down exchanged, so forward, input gradient and kernel gradient are one wide product
  each. Done for a group of images at a time, so that the copies stay in the cache.

To plug in a native kernel: make :func:`convolve` call it; the layer sees nothing else.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from hangtag.rooms.train.operations import Replacement

if TYPE_CHECKING:
    from jax import Array
    from keras.layers import Layer

CACHED = 8 << 20
"""Bytes of copies that may be made at once: they stay in the outer cache."""

GROUP = 3 << 20
"""Bytes of copies per group of images when all at once would be more than that."""

WASTE = 1.25
"""How many rows the separable form may work out for each row wanted, before patches are better."""


class Window(NamedTuple):
    """How a kernel walks over an image.

    Attributes:
        strides: Steps down and across.
        edges: Zeros before and after, down and across.
    """

    strides: tuple[int, int]
    edges: tuple[tuple[int, int], tuple[int, int]]


def replacement(layer: Layer, every: tuple[int, int] = (1, 1)) -> Replacement | None:
    """Our ``convolution_op`` for `layer`, or None for options only Keras' own covers.

    Args:
        layer: A ``Conv2D``.
        every: Work out only every so many-th row and column, when nobody reads the others.
    """
    plain = (
        layer.data_format == "channels_last"
        and layer.groups == 1
        and tuple(layer.dilation_rate) == (1, 1)
        and layer.padding in {"same", "valid"}
    )
    if not plain:
        return None
    strides, padding = tuple(layer.strides), layer.padding

    def convolution_op(inputs: Array, kernel: Array) -> Array:
        return convolve(inputs, kernel, strides=strides, padding=padding, every=every)

    return "convolution_op", convolution_op


def convolve(
    images: Array,
    kernel: Array,
    *,
    strides: tuple[int, int],
    padding: str,
    every: tuple[int, int] = (1, 1),
) -> Array:
    """Convolve as Keras does.

    Args:
        images: ``(n, height, width, channels)``.
        kernel: ``(rows, columns, channels, filters)``.
        strides: Steps down and across.
        padding: ``same`` or ``valid``.
        every: Work out only every so many-th row and column of the answer.

    Returns:
        ``(n, new_height, new_width, filters)``.
    """
    import jax.numpy as jnp

    images, kernel = jnp.asarray(images), jnp.asarray(kernel)
    edges = edges_of(images.shape, kernel.shape, strides, padding)
    window = Window((strides[0] * every[0], strides[1] * every[1]), edges)
    groups = groups_of(images.shape, kernel.shape, window)
    if groups == 0:
        return by_patches(images, kernel, window)
    return separable(images, kernel, window, groups)


def edges_of(
    images: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, int], padding: str
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Zeros around an image, before and after, down and across."""
    if padding == "valid":
        return (0, 0), (0, 0)
    down, across = (
        # TensorFlow's rule, which Keras keeps on every backend: as many windows as steps fit into
        # the side, rounded up, and what they lack in all. An odd rest goes below and to the right.
        max((-(-size // step) - 1) * step + window - size, 0)
        for size, window, step in zip(images[1:3], kernel[:2], strides, strict=True)
    )
    return (down // 2, down - down // 2), (across // 2, across - across // 2)


def groups_of(images: tuple[int, ...], kernel: tuple[int, ...], window: Window) -> int:
    """In how many groups of images to go the separable way; 0 for patches.

    A rule on shapes alone and no timing: the same network computes the same bits on every run.
    """
    n, height, width, channels = images
    rows, columns, _, filters = kernel
    (top, bottom), (left, right) = window.edges
    tall, wide = height + top + bottom, width + left + right
    # Rows of the answer, and bytes of one of its rows in float32.
    high, out = tall - rows + 1, (wide - columns + 1) * 4
    patches = n * high * out * rows * columns * channels
    # One channel makes products too thin for the separable form; strides waste its rows.
    if window.strides != (1, 1) or channels < 4 or patches <= CACHED // 8:
        return 0
    # The separable form works out answers for every row of the padded images and throws rows - 1 of
    # them away; on small images with tall kernels that is too much.
    if tall >= WASTE * high and patches <= CACHED:
        return 0
    # Forward lays out windows across, backward lays out output gradients down; the larger of the
    # two sets the size of a group.
    copies = n * tall * out * max(columns * channels, rows * filters)
    wanted = 1 if copies <= CACHED else -(-copies // GROUP)
    # Groups must be equal, since a compiled loop has one shape; n itself always divides n.
    return next(groups for groups in range(min(wanted, n), n + 1) if n % groups == 0)


def by_patches(images: Array, kernel: Array, window: Window) -> Array:
    """Lay every window out as a row, then one matrix product with all filters."""
    import jax

    # A gradient of our own: JAX's would add one shifted copy after another into the images.
    convolution = jax.custom_vjp(lambda *given: _patches_forward(window, *given)[0])
    convolution.defvjp(
        partial(_patches_forward, window), partial(_patches_backward, window, images.shape)
    )
    result: Array = convolution(images, kernel)
    return result


def _patches_forward(
    window: Window, images: Array, kernel: Array
) -> tuple[Array, tuple[Array, Array]]:
    import jax.numpy as jnp

    rows, columns, channels, filters = kernel.shape
    images = _padded(images, *window.edges)
    shifted = [
        _shift(images, row, column, (rows, columns), window.strides)
        for row in range(rows)
        for column in range(columns)
    ]
    patches = jnp.concatenate(shifted, axis=-1) if len(shifted) > 1 else shifted[0]
    shape = patches.shape[:3]
    patches = patches.reshape(-1, rows * columns * channels)
    answers = patches @ kernel.reshape(-1, filters)
    return answers.reshape(*shape, filters), (patches, kernel)


def _patches_backward(
    window: Window, shape: tuple[int, ...], held: tuple[Array, Array], slope: Array
) -> tuple[Array, Array]:
    patches, kernel = held
    filters = kernel.shape[-1]
    flat = slope.reshape(-1, filters)
    # Patches are kept from the forward pass: laying them out again costs more than their memory.
    kernel_slope = (patches.T @ flat).reshape(kernel.shape)
    parts = (flat @ kernel.reshape(-1, filters).T).reshape(*slope.shape[:3], -1)
    return _gathered(parts, kernel.shape, shape, window), kernel_slope


def _gathered(
    parts: Array, kernel: tuple[int, ...], shape: tuple[int, ...], window: Window
) -> Array:
    """Sum what every place of the images got in all the windows it was in.

    With strides, places fall into phases that meet different kernel places; each phase is summed
    densely, then they are interleaved, which is much less work than adding arrays full of gaps.
    """
    import jax.numpy as jnp

    (down, across), ((top, bottom), (left, right)) = window
    tall, wide = shape[1] + top + bottom, shape[2] + left + right
    high, broad = -(-tall // down), -(-wide // across)
    lines = [
        jnp.stack(
            [
                _phase(parts, kernel, window.strides, (row, column), (high, broad))
                for column in range(across)
            ],
            axis=3,
        )
        for row in range(down)
    ]
    whole = jnp.stack(lines, axis=2).reshape(shape[0], high * down, broad * across, shape[3])
    return whole[:, top : tall - bottom, left : wide - right]


def _phase(
    parts: Array,
    kernel: tuple[int, ...],
    strides: tuple[int, int],
    first: tuple[int, int],
    size: tuple[int, int],
) -> Array:
    """The places ``first + strides * k`` of the padded images, `size` of them."""
    import jax.numpy as jnp

    rows, columns, channels, _ = kernel
    n, high, broad, _ = parts.shape
    # Only kernel places of the same phase ever meet these image places: they are strides apart.
    total = jnp.zeros((n, *size, channels), parts.dtype)
    for row in range(first[0], rows, strides[0]):
        for column in range(first[1], columns, strides[1]):
            place = (row * columns + column) * channels
            above, before = row // strides[0], column // strides[1]
            own = parts[..., place : place + channels]
            after = ((above, size[0] - high - above), (before, size[1] - broad - before))
            total = total + jnp.pad(own, ((0, 0), *after, (0, 0)))
    return total


def separable(images: Array, kernel: Array, window: Window, groups: int) -> Array:
    """Windows across, kernel rows as more filters, sums down; `groups` of images in turn."""
    import jax

    convolution = jax.custom_vjp(partial(_separable_forward, window=window, groups=groups))
    convolution.defvjp(
        lambda images, kernel: (
            _separable_forward(images, kernel, window=window, groups=groups),
            (images, kernel),
        ),
        partial(_separable_backward, window, groups),
    )
    result: Array = convolution(images, kernel)
    return result


def _separable_forward(images: Array, kernel: Array, *, window: Window, groups: int) -> Array:
    import jax

    rows, columns, channels, filters = kernel.shape
    # Kernel rows become further filters: one product gives what each of them contributes, and the
    # sum below shifts each contribution to the output row it belongs to.
    weights = kernel.transpose(1, 2, 0, 3).reshape(columns * channels, rows * filters)

    def one(images: Array) -> Array:
        across = _across(images, columns, window)
        n, tall, wide, _ = across.shape
        answers = across.reshape(-1, columns * channels) @ weights
        answers = answers.reshape(n, tall, wide, rows * filters)
        high = tall - rows + 1
        return sum(
            answers[:, row : row + high, :, row * filters : (row + 1) * filters]
            for row in range(rows)
        )

    if groups == 1:
        return one(images)
    # A loop and no vmap: groups follow each other, so that the copies of one are still in the cache
    # when its product is taken.
    parts = jax.lax.map(one, _grouped(images, groups))
    return parts.reshape(len(images), *parts.shape[2:])


def _separable_backward(
    window: Window, groups: int, held: tuple[Array, Array], slope: Array
) -> tuple[Array, Array]:
    import jax
    import jax.numpy as jnp

    images, kernel = held
    rows, columns, channels, filters = kernel.shape
    # The transpose of the forward weights with rows and columns exchanged: the gradient of the
    # images is a full correlation, laid out down instead of across.
    weights = kernel.transpose(0, 3, 1, 2).reshape(rows * filters, columns * channels)

    def one(total: Array, part: tuple[Array, Array]) -> tuple[Array, Array]:
        images, slope = part
        across = _across(images, columns, window).reshape(-1, columns * channels)
        down = _down(slope, rows)
        # The product the other way round is slower: its result is wider than it is tall.
        total = total + down.reshape(-1, rows * filters).T @ across
        return total, _images_slope(down, weights, images.shape, window, columns)

    # The kernel's gradient is a sum over groups, the images' gradient is one part per group.
    start = jnp.zeros((rows * filters, columns * channels), kernel.dtype)
    if groups == 1:
        total, images_slope = one(start, (images, slope))
    else:
        parts = (_grouped(images, groups), _grouped(slope, groups))
        total, images_slope = jax.lax.scan(one, start, parts)
        images_slope = images_slope.reshape(images.shape)
    kernel_slope = total.reshape(rows, filters, columns, channels).transpose(0, 2, 3, 1)
    return images_slope, kernel_slope


def _images_slope(
    down: Array, weights: Array, shape: tuple[int, ...], window: Window, columns: int
) -> Array:
    """Gradient of the images from the outputs' gradient laid out down, for `shape`."""
    import jax.numpy as jnp

    n, height, width, channels = shape
    (top, _), (left, _) = window.edges
    # Gradients of padding rows are nobody's: they are cut before the product and not after.
    down = down[:, top : top + height]
    parts = down.reshape(-1, down.shape[-1]) @ weights
    parts = parts.reshape(n, height, down.shape[2], columns * channels)
    room = columns - 1
    parts = jnp.pad(parts, ((0, 0), (0, 0), (room, room), (0, 0)))
    first = room + left
    return sum(
        parts[
            :,
            :,
            first - column : first - column + width,
            column * channels : (column + 1) * channels,
        ]
        for column in range(columns)
    )


def _across(images: Array, columns: int, window: Window) -> Array:
    """Every place with its `columns` right neighbours side by side."""
    import jax.numpy as jnp

    images = _padded(images, *window.edges)
    wide = images.shape[2] - columns + 1
    return jnp.concatenate(
        [images[:, :, column : column + wide] for column in range(columns)], axis=-1
    )


def _down(slope: Array, rows: int) -> Array:
    """The output gradients that each input row takes part in, side by side."""
    import jax.numpy as jnp

    tall = slope.shape[1] + rows - 1
    room = rows - 1
    slope = jnp.pad(slope, ((0, 0), (room, room), (0, 0), (0, 0)))
    return jnp.concatenate(
        [slope[:, room - row : room - row + tall] for row in range(rows)], axis=-1
    )


def _grouped(images: Array, groups: int) -> Array:
    return images.reshape(groups, -1, *images.shape[1:])


def _padded(images: Array, down: tuple[int, int], across: tuple[int, int]) -> Array:
    import jax.numpy as jnp

    if not any((*down, *across)):
        return images
    return jnp.pad(images, ((0, 0), down, across, (0, 0)))


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
