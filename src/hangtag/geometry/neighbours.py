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
from hangtag.geometry.threads import each
from hangtag.progress import Progress, silent
from hangtag.records.points import Neighbours

_TILE = 1024  # rows and columns of a block of products: 4 MB, about a core's cache
_WIDE = 16_000_000  # products in a block of full rows: 64 MB
_GATHER = 4_000_000  # numbers gathered at a time to measure again


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

    Args:
        points: ``(n, d)`` numbers.
        radius: Largest Euclidean distance of a pair.
        most: Pairs to hold at most; `radius` is halved until they fit.
        progress: Told how many blocks of products are done.

    Returns:
        ``(m, 2)`` indices, the smaller first, in rising order; ``(m,)`` distances; and the radius
        that was used, smaller than asked when there were more than `most` pairs.
    """
    base = _centred(points, points.mean(axis=0, dtype=np.float64))
    left, right = _augmented_left(base, norms=True), _augmented_right(base, norms=True)
    # Products of float32 are off by about 1e-6 of the squared lengths; nothing may slip through.
    # Candidates are taken a little beyond the radius and measured again by differences, so the
    # slack costs time and no exactness.
    slack = 4e-6 * float(right[-1].max(initial=0.0))
    found = _Found(radius, most)

    def search(tile: tuple[int, int]) -> NDArray[np.int64]:
        rows, columns = (slice(start, start + _TILE) for start in tile)
        squares = left[rows] @ right[:, columns]
        # The radius may shrink while other threads search: tiles that began with the larger one
        # only bring more candidates, and add() drops them.
        close = np.flatnonzero(squares <= found.radius**2 + slack)
        pairs = np.stack(np.divmod(close, squares.shape[1]), axis=1) + np.asarray(tile)
        kept: NDArray[np.int64] = pairs[pairs[:, 0] < pairs[:, 1]]
        return kept

    starts = range(0, len(base), _TILE)
    # The lower triangle holds the same pairs the other way round.
    tiles = [(i, j) for i in starts for j in starts if j >= i]
    for pairs in each(search, tiles, progress, "pairs"):
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
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []

    def add(self, pairs: NDArray[np.int64], distances: NDArray[np.float32]) -> None:
        kept = distances <= self.radius
        self._parts.append((pairs[kept], distances[kept]))
        self.count += int(kept.sum())
        while self.count > self.most:
            self.radius /= 2
            self._parts = [(p[d <= self.radius], d[d <= self.radius]) for p, d in self._parts]
            self.count = sum(len(pairs) for pairs, _ in self._parts)

    def sorted(self) -> tuple[NDArray[np.int64], NDArray[np.float32], float]:
        if not self.count:
            return np.empty((0, 2), np.int64), np.empty(0, np.float32), self.radius
        pairs = np.concatenate([pairs for pairs, _ in self._parts])
        distances = np.concatenate([distances for _, distances in self._parts])
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return pairs[order], distances[order], self.radius


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
