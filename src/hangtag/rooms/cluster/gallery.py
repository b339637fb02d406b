"""A clustering goes in, a few images of every cluster come out, as indices into the image set.

The indices are those of the images that were clustered, taken from the clustering itself, and the
gallery carries the fingerprint of the set they count in. To add a way to choose: a function here,
a line in :data:`CHOICES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.records import Clustering, Gallery

Order = Callable[
    [Clustering, NDArray[np.float64] | None, NDArray[np.intp], np.random.Generator],
    NDArray[np.intp],
]


def gallery(
    clustering: Clustering,
    *,
    n: int = 20,
    choice: str = "first",
    points: NDArray[Any] | None = None,
    seed: int = 0,
) -> Gallery:
    """Choose `n` images of every cluster, or all of a smaller one.

    Args:
        clustering: The clusters.
        n: Images per cluster.
        choice: ``first`` in the order they were clustered, ``random``, or ``central``: nearest
            to the cluster's centre first.
        points: The clustered points, in order; only ``central`` needs them.
        seed: Of ``random``.

    Raises:
        OptionError: `n` is less than 1, the choice is not known, or ``central`` has no points.

    Example:
        >>> shown = gallery(clusters, n=20)
        >>> shown.pictures(images, 0).shape
        (20, 28, 28, 1)
    """
    if n < 1:
        raise OptionError(f"{n} images per cluster were asked for; it must be at least 1")
    if choice not in CHOICES:
        raise OptionError(f"there is no choice '{choice}'", nearest(choice, CHOICES))
    values = None if points is None else np.asarray(points, np.float64)
    if values is not None and values.shape != (len(clustering), clustering.centres.shape[1]):
        raise OptionError(
            f"{len(clustering)} points were clustered in {clustering.centres.shape[1]} "
            f"dimensions; got shape {values.shape}",
            "give the points that were clustered, in their order",
        )
    generator = np.random.default_rng(seed)
    shown = []
    for cluster in range(clustering.k):
        members = np.flatnonzero(clustering.assignments == cluster)
        ordered = CHOICES[choice](clustering, values, members, generator)
        # Positions among the clustered images become indices of the set here and nowhere later.
        shown.append(clustering.indices[ordered[:n]])
    return Gallery(tuple(shown), choice, clustering.fingerprint)


def _first(
    clustering: Clustering,  # noqa: ARG001 - every way to choose has it
    points: NDArray[np.float64] | None,  # noqa: ARG001
    members: NDArray[np.intp],
    generator: np.random.Generator,  # noqa: ARG001
) -> NDArray[np.intp]:
    return members


def _random(
    clustering: Clustering,  # noqa: ARG001 - every way to choose has it
    points: NDArray[np.float64] | None,  # noqa: ARG001
    members: NDArray[np.intp],
    generator: np.random.Generator,
) -> NDArray[np.intp]:
    return generator.permutation(members)


def _central(
    clustering: Clustering,
    points: NDArray[np.float64] | None,
    members: NDArray[np.intp],
    generator: np.random.Generator,  # noqa: ARG001 - every way to choose has it
) -> NDArray[np.intp]:
    if points is None:
        raise OptionError("the most central images need the points", "give points=…")
    gaps = points[members] - clustering.centres[clustering.assignments[members]]
    order: NDArray[np.intp] = members[np.argsort(np.einsum("ij,ij->i", gaps, gaps), kind="stable")]
    return order


CHOICES: dict[str, Order] = {"first": _first, "random": _random, "central": _central}
"""Ways to choose the images shown of a cluster."""
