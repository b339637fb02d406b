"""MDS: the map whose distances come nearest to the true ones; points go in, places come out.

Metric multidimensional scaling by SMACOF (de Leeuw, 1977; Borg and Groenen, Modern Multidimensional
Scaling, 2005), started from the first principal coordinates, which is what classical scaling gives.
A step moves every point to where its distances to all others ask for; it is computed a few rows at
a time, so that of the square tables only the true distances are held.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry.threads import limited, processors
from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points

MOST = 12_000  # images: the table of their distances takes 576 MB
_ROWS = 64  # of a block: 64 x 5,000 float32 is about a core's cache


@dataclass(frozen=True, eq=False)
class Moved:
    """Where a step puts the points, and how badly they stood before it."""

    places: NDArray[np.float32]
    stress: float
    squared: float


def embed(
    points: Points,
    *,
    dimensions: int,
    seed: int,  # noqa: ARG001 - every method has it; nothing here is random
    progress: Progress,
    iterations: int = 300,
    tolerance: float = 1e-6,
) -> Embedding:
    """Put the points so that distances on the map are as near the true ones as can be.

    Args:
        points: The images as points, 12,000 at most.
        dimensions: Axes of the map.
        seed: Not used: nothing here is random.
        progress: Told after every step, with the stress.
        iterations: Steps at most.
        tolerance: Stop when a step lowers the stress by less than this proportion of the squared
            distances on the map; scikit-learn's criterion.

    Raises:
        OptionError: There are more than 12,000 images.
    """
    _check(points, iterations)
    truth = _distances(points.values)
    places = np.ascontiguousarray(points.values[:, :dimensions], np.float32)
    previous, step = np.inf, 0
    with limited(1), ThreadPoolExecutor(processors()) as pool:
        for step in range(iterations + 1):
            # Each step minimises a quadratic function that lies above the stress and touches it
            # where the points are (majorisation), so the stress never rises and needs no step
            # length.
            moved = _step(truth, places, pool)
            stress = np.sqrt(moved.stress / max(moved.squared, 1e-30))
            progress("mds", step, iterations, f"stress {stress:.4f}")
            if previous - moved.stress < tolerance * moved.squared or step == iterations:
                break
            previous, places = moved.stress, moved.places
    axes = tuple(f"MDS {number}" for number in range(1, dimensions + 1))
    chosen = {"iterations": iterations, "tolerance": tolerance, "steps": step}
    return Embedding(places, axes, chosen, {"stress": float(stress)})


def _check(points: Points, iterations: int) -> None:
    if len(points) > MOST:
        raise OptionError(
            f"mds compares every two images; {len(points):,} are more than {MOST:,}",
            "take a sample, such as limit 5000",
        )
    if iterations < 1:
        raise OptionError(f"mds needs at least 1 iteration; {iterations} were asked for")


def _distances(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(n, n)`` float32 Euclidean distances."""
    # As for neighbours: products of centred points lose the fewest digits.
    centred = values - values.mean(axis=0)
    squares = np.einsum("ij,ij->i", centred, centred)
    table: NDArray[np.float32] = centred @ centred.T
    table *= -2
    table += squares[:, None]
    table += squares
    np.maximum(table, 0, out=table)
    np.fill_diagonal(table, 0)
    np.sqrt(table, out=table)
    return table


def _step(
    truth: NDArray[np.float32], places: NDArray[np.float32], pool: ThreadPoolExecutor
) -> Moved:
    """The Guttman transform of all points, and the stress before it."""
    out = np.empty_like(places)
    columns = [np.ascontiguousarray(column) for column in places.T]

    def move(start: int) -> tuple[float, float]:
        rows = slice(start, min(start + _ROWS, len(places)))
        # Differences and not products here: near points decide the stress, and two or three
        # dimensions cost little.
        apart = np.zeros((rows.stop - rows.start, len(places)), np.float32)
        for column in columns:
            gaps = column[rows, None] - column
            gaps *= gaps
            apart += gaps
        squared = float(apart.sum(dtype=np.float64))
        np.sqrt(apart, out=apart)
        wrong = truth[rows] - apart
        stress = float(np.einsum("ij,ij->", wrong, wrong, dtype=np.float64))
        # Twins on the map pull nowhere: their ratio only multiplies a gap of zero.
        np.maximum(apart, 1e-12, out=apart)
        ratio = np.divide(truth[rows], apart, out=apart)
        out[rows] = ratio.sum(axis=1)[:, None] * places[rows] - ratio @ places
        return stress, squared

    parts = list(pool.map(move, range(0, len(places), _ROWS)))
    out /= len(places)
    stress, squared = np.sum(parts, axis=0)
    return Moved(out, float(stress), float(squared))


METHOD = Method(embed)
