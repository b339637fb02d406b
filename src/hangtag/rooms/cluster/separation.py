"""Points and clusters go in, how well the clusters stand apart comes out, as scikit-learn has it.

Calinski and Harabasz, "A dendrite method for cluster analysis", 1974: variance between clusters
against variance within. Davies and Bouldin, "A cluster separation measure", 1979: for each cluster
the other one it overlaps most, on average.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.lloyd import Prepared, sums_by_cluster


def calinski_harabasz_and_davies_bouldin(
    points: Prepared, assignments: NDArray[np.int32], k: int
) -> tuple[float, float]:
    """Both numbers; NaN where they are undefined: one cluster, or as many as points."""
    counts = np.bincount(assignments, minlength=k)
    filled = counts > 0
    names = np.cumsum(filled) - 1  # empty clusters are left out, as scikit-learn never sees them
    own, sizes = names[assignments], counts[filled]
    n, clusters = len(points), len(sizes)
    if not 1 < clusters < n:
        return np.nan, np.nan
    centres = sums_by_cluster(points.centred, own, clusters) / sizes[:, None]
    gaps = points.centred - centres[own]
    squares = np.einsum("ij,ij->i", gaps, gaps)
    return _ratio(centres, sizes, float(squares.sum())), _overlap(centres, sizes, own, squares)


def _ratio(centres: NDArray[np.float64], sizes: NDArray[np.int64], within: float) -> float:
    between = float(sizes @ np.einsum("ij,ij->i", centres, centres))
    clusters, n = len(sizes), int(sizes.sum())
    # scikit-learn's value where every point lies on its centre.
    if within == 0:
        return 1.0
    return between * (n - clusters) / (within * (clusters - 1))


def _overlap(
    centres: NDArray[np.float64],
    sizes: NDArray[np.int64],
    own: NDArray[np.int64],
    squares: NDArray[np.float64],
) -> float:
    spread = np.bincount(own, np.sqrt(squares)) / sizes
    apart = np.linalg.norm(centres[:, None] - centres, axis=2)
    if np.allclose(spread, 0) or np.allclose(apart, 0):
        return 0.0
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())
