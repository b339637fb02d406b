"""Nearest neighbours, exactly: points go in, a graph or all close pairs come out.

Distances come from matrix products of blocks, one thread a block, and only what is asked for is
kept: the memory used grows with the answer and not with the square of the number of points. What
the float32 products choose is measured again by differences, since products of nearly equal points
lose digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry.boxes import Boxes, Task
from hangtag.geometry.threads import each
from hangtag.progress import Progress, silent
from hangtag.records.points import Neighbours

_TILE = 1024  # rows centred at a time
_WIDE = 8_000_000  # products in a block of full rows: 32 MB, and as much again to choose among them
_GATHER = 4_000_000  # numbers gathered at a time to measure again
_STEP = 0.9  # of a radius within which there are too many pairs; smaller steps lose fewer pairs
_LEAST = 1e-3  # of the radius that was asked for: nearer pairs are equal, and some are left out


def nearest_neighbours(
    points: NDArray[Any],
    *,
    k: int,
    queries: NDArray[Any] | None = None,
    progress: Progress = silent,
) -> Neighbours:
    """Find the `k` nearest points of every query, by Euclidean distance.

    Args:
        points: ``(n, d)`` numbers.
        k: How many neighbours.
        queries: ``(m, d)``; None asks for every point's neighbours other than itself.
        progress: Told how many queries are answered.

    Returns:
        Neighbours with m (or n) rows, nearest first. Exact, but for points whose distances differ
        by less than float32 can tell.

    Raises:
        OptionError: There are fewer than `k` others to find.
    """
    # A point asked for its neighbours has itself among the points, and it does not count.
    others = len(points) - (queries is None)
    if not 1 <= k <= others:
        raise OptionError(
            f"{k} neighbours were asked for; each of {len(points)} points has {others}",
            "ask for fewer neighbours or give more images",
        )
    # Distances do not change when all points move, but the products do: their rounding grows with
    # the squared lengths, which are smallest about the mean.
    centre = points.mean(axis=0, dtype=np.float64)
    base = _centred(points, centre)
    asked = base if queries is None else _centred(queries, centre)
    right = _augmented_right(base)
    # Blocks of full rows, since the nearest of a query can be anywhere.
    step = max(1, min(_WIDE // len(base), len(asked)))

    def answer(start: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        block = asked[start : start + step]
        squares = _augmented_left(block, norms=False) @ right
        if queries is None:
            # A point is not its own neighbour; twins at distance zero are.
            squares[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        return _nearest_of(squares, block, base, k)

    answers = list(each(answer, range(0, len(asked), step), progress, "neighbours"))
    indices, distances = zip(*answers, strict=True)
    return Neighbours(np.concatenate(indices), np.concatenate(distances))


def pairs_within(
    points: NDArray[Any],
    *,
    radius: float,
    most: int = 20_000_000,
    progress: Progress = silent,
) -> tuple[NDArray[np.int64], NDArray[np.float32], float]:
    """Find every pair of points no further apart than `radius`.

    Exact for any number of points: what is not compared lies in boxes that are further apart.

    Args:
        points: ``(n, d)`` numbers.
        radius: Largest Euclidean distance of a pair.
        most: Pairs to hold at most; `radius` shrinks by tenths until they fit, to a thousandth at
            least: of still more pairs the first are kept.
        progress: Told how many blocks of products are done.

    Returns:
        ``(m, 2)`` indices, the smaller first, in rising order; ``(m,)`` distances; and the radius
        that was used, smaller than asked when there were more than `most` pairs.
    """
    base = _centred(points, points.mean(axis=0, dtype=np.float64))
    if len(base) < 2:
        return _Found(radius, most).sorted()
    boxes = Boxes(base)
    parted = base[boxes.order]
    left, right = _augmented_left(parted, norms=True), _augmented_right(parted, norms=True)
    # Products of float32 are off by about 1e-6 of the squared lengths; nothing may slip through.
    # Candidates are taken a little beyond the radius and measured again by differences, so the
    # slack costs time and no exactness.
    slack = 4e-6 * float(right[-1].max(initial=0.0))
    found = _Found(radius, most)

    def search(task: Task) -> NDArray[np.int64]:
        # The radius may shrink while other threads search: tasks that began with the larger one
        # only bring more candidates, and add() drops them.
        limit = found.radius**2 + slack
        rows, columns = boxes.within(task, float(np.sqrt(limit)))
        close = np.flatnonzero(left[rows] @ right[:, columns] <= limit)
        one, other = np.divmod(close, max(1, len(columns)))
        one, other = one + rows.start, columns[other]
        # Products of a part with itself hold each pair twice, and each point with itself.
        once = one < other
        pairs = boxes.order[np.stack([one[once], other[once]], axis=1)]
        kept: NDArray[np.int64] = np.sort(pairs, axis=1)
        return kept

    for pairs in each(search, boxes.tasks(float(np.sqrt(radius**2 + slack))), progress, "pairs"):
        found.add(pairs, distances_of(base, pairs))
    return found.sorted()


def ranks_of(
    points: NDArray[Any],
    others: NDArray[np.int64],
    *,
    rows: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> NDArray[np.int64]:
    """Say the how-many-th neighbour some points are of others; 1 is the nearest.

    Args:
        points: ``(n, d)`` numbers.
        others: ``(m, k)`` indices: for each row, the points whose rank is asked.
        rows: ``(m,)`` indices of the points they are ranked by; None for all n in order.
        progress: Told how many rows are done.

    Returns:
        ``(m, k)`` ranks among all n - 1 other points.
    """
    base = _centred(points, points.mean(axis=0, dtype=np.float64))
    asked = np.arange(len(base)) if rows is None else rows
    right = _augmented_right(base)
    step = max(1, _WIDE // len(base))

    def answer(start: int) -> NDArray[np.int64]:
        own, named = asked[start : start + step], others[start : start + step]
        squares = _augmented_left(base[own], norms=False) @ right
        # The limit comes from the same products as what it is compared with: equal points give
        # equal numbers, so ties are ties.
        limits = np.take_along_axis(squares, named, axis=1)
        squares[np.arange(len(own)), own] = np.inf
        nearer = [np.count_nonzero(squares < limit[:, None], axis=1) for limit in limits.T]
        return np.stack(nearer, axis=1) + 1

    return np.concatenate(list(each(answer, range(0, len(asked), step), progress, "ranks")))


def distances_of(points: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Euclidean distance of each pair, by differences.

    Args:
        points: ``(n, d)`` float32.
        pairs: ``(m, 2)`` indices into the points.

    Returns:
        ``(m,)`` float32.
    """
    step = max(1, _GATHER // max(1, points.shape[1]))
    out = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), step):
        one, other = pairs[start : start + step].T
        gaps = points[one] - points[other]
        out[start : start + step] = np.sqrt(np.einsum("ij,ij->i", gaps, gaps))
    return out


