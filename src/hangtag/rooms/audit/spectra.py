"""Coordinates that a shift hardly changes, to find candidates for copies by.

They are magnitudes of low frequencies: moving an image turns the phases of its frequencies and
leaves their magnitudes alone. The window is what makes that true of images that do not wrap
around: it fades the rim, where a shift brings in new pixels and drops others. From the phases of
two images it can be read off how far one has been moved. What is near by these coordinates is a
candidate only and has to be measured on the pixels (``aligned.py``).
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.audit.likeness import FLAT, Likeness

MOVES = np.asarray(sorted(product((-1, 0, 1), repeat=2), key=lambda move: (move != (0, 0), move)))
"""``(9, 2)`` rows and columns by which an image may have been moved; the first is not at all."""

FREQUENCIES = 6  # along each side: 60 numbers an image
FADED = 0.6  # proportion of a side over which the window rises and falls
RADIUS = (
    0.1  # 97 of 100 one-pixel shifts on clothes and hands lie within; brightness and JPEG do by far
)
TRIED = 3  # moves measured on the pixels: the window favours none at all, the best is among three
_BLOCK = 4096


class Spectra:
    """Low frequencies of images without brightness and contrast.

    Attributes:
        coefficients: ``(n, d)`` complex64, of the windowed image without its outermost pixels.
    """

    def __init__(self, likeness: Likeness) -> None:
        """Transform all images, of at least four pixels a side."""
        self._shape = likeness.shape[0] - 2, likeness.shape[1] - 2
        # Without the window the jump between opposite rims would leak into all frequencies and
        # change with every shift, since the transform takes images to wrap around.
        window = np.outer(*map(_fading, self._shape)).astype(np.float32)
        window /= np.sqrt((window**2).sum())
        starts = range(0, len(likeness), _BLOCK)
        self.coefficients = np.concatenate([self._of(likeness, at, window) for at in starts])

    @property
    def points(self) -> NDArray[np.float32]:
        """``(n, d)`` magnitudes: how far two images are apart, wherever they have been moved."""
        magnitudes: NDArray[np.float32] = np.abs(self.coefficients)
        return magnitudes

    def moves(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """``(m, 3)`` numbers of the :data:`MOVES` that bring the second of each pair nearest."""
        rows, columns = self._frequencies()
        # The shift theorem: moving by (r, c) pixels turns the phase of a frequency by r and c times
        # its turns a pixel. The product of one spectrum with the other's conjugate, turned back, is
        # largest for the move that brings the images over each other (phase correlation).
        turns = np.exp(-2j * np.pi * (np.outer(rows, MOVES[:, 0]) + np.outer(columns, MOVES[:, 1])))
        turns = turns.astype(np.complex64)
        out = np.empty((len(pairs), TRIED), np.int64)
        for start in range(0, len(pairs), _BLOCK):
            one, other = self.coefficients[pairs[start : start + _BLOCK].T]
            alike = ((one.conj() * other) @ turns).real
            out[start : start + _BLOCK] = np.argpartition(-alike, TRIED, axis=1)[:, :TRIED]
        return out

    def _of(
        self, likeness: Likeness, start: int, window: NDArray[np.float32]
    ) -> NDArray[np.complex64]:
        block = np.arange(start, min(start + _BLOCK, len(likeness)))
        grey = likeness.plain.rows(block).reshape(len(block), *likeness.shape).mean(axis=-1)
        grey = grey[:, 1:-1, 1:-1]  # the outermost pixels are what a shift by one replaces
        grey -= grey.mean(axis=(1, 2), keepdims=True)
        # A flat image has no contrast to divide by; it stays near zero and near all other flat
        # ones.
        grey /= np.maximum(grey.std(axis=(1, 2), keepdims=True), FLAT)
        return self._kept(np.fft.rfft2(grey * window, norm="ortho"))

    def _kept(self, found: NDArray[Any]) -> NDArray[np.complex64]:
        """The low ones; of two conjugate frequencies one, which counts for both."""
        rows, columns = (min(FREQUENCIES, side // 2) for side in self._shape)
        # The constant is left out: the mean has been taken away. Frequencies that are negative
        # along rows and positive along columns are patterns of their own, tilted the other way.
        low = found[:, :rows, :columns].reshape(len(found), -1)[:, 1:]
        negative = found[:, 1 - rows :, 1:columns].reshape(len(found), -1)
        return np.concatenate([low, negative], axis=1).astype(np.complex64) * np.float32(np.sqrt(2))

    def _frequencies(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turns a pixel, along rows and columns, of each coefficient."""
        height, width = self._shape
        full = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
        rows, columns = (self._kept(one[None].astype(np.complex64)).real[0] for one in full)
        return rows / np.sqrt(2), columns / np.sqrt(2)


def _fading(length: int) -> NDArray[np.float64]:
    """Tukey's window without its zeros: one in the middle, a raised cosine at both ends."""
    from scipy.signal.windows import tukey

    # The zeros at both ends would throw two more pixels of each side away.
    window: NDArray[np.float64] = tukey(length + 2, FADED)[1:-1]
    return window
