"""Few points of very many numbers as points of few numbers that are as far apart.

Seven thousand photographs of 128×128×3 are points of 49,152 dimensions, and lie in a part of them
that has seven thousand: rows of the Cholesky factor of their inner products have the same inner
products, so all distances and principal axes, in a seventh of the memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag import memory
from hangtag.progress import Progress, silent

BLOCK = 4096
"""Numbers of each point that are summed at once, in float32; the sums are float64."""
RIDGES = (1e-7, 1e-6, 1e-5, 1e-4)
"""Of the mean squared length, added to each: the first with which the factor can be found."""
HELD = 26
"""Bytes for each pair of points."""


def same_distances(
    rows: NDArray[np.uint8], scale: float, *, progress: Progress = silent
) -> NDArray[np.float32]:
    """Points of `n` numbers that are as far apart as points of more.

    Args:
        rows: ``(n, d)`` uint8, d at least n.
        scale: Factor on them.
        progress: Told how many of the d numbers are summed.

    Returns:
        ``(n, n)`` float32. All squared distances are larger than those of the points by one and the
        same amount, at most 2e-4 of the mean squared length from the middle: none changes its rank.

    Raises:
        MachineError: It needs more memory than is free.
    """
    from scipy.linalg import LinAlgError, cholesky

    n, d = rows.shape
    memory.check_need(HELD * n * n + 8 * BLOCK * n, f"distances of {n:,} points of {d:,} numbers")
    products = np.zeros((n, n))
    for start in range(0, d, BLOCK):
        centred = rows[:, start : start + BLOCK].astype(np.float32)
        centred *= scale
        centred -= centred.mean(axis=0, dtype=np.float64).astype(np.float32)
        products += centred @ centred.T
        progress("distances", min(start + BLOCK, d), d)
    # Rounding leaves products that no points have, by so little that a ridge mends it. It makes all
    # points longer by the same, each at a right angle to all others.
    length = float(np.trace(products)) / n
    if length == 0:  # all points are equal
        return np.zeros((n, n), np.float32)
    for ridge in RIDGES:
        products[np.diag_indices(n)] += ridge * length
        try:
            factor = cholesky(products, lower=True, check_finite=False)
        except LinAlgError:
            continue
        return np.ascontiguousarray(factor, np.float32)
    raise AssertionError("a ridge of a ten thousandth is larger than any rounding")
