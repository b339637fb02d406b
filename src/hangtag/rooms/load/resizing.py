"""One image into the size that is wanted: array in, array out, by one stated rule.

The image is fitted inside with its aspect kept (Lanczos resampling in Pillow, which averages
when it shrinks), centred, and the rest filled with the median colour of its border. An image
that has the size already comes through bit for bit. This module is only imported lazily: it
loads Pillow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangtag.rooms.load import background


def fit(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """``(height, width, channels)`` uint8 into ``(*size, channels)``."""
    if image.shape[:2] == size:
        return image
    return pad(as_array(shrink(as_image(image), size)), size)


def inside(have: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest ``(height, width)`` of the aspect of `have` that fits inside `size`."""
    factor = min(size[0] / have[0], size[1] / have[1])
    return (
        min(size[0], max(1, round(have[0] * factor))),
        min(size[1], max(1, round(have[1] * factor))),
    )


def shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resample an image so that it fits inside ``(height, width)``; smaller ones grow."""
    height, width = inside((image.height, image.width), size)
    if (image.height, image.width) == (height, width):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS)


def pad(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Centre ``(height, width, channels)`` in ``(*size, channels)`` of its border's colour."""
    height, width, channels = image.shape
    if (height, width) == size:
        return image
    # The median: a garment that touches the edge in a few places must not color what is filled in.
    colour = np.median(background.border(image[None])[0], axis=0)
    result = np.empty((*size, channels), np.uint8)
    result[:] = np.round(colour).astype(np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    result[top : top + height, left : left + width] = image
    return result


def as_array(image: Image.Image) -> NDArray[np.uint8]:
    """A grey or RGB image to ``(height, width, channels)`` uint8, read-only."""
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, -1)


def as_image(image: NDArray[np.uint8]) -> Image.Image:
    """``(height, width, channels)`` uint8 to an image."""
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
