"""UMAP: the map of a fuzzy neighbour graph; points go in, places come out. Needs the extra `umap`.

The optimisation is umap-learn's (McInnes, Healy, Melville, 2018), given this room's exact neighbour
graph.
"""

from __future__ import annotations

import warnings

import numpy as np

from hangtag import settings
from hangtag.errors import MissingError, OptionError
from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points


def embed(
    points: Points,
    *,
    dimensions: int,
    seed: int,
    progress: Progress,
    neighbours: int = 15,
    min_distance: float = 0.1,
) -> Embedding:
    """Put each point near the points its neighbourhood overlaps with.

    Args:
        points: The images as points.
        dimensions: Axes of the map.
        seed: Draws the steps; with a seed UMAP runs on one core.
        progress: Told when the graph and when the places are found.
        neighbours: Points in a neighbourhood, the point itself included.
        min_distance: How near points may come on the map.

    Raises:
        MissingError: umap-learn is not installed.
        OptionError: Fewer than 2 neighbours, or not more images than those.
    """
    if not 2 <= neighbours < len(points):
        raise OptionError(
            f"umap with {neighbours} neighbours needs at least 2 and more images than those;"
            f" got {len(points)} images"
        )
    # umap-learn counts a point among its own neighbours, this room's graph does not: it is put in
    # front, at distance 0.
    graph = points.neighbours(neighbours - 1)
    progress("umap", 1, 2, "neighbours")
    own = np.arange(len(points))[:, None]
    indices = np.concatenate([own, graph.indices], axis=1)
    distances = np.concatenate([np.zeros_like(own, np.float32), graph.distances], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap-learn's own: it warns that a seed costs cores
        reducer = _reducer()(
            n_neighbors=neighbours,
            n_components=dimensions,
            min_dist=min_distance,
            random_state=seed,
            precomputed_knn=(indices, distances),
        )
        places = reducer.fit_transform(points.values)
    progress("umap", 2, 2)
    axes = tuple(f"UMAP {number}" for number in range(1, dimensions + 1))
    return Embedding(places, axes, {"neighbours": neighbours, "min_distance": min_distance})


def _reducer() -> type:
    # Before the import: numba reads the variable once, and would write into the library's own
    # folder.
    settings.own_cache("NUMBA_CACHE_DIR", "numba")
    try:
        from umap import UMAP
    except ImportError:
        raise MissingError("umap-learn is not installed", "pip install 'hangtag[umap]'") from None
    found: type = UMAP
    return found


METHOD = Method(embed)
