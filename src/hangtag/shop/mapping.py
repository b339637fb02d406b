"""A catalogue goes in; where each of its items lies on a map of two axes comes out.

The map is the plane of the two principal axes of the kept embeddings. It is linear: whoever is far
on it is far, whoever is near may still differ along an axis that the map does not have, and the
proportion of the variance that it shows is said beside it. No photo is opened for it, and the same
embeddings give the same map, in seconds where neighbour-preserving maps of 100,000 items take many
minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import ConflictError
from hangtag.geometry import fit_pca
from hangtag.progress import Progress, silent
from hangtag.rooms import catalog as room
from hangtag.shop.opening import Shop, open_catalog

MOST = 20_000
"""Photos that the axes are fitted on, spread evenly; all of them are then placed."""
_PART = 8192


@dataclass(frozen=True, eq=False)
class ItemMap:
    """Where items lie.

    Attributes:
        items: ``(n,)`` int64, their numbers, rising.
        places: ``(n, 2)`` float64 from 0 to 1, one scale for both axes.
        share: Of the variance of the embeddings, that both axes show.
    """

    items: NDArray[np.int64]
    places: NDArray[np.float64]
    share: float


def map_items(shop: Shop, *, progress: Progress = silent) -> ItemMap:
    """Place every item by its kept embeddings; of several photos in the middle of them.

    Args:
        shop: The catalogue or its file.
        progress: Told how many photos are placed.

    Raises:
        ConflictError: Nothing was embedded yet, or fewer than three photos.
    """
    catalog = open_catalog(shop)
    small, scales, numbers, _, _ = room.packed(
        catalog, room.newest_encoder(catalog)[0], progress=progress
    )
    if len(small) < 3:
        raise ConflictError(
            f"{len(small)} photos are embedded, which make no map", "import and tag more items"
        )
    some = np.unique(np.linspace(0, len(small) - 1, min(MOST, len(small))).astype(np.int64))
    axes = fit_pca(small[some] * scales[some, None], components=2, progress=progress)
    placed = np.empty((len(small), 2))
    for start in range(0, len(small), _PART):
        part = slice(start, start + _PART)
        placed[part] = (small[part] * scales[part, None] - axes.mean) @ axes.components.T
        progress("placed", min(start + _PART, len(small)), len(small))
    items, where = np.unique(numbers, return_inverse=True)
    counts = np.bincount(where)
    middle = np.stack([np.bincount(where, placed[:, axis]) / counts for axis in (0, 1)], axis=1)
    # One scale for both, so that distances on the screen are those of the plane.
    low, width = middle.min(axis=0), float(np.ptp(middle, axis=0).max())
    return ItemMap(items, (middle - low) / (width or 1.0), float(axes.ratios.sum()))
