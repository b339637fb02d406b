"""Starting centres go in, the centres that Lloyd's k-means climbs to from there come out.

Three things make an iteration cheap and none changes where it leads. Distances are one float32
matrix product, norms included. A point is looked at again only when the centres have moved so far
that another one may be nearer (Hamerly, "Making k-means even faster", 2010, with the movement
summed per cluster instead of subtracted per point). Sums of clusters are corrected by the points
that changed sides. What float32 decided is settled in float64 once a run has ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster import native

_BLOCK = 4096  # points at a time: their rows and distances then stay near a core
_WORTH = 0.75  # proportion of points to look at from which looking at all of them is quicker
_FEW = 64  # clusters up to which a cluster's number fits into a distance's last bits
_NUMBERS = np.arange(_FEW, dtype=np.int32)[:, None]
_INFINITY = np.float32(np.inf).view(np.int32)
_ROUNDING = 4e-6  # of the largest squared length: what a float32 distance can be off
_PACKING = np.float32(1 + 1e-5)  # what a distance loses by carrying its cluster's number


@dataclass(frozen=True, eq=False)
class Prepared:
    """Points as every run of every k needs them.

    Attributes:
        mean: ``(d,)`` float64, of the points.
        centred: ``(n, d)`` float64, the points without it.
        squares: ``(n,)`` float64, squared lengths of those.
        rows: ``(n, d + 2)`` float32: centred, 1, squares.
    """

    mean: NDArray[np.float64]
    centred: NDArray[np.float64]
    squares: NDArray[np.float64]
    rows: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.centred)


def prepare(points: NDArray[np.float64]) -> Prepared:
    """Centre ``(n, d)`` points, since products of points far from zero lose digits."""
    mean = points.mean(axis=0)
    centred = points - mean
    squares = np.einsum("ij,ij->i", centred, centred)
    n, d = points.shape
    rows = np.empty((n, d + 2), np.float32)
    rows[:, :d], rows[:, d], rows[:, d + 1] = centred, 1, squares
    return Prepared(mean, centred, squares, rows)


@dataclass(frozen=True, eq=False)
class Run:
    """Where one start ended.

    Attributes:
        centres: ``(k, d)`` float64, in centred coordinates.
        assignments: ``(n,)`` int32.
        inertia: Sum of squared distances.
        iterations: Until it converged, had to stop or was given up.
        stopped_early: Whether it was.
    """

    centres: NDArray[np.float64]
    assignments: NDArray[np.int32]
    inertia: float
    iterations: int
    stopped_early: bool = False


@dataclass(frozen=True)
class Limits:
    """When a run ends.

    Attributes:
        max_iter: Iterations at most.
        tolerance: Sum of squared movements of the centres below which it has converged.
        patience: Iterations that a run is granted, in thought, at the pace of its last three; if
            it would not come down to `rival` in them it is given up. 0 gives none up.
        rival: The inertia it has to reach.
    """

    max_iter: int
    tolerance: float
    patience: float = 0
    rival: float = np.inf


def iterate(points: Prepared, start: NDArray[np.float64], limits: Limits) -> Run:
    """Iterate from ``(k, d)`` centred centres until nothing changes or a limit is reached."""
    state = _State(points, start)
    watched = limits.patience > 0 and np.isfinite(limits.rival)
    total = float(points.squares.sum())
    last = [np.inf] * 3
    iteration, stopped_early = 0, False
    while iteration < limits.max_iter:
        iteration += 1
        # Two ends, both scikit-learn's: no point changed sides, or the centres hardly moved.
        if not state.assign() or state.move() <= limits.tolerance:
            break
        if watched:
            now = total - state.explained()
            # The fall of the last three iterations stands for all that follow. Lloyd's iterations
            # slow down as a rule, so this is generous to a start; where it is not, patience is what
            # makes up.
            pace = (last[0] - now) / 3
            stopped_early = now - limits.patience * pace > limits.rival
            if stopped_early:
                break
            last = [*last[1:], now]
    # The sum of squares splits into between and within (Huygens): no distance has to be summed. Of
    # points that lie on their centres rounding may leave a little below zero.
    inertia = max(0.0, total - state.explained())
    return Run(state.centres, state.assignments, inertia, iteration, stopped_early)


def settle(points: Prepared, run: Run) -> Run:
    """The same run with means, nearest centres and inertia computed in float64."""
    k = len(run.centres)
    counts = np.bincount(run.assignments, minlength=k)
    sums = sums_by_cluster(points.centred, run.assignments, k)
    # A centre without points stays where it is; there is no mean to move it to.
    filled = counts > 0
    centres = run.centres.copy()
    centres[filled] = sums[filled] / counts[filled, None]
    assignments = nearest_of(points.centred, centres)
    inertia = 0.0
    for where in _blocks(len(points)):
        gaps = points.centred[where] - centres[assignments[where]]
        inertia += float(np.einsum("ij,ij->", gaps, gaps))
    return Run(centres, assignments, inertia, run.iterations)


def nearest_of(rows: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int32]:
    """``(m,)`` the nearest of ``(k, d)`` centres to each of ``(m, d)`` rows, in float64."""
    lengths = np.einsum("ij,ij->i", centres, centres)
    nearest = np.empty(len(rows), np.int32)
    for where in _blocks(len(rows)):
        # The squared length of the row is left out: it is the same for every centre.
        nearest[where] = (lengths - 2 * (rows[where] @ centres.T)).argmin(axis=1)
    return nearest


def sums_by_cluster(
    rows: NDArray[np.float64] | NDArray[np.float32], assignments: NDArray[np.integer], k: int
) -> NDArray[np.float64]:
    """``(k, d)`` the sum of the rows of each cluster."""
    sums = np.zeros((k, rows.shape[1]))
    for where in _blocks(len(rows)):
        own = assignments[where]
        # Sums by a product with indicators: np.add.at is an order of magnitude slower, and sorting
        # costs more than the product as long as k is small beside n.
        belongs = np.zeros((k, len(own)), rows.dtype)
        belongs[own, np.arange(len(own))] = 1
        sums += belongs @ rows[where]
    return sums


class _State:
    """One run: where the centres are, whose each point is, and when to look at it again."""

    def __init__(self, points: Prepared, start: NDArray[np.float64]) -> None:
        n, k = len(points), len(start)
        self.points, self.k, self.d = points, k, start.shape[1]
        self.centres = np.array(start, np.float64)
        self.assignments = np.full(n, -1, np.int32)
        self.counts = np.zeros(k, np.int64)
        self.sums = np.zeros(start.shape)
        # How far off a float32 squared distance can be: rounding is relative to the largest length
        # that takes part, since distances are differences of such squares.
        self.doubt = np.float32(_ROUNDING * points.squares.max(initial=0.0) + 1e-30)
        # A point is safe while its cluster's `drift` stays below the point's `limits`.
        self.drift = np.zeros(k, np.float32)
        self.limits = np.full(n, -1, np.float32)
        self.gathered = np.empty((_BLOCK, points.rows.shape[1]), np.float32)
        self.products = np.empty(k * _BLOCK, np.float32)
        self.columns = np.arange(_BLOCK)
        self.natively = native.two_nearest()

    def assign(self) -> bool:
        """Give every point to its nearest centre, and say whether any changed sides."""
        # The first time nobody is safe, and there are no sums to correct.
        first = self.counts.sum() == 0
        unsafe = None if first else self._unsafe()
        nearest, margins = self._nearest(unsafe)
        # Drift only grows, so a limit is kept as margin plus the drift at the time: comparing it
        # with the drift of now says how much of the margin is used up, without touching any safe
        # point.
        margins += self.drift.take(nearest)
        before = self.assignments if unsafe is None else self.assignments[unsafe]
        changed = np.flatnonzero(before != nearest)
        if first:
            self.sums = sums_by_cluster(self.points.centred, nearest, self.k)
            self.counts = np.bincount(nearest, minlength=self.k)
        elif len(changed):
            self._correct(
                changed if unsafe is None else unsafe[changed], before[changed], nearest[changed]
            )
        if unsafe is None:
            self.assignments, self.limits = nearest, margins
        else:
            self.assignments[unsafe], self.limits[unsafe] = nearest, margins
        return len(changed) > 0

    def move(self) -> float:
        """Put every centre in the middle of its cluster; the sum of squared movements."""
        sums, counts = self._without_empty()
        centres = sums / counts[:, None]
        gaps = centres - self.centres
        squares = np.einsum("ij,ij->i", gaps, gaps)
        self.centres = centres
        moved = np.sqrt(squares)
        # A point of cluster c is safe while its margin exceeds how far c has moved plus the most
        # that any other centre has. The furthest mover is that other for all clusters but itself.
        furthest = int(moved.argmax())
        # Its own movement, and the most that any other centre may have come nearer.
        drift = moved + moved[furthest]
        moved[furthest] = 0
        drift[furthest] += moved.max() - drift[furthest] / 2
        self.drift += (drift * _PACKING).astype(np.float32)
        return float(squares.sum())

    def explained(self) -> float:
        """What the centres take off the sum of squared lengths when every point counts by them."""
        return float(self.counts @ np.einsum("ij,ij->i", self.centres, self.centres))

    def _unsafe(self) -> NDArray[np.intp] | None:
        """The points that may have another nearest centre; None stands for all."""
        unsafe = np.flatnonzero(self.limits < self.drift.take(self.assignments))
        # Gathering rows costs a copy each; from three quarters on it is quicker to take all.
        return None if len(unsafe) > _WORTH * len(self.points) else unsafe

    def _nearest(
        self, unsafe: NDArray[np.intp] | None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Nearest centres of the unsafe points, and how much nearer than the next they are."""
        weights = np.empty((self.k, self.d + 2), np.float32)
        # One product gives |x|² - 2 x·c + |c|²: the rows carry 1 and |x|², the weights |c|² and 1.
        # The doubt is added so that no distance comes out negative, which the packing below needs.
        weights[:, : self.d] = -2 * self.centres
        weights[:, self.d] = np.einsum("ij,ij->i", self.centres, self.centres) + self.doubt
        weights[:, self.d + 1] = 1
        find = self._two_nearest if self.natively is None else self.natively
        nearest, first, second = find(self.points.rows, weights, unsafe)
        margins = _margins(first, second, self.doubt)
        # Where the two nearest centres are within rounding of each other float32 has not decided
        # anything; such points are few and are worked out in float64.
        self._decide(np.flatnonzero(margins <= 0), unsafe, nearest, margins)
        return nearest, margins

    def _two_nearest(
        self,
        rows: NDArray[np.float32],
        weights: NDArray[np.float32],
        places: NDArray[np.intp] | None,
    ) -> native.Found:
        """What the native kernel does, by NumPy."""
        m = len(rows) if places is None else len(places)
        nearest = np.empty(m, np.int32)
        first, second = np.empty(m, np.float32), np.empty(m, np.float32)
        for where in _blocks(m):
            if places is None:
                block = rows[where]
            else:
                some = places[where]
                out = self.gathered[: len(some)]
                block = rows.take(some, axis=0, out=out, mode="clip")
            squares = self.products[: self.k * len(block)].reshape(self.k, len(block))
            np.matmul(weights, block.T, out=squares)
            columns = self.columns[: len(block)]
            nearest[where], first[where], second[where] = _least_two(squares, columns)
        return nearest, first, second

    def _decide(
        self,
        close: NDArray[np.intp],
        unsafe: NDArray[np.intp] | None,
        nearest: NDArray[np.int32],
        margins: NDArray[np.float32],
    ) -> None:
        """Decide in float64 where float32 cannot tell which centre is nearer."""
        if len(close):
            some = close if unsafe is None else unsafe[close]
            nearest[close] = nearest_of(self.points.centred[some], self.centres)
            margins[close] = 0

    def _correct(
        self, points: NDArray[np.intp], before: NDArray[np.int32], after: NDArray[np.int32]
    ) -> None:
        for where in _blocks(len(points)):
            some, out, into = points[where], before[where], after[where]
            # Only points that changed sides enter: late in a run these are a handful of tens of
            # thousands. Errors do not build up beyond rounding, and settle() sums afresh in the
            # end.
            signs = np.zeros((self.k, len(some)))
            columns = np.arange(len(some))
            signs[out, columns], signs[into, columns] = -1, 1
            self.sums += signs @ self.points.centred[some]
        self.counts = self.counts + np.bincount(after, minlength=self.k)
        self.counts -= np.bincount(before, minlength=self.k)

    def _without_empty(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Sums and counts in which an empty cluster has the point furthest from its centre.

        This is what scikit-learn does: the furthest points leave their clusters for this one mean,
        and are assigned anew like all others in the next iteration.
        """
        empty = np.flatnonzero(self.counts == 0)
        if not len(empty):
            return self.sums, self.counts
        sums, counts = self.sums.copy(), self.counts.copy()
        gaps = self.points.centred - self.centres[self.assignments]
        distances = np.einsum("ij,ij->i", gaps, gaps)
        if distances.max() > 0:
            for cluster, point in zip(empty, np.argsort(distances)[::-1], strict=False):
                row, owner = self.points.centred[point], self.assignments[point]
                sums[owner] -= row
                counts[owner] -= 1
                sums[cluster], counts[cluster] = row, 1
        largest = int(counts.argmax())
        left = counts == 0  # fewer different points than clusters: these lie on the largest one
        sums[left], counts[left] = sums[largest], counts[largest]
        return sums, counts


def _least_two(squares: NDArray[np.float32], columns: NDArray[np.intp]) -> native.Found:
    """From ``(k, m)`` squared distances, overwritten: which is the least, it, and the next one."""
    k, m = squares.shape
    if k <= _FEW:
        # Positive floats are ordered as integers are, so a distance can carry its row's number in
        # its last bits, and one vectorised minimum finds both.
        whole = squares.view(np.int32)
        mask = np.int32((1 << max(1, (k - 1).bit_length())) - 1)
        whole &= ~mask
        whole |= _NUMBERS[:k]
        least = whole.min(axis=0)
        # The number of the cluster is read back from the low bits that were given to it; it costs
        # the distance at most its last six bits, which _PACKING accounts for.
        nearest = least & mask
        whole.put(nearest * np.int64(m) + columns, _INFINITY)
        first, second = least.view(np.float32), whole.min(axis=0).view(np.float32)
    else:
        nearest = squares.argmin(axis=0).astype(np.int32)
        first = squares[nearest, columns]
        squares[nearest, columns] = np.inf
        second = squares.min(axis=0)
    return nearest, first, second


def _margins(
    first: NDArray[np.float32], second: NDArray[np.float32], doubt: np.float32
) -> NDArray[np.float32]:
    """By how much the next centre is further away at least, from squared distances in float32."""
    # Margins are differences of distances and not of squares, since the triangle inequality holds
    # for distances. Each root is moved by what rounding may have done to it, to the safe side.
    near = np.sqrt(np.maximum(first, doubt))
    margins: NDArray[np.float32] = np.sqrt(np.maximum(second, doubt))
    margins -= doubt / near
    near *= _PACKING
    margins -= near
    return margins


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(n, start + _BLOCK)) for start in range(0, n, _BLOCK)]
