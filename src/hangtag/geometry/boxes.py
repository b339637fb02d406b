"""Which points can be near each other: points go in, blocks of them to be multiplied come out.

Points are parted along the axis they spread most on, again and again, until few are left in each
part. Two parts whose boxes are further apart than a radius hold no pair within it, and a point
further than that from a part's box has no partner in there; so what is left out cannot have been
found, and what is found is what all pairs would have given (Friedman, Bentley and Finkel, An
Algorithm for Finding Best Matches in Logarithmic Expected Time, 1977).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LEAF = 256  # points of a part: their products with others are still worth a matrix product
AXES = 16  # axes boxes are measured along; more tell hardly more parts from each other
_FITTED_ON = 10_000  # points the axes are taken from; any axes are right, these tell most
_TASK = 4096  # points a part is held against at a time: products of 4 MB at most
_ROUNDING = 1e-5  # of the largest length: what turning float32 may move a point by

Task = tuple[int, NDArray[np.int64]]
"""A part, and the parts it is held against."""


class Boxes:
    """Points in parts that lie together.

    Attributes:
        order: ``(n,)`` positions of the points, part after part.
    """

    def __init__(self, points: NDArray[np.float32]) -> None:
        """Part ``(n, d)`` points about their mean."""
        turned = _turned(points)
        longest = float(np.abs(turned).max(initial=0.0))
        self._loose = _ROUNDING * longest * np.sqrt(turned.shape[1])
        leaves = list(_parted(turned))
        self.order = np.concatenate(leaves)
        self._ends = np.cumsum([0, *map(len, leaves)])
        self._turned = turned[self.order]
        starts = self._ends[:-1]
        self._low = np.minimum.reduceat(self._turned, starts)
        self._high = np.maximum.reduceat(self._turned, starts)

    def tasks(self, radius: float) -> list[Task]:
        """What has to be compared to find all pairs within a radius, each pair of parts once."""
        return [(leaf, some) for leaf in range(len(self._low)) for some in self._near(leaf, radius)]

    def within(self, task: Task, radius: float) -> tuple[slice, NDArray[np.int64]]:
        """The rows of a task's part, and the rows that may be within `radius` of any of them.

        Rows count in `order`.
        """
        leaf, others = task
        rows = np.concatenate([np.arange(*self._ends[other : other + 2]) for other in others])
        gaps = self._gaps(leaf, self._turned[rows], self._turned[rows])
        near: NDArray[np.int64] = rows[gaps <= (radius + self._loose) ** 2]
        return slice(*self._ends[leaf : leaf + 2]), near

    def _near(self, leaf: int, radius: float) -> Iterator[NDArray[np.int64]]:
        # Earlier parts have been held against this one already.
        gaps = self._gaps(leaf, self._low[leaf:], self._high[leaf:])
        near = leaf + np.flatnonzero(gaps <= (radius + self._loose) ** 2)
        step = max(1, _TASK // LEAF)
        for start in range(0, len(near), step):
            yield near[start : start + step]

    def _gaps(
        self, leaf: int, low: NDArray[np.float32], high: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Squared distances of boxes from a part's own; 0 where they meet."""
        gaps = np.maximum(self._low[leaf] - high, low - self._high[leaf])
        np.maximum(gaps, 0, out=gaps)
        squares: NDArray[np.float32] = np.einsum("ij,ij->i", gaps, gaps)
        return squares


def _turned(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(n, a)`` places along the axes the points spread most on: no distance grows by turning."""
    sample = points[:: max(1, len(points) // _FITTED_ON)].astype(np.float64)
    _, axes = np.linalg.eigh(sample.T @ sample)
    return points @ np.ascontiguousarray(axes[:, ::-1][:, :AXES]).astype(np.float32)


def _parted(turned: NDArray[np.float32]) -> Iterator[NDArray[np.int64]]:
    pending = [np.arange(len(turned))]
    while pending:
        some = pending.pop()
        if len(some) <= LEAF:
            yield some
            continue
        places = turned[some]
        widest = places[:, int(places.var(axis=0).argmax())]
        half = len(some) // 2
        halves = np.argpartition(widest, half)
        pending += [some[halves[half:]], some[halves[:half]]]
