"""Training images on the device: uint8 images in, float32 batches out, inside the program.

Images stay bytes (a quarter of the memory) and are cropped once, on the way to the device; the
rest of the preprocessing is done batch by batch in the compiled step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Preprocessing

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, eq=False)
class DeviceImages:
    """Images and labels on the device.

    Attributes:
        pixels: ``(n, height * width * channels)`` uint8, cropped.
        labels: ``(n,)`` int32.
    """

    pixels: Array
    labels: Array

    def __len__(self) -> int:
        return int(self.pixels.shape[0])


def to_device(
    images: NDArray[np.uint8], labels: NDArray[np.int64], preprocessing: Preprocessing
) -> DeviceImages:
    """Crop `images` as `preprocessing` says and put them on the device with their `labels`."""
    import jax.numpy as jnp

    kept = images[:, slice(*preprocessing.rows), slice(*preprocessing.columns)]
    pixels = np.ascontiguousarray(kept).reshape(len(kept), -1)
    return DeviceImages(jnp.asarray(pixels), jnp.asarray(labels, jnp.int32))


def order_of(n: int, *, seed: int, epoch: int, shuffle: bool) -> Array:
    """The order of `n` images in one epoch, on the device; depends on nothing but the arguments.

    NumPy draws it: XLA's sort takes 19 ms for 50,000 on the CPU, a tenth of a small network's
    epoch, NumPy's shuffle half a millisecond; the gathering is what belongs on the device.
    """
    import jax.numpy as jnp

    if not shuffle:
        return jnp.arange(n, dtype=jnp.int32)
    # By epoch and not one stream for all: a training that goes on after a kill draws the order it
    # would have drawn.
    drawn = np.random.default_rng([seed, epoch]).permutation(n)
    return jnp.asarray(drawn, jnp.int32)


def prepared(pixels: Array, preprocessing: Preprocessing) -> Array:
    """Turn ``(n, height * width * channels)`` uint8 into the network's input, as traced code.

    The same arithmetic in the same order as :meth:`Preprocessing.apply`.
    """
    import jax.numpy as jnp

    values = pixels.astype(jnp.float32).reshape(-1, *preprocessing.output_shape)
    values = values * np.float32(preprocessing.scale)
    # Left out where it does nothing, so that the compiled step has no operation more than it needs.
    if any(preprocessing.mean):
        values = values - np.asarray(preprocessing.mean, np.float32)
    if any(one != 1 for one in preprocessing.deviation):
        values = values / np.asarray(preprocessing.deviation, np.float32)
    return values
