"""An image of any size goes in, the squares that a network for photographs sees come out.

``crop``: the shorter side is made 256 and the middle 224 are kept, as such networks are trained to
see; ``whole``: all of the image, its ground padded with the color of its border. Lanczos
resampling in Pillow, which averages when it shrinks. Training and tagging both come here, so that
an image is the same in both, bit for bit. Imports Pillow inside its functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ImageSet, Preprocessing

FRAMES = ("crop", "whole")
LOT = 64
"""Photographs that are held at once: 20 MB of squares."""
KEPT = 0.875
"""Side of the square that ``crop`` keeps, as a proportion of the shorter side: 224 of 256."""


def framed(pixels: NDArray[np.uint8], size: int, frame: str = "crop") -> NDArray[np.uint8]:
    """``(height, width, 1 or 3)`` uint8 into ``(size, size, 3)``."""
    from PIL import Image

    color = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
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


def stacked(pixels: NDArray[np.uint8], size: int, frames: Sequence[str]) -> NDArray[np.uint8]:
    """``(height, width, 1 or 3)`` uint8 into ``(len(frames) * size, size, 3)``."""
    return np.concatenate([framed(pixels, size, frame) for frame in frames])


def seen(
    images: ImageSet, rows: NDArray[np.int64], preprocessing: Preprocessing
) -> NDArray[np.uint8]:
    """The images of a set at `rows` as a model wants them, ``(n, height, width, channels)``.

    A model of squares is shown the files, every other the set's own array.

    Raises:
        SourceError: A file has gone since the set was loaded.
    """
    if not preprocessing.frames:
        return images.images[rows]
    found = list(squares(images, rows.tolist(), preprocessing))
    return np.stack(found) if found else np.empty((0, *preprocessing.picture_shape), np.uint8)


def squares(
    images: ImageSet, rows: Sequence[int], preprocessing: Preprocessing
) -> Iterator[NDArray[np.uint8]]:
    """The squares of each image, made of its file where it has one; they stream."""
    size = preprocessing.picture_shape[1]
    return (stacked(one, size, preprocessing.frames) for one in unframed(images, rows, size))


def unframed(images: ImageSet, rows: Sequence[int], size: int) -> Iterator[NDArray[np.uint8]]:
    """The images that squares of `size` are made of: files where there are some; they stream."""
    if images.originals is not None:
        return images.originals.open(rows, least_side(size))
    return (images.images[row] for row in rows)


def in_lots(
    answer: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    images: ImageSet,
    rows: NDArray[np.int64],
    preprocessing: Preprocessing,
) -> NDArray[np.float32]:
    """What is answered for the images of a set at `rows`, photographs a few at a time."""
    if not preprocessing.frames or not len(rows):
        return answer(seen(images, rows, preprocessing))
    lots = [rows[start : start + LOT] for start in range(0, len(rows), LOT)]
    return np.concatenate([answer(seen(images, lot, preprocessing)) for lot in lots])


def least_side(size: int) -> int:
    """What a decoder may shrink the shorter side to, none of the squares being the worse for it."""
    return math.ceil(size / KEPT)


def _square(size: tuple[int, int]) -> tuple[float, float, float, float]:
    side = KEPT * min(size)
    left, top = ((one - side) / 2 for one in size)
    return left, top, left + side, top + side


def _padded(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    result = np.empty((size, size, 3), np.uint8)
    result[:] = np.round(np.median(border, axis=0)).astype(np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    result[top : top + height, left : left + width] = pixels
    return result
