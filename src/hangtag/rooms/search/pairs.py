"""Directions go in, pairs that are near each other come out: who may be a copy of whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import directions, fit_pca
from hangtag.progress import Progress, silent

AXES, FITTED_ON = 128, 5_000
"""Principal axes that wide directions are taken to, and the rows these are fitted on."""

_BLOCK = 512


def near_pairs(
    found: NDArray[np.float32],
    groups: NDArray[np.int64],
    k: int = 8,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> NDArray[np.int64]:
    """Each row with the k nearest of other groups.

    Args:
        found: ``(n, width)`` directions.
        groups: ``(n,)`` rows of one group are no neighbors.
        k: Neighbors of each.
        seed: Of the rows that axes are fitted on.
        progress: Told how many rows are done.

    Returns:
        ``(m, 2)`` rows, the smaller first, no pair twice.
    """
    points = _narrow(found, seed)
    pairs = [np.empty((0, 2), np.int64)]
    for start in range(0, len(points), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(points)))
        cosines = points[rows] @ points.T
        cosines[groups[rows][:, None] == groups[None]] = -2
        most = min(k, cosines.shape[1])
        best = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
        one, other = np.repeat(rows, most), best.ravel()
        there = cosines[one - start, other] > -2
        pairs.append(np.sort(np.stack([one, other], axis=1)[there], axis=1))
        progress("pairs", int(rows[-1]) + 1, len(points))
    return np.unique(np.concatenate(pairs), axis=0)


def _narrow(found: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Fewer numbers a direction: every row is multiplied with every other."""
    if found.shape[1] <= AXES or len(found) <= AXES:
        return found
    drawn = np.random.default_rng(seed).permutation(len(found))[:FITTED_ON]
    axes = fit_pca(found[np.sort(drawn)], components=AXES)
    return directions(axes.transform(found))
