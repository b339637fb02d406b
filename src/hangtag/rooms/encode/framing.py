"""A picture of any size goes in, the square that an encoder sees comes out.

``crop``: the shorter side is made 256 and the middle 224 are kept, as the network was trained to
see; ``whole``: all of the picture, its ground padded with the colour of its border. Lanczos
resampling in Pillow, which averages when it shrinks. Loads Pillow: import it lazily.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangtag.rooms.encode.embedding import KEPT


def framed(picture: NDArray[np.uint8], size: int, frame: str = "crop") -> NDArray[np.uint8]:
    """``(height, width, 1 or 3)`` uint8 into ``(size, size, 3)``."""
    color = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    image = Image.fromarray(color)
    box = (
        _square(image.size)
        if frame == "crop"
        else (0.0, 0.0, float(image.width), float(image.height))
    )
    width, height = box[2] - box[0], box[3] - box[1]
    factor = size / max(width, height)
    inside = (max(1, round(width * factor)), max(1, round(height * factor)))
    # One resampling with the box inside it: cropping first would lose the pixels at its edge.
    small = np.asarray(image.resize(inside, Image.Resampling.LANCZOS, box=box))
    return small if inside == (size, size) else _padded(small, size)


def _square(size: tuple[int, int]) -> tuple[float, float, float, float]:
    side = KEPT * min(size)
    left, top = ((one - side) / 2 for one in size)
    return left, top, left + side, top + side


def _padded(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width, _ = picture.shape
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    result = np.empty((size, size, 3), np.uint8)
    result[:] = np.round(np.median(border, axis=0)).astype(np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    result[top : top + height, left : left + width] = picture
    return result
