"""Thumbnails that do not overlap: places on a map go in, which images to show where comes out.

Greedy and repeatable: points are looked at in an order drawn by the seed, and one is shown when its
thumbnail overlaps none that is shown already. What comes out are numbers; drawing is elsewhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError


def thumbnails(
    places: NDArray[np.floating],
    *,
    size: float = 0.04,
    seed: int = 0,
    most: int | None = None,
) -> NDArray[np.int64]:
    """Choose points whose thumbnails, centred on them, do not overlap.

    Args:
        places: ``(n, 2)`` places on a map.
        size: Side of a thumbnail as a proportion of the longer side of the map.
        seed: Draws the order in which points are looked at.
        most: Thumbnails at most; None for as many as fit.

    Returns:
        ``(m,)`` rising row numbers of `places`: the thumbnails to draw, each with its middle at
        its place.

    Raises:
        OptionError: `places` are not two-dimensional, or `size` is not in (0, 1].
    """
    if places.ndim != 2 or places.shape[1] != 2:
        raise OptionError(f"thumbnails lie on maps of 2 dimensions; got {places.shape[-1]}")
    if not 0 < size <= 1:
        raise OptionError(f"a thumbnail cannot be {size} of the map", "give a proportion up to 1")
    if not len(places):
        return np.empty(0, np.int64)
    extent = float(np.ptp(places, axis=0).max()) or 1.0
    cells = (places - places.min(axis=0)) / (extent * size)  # a thumbnail is 1 x 1
    shown: dict[tuple[int, int], NDArray[np.floating]] = {}
    chosen: list[int] = []
    for row in np.random.default_rng(seed).permutation(len(places)).tolist():
        if len(chosen) == most:
            break
        # Two thumbnails overlap when they are closer than their side along both axes; a grid of
        # cells of that side needs to be looked at in the nine cells around a place only.
        if _free(cells[row], shown):
            shown[_cell(cells[row])] = cells[row]
            chosen.append(row)
    return np.sort(np.asarray(chosen, np.int64))


def _cell(at: NDArray[np.floating]) -> tuple[int, int]:
    return int(at[0]), int(at[1])


def _free(at: NDArray[np.floating], shown: dict[tuple[int, int], NDArray[np.floating]]) -> bool:
    """Whether a thumbnail here overlaps none; a cell of side 1 holds at most one middle."""
    across, down = _cell(at)
    for column in range(across - 1, across + 2):
        for line in range(down - 1, down + 2):
            other = shown.get((column, line))
            if other is not None and np.abs(other - at).max() < 1:
                return False
    return True
