"""Principal axes: points go in, a :class:`~hangtag.records.Pca` comes out, exactly and quickly.

The axes are eigenvectors of the covariance matrix, which for many small images is far smaller
than the images: 60,000 of 784 pixels give 784 x 784. Sums are kept in float64, so that pixel
counts add up exactly. With fewer images than pixels the same axes come from the images' inner
products instead. Where few axes of a large matrix are asked for, Lanczos' method finds these alone.
There is no solver to choose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import memory
from hangtag.errors import OptionError
from hangtag.geometry.threads import limited
from hangtag.progress import Progress, silent
from hangtag.records.points import Pca

MOST = 12_288  # 64x64 in colour; the matrix is then 1.2 GB and takes minutes
FULL, FEW = 1024, 10
"""Of a matrix of more rows than this, a tenth of the axes or fewer are found alone."""
LARGE = 2048
"""From more rows on a matrix is solved in its own memory."""
_BLOCK = 4096


def fit_pca(
    points: NDArray[Any],
    *,
    components: int | None = None,
    share: float | None = None,
    progress: Progress = silent,
) -> Pca:
    """Fit principal axes.

    Args:
        points: ``(n, …)`` numbers, flattened to ``(n, d)``; n at least 2.
        components: How many to keep; None keeps all ``min(n, d)``, or what `share` says.
        share: Keep as many as explain more than this proportion of the variance, in (0, 1).
        progress: Told how many points have been summed.

    Returns:
        The axes, equal to those of scikit-learn's ``PCA(svd_solver="full")`` up to rounding. Where
        few of very many are asked for (:data:`FULL`), the spectrum ends with them.

    Raises:
        OptionError: Too few points, more components than there can be, a proportion outside (0, 1),
            all points equal, or more than 12,288 points of more than 12,288 numbers.
        MachineError: It needs more memory than is free.

    Example:
        >>> axes = fit_pca(images.images[:60000], share=0.95)
    """
    rows = points.reshape(len(points), -1)
    _check(rows, components, share)
    mean = rows.mean(axis=0, dtype=np.float64)
    by_numbers = rows.shape[1] <= len(rows)
    matrix = (_covariance if by_numbers else _products)(rows, mean, progress)
    values, vectors, total = _spectrum(matrix, components)
    if total <= 0:
        raise OptionError("pca needs points that differ; all are equal")
    fitted = Pca(mean, vectors, values, values / total, len(rows))
    kept = fitted.needed(share) if share is not None else components or len(values)
    axes = vectors[:kept] if by_numbers else _lifted(vectors[:kept], rows, mean)
    return replace(fitted, components=_signed(axes), variances=values[:kept])


def axes_of(images: NDArray[np.uint8], pca: object, *, progress: Progress = silent) -> Pca | None:
    """The principal axes of images, as many as are asked for.

    Args:
        images: ``(n, height, width, channels)`` uint8.
        pca: How many: a whole number, or the proportion of the variance that they explain; None for
            pixels as they are.
        progress: Told how far it is.

    Raises:
        OptionError: There cannot be so many.
    """
    if pca is None:
        return None
    if isinstance(pca, bool) or not isinstance(pca, int | float):
        raise OptionError(f"{pca!r} axes were asked for", "a whole number, or a proportion below 1")
    if isinstance(pca, int) or pca >= 1:
        if pca != int(pca):
            raise OptionError(
                f"{pca} axes were asked for", "a whole number, or a proportion below 1"
            )
        return fit_pca(images, components=int(pca), progress=progress)
    return fit_pca(images, share=pca, progress=progress)


def points_on(axes: Pca | None, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``(n, d)`` images as points on axes, or by their pixels."""
    if axes is None:
        return images.reshape(len(images), -1).astype(np.float32)
    return axes.transform(images)


