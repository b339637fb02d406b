"""The images of a batch: all images and the places of some in, those out.

XLA on a CPU picks bytes out of a table one at a time; the native kernels copy whole rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.rooms.train.operations import native

if TYPE_CHECKING:
    from jax import Array


def take(pixels: Array, places: Array) -> Array:
    """Give ``pixels[places]``.

    Args:
        pixels: ``(n, length)`` uint8.
        places: ``(batch,)`` int32, each from 0 to n - 1.

    Returns:
        ``(batch, length)`` uint8.
    """
    if not native.here():
        return pixels[places]
    from hangtag_kernels import take_rows

    return take_rows(pixels, places)
