"""Neighbour graphs that fall into pieces: which points hang together, and where the others go.

Methods that look at a neighbour graph know nothing of how two pieces of it lie to each other. The
largest piece is mapped; a point outside it is put where its neighbours inside it are, mixed as they
best give the point, and the notes say how many such points there are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry import nearest_neighbours
from hangtag.records.points import Neighbours

RIDGE = 1e-3  # of the trace, added to make mixtures unique; scikit-learn's
_BLOCK = 2000


def largest_piece(graph: Neighbours, method: str) -> NDArray[np.int64]:
    """The points of the largest connected piece, rising.

    Raises:
        OptionError: It has no more points than there are neighbours.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n, k = graph.indices.shape
    starts = np.arange(0, n * k + 1, k)
    links = csr_array((np.ones(n * k, np.int8), graph.indices.ravel(), starts), shape=(n, n))
    _, pieces = connected_components(links, directed=False)
    # Of equally large pieces the one with the first point, so the map repeats.
    inside = np.flatnonzero(pieces == np.bincount(pieces).argmax())
    if len(inside) <= k:
        raise OptionError(
            f"{method} needs more than {k} connected images; the largest bunch has {len(inside)}",
            "ask for more neighbours",
        )
    return inside


def with_the_others(
    values: NDArray[np.float32],
    inside: NDArray[np.int64],
    places: NDArray[np.float64],
    neighbours: int,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The places of all points, and what must be said of those outside the largest piece.

    Args:
        values: ``(n, d)`` all points.
        inside: Which of them are mapped, rising.
        places: ``(len(inside), dimensions)`` where those are.
        neighbours: Points in a mixture.
    """
    n = len(values)
    outside = np.setdiff1d(np.arange(n), inside)
    every = np.empty((n, places.shape[1]))
    every[inside] = places
    if not len(outside):
        return every, ()
    graph = nearest_neighbours(values[inside], k=neighbours, queries=values[outside])
    weights = mixtures(values[inside], values[outside], graph.indices)
    every[outside] = np.einsum("ik,ikd->id", weights, places[graph.indices])
    note = (
        f"the neighbour graph falls into pieces: {len(inside):,} of {n:,} points are mapped"
        f" together, {len(outside):,} are put where their neighbours among those are"
    )
    return every, (note,)


def mixtures(
    values: NDArray[np.float32], queries: NDArray[np.float32], near: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The weights, summing to one, with which neighbours best give each query.

    Args:
        values: ``(n, d)`` points.
        queries: ``(m, d)`` points to be given.
        near: ``(m, k)`` indices of neighbours.

    Returns:
        ``(m, k)`` weights.
    """
    k = near.shape[1]
    out = np.empty(near.shape)
    for start in range(0, len(near), _BLOCK):
        rows = slice(start, start + _BLOCK)
        gaps = (values[near[rows]] - queries[rows, None]).astype(np.float64)
        # The Gram matrix of the gaps is singular when there are more neighbours than dimensions,
        # and the weights are then not unique: a ridge in proportion to its trace picks the most
        # even ones and does not depend on the units of the points.
        products = gaps @ gaps.transpose(0, 2, 1)
        traces = np.trace(products, axis1=1, axis2=2)
        ridge = np.where(traces > 0, RIDGE * traces, RIDGE)
        products[:, np.arange(k), np.arange(k)] += ridge[:, None]
        found = np.linalg.solve(products, np.ones((len(products), k, 1)))[:, :, 0]
        out[rows] = found / found.sum(axis=1, keepdims=True)
    return out
