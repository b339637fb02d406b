"""LLE: the map on which each point is the same mixture of its neighbours; points in, places out.

Locally linear embedding (Roweis and Saul, 2000) on this room's neighbour graph. Where images come
in bunches of near-copies, that graph falls into pieces, and then the method's equations do not say
how the pieces lie to each other. The largest piece is mapped, and each point outside it is put
where its neighbours inside it, mixed as they best give the point, are; the notes say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry import nearest_neighbours
from hangtag.progress import Progress
from hangtag.records.points import Neighbours
from hangtag.rooms.reduce.method import Method, Placed, Points

if TYPE_CHECKING:
    from scipy.sparse import csc_array

RIDGE = 1e-3  # of the trace, added to make mixtures unique; scikit-learn's
_SHIFT = 1e-12  # makes the singular matrix factor; far below its smallest eigenvalue that counts
_BLOCK = 2000


def place(
    points: Points,
    *,
    dimensions: int,
    seed: int,
    progress: Progress,
    neighbours: int = 10,
) -> Placed:
    """Put each point where its mixture of neighbours is.

    Args:
        points: The images as points.
        dimensions: Axes of the map, fewer than `neighbours`.
        seed: Starts the search for eigenvectors.
        progress: Told when the mixtures and when the places are found.
        neighbours: Points in a mixture.

    Raises:
        OptionError: As many dimensions as neighbours, or too few images.
    """
    if not dimensions < neighbours < len(points):
        raise OptionError(
            f"lle to {dimensions} dimensions needs more than {dimensions} neighbours and more"
            f" images than those; got {neighbours} neighbours and {len(points)} images"
        )
    graph = points.neighbours(neighbours)
    weights = mixtures(points.values, points.values, graph.indices)
    progress("lle", 1, 3, "mixtures")
    inside = _largest_piece(graph)
    if len(inside) <= neighbours:
        raise OptionError(
            f"lle needs more than {neighbours} connected images; the largest bunch has"
            f" {len(inside)}",
            "ask for more neighbours",
        )
    places = np.empty((len(points), dimensions))
    places[inside] = _embedding(weights[inside], graph.indices[inside], inside, dimensions, seed)
    progress("lle", 2, 3, "places")
    outside = np.setdiff1d(np.arange(len(points)), inside)
    if len(outside):
        places[outside] = _put_outside(points.values, outside, inside, places[inside], neighbours)
    progress("lle", 3, 3)
    axes = tuple(f"LLE {number}" for number in range(1, dimensions + 1))
    return Placed(places, axes, {"neighbours": neighbours}, notes=_notes(len(outside), len(points)))


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
        products = gaps @ gaps.transpose(0, 2, 1)
        traces = np.trace(products, axis1=1, axis2=2)
        ridge = np.where(traces > 0, RIDGE * traces, RIDGE)
        products[:, np.arange(k), np.arange(k)] += ridge[:, None]
        found = np.linalg.solve(products, np.ones((len(products), k, 1)))[:, :, 0]
        out[rows] = found / found.sum(axis=1, keepdims=True)
    return out


def _largest_piece(graph: Neighbours) -> NDArray[np.int64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n, k = graph.indices.shape
    starts = np.arange(0, n * k + 1, k)
    links = csr_array((np.ones(n * k, np.int8), graph.indices.ravel(), starts), shape=(n, n))
    _, pieces = connected_components(links, directed=False)
    return np.flatnonzero(pieces == np.bincount(pieces).argmax())


def _embedding(
    weights: NDArray[np.float64],
    near: NDArray[np.int64],
    inside: NDArray[np.int64],
    dimensions: int,
    seed: int,
) -> NDArray[np.float64]:
    """The bottom eigenvectors of ``(I - W)ᵀ(I - W)`` but the constant one."""
    from scipy.sparse import csr_array, eye_array

    n, k = near.shape
    columns = np.searchsorted(inside, near.ravel())
    mixing = csr_array((weights.ravel(), columns, np.arange(0, n * k + 1, k)), shape=(n, n))
    rest = eye_array(n, format="csr") - mixing
    vectors = _bottom((rest.T @ rest).tocsc(), dimensions + 1, seed)[:, 1:]
    # The sign of an eigenvector means nothing; this one repeats.
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(dimensions)])
    places: NDArray[np.float64] = vectors * signs
    return places


def _bottom(matrix: csc_array, count: int, seed: int) -> NDArray[np.float64]:
    from scipy.linalg import eigh
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import LinearOperator, eigsh, splu

    n = matrix.shape[0]
    if n <= 200:
        small: NDArray[np.float64] = eigh(matrix.toarray(), subset_by_index=(0, count - 1))[1]
        return small
    shifted = (matrix + _SHIFT * eye_array(n)).tocsc()
    factor = splu(
        shifted,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    values, vectors = eigsh(
        matrix,
        count,
        sigma=0.0,
        OPinv=LinearOperator((n, n), factor.solve, dtype=np.float64),
        v0=np.random.default_rng(seed).uniform(-1, 1, n),
    )
    bottom: NDArray[np.float64] = vectors[:, np.argsort(values)]
    return bottom


def _put_outside(
    values: NDArray[np.float32],
    outside: NDArray[np.int64],
    inside: NDArray[np.int64],
    places: NDArray[np.float64],
    neighbours: int,
) -> NDArray[np.float64]:
    graph = nearest_neighbours(values[inside], k=neighbours, queries=values[outside])
    weights = mixtures(values[inside], values[outside], graph.indices)
    mixed: NDArray[np.float64] = np.einsum("ik,ikd->id", weights, places[graph.indices])
    return mixed


def _notes(outside: int, n: int) -> tuple[str, ...]:
    if not outside:
        return ()
    return (
        f"the neighbour graph falls into pieces: {n - outside:,} of {n:,} points are mapped"
        f" together, {outside:,} are put where their neighbours among those are",
    )


METHOD = Method(place)
