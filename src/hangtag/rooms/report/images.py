"""uint8 images in, PNG data that a page can hold out.

To add a way of showing images: one function from an array to PNG bytes or a data URI. Only
imported by what draws, since it brings Pillow.
"""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangtag.drawing import as_png

ICON = 48
"""Up to so many pixels a side every one of them counts, and an image is kept exactly."""


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A ``(height, width, channels)`` image as a ``data:`` address of a PNG."""
    data = as_png(pixels, optimize=True)
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def shrunk(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The images with no side longer than `side`; unchanged when none is."""
    height, width, channels = images.shape[1:]
    longest = max(height, width)
    if longest <= side or not len(images):
        return images
    smaller = (max(1, width * side // longest), max(1, height * side // longest))
    result = np.empty((len(images), smaller[1], smaller[0], channels), np.uint8)
    for number, pixels in enumerate(images):
        flat = pixels[:, :, 0] if channels == 1 else pixels
        image = Image.fromarray(np.ascontiguousarray(flat)).resize(
            smaller, Image.Resampling.LANCZOS
        )
        result[number] = np.asarray(image).reshape(smaller[1], smaller[0], channels)
    return result


def sheet(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """``(n, height, width, channels)`` side by side, `columns` in a row: one image of all."""
    n, height, width, channels = images.shape
    rows = -(-n // columns)
    cells = np.zeros((rows * columns, height, width, channels), np.uint8)
    cells[:n] = images
    grid = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def small_uri(pixels: NDArray[np.uint8], side: int) -> str:
    """A small copy of an image as a ``data:`` address, no side longer than `side`.

    What has more pixels than an icon is a photograph for all that this knows, and as a JPEG a
    fifth of what PNG makes of it.
    """
    small = shrunk(pixels[None], side)[0]
    if max(small.shape[:2]) <= ICON:
        return data_uri(small)
    file = BytesIO()
    flat = small[:, :, 0] if small.shape[2] == 1 else small
    Image.fromarray(np.ascontiguousarray(flat)).save(file, "JPEG", quality=82, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
