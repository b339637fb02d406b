"""Points and a seed go in, the centres that k-means starts from come out: scikit-learn's own.

The draws are those of ``KMeans(n_clusters=k, random_state=seed)``, start by start, from the same
stream of the same generator, so that a sweep here and a loop over scikit-learn there climb the
same hills. To add a way to start: a function here, and its name in :data:`STARTS`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Draw = Callable[
    [NDArray[np.float64], NDArray[np.float64], int, np.random.RandomState], NDArray[np.float64]
]


def _random(
    centred: NDArray[np.float64],
    squares: NDArray[np.float64],  # noqa: ARG001 - every way to start has it
    k: int,
    stream: np.random.RandomState,
) -> NDArray[np.float64]:
    n = len(centred)
    # Equal weights are given because they change what the generator draws.
    return centred[stream.choice(n, size=k, replace=False, p=np.full(n, 1.0) / n)]


def _plus_plus(
    centred: NDArray[np.float64],
    squares: NDArray[np.float64],
    k: int,
    stream: np.random.RandomState,
) -> NDArray[np.float64]:
    from sklearn.cluster import kmeans_plusplus

    centres: NDArray[np.float64]
    centres, _ = kmeans_plusplus(centred, k, x_squared_norms=squares, random_state=stream)
    return centres


STARTS: dict[str, Draw] = {"random": _random, "k-means++": _plus_plus}
"""Every way to start by its name in scikit-learn."""


def starts(
    centred: NDArray[np.float64],
    squares: NDArray[np.float64],
    k: int,
    *,
    init: str,
    n_init: int,
    seed: int,
) -> list[NDArray[np.float64]]:
    """Draw the starting centres of `n_init` runs.

    Args:
        centred: ``(n, d)`` points, their mean subtracted.
        squares: ``(n,)`` squared lengths of those.
        k: How many centres.
        init: A name in :data:`STARTS`.
        n_init: How many runs.
        seed: Of the stream that all runs draw from, one after the other.

    Returns:
        `n_init` arrays ``(k, d)``.
    """
    stream = np.random.RandomState(seed)  # scikit-learn's generator
    draw = STARTS[init]
    return [draw(centred, squares, k, stream) for _ in range(n_init)]
