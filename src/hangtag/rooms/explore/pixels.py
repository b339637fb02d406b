"""Pixels: their range before and after scaling, and the same images in several crops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import ImageSet, PixelRange, Split, Variants
from hangtag.rooms.explore.classes import parts_of

VARIANTS = {"original": (0.0, 1.0), "top": (0.0, 0.5), "bottom": (0.5, 1.0)}
"""The rows each variant keeps, as proportions of the height."""

_BLOCK = 1 << 22
"""Values counted at a time: counting takes eight bytes for each."""


def scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images with pixels in [0, 1]."""
    return images.astype(np.float32) / np.float32(255)


def pixel_ranges(images: ImageSet, split: Split | None = None) -> dict[str, PixelRange]:
    """The smallest, largest and mean pixel of each part, before and after scaling to [0, 1].

    Args:
        images: The set.
        split: Whose parts to look at; None takes the source's own. Empty parts are left out.
    """
    parts = parts_of(images, split)
    return {part: _range(images.images, rows) for part, rows in parts.items() if len(rows)}


def _range(images: NDArray[np.uint8], indices: NDArray[np.int64]) -> PixelRange:
    # Counting each of the 256 values is exact and needs no copy in floats.
    counts = np.zeros(256, np.int64)
    step = max(1, _BLOCK // int(np.prod(images.shape[1:])))
    for start in range(0, len(indices), step):
        counts += np.bincount(images[indices[start : start + step]].ravel(), minlength=256)
    values = np.arange(256) / 255
    there = np.flatnonzero(counts)
    low, high = int(there[0]), int(there[-1])
    mean = float(values @ counts / counts.sum())
    deviation = float(np.sqrt((values - mean) ** 2 @ counts / counts.sum()))
    return PixelRange((low, high), (low / 255, high / 255), mean, deviation)


def variants(
    images: ImageSet,
    indices: NDArray[np.int64],
    *,
    crops: Mapping[str, tuple[float, float]] = VARIANTS,
) -> Variants:
    """The same images in several crops of their rows.

    Args:
        images: The set.
        indices: ``(n,)`` which images.
        crops: For each variant its first row and the one past its last, as proportions of the
            height.

    Raises:
        OptionError: A crop has no rows.
    """
    height = images.shape[0]
    chosen = images.images[indices]
    cropped: dict[str, NDArray[np.uint8]] = {}
    for name, (first, last) in crops.items():
        rows = slice(round(first * height), round(last * height))
        if not 0 <= rows.start < rows.stop <= height:
            raise OptionError(f"the variant '{name}' keeps no rows of {height}")
        cropped[name] = chosen[:, rows]
    return Variants(np.asarray(indices, np.int64), cropped)


def as_shown(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Images of any numbers as uint8, cut off below 0 and above 255."""
    whole: NDArray[np.uint8] = np.clip(np.rint(images), 0, 255).astype(np.uint8)
    return whole
