"""LLE: the map on which each point is the same mixture of its neighbours; points in, places out.

Locally linear embedding (Roweis and Saul, "Nonlinear dimensionality reduction by locally linear
embedding", 2000) on this room's neighbour graph. Where images come in bunches of near-copies, that
graph falls into pieces; ``pieces.py`` says what is done then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points
from hangtag.rooms.reduce.pieces import largest_piece, mixtures, with_the_others

if TYPE_CHECKING:
    from scipy.sparse import csc_array

_SHIFT = 1e-12  # makes the singular matrix factor; far below its smallest eigenvalue that counts


def embed(
    points: Points,
    *,
    dimensions: int,
    seed: int,
    progress: Progress,
    neighbours: int = 10,
) -> Embedding:
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
    inside = largest_piece(graph, "lle")
    places = _embedding(weights[inside], graph.indices[inside], inside, dimensions, seed)
    progress("lle", 2, 3, "places")
    every, notes = with_the_others(points.values, inside, places, neighbours)
    progress("lle", 3, 3)
    axes = tuple(f"LLE {number}" for number in range(1, dimensions + 1))
    return Embedding(every, axes, {"neighbours": neighbours}, notes=notes)


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
    # Neighbours of a point of a piece are in that piece, so every index is found.
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
    # Lanczos needs more vectors than small matrices have; all eigenvalues of these are quick.
    if n <= 200:
        small: NDArray[np.float64] = eigh(matrix.toarray(), subset_by_index=(0, count - 1))[1]
        return small
    # Shift and invert: the smallest eigenvalues are the largest of the inverse, which Lanczos finds
    # in a few steps. The matrix is singular by construction (constants are mapped to zero), hence
    # the shift.
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


METHOD = Method(embed)
