"""A mixture goes in, points that no image has come out, with the nearest real image of each.

The nearest image is what shows that a drawn point is new: it is not one of the images again, and
not further from them than they are from each other either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry import nearest_neighbours
from hangtag.progress import Progress, silent
from hangtag.records import Mixture, NewPoints
from hangtag.rooms.cluster.covariance.table import COVARIANCES


def generate(
    model: Mixture,
    points: NDArray[Any],
    *,
    n: int = 20,
    seed: int = 0,
    progress: Progress = silent,
) -> NewPoints:
    """Draw new points from a mixture.

    Args:
        model: The mixture.
        points: ``(m, d)`` the points it was fitted on, in the same order.
        n: How many to draw.
        seed: Draws the component of each, then the point.
        progress: Told how far the search for the nearest images is.

    Returns:
        The points, with `nearest` as indices into the image set the mixture's indices count in.

    Raises:
        OptionError: `points` are not those the mixture was fitted on, or `n` is less than 1.

    Example:
        >>> drawn = generate(sweep.chosen, points, n=20, seed=22)
        >>> pixels = pca.inverse(drawn.points)
    """
    clustering = model.clustering
    if n < 1:
        raise OptionError(f"{n} new images were asked for; it must be at least 1")
    if points.shape != (len(clustering), clustering.centres.shape[1]):
        raise OptionError(
            f"the mixture was fitted on {len(clustering)} points of "
            f"{clustering.centres.shape[1]} dimensions; got shape {points.shape}",
            "give the points it was fitted on",
        )
    components, drawn = _draw(model, n, np.random.default_rng(seed))
    found = nearest_neighbours(points, k=1, queries=drawn, progress=progress)
    # How far a new point is from a real one says nothing by itself: in many dimensions everything
    # is far. Real points' own nearest neighbours are the measure.
    usual = nearest_neighbours(points, k=1, progress=progress) if len(points) > 1 else found
    return NewPoints(
        points=drawn,
        components=components,
        nearest=clustering.indices[found.indices[:, 0]],
        distances=found.distances[:, 0].astype(np.float64),
        usual=float(np.median(usual.distances)),
        fingerprint=clustering.fingerprint,
        seed=seed,
    )


def _draw(
    model: Mixture, n: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    family = COVARIANCES[model.row.covariance]
    components = np.sort(generator.choice(len(model.weights), n, p=model.weights))
    noise = generator.standard_normal((n, model.means.shape[1]))
    drawn = model.means[components]
    for one in np.unique(components):
        some = components == one
        drawn[some] += family.draw(model.covariances, int(one), noise[some])
    return components, drawn
