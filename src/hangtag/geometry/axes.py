"""Directions onto which pixels are projected before a model sees them: pixels in, coordinates out.

What a model keeps of the principal axes it was fitted on: two arrays and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hangtag.records import Preprocessing
from hangtag.records.points import blocks


@dataclass(frozen=True, eq=False)
class Axes:
    """Directions onto which pixels are projected.

    Attributes:
        mean: ``(d,)`` float64, subtracted first.
        components: ``(k, d)`` float64, one direction per row.
    """

    mean: NDArray[np.float64]
    components: NDArray[np.float64]

    def coordinates(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """``(n, d)`` preprocessed pixels to ``(n, k)`` coordinates."""
        found: NDArray[np.float64] = (pixels.astype(np.float64) - self.mean) @ self.components.T
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Both by name; :func:`axes_from_arrays` is the way back."""
        return {"mean": self.mean, "components": self.components}


def points_of(
    images: NDArray[np.uint8], preprocessing: Preprocessing, axes: Axes | None, *, dtype: DTypeLike
) -> NDArray[Any]:
    """Turn ``(n, height, width, channels)`` images into the ``(n, d)`` points a model sees.

    Coordinates are rounded to `dtype` only at the end: one that is off by float32's rounding can
    fall on the other side of a tree's question.
    """
    width = math.prod(preprocessing.output_shape) if axes is None else len(axes.components)
    points = np.empty((len(images), width), dtype)
    # In blocks: float32 pixels take four times the memory of bytes, float64 coordinates eight.
    for where, _ in blocks(images):
        pixels = preprocessing.apply(images[where])
        flat = pixels.reshape(len(pixels), -1)
        points[where] = flat if axes is None else axes.coordinates(flat)
    return points


def axes_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Axes | None:
    """The axes among a model's arrays; None where it has none.

    Raises:
        KeyError: One of the two is there without the other.
        ValueError: They do not fit each other, are not float64, or not finite.
    """
    if "mean" not in arrays:
        return None
    axes = Axes(arrays["mean"], arrays["components"])
    # Arrays of a bundle may be anyone's; what does not fit is refused here and not found out by
    # NumPy in the middle of an answer.
    shaped = axes.mean.ndim == 1 and axes.components.shape[1:] == axes.mean.shape
    both = (axes.mean, axes.components)
    if not shaped or not all(one.dtype == np.float64 and np.isfinite(one).all() for one in both):
        raise ValueError("axes")
    return axes
