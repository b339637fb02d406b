"""Points and many clusterings of them go in, every silhouette comes out of one pass.

The silhouette of a point compares its mean distance to its own cluster with that to the nearest
other one (Rousseeuw, "Silhouettes", 1987). The distances between the points do not depend on the
clusters, and the mean distances to all clusters of all clusterings are one matrix product with
them: a block of distances is computed once, used for every k, and forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry.threads import each
from hangtag.progress import Progress
from hangtag.rooms.cluster.lloyd import Prepared

_BLOCK = 4_000_000  # distances at a time: 16 MB


def silhouettes(
    points: Prepared,
    clusterings: Sequence[NDArray[np.int32]],
    *,
    sample: NDArray[np.int64] | None,
    progress: Progress,
) -> list[tuple[float, float]]:
    """Mean silhouette and its standard error for each clustering.

    Args:
        points: n points.
        clusterings: ``(n,)`` assignments each.
        sample: Points whose silhouettes are averaged, each still compared with all n; None for
            all, and then the error is 0.
        progress: Told how many blocks are done.

    Returns:
        One pair per clustering; (0, 0) for one with fewer than two clusters.
    """
    members = [_membership(one) for one in clusterings]
    stacked = np.concatenate(members, axis=1)
    rows = np.arange(len(points)) if sample is None else sample
    step = max(1, _BLOCK // len(points))

    def work(start: int) -> list[NDArray[np.float64]]:
        where = rows[start : start + step]
        sums = _distances(points, where) @ stacked
        return [
            _of_points(part, where, membership)
            for part, membership in zip(_parts(sums, members), members, strict=True)
        ]

    blocks = list(each(work, range(0, len(rows), step), progress, "silhouettes"))
    values = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    return [_summary(one, exact=sample is None) for one in values]


def _membership(assignments: NDArray[np.int32]) -> NDArray[np.float32]:
    """``(n, k)`` one where a point is in a cluster; empty clusters have no column."""
    _, own = np.unique(assignments, return_inverse=True)
    table = np.zeros((len(own), int(own.max()) + 1), np.float32)
    table[np.arange(len(own)), own] = 1
    return table


def _distances(points: Prepared, where: NDArray[np.int64]) -> NDArray[np.float32]:
    d = points.centred.shape[1]
    # The rows carry 1 and the squared length; exchanging both in one factor makes the product a
    # squared distance.
    left = points.rows[where].copy()
    left[:, :d] *= -2
    left[:, [d, d + 1]] = left[:, [d + 1, d]]
    squares: NDArray[np.float32] = left @ points.rows.T
    # The distance to itself is rounding and not zero; below the root it would be much larger.
    squares[np.arange(len(where)), where] = 0
    np.maximum(squares, 0, out=squares)
    return np.sqrt(squares, out=squares)


def _parts(
    sums: NDArray[np.float32], members: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.float32]]:
    ends = np.cumsum([one.shape[1] for one in members])
    return np.split(sums, ends[:-1], axis=1)


def _of_points(
    sums: NDArray[np.float32],
    where: NDArray[np.int64],
    membership: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Silhouettes of the points at `where` from their summed distances to each cluster."""
    if membership.shape[1] < 2:
        return np.zeros(len(where))
    sizes = membership.sum(axis=0, dtype=np.float64)
    own = membership[where].argmax(axis=1)
    line = np.arange(len(where))
    # The point itself adds nothing to the sum and is no other member.
    within = sums[line, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[line, own] = np.inf
    between = means.min(axis=1)
    furthest = np.maximum(within, between)
    values: NDArray[np.float64] = np.divide(
        between - within, furthest, out=np.zeros(len(where)), where=furthest > 0
    )
    values[sizes[own] == 1] = 0  # a point alone has no distance to its own cluster
    return values


def _summary(values: NDArray[np.float64], *, exact: bool) -> tuple[float, float]:
    error = 0.0 if exact else float(values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()), error
