"""How much of the truth a map shows: points and their map go in, numbers between 0 and 1 come out.

Both measures are exact and hold no table of all distances, so they work on 22,000 points in a
laptop's memory. Of more than 25,000 points they are averaged over a seeded sample of 5,000, each
still ranked among all others, and say so. To add a measure: a function here and a line in
:func:`quality_of`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry import nearest_neighbours, ranks_of
from hangtag.progress import Progress, silent

MOST = 25_000  # points all of which are asked
SAMPLED = 5_000  # of more


def trustworthiness(
    points: NDArray[Any],
    places: NDArray[Any],
    *,
    k: int = 5,
    rows: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> float:
    """Say whether points that are near on the map are near in truth.

    One minus a penalty for every map neighbour that is not a true one, larger the further off it
    truly is (Venna and Kaski, 2001); equal to ``sklearn.manifold.trustworthiness``.

    Args:
        points: ``(n, d)`` the points in truth.
        places: ``(n, dimensions)`` where the map has them.
        k: Neighbours looked at, fewer than n / 2.
        rows: Indices of the points to average over; None for all.
        progress: Told how far it is.

    Returns:
        A number in [0, 1]; 1 when every map neighbour is a true one.

    Raises:
        OptionError: `k` is not below half the number of points.
    """
    n = len(points)
    if not 1 <= k < n / 2:
        raise OptionError(f"trustworthiness with {k} neighbours needs more than {2 * k} points")
    asked = np.arange(n) if rows is None else rows
    near = _map_neighbours(places, k, asked, progress)
    ranks = ranks_of(points, near, rows=asked, progress=progress)
    # Ranks up to n of n·k neighbours: the sum of a large set passes what a float32 can count.
    penalty = np.maximum(ranks - k, 0).sum(dtype=np.float64)
    # The divisor is the largest penalty there can be while k is below n / 2.
    return float(1 - penalty * 2 / (len(asked) * k * (2 * n - 3 * k - 1)))


def class_agreement(
    places: NDArray[Any],
    labels: NDArray[np.int64],
    *,
    k: int = 10,
    rows: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> float:
    """Say how often map neighbours are of one class.

    Args:
        places: ``(n, dimensions)`` where the map has the points.
        labels: ``(n,)`` dense classes; unlabelled points (-1) are neither asked nor counted.
        k: Neighbours looked at.
        rows: Indices of the points to average over; None for all.
        progress: Told how far it is.

    Returns:
        The mean proportion of each point's `k` nearest labelled points that have its class.

    Raises:
        OptionError: Fewer than k + 1 points are labelled.
    """
    known = np.flatnonzero(labels >= 0)
    if len(known) <= k:
        raise OptionError(
            f"class agreement with {k} neighbours needs more than {k} labelled points"
        )
    asked = known if rows is None else np.intersect1d(known, rows)
    within = np.searchsorted(known, asked)
    near = _map_neighbours(places[known], k, within, progress)
    return float(np.mean(labels[known][near] == labels[asked][:, None]))


def quality_of(
    points: NDArray[Any],
    places: NDArray[Any],
    labels: NDArray[np.int64],
    *,
    seed: int,
    progress: Progress = silent,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """All measures of a map by name, and a sentence when they are of a sample of its points.

    Args:
        points: ``(n, d)`` the points in truth.
        places: ``(n, dimensions)`` where the map has them.
        labels: ``(n,)`` dense classes, -1 where unlabelled.
        seed: Draws the 5,000 points that are asked where there are more than 25,000.
        progress: Told how far it is.
    """
    rows, notes = None, []
    if len(points) > MOST:
        rows = np.sort(np.random.default_rng(seed).permutation(len(points))[:SAMPLED])
        notes.append(
            f"quality is averaged over {len(rows):,} of {len(points):,} points (seed {seed}),"
            " each ranked among all"
        )
    measured: dict[str, float] = {}
    if len(points) > 10:
        measured["trustworthiness"] = trustworthiness(points, places, rows=rows, progress=progress)
    if np.count_nonzero(labels >= 0) > 10:
        measured["class_agreement"] = class_agreement(places, labels, rows=rows, progress=progress)
    return measured, tuple(notes)


def _map_neighbours(
    places: NDArray[Any], k: int, rows: NDArray[np.int64], progress: Progress
) -> NDArray[np.int64]:
    if len(rows) == len(places):
        return nearest_neighbours(places, k=k, progress=progress).indices
    # One more than asked, since the point finds itself first (or a twin at the same place).
    near = nearest_neighbours(places, k=k + 1, queries=places[rows], progress=progress).indices
    own = near == rows[:, None]
    own[~own.any(axis=1), -1] = True
    others: NDArray[np.int64] = near[~own].reshape(len(rows), k)
    return others
