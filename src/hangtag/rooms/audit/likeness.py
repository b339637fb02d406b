"""How alike two images are: pixels go in, comparable points and exact differences come out.

There are two views. In the *plain* view two images differ by the root mean square of their
pixels' differences, in grey levels. In the *corrected* view each image is first brought to mean 0
and deviation 1, so that brightness and contrast do not count; the difference is then 0 for copies,
the square root of 2 for unrelated images, and says the same as their pixels' correlation, which
is ``1 - difference² / 2``.

Searching goes through 64 principal coordinates and the length of the rest. Distances there are
never longer than the true ones, so nothing within a radius is lost; what is found is then measured
on the pixels. To add a view: a method that gives its rows, and a line in :class:`Likeness`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import fit_pca

COORDINATES = 64
FLAT = 2.0  # grey levels of deviation below which an image has nothing to compare
LARGEST = 4096  # pixel values compared per image; larger images are shrunk
_SAMPLE = 10_000  # images the axes are fitted on; any axes are right, these are good ones
_BLOCK = 4096

Rows = Callable[[NDArray[np.int64]], NDArray[np.float32]]


class View:
    """Images as rows of numbers whose root mean square difference is how they differ.

    Attributes:
        rows: Gives ``(m, width)`` float32 rows for ``(m,)`` indices.
    """

    def __init__(self, rows: Rows, n: int, width: int, seed: int) -> None:
        self.rows = rows
        self._n, self._width, self._seed = n, width, seed

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """``(n, 65)`` coordinates whose distances are never longer than the differences."""
        drawn = np.random.default_rng(self._seed).permutation(self._n)[:_SAMPLE]
        sample = self.rows(np.sort(drawn))
        if len(sample) < 2 or not np.ptp(sample, axis=0).any():
            return np.zeros((self._n, 1), np.float32)  # no axes; 0 is never longer than the truth
        kept = min(COORDINATES, self._width, len(drawn))
        axes = fit_pca(sample, components=kept)
        out = np.empty((self._n, kept + 1), np.float32)
        for start in range(0, self._n, _BLOCK):
            rows = self.rows(np.arange(start, min(start + _BLOCK, self._n)))
            # Kept coordinates and the length of what they leave: by the triangle inequality
            # distances of both together are never longer than the true ones, whatever the axes.
            along = axes.transform(rows)
            rows -= axes.mean.astype(np.float32)
            # Pythagoras; rounding may leave a little below zero.
            rest = np.einsum("ij,ij->i", rows, rows) - np.einsum("ij,ij->i", along, along)
            out[start : start + _BLOCK, :kept] = along
            out[start : start + _BLOCK, kept] = np.sqrt(np.maximum(rest, 0))
        # From sums of squares to root mean squares, which do not grow with the size of images.
        out /= np.float32(np.sqrt(self._width))
        return out

    def differences(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """``(m,)`` differences of ``(m, 2)`` pairs, measured on all pixels."""
        out = np.empty(len(pairs), np.float32)
        for start in range(0, len(pairs), _BLOCK):
            block = pairs[start : start + _BLOCK]
            gaps = self.rows(block[:, 0]) - self.rows(block[:, 1])
            out[start : start + _BLOCK] = np.sqrt(np.mean(gaps * gaps, axis=1))
        return out


class Likeness:
    """Images made comparable.

    Attributes:
        pixels: ``(n, d)`` uint8; of large images, the means of small squares.
        shape: Rows, columns and channels of what is compared.
        shrunk: Side of those squares; 1 for images as they are.
        means: ``(n,)`` float32 grey levels.
        contrasts: ``(n,)`` float32, standard deviation of an image's pixels in grey levels.
        plain: The view in grey levels.
        corrected: The view without brightness and contrast.
    """

    def __init__(self, images: NDArray[np.uint8], *, seed: int = 0) -> None:
        n, values = len(images), int(np.prod(images.shape[1:]))
        self.shrunk = 1 if values <= LARGEST else int(np.ceil(np.sqrt(values / LARGEST)))
        compared = shrink(images, self.shrunk)
        self.shape: tuple[int, int, int] = compared.shape[1:]
        self.pixels = compared.reshape(n, -1)
        self.means = np.empty(n, np.float32)
        self.contrasts = np.empty(n, np.float32)
        for start in range(0, n, _BLOCK):
            block = self.pixels[start : start + _BLOCK].astype(np.float32)
            self.means[start : start + _BLOCK] = block.mean(axis=1)
            self.contrasts[start : start + _BLOCK] = block.std(axis=1)
        width = self.pixels.shape[1]
        self.plain = View(self._as_they_are, n, width, seed)
        self.corrected = View(self._standard, n, width, seed)

    def __len__(self) -> int:
        return len(self.pixels)

    @cached_property
    def comparable(self) -> NDArray[np.int64]:
        """Indices of the images that are not flat."""
        return np.flatnonzero(self.contrasts >= FLAT)

    def _as_they_are(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.pixels[indices].astype(np.float32)

    def _standard(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        rows = self._as_they_are(indices)
        rows -= self.means[indices, None]
        rows /= np.maximum(self.contrasts[indices, None], FLAT)
        return rows


def shrink(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Images of the mean grey level (or colour) of squares of `side` pixels.

    Args:
        images: ``(n, height, width, channels)`` uint8.
        side: 1 gives the images back; rows and columns that fill no square are left out.
    """
    if side == 1:
        return images
    n, height, width, channels = images.shape
    rows, columns = height // side, width // side
    out = np.empty((n, rows, columns, channels), np.uint8)
    for start in range(0, n, _BLOCK):
        block = images[start : start + _BLOCK, : rows * side, : columns * side]
        squares = block.reshape(-1, rows, side, columns, side, channels)
        out[start : start + _BLOCK] = squares.mean(axis=(2, 4)).round()
    return out


def correlation(difference: float) -> float:
    """The pixel correlation of two images that differ by `difference` in the corrected view."""
    return 1 - difference * difference / 2
