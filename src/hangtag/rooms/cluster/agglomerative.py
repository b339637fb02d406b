"""Agglomerative clustering: points go in, the groups of one tree cut at every number come out.

Ward, "Hierarchical grouping to optimize an objective function", 1963, and other ways to say how
far apart two groups are. The tree is SciPy's; it does not depend on how many groups are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Sweep
from hangtag.rooms.cluster import choose, hard
from hangtag.rooms.cluster.method import Method

LINKAGES = ("ward", "average", "complete", "single")
MOST = 15_000  # images: the distances between them, and SciPy's copy, take 1.8 GB


def sweep(
    points: NDArray[Any],
    ks: Iterable[int],
    *,
    linkage: str = "ward",
    seed: int = 0,
    rule: str = choose.ELBOW,
    silhouette_sample: int | None = None,
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Join the nearest groups until `ks` are left; see :func:`hangtag.rooms.cluster.hard.sweep`.

    Raises:
        OptionError: There are too many points, or no such linkage.
    """
    if linkage not in LINKAGES:
        raise OptionError(f"there is no linkage '{linkage}'", nearest(linkage, LINKAGES))
    if len(points) > MOST:
        raise OptionError(
            f"agglomerative compares every two images; {len(points):,} are more than {MOST:,}",
            "take a sample, such as --sample 10000",
        )

    def assign(centred: NDArray[np.float64], counts: tuple[int, ...]) -> list[NDArray[np.int32]]:
        from scipy.cluster import hierarchy

        progress("tree", 0, 1, f"{len(centred):,} images")
        # The tree is built once. SciPy numbers a group that is made by its merge, from n on, and
        # lists merges by rising distance: stopping k - 1 merges before the end leaves k groups.
        n = len(centred)
        joins = hierarchy.linkage(centred, linkage)[:, :2].astype(int) if n > 1 else ()
        own, found = np.arange(n), {n: np.arange(n, dtype=np.int32)}
        for left, (one, other) in zip(range(n - 1, 0, -1), joins, strict=True):
            own[(own == one) | (own == other)] = 2 * n - 1 - left
            if left in counts:
                found[left] = np.unique(own, return_inverse=True)[1].astype(np.int32)
        return [found[k] for k in counts]

    return hard.sweep(
        "agglomerative",
        assign,
        points,
        ks,
        options={"linkage": linkage},
        seed=seed,
        rule=rule,
        silhouette_sample=silhouette_sample,
        images=images,
        indices=indices,
        progress=progress,
    )


METHOD = Method(sweep, choose.HARD_RULES, choices={"linkage": LINKAGES})
