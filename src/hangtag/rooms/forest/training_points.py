"""Points and labels go in, checked and in the form that trees are grown from; or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.rooms.forest.kinds import AS_SCIKIT_LEARN, KINDS, Growth, check_growth


@dataclass(frozen=True, eq=False)
class TrainingPoints:
    """What every tree is grown from.

    Attributes:
        kind: A name in ``KINDS``.
        points: ``(n, d)`` float32.
        labels: ``(n,)`` float64, positions in `present`.
        present: ``(c,)`` int64, the classes that occur, in rising order.
        n_classes: Classes there are, absent ones included.
        growth: How the trees grow.
    """

    kind: str
    points: NDArray[np.float32]
    labels: NDArray[np.float64]
    present: NDArray[np.int64]
    n_classes: int
    growth: Growth = AS_SCIKIT_LEARN


def prepare(
    kind: str,
    points: NDArray[Any],
    labels: NDArray[np.int64],
    n_classes: int | None,
    growth: Growth = AS_SCIKIT_LEARN,
) -> TrainingPoints:
    """Check what a forest is to be grown from.

    Raises:
        OptionError: The kind is not known, or points and labels cannot grow a forest.
    """
    check_growth(growth)
    if kind not in KINDS:
        raise OptionError(f"there is no forest of kind '{kind}'", nearest(kind, KINDS))
    values = as_points(points, labels, "training")
    # scikit-learn numbers the classes that occur; a class with no training image has no column in
    # any leaf, and gets probability zero when answers are spread over all classes.
    present, own = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        raise OptionError(
            f"a forest needs training images of at least two classes; got {len(present)}",
            "give more classes, or a split that has images of each in training",
        )
    classes = int(present[-1]) + 1 if n_classes is None else n_classes
    if present[-1] >= classes:
        raise OptionError(f"there are {classes} classes and a label {present[-1]}")
    # Labels in float64, as scikit-learn's trees take them: any other type is copied for every tree.
    return TrainingPoints(kind, values, own.astype(np.float64), present, classes, growth)


def as_points(points: NDArray[Any], labels: NDArray[np.int64], part: str) -> NDArray[np.float32]:
    """``(n, d)`` float32 points with one label each.

    Raises:
        OptionError: They are not.
    """
    if points.ndim != 2 or 0 in points.shape:
        raise OptionError(
            f"a forest needs a table of {part} points, one per image; got shape {points.shape}",
            "flatten the images or project them first",
        )
    if labels.shape != (len(points),):
        raise OptionError(f"there are {len(points)} {part} points and {labels.size} labels")
    if (labels < 0).any():
        raise OptionError(
            f"{int((labels < 0).sum())} {part} images have no class", "leave them out"
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and refused
        values = np.ascontiguousarray(points, np.float32)
    if not np.isfinite(values).all():
        raise OptionError(f"some {part} points are infinite or not a number")
    return values


def check_sizes(**options: int | None) -> None:
    """Refuse numbers of trees and depths that are less than 1.

    Raises:
        OptionError: One is.
    """
    for name, value in options.items():
        if value is not None and value < 1:
            raise OptionError(f"{name} is {value}; it must be at least 1")
