"""Training images that differ a little every time: uint8 images in, changed ones out, traced.

Everything is drawn from one key per step, inside the compiled epoch, and works on bytes, before the
preprocessing. What is uncovered or blanked gets the colour of the ground that the images stand
on. To add a change: a function like :func:`_mirrored` and a line in :func:`augmented`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.records import Preprocessing, TrainingOptions

if TYPE_CHECKING:
    from jax import Array

GROUNDS = {True: 0, False: 255, None: 128}
"""The byte for a dark ground, a light one, and neither, by ``Preprocessing.dark_border``."""


def augments(options: TrainingOptions) -> bool:
    """Whether `options` ask for any change to images."""
    return bool(options.shift or options.flip or options.cutout)


def augmented(
    pixels: Array, key: Array, *, options: TrainingOptions, preprocessing: Preprocessing
) -> Array:
    """Change every image of a batch as `options` ask.

    Args:
        pixels: ``(n, height * width * channels)`` uint8, cropped.
        key: What this step's changes are drawn from.
        options: Which changes.
        preprocessing: Knows the shape and the ground.

    Returns:
        As `pixels`.
    """
    import jax

    # Each change has a key of its own, whether it is asked for or not: switching one on does not
    # change what another draws.
    keys = jax.random.split(key, 3)
    images = pixels.reshape(-1, *preprocessing.output_shape)
    if options.shift:
        images = _shifted(images, keys[0], options.shift, preprocessing.dark_border)
    if options.flip:
        images = _mirrored(images, keys[1])
    if options.cutout:
        images = _cut_out(images, keys[2], options.cutout, GROUNDS[preprocessing.dark_border])
    return images.reshape(pixels.shape)


def _shifted(images: Array, key: Array, most: int, dark: bool | None) -> Array:
    """Move every image by up to `most` pixels down and across.

    The ground comes in where it is known, the image's own edge, drawn out, where it is not.
    """
    import jax
    import jax.numpy as jnp

    n, *shape = images.shape
    edges = ((0, 0), (most, most), (most, most), (0, 0))
    if dark is None:
        padded = jnp.pad(images, edges, mode="edge")
    else:
        padded = jnp.pad(images, edges, constant_values=GROUNDS[dark])
    # Padding by `most` on every side and cutting at 0 to 2·most moves by -most to most.
    starts = jax.random.randint(key, (n, 2), 0, 2 * most + 1)

    def one(image: Array, start: Array) -> Array:
        return jax.lax.dynamic_slice(image, (start[0], start[1], 0), shape)

    moved: Array = jax.vmap(one)(padded, starts)
    return moved


def _mirrored(images: Array, key: Array) -> Array:
    """Exchange left and right in half of the images."""
    import jax
    import jax.numpy as jnp

    chosen = jax.random.bernoulli(key, shape=(images.shape[0], 1, 1, 1))
    return jnp.where(chosen, images[:, :, ::-1], images)


def _cut_out(images: Array, key: Array, side: int, ground: int) -> Array:
    """Blank a square with its centre anywhere in the image; what is beyond the edge is lost.

    DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout"
    (2017).
    """
    import jax
    import jax.numpy as jnp

    n, height, width, _ = images.shape
    places = jax.random.uniform(key, (2, n))

    def inside(size: int, place: Array) -> Array:
        # As the paper found better: the square may reach over the edge, so that some images keep
        # most of themselves.
        first = jnp.floor(place * size).astype(jnp.int32) - side // 2
        behind = jnp.arange(size) - first[:, None]
        return (behind >= 0) & (behind < side)

    rows, columns = inside(height, places[0]), inside(width, places[1])
    blank = rows[:, :, None, None] & columns[:, None, :, None]
    return jnp.where(blank, jnp.uint8(ground), images)
