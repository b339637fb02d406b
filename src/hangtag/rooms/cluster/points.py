"""Whatever was given as points goes in; checked float64 points and image indices come out.

Every method of this room begins here, so that all refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import ImageSet

LARGEST = 1e15  # squared distances must fit into float32, which ends at 3e38


@dataclass(frozen=True, eq=False)
class Checked:
    """Points that can be clustered.

    Attributes:
        values: ``(n, d)`` float64, finite.
        indices: ``(n,)`` int64, the image each point stands for.
        fingerprint: Of the image set the indices count in; empty when not known.
    """

    values: NDArray[np.float64]
    indices: NDArray[np.int64]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.values)


def check(
    points: NDArray[Any], images: ImageSet | None, indices: NDArray[np.int64] | None
) -> Checked:
    """Refuse points that are not a finite ``(n, d)`` table with one image per row.

    Raises:
        OptionError: They are not; or which images they are is not said or cannot be.
    """
    if points.ndim != 2 or 0 in points.shape:
        raise OptionError(
            f"clustering needs a table of points, one per image; got shape {points.shape}",
            "flatten the images or project them first",
        )
    values = np.ascontiguousarray(points, np.float64)
    if not np.isfinite(values).all():
        raise OptionError("clustering needs finite points; some are infinite or not a number")
    # Refused and not scaled: scaling would have to be undone in centres, inertias and densities.
    if np.abs(values).max() > LARGEST:
        raise OptionError(
            f"clustering takes values up to {LARGEST:g}; got {np.abs(values).max():g}",
            "scale the points: clusters do not depend on it",
        )
    where = _indices(len(values), images, indices)
    return Checked(values, where, "" if images is None else images.fingerprint)


def _indices(
    n: int, images: ImageSet | None, indices: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Which image each point is; without that, positions among the points would pass for images."""
    if indices is None:
        if images is not None and len(images) != n:
            raise OptionError(
                f"there are {n} points and {len(images)} images; which images are they?",
                "say so with indices=…",
            )
        return np.arange(n)
    where = np.asarray(indices, np.int64)
    if where.shape != (n,):
        raise OptionError(
            f"there are {n} points and indices of shape {where.shape}",
            "give one image index per point, in the order of the points",
        )
    if len(np.unique(where)) != n or where.min() < 0:
        raise OptionError("an image index is negative or there twice", "give each image once")
    if images is not None and where.max() >= len(images):
        raise OptionError(
            f"image {where.max()} was asked for; the set has {len(images)}",
            "give indices into the set that is given",
        )
    return where


def check_counts(points: Checked, ks: Iterable[int], what: str = "clusters") -> tuple[int, ...]:
    """The numbers of clusters, or of `what` else is counted, in rising order, each once.

    Raises:
        OptionError: There is none, or one is less than 1 or more than the points.
    """
    wanted: Sequence[int] = sorted({int(k) for k in ks})
    if not wanted:
        raise OptionError(f"no number of {what} was given", "such as k = 10, or 5..40/5")
    if wanted[0] < 1:
        raise OptionError(f"{wanted[0]} {what} were asked for", "ask for at least 1")
    if wanted[-1] > len(points):
        raise OptionError(
            f"{wanted[-1]} {what} were asked for; there are {len(points)} images",
            f"ask for fewer {what} or give more images",
        )
    return tuple(wanted)


def at_least_one(**options: float) -> None:
    """Refuse a number of starts, iterations and the like that is less than 1.

    Raises:
        OptionError: One is.
    """
    for name, value in options.items():
        if value < 1:
            raise OptionError(f"{name} is {value}; it must be at least 1")
