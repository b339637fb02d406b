"""Isomap: the map of distances along the data; points go in, places come out.

Tenenbaum, de Silva and Langford, "A global geometric framework for nonlinear dimensionality
reduction", 2000: classical scaling of the shortest ways through this room's neighbour graph.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points
from hangtag.rooms.reduce.pieces import largest_piece, with_the_others

MOST = 8_000  # images: the table of the ways between them takes 512 MB, and minutes


def embed(
    points: Points, *, dimensions: int, seed: int, progress: Progress, neighbours: int = 10
) -> Embedding:
    """Put the points so that distances on the map are those along the data.

    Args:
        points: The images as points, 8,000 at most.
        dimensions: Axes of the map.
        seed: Starts the search for eigenvectors.
        progress: Told when the ways and when the places are found.
        neighbours: Points that each point is joined to.

    Raises:
        OptionError: Too many images, too few, or not even one neighbour.
    """
    if len(points) > MOST:
        raise OptionError(
            f"isomap compares every two images; {len(points):,} are more than {MOST:,}",
            "take a sample, such as limit 5000",
        )
    if not 1 <= neighbours < len(points):
        raise OptionError(f"isomap with {neighbours} neighbours of {len(points)} images")
    # Between pieces there is no way at all; an infinite distance would put every point of a piece
    # at one place.
    inside = largest_piece(points.neighbours(neighbours), "isomap")
    ways = _ways(points, inside, neighbours)
    progress("isomap", 1, 2, "ways")
    places = _scaled(ways, dimensions, seed)
    progress("isomap", 2, 2)
    every, notes = with_the_others(points.values, inside, places, neighbours)
    axes = tuple(f"Isomap {number}" for number in range(1, dimensions + 1))
    return Embedding(every, axes, {"neighbours": neighbours}, notes=notes)


def _ways(points: Points, inside: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph, n = points.neighbours(k), len(points)
    # A twin at distance 0 would be no edge at all for a sparse matrix.
    lengths = np.maximum(graph.distances.ravel(), 1e-12).astype(np.float64)
    edges = csr_array((lengths, graph.indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    ways: NDArray[np.float64] = dijkstra(edges[inside][:, inside], directed=False)
    return ways


def _scaled(ways: NDArray[np.float64], dimensions: int, seed: int) -> NDArray[np.float64]:
    """Classical scaling (Torgerson, 1952): the top eigenvectors of the centred squares."""
    from scipy.sparse.linalg import eigsh

    # In place throughout: the square table is all the memory this takes.
    ways *= ways
    ways -= ways.mean(axis=0)
    ways -= ways.mean(axis=1)[:, None]
    ways *= -0.5
    # Lanczos starts from a vector that scipy would draw unseeded; with this one the map repeats.
    start = np.random.default_rng(seed).uniform(-1, 1, len(ways))
    values, vectors = eigsh(ways, dimensions, which="LA", v0=start)
    # Ways through a graph are no Euclidean distances, so some eigenvalues are negative; they have
    # no axis.
    places = vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0))
    places *= np.sign(places[np.abs(places).argmax(axis=0), np.arange(dimensions)])
    return np.asarray(places)


METHOD = Method(embed)
