"""In which order the values of a row of a colour image stand: told by how smooth it comes out.

Planar rows hold all red values, then all green, then all blue, as CIFAR's do; interleaved ones
red, green and blue of each pixel. Read in the wrong order, what lie side by side are pixels three
apart or in other rows, which differ more than neighbours do. Many rows are measured; where they do
not agree, it is a question.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError

ROWS = 256
"""So many rows are measured, spread evenly over all."""

CLEARLY = 1.1
"""The wrong order must come out this many times as rough."""

STABLE = 0.75
"""This proportion of the rows must be smoother in the order that is chosen."""


def to_images(
    rows: NDArray[Any], shape: tuple[int, int, int], asked: str | None, where: str
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Rows as ``(n, height, width, channels)`` images, and what was decided.

    Raises:
        AmbiguousError: Nobody said the order, and it cannot be told.
    """
    height, width, channels = shape
    if channels == 1:
        return rows.reshape(-1, height, width, 1), ()
    order = asked or measured(rows, height, width)
    if order is None:
        raise AmbiguousError(
            f"the rows of {where} are {height}×{width} images in colour, and whether they hold"
            " red, green and blue one after the other (planar) or of each pixel (interleaved)"
            " cannot be told",
            "say which it is: --order planar or --order interleaved",
        )
    if order == "interleaved":
        return rows.reshape(-1, height, width, 3), ()
    planes = rows.reshape(-1, 3, height, width).transpose(0, 2, 3, 1)
    how = "as asked" if asked else "as their smoothness shows"
    return planes, (f"rows were read as planar (all red, all green, all blue), {how}",)


def measured(rows: NDArray[Any], height: int, width: int) -> str | None:
    """``planar`` or ``interleaved``; None when it cannot be told."""
    # Spread evenly and not drawn: the same file is read the same way every time, and a file that is
    # sorted by class shows all of them.
    some = rows[np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).astype(int)].astype(np.float64)
    if not np.isfinite(some).all():
        return "interleaved"  # such values are refused later, whatever their order
    planar = _roughness(some.reshape(-1, 3, height, width), 2, 3)
    interleaved = _roughness(some.reshape(-1, height, width, 3), 1, 2)
    # One-coloured images come out alike in both orders and have no say.
    told = planar != interleaved
    if not told.any():
        return None
    for order, own, other in (
        ("planar", planar, interleaved),
        ("interleaved", interleaved, planar),
    ):
        # Both must hold: most rows agree, and the difference is large in all. A few rows with
        # strong edges may carry the sum, and many rows may agree by a hair.
        smoother = (own < other)[told].mean() >= STABLE
        if smoother and CLEARLY * own.sum() < other.sum():
            return order
    return None


def _roughness(images: NDArray[np.float64], *axes: int) -> NDArray[np.float64]:
    """How much neighbours differ, for each image."""
    rough = np.zeros(len(images))
    for axis in axes:
        difference = np.abs(np.diff(images, axis=axis))
        rough += difference.reshape(len(images), -1).mean(axis=1) if difference.size else 0
    return rough