def _check(rows: NDArray[Any], components: int | None, explained_variance: float | None) -> None:
    n, d = rows.shape
    if n < 2 or d < 1:
        raise OptionError(f"pca needs at least 2 points; got {n} of {d} numbers each")
    if components is not None and explained_variance is not None:
        raise OptionError(
            "pca keeps a number of components or a proportion of the variance, not both"
        )
    if components is not None and not 1 <= components <= min(n, d):
        raise OptionError(
            f"pca to {components} dimensions needs 1 to {min(n, d)};"
            f" there are {n} points of {d} numbers"
        )
    if explained_variance is not None and not 0 < explained_variance < 1:
        raise OptionError(
            f"pca cannot keep a proportion of {explained_variance} of the variance",
            "give one between 0 and 1",
        )
    if min(n, d) > MOST:
        raise OptionError(
            f"pca of {n} points of {d} numbers needs a {min(n, d)} x {min(n, d)} matrix;"
            f" at most {MOST} is allowed",
            "resize the images, or take fewer of them",
        )
    # The matrix and its vectors; LAPACK's room of twice as much, of a small one; axes; a block of
    # points.
    width = min(n, d)
    square = (2 if width > LARGE else 4) * width * width
    values = square + (components or width) * d + 2 * _BLOCK * width
    memory.check_need(8 * values, f"pca of {n} points of {d} numbers")


def _spectrum(
    matrix: NDArray[np.float64], components: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Variances in falling order, unit vectors as rows, and the whole variance; `matrix` is lost.

    Where few are asked for, the first so many alone.
    """
    from scipy.sparse.linalg import ArpackError, eigsh

    if components is not None and len(matrix) > FULL and components * FEW <= len(matrix):
        start = np.random.default_rng(0).normal(size=len(matrix))
        try:
            values, vectors = eigsh(matrix, components, v0=start)
        except ArpackError:  # such as of points that lie on fewer axes than are asked for
            values, vectors = np.empty(0), np.empty((0, 0))
        if len(values) == components:
            falling = np.argsort(values)[::-1]
            axes = np.ascontiguousarray(vectors[:, falling].T)
            return np.maximum(values[falling], 0), axes, float(np.trace(matrix))
    values, vectors = _descending(matrix)
    return values, vectors, float(values.sum())


def _products(
    rows: NDArray[Any], mean: NDArray[np.float64], progress: Progress
) -> NDArray[np.float64]:
    """The ``(n, n)`` products of points, for more numbers than points.

    They have the same eigenvalues as the ``(d, d)`` covariance, and their eigenvectors times the
    points are its axes (Turk and Pentland's trick, 1991).
    """
    total = np.zeros((len(rows), len(rows)))
    for start in range(0, rows.shape[1], _BLOCK):
        where = slice(start, start + _BLOCK)
        centred = rows[:, where] - mean[where]
        total += centred @ centred.T
        progress("pca", min(start + _BLOCK, rows.shape[1]), rows.shape[1])
    return total / (len(rows) - 1)


def _lifted(
    vectors: NDArray[np.float64], rows: NDArray[Any], mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Axes of the numbers from vectors of the points; those that are kept alone, block by block."""
    axes = np.empty((len(vectors), rows.shape[1]))
    for start in range(0, rows.shape[1], _BLOCK):
        where = slice(start, start + _BLOCK)
        axes[:, where] = vectors @ (rows[:, where] - mean[where])
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    there = lengths > 1e-9 * lengths.max()  # a direction nothing varies in has no axis
    axes /= np.where(there, lengths, 1)
    axes *= there
    return axes


def _covariance(
    rows: NDArray[Any], mean: NDArray[np.float64], progress: Progress
) -> NDArray[np.float64]:
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        # Centred before the product: sums of squares minus the square of sums would lose half of
        # the digits for bright images.
        centred = rows[start : start + _BLOCK] - mean
        total += centred.T @ centred
        progress("pca", min(start + _BLOCK, len(rows)), len(rows))
    return total / (len(rows) - 1)


def _descending(
    matrix: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(matrix) > LARGE:
        from scipy.linalg import eigh

        # In the matrix' own memory: NumPy's solver takes four matrices, this one two, and of 7,000
        # large images each has 400 MB.
        values, vectors = eigh(matrix, overwrite_a=True, check_finite=False, driver="evr")
        return np.maximum(values[::-1], 0), vectors.T[::-1]
    # One thread: on a 784 x 784 matrix two save 0.02 s on a quiet machine, and on a busy one they
    # wait for each other, for 6 s instead of 0.07.
    with limited(1 if len(matrix) <= 1024 else None):
        values, vectors = np.linalg.eigh(matrix)
    # A covariance has no negative variances but by rounding.
    return np.maximum(values[::-1], 0), np.ascontiguousarray(vectors[:, ::-1].T)


def _signed(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.argmax(np.abs(axes), axis=1)
    signs = np.sign(axes[np.arange(len(axes)), largest])
    flipped: NDArray[np.float64] = axes * np.where(signs == 0, 1, signs)[:, None]
    return flipped
