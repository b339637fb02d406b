"""The sweep of whatever gives each point one cluster: assignments for every k in, a Sweep out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.progress import Progress, silent
from hangtag.records import Clustering, ImageSet, Sweep, SweepRow
from hangtag.rooms.cluster import choose, lloyd
from hangtag.rooms.cluster.points import check, check_counts
from hangtag.rooms.cluster.separation import calinski_harabasz_and_davies_bouldin
from hangtag.rooms.cluster.silhouette import silhouettes

Assign = Callable[[NDArray[np.float64], tuple[int, ...]], list[NDArray[np.int32]]]

EXACT, SAMPLED = 100_000, 5_000
"""Up to how many points every silhouette is computed, and how many are of more."""


def sweep(
    method: str,
    assign: Assign,
    points: NDArray[Any],
    ks: Iterable[int],
    *,
    options: Mapping[str, Any],
    seed: int,
    rule: str,
    silhouette_sample: int | None = None,
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Cluster with every number of clusters, score each, and choose.

    Args:
        method: Its name.
        assign: From centred points and the numbers to ``(n,)`` int32 clusters for each number.
        points: ``(n, d)`` numbers, one row per image.
        ks: The numbers of clusters to try.
        options: The method's own.
        seed: Draws the sample of silhouettes.
        rule: How to choose, among ``choose.HARD_RULES``.
        silhouette_sample: Points whose silhouette is averaged; None for all of them, exactly.
        images: The set the points are images of.
        indices: ``(n,)`` which image of the set each point stands for.
        progress: Told how far the silhouettes are.

    Raises:
        OptionError: The points, the numbers or the rule cannot be.
    """
    checked = check(points, images, indices)
    counts = check_counts(checked, ks)
    choose.check_rule(rule, choose.HARD_RULES)
    sample = drawn(len(checked), silhouette_sample, seed)
    began = time.perf_counter()
    ready = lloyd.prepare(checked.values)
    assigned = assign(ready.centred, counts)
    ended = time.perf_counter()
    scored = silhouettes(ready, assigned, sample=sample, progress=progress)
    asked = {**options, "seed": seed}
    clusterings, rows = [], []
    for k, own, score in zip(counts, assigned, scored, strict=True):
        sizes = np.bincount(own, minlength=k)
        # An empty cluster has no middle; zero, the middle of the whole set, is a place that can be
        # drawn.
        centres = lloyd.sums_by_cluster(ready.centred, own, k) / np.maximum(sizes, 1)[:, None]
        # By differences and not by the split into between and within: there is one pass a number
        # only, and digits are kept.
        gaps = ready.centred - centres[own]
        inertia = float(np.einsum("ij,ij->", gaps, gaps))
        rows.append(row(ready, own, k, score, inertia=inertia))
        clusterings.append(
            Clustering(
                method=method,
                indices=checked.indices,
                assignments=own.astype(np.int64),
                centres=centres + ready.mean,
                fingerprint=checked.fingerprint,
                options={"k": k, **asked},
                scores={"inertia": inertia},
            )
        )
    return Sweep(
        tuple(rows),
        tuple(clusterings),
        choose.choose(rows, rule),
        asked | {"rule": rule, "silhouette_sample": silhouette_sample},
        {method: ended - began, "scores": time.perf_counter() - ended},
        sample_note(sample, len(checked)),
    )


def row(
    ready: lloyd.Prepared,
    assignments: NDArray[np.int32],
    k: int,
    silhouette: tuple[float, float],
    *,
    inertia: float,
    iterations: int = 0,
    stability: float = 1.0,
    stopped_early: int = 0,
) -> SweepRow:
    """One line of the table; what is undefined of one cluster, or of as many as points, is NaN."""
    ratio, overlap = calinski_harabasz_and_davies_bouldin(ready, assignments, k)
    # Of one cluster, or of as many as points, no score is defined; silhouettes are blanked with the
    # others so that no rule chooses by what only looks like a number.
    if np.isnan(ratio):
        silhouette = (np.nan, 0.0)
    return SweepRow(
        k=k,
        inertia=inertia,
        iterations=iterations,
        stability=stability,
        stopped_early=stopped_early,
        silhouette=silhouette[0],
        silhouette_error=silhouette[1],
        calinski_harabasz=ratio,
        davies_bouldin=overlap,
    )


def drawn(n: int, wanted: int | None, seed: int) -> NDArray[np.int64] | None:
    """The points whose silhouettes are averaged; None for all.

    All pairs of 60,000 points take 17 s on two cores, of 240,000 about 5 minutes; the mean of 5,000
    is known to a few thousandths.

    Raises:
        OptionError: There are too few for an error to be known.
    """
    if wanted is None and n > EXACT:
        wanted = SAMPLED
    if wanted is None or wanted >= n:
        return None
    if wanted < 2:
        raise OptionError(f"a silhouette sample of {wanted} has no error", "take at least 2")
    return np.sort(np.random.default_rng(seed).choice(n, wanted, replace=False))


def sample_note(sample: NDArray[np.int64] | None, n: int) -> tuple[str, ...]:
    """What a reader must know of sampled silhouettes."""
    if sample is None:
        return ()
    return (
        f"silhouettes are means over {len(sample)} of {n} points, each compared with all; "
        "their standard error stands beside them",
    )