class _Found:
    """Close pairs so far, within a radius that shrinks when they become too many."""

    def __init__(self, radius: float, most: int) -> None:
        self.radius, self.most, self.count = float(radius), most, 0
        self._least = float(radius) * _LEAST
        # Positions of 32 bits: there are many pairs, and never so many points.
        self._parts: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []

    def add(self, pairs: NDArray[np.int64], distances: NDArray[np.float32]) -> None:
        kept = distances <= self.radius
        self._parts.append((pairs[kept].astype(np.int32), distances[kept]))
        self.count += int(kept.sum())
        if self.count > self.most:
            self._shrink()

    def _shrink(self) -> None:
        pairs, distances = self._whole()
        # The first that does not fit any more says how far down it goes. How it is got there does
        # not matter: the radius is the same, in whichever order pairs came.
        beyond = float(np.partition(distances, self.most)[self.most])
        while self.radius >= max(beyond, self._least):
            self.radius *= _STEP
        near = np.flatnonzero(distances <= self.radius)[: self.most]
        self._parts, self.count = [(pairs[near], distances[near])], len(near)

    def _whole(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        pairs = np.concatenate([np.empty((0, 2), np.int32), *(pairs for pairs, _ in self._parts)])
        near = np.concatenate([np.empty(0, np.float32), *(near for _, near in self._parts)])
        self._parts = []
        return pairs, near

    def sorted(self) -> tuple[NDArray[np.int64], NDArray[np.float32], float]:
        pairs, distances = self._whole()
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return pairs[order].astype(np.int64), distances[order], self.radius


def _centred(points: NDArray[Any], centre: NDArray[np.float64]) -> NDArray[np.float32]:
    out = np.empty(points.shape, np.float32)
    for start in range(0, len(points), _TILE):
        np.subtract(
            points[start : start + _TILE],
            centre,
            out=out[start : start + _TILE],
            casting="same_kind",
        )
    return out


def _augmented_left(points: NDArray[np.float32], *, norms: bool) -> NDArray[np.float32]:
    """Rows whose product with :func:`_augmented_right` is a squared distance.

    Without `norms` it lacks the row's own squared length, which changes no order in a row.
    """
    ones = np.ones((len(points), 1), np.float32)
    own = [np.einsum("ij,ij->i", points, points)[:, None]] if norms else []
    return np.concatenate([-2 * points, *own, ones], axis=1)


def _augmented_right(points: NDArray[np.float32], *, norms: bool = False) -> NDArray[np.float32]:
    ones = [np.ones((len(points), 1), np.float32)] if norms else []
    own = np.einsum("ij,ij->i", points, points)[:, None]
    return np.ascontiguousarray(np.concatenate([points, *ones, own], axis=1).T)


def _nearest_of(
    squares: NDArray[np.float32],
    block: NDArray[np.float32],
    base: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if k == 1:
        chosen = np.argmin(squares, axis=1)[:, None]
    else:
        # Partition and not sort: only k of n need to be in order, and these few are sorted below by
        # distances measured again.
        chosen = np.argpartition(squares, k - 1, axis=1)[:, :k]
    distances = np.empty(chosen.shape, np.float32)
    step = max(1, _GATHER // (k * base.shape[1]))
    for start in range(0, len(block), step):
        where = slice(start, start + step)
        gaps = base[chosen[where]] - block[where, None]
        distances[where] = np.sqrt(np.einsum("ijk,ijk->ij", gaps, gaps))
    # Equal distances go by index, so that the graph does not depend on how partition shuffles.
    order = np.lexsort((chosen, distances), axis=1)
    return np.take_along_axis(chosen, order, 1), np.take_along_axis(distances, order, 1)
