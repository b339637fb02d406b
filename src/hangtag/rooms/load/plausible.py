"""Whether columns of numbers whose names do not say so can be pixels: by the values of all rows.

Pixels are of one range, and like the ones beside them; prices, sizes and readings are neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError
from hangtag.rooms.load.columns import Layout

PROPORTION = 0.75
"""Of the columns that change, so many reach half of what the brightest reaches."""

SMOOTH = 0.9
"""Columns side by side differ at most this much, of what columns far apart do."""

_ROWS = 2048


def check_pixels(values: NDArray[Any], layout: Layout, where: str) -> None:
    """Ask where columns may be pixels or measurements.

    Raises:
        AmbiguousError: They are neither of one range nor smooth.
    """
    if layout.sure or not len(values) or _one_range(values) or _is_smooth(values[:_ROWS]):
        return
    raise AmbiguousError(
        f"the {values.shape[1]} columns of numbers in {where} may be pixels, or measurements of"
        " something: they are of different ranges, and those side by side are not alike",
        "say --as csv if they are pixels; if not, what is read instead, such as --as folder",
    )


def _one_range(values: NDArray[Any]) -> bool:
    """Whether columns of whole numbers reach about the same."""
    high, low = values.max(axis=0), values.min(axis=0)
    if not (low >= 0).all() or (values.dtype.kind == "f" and (values[:_ROWS] % 1).any()):
        return False
    moving = high[high != low].astype(float)
    return bool(len(moving)) and bool((2 * moving >= moving.max()).mean() >= PROPORTION)


def _is_smooth(values: NDArray[Any]) -> bool:
    some = values.astype(np.float32)
    beside = np.abs(np.diff(some, axis=1)).mean()
    shuffled = some[:, np.random.default_rng(0).permutation(some.shape[1])]
    apart = np.abs(np.diff(shuffled, axis=1)).mean()
    return bool(beside <= SMOOTH * apart)
