"""Points and numbers of clusters go in, k-means clusterings come out, all of a sweep at once.

The runs of every number and every start are scikit-learn's: the same starts from the same seed, the
same tolerance, the same best one. See :mod:`hangtag.rooms.cluster.lloyd` for what makes them quick.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.geometry.threads import each
from hangtag.progress import Progress, silent
from hangtag.records import Clustering, ImageSet, Sweep, SweepRow
from hangtag.rooms.cluster import choose, hard, lloyd
from hangtag.rooms.cluster.method import Method
from hangtag.rooms.cluster.points import Checked, at_least_one, check, check_counts
from hangtag.rooms.cluster.silhouette import silhouettes
from hangtag.rooms.cluster.starts import STARTS, starts

PATIENCE = 100.0
"""How patient a sweep is with a start. On 10,000 sign-language images in 112 dimensions, with
8 x 50 starts in 20 random orders, patience 100 spared 38 % of all iterations and never lost a best
start; patience 60 spared 44 % and lost one in 9 % of the sweeps, by 0.04 % of the inertia at most.
"""
_WAVES = (5, 15)  # how many starts have ended when the next ones begin to be compared with them

STABLE = 1e-3  # relative difference of inertias that counts as the same result
SAME = 1e-10  # relative difference of inertias that is rounding


@dataclass(frozen=True)
class _Options:
    seed: int
    n_init: int
    init: str
    max_iter: int
    tol: float
    patience: float = 0

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class _Best:
    run: lloyd.Run
    stability: float
    stopped_early: int


def kmeans(
    points: NDArray[Any],
    k: int,
    *,
    seed: int = 0,
    n_init: int = 10,
    init: str = "k-means++",
    max_iter: int = 300,
    tol: float = 1e-4,
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Clustering:
    """Divide points into `k` clusters.

    Args:
        points: ``(n, d)`` numbers, one row per image.
        k: How many clusters.
        seed: Draws the starts, as ``random_state`` does in scikit-learn.
        n_init: Starts; the one with the least inertia is kept.
        init: ``k-means++`` or ``random``.
        max_iter: Iterations of a start at most.
        tol: A start has converged when its centres move less than this proportion of the points'
            mean variance.
        images: The set the points are images of; without it the clusters can be shown on none.
        indices: ``(n,)`` which image of the set each point stands for; None when each image has
            its point, in order.
        progress: Told how many starts are done.

    Returns:
        The clustering: that of scikit-learn's ``KMeans`` with the same options, but for points
        that two centres are equally near to within float32.

    Raises:
        OptionError: `k` is more than the points, the points are not finite, or an option cannot be.

    Example:
        >>> clusters = kmeans(pca.transform(images.images), 10, images=images)
    """
    options = _Options(seed, n_init, init, max_iter, tol)
    checked = _checked(points, options, images, indices)
    (count,) = check_counts(checked, [k])
    ready = lloyd.prepare(checked.values)
    (best,) = _runs(ready, (count,), options, progress)
    return _clustering(checked, ready, best, options)


def kmeans_sweep(
    points: NDArray[Any],
    ks: Iterable[int],
    *,
    seed: int = 0,
    n_init: int = 50,
    init: str = "random",
    max_iter: int = 300,
    tol: float = 1e-4,
    patience: float = PATIENCE,
    rule: str = choose.ELBOW,
    silhouette_sample: int | None = None,
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Try many numbers of clusters as one computation, score each, and choose.

    Args:
        points: ``(n, d)`` numbers, one row per image.
        ks: The numbers of clusters to try.
        seed: Draws the starts of every number, as ``random_state`` does in scikit-learn.
        n_init: Starts of every number.
        init: ``k-means++`` or ``random``.
        max_iter: Iterations of a start at most.
        tol: See :func:`kmeans`.
        patience: A start is given up when, going on for this many iterations at the pace of its
            last three, it would still be more than 0.1 % worse than the best that has ended; 0
            gives none up, and then every result is scikit-learn's.
        rule: How to choose: ``elbow``, ``silhouette``, ``calinski-harabasz``, ``davies-bouldin``.
        silhouette_sample: Points whose silhouette is averaged; None for all of them, exactly.
        images: The set the points are images of; without it the clusters can be shown on none.
        indices: ``(n,)`` which image of the set each point stands for; None when each image has
            its point, in order.
        progress: Told how many starts, then how many blocks of silhouettes are done.

    Returns:
        One row and one clustering per number, and the choice.

    Raises:
        OptionError: As :func:`kmeans`; or there is no such rule.

    Example:
        >>> sweep = kmeans_sweep(points, range(5, 41, 5), images=images)
        >>> sweep.choice.reason
    """
    options = _Options(seed, n_init, init, max_iter, tol, patience)
    checked = _checked(points, options, images, indices)
    counts = check_counts(checked, ks)
    choose.check_rule(rule, choose.HARD_RULES)
    sample = hard.drawn(len(checked), silhouette_sample, seed)
    began = time.perf_counter()
    ready = lloyd.prepare(checked.values)
    best = _runs(ready, counts, options, progress)
    climbed = time.perf_counter()
    assigned = [one.run.assignments for one in best]
    scored = silhouettes(ready, assigned, sample=sample, progress=progress)
    rows = tuple(_row(ready, one, score) for one, score in zip(best, scored, strict=True))
    seconds = {"k-means": climbed - began, "scores": time.perf_counter() - climbed}
    clusterings = tuple(_clustering(checked, ready, one, options) for one in best)
    asked = options.to_dict() | {"rule": rule, "silhouette_sample": silhouette_sample}
    notes = _notes(clusterings, sample, len(checked)) + _given_up(best, options)
    return Sweep(rows, clusterings, choose.choose(rows, rule), asked, seconds, notes)


def _checked(
    points: NDArray[Any],
    options: _Options,
    images: ImageSet | None,
    indices: NDArray[np.int64] | None,
) -> Checked:
    at_least_one(n_init=options.n_init, max_iter=options.max_iter)
    if options.init not in STARTS:
        raise OptionError(f"k-means has no start '{options.init}'", nearest(options.init, STARTS))
    for name in ("tol", "patience"):
        value = getattr(options, name)
        if not value >= 0:
            raise OptionError(f"{name} is {value}; it must be at least 0")
    return check(points, images, indices)


def _runs(
    ready: lloyd.Prepared, counts: tuple[int, ...], options: _Options, progress: Progress
) -> list[_Best]:
    """The best run of each number of clusters.

    Starts run in waves, and are compared only with those of earlier waves: which are given up does
    not depend on which thread is quicker.
    """
    # scikit-learn's: relative to the mean variance, so that it does not depend on the units.
    tolerance = options.tol * float(np.mean(np.var(ready.centred, axis=0)))
    drawn = [_starts(ready, k, options) for k in counts]
    runs: list[list[lloyd.Run]] = [[] for _ in counts]

    def work(task: tuple[NDArray[np.float64], float]) -> lloyd.Run:
        start, rival = task
        limits = lloyd.Limits(options.max_iter, tolerance, options.patience, rival)
        return lloyd.iterate(ready, start, limits)

    def tell(stage: str, done: int, total: int, note: str = "", /) -> None:  # noqa: ARG001
        progress(stage, before + done, len(counts) * options.n_init, note)

    ends = [*(end for end in _WAVES if end < options.n_init), options.n_init]
    for first, last in zip([0, *ends], ends, strict=False):
        before = len(counts) * first
        wave = [(place, start) for place, all_ in enumerate(drawn) for start in all_[first:last]]
        # Only the best of waves that have ended: comparing with starts that run at the same time
        # would let the machine's load decide which are given up.
        rivals = [(1 + STABLE) * min((r.inertia for r in ended), default=np.inf) for ended in runs]
        tasks = [(start, rivals[place]) for place, start in wave]
        for (place, _), run in zip(wave, each(work, tasks, tell, "k-means"), strict=True):
            runs[place].append(run)
    return [_best_of(of_one, ready) for of_one in runs]


def _starts(ready: lloyd.Prepared, k: int, options: _Options) -> list[NDArray[np.float64]]:
    return starts(
        ready.centred,
        ready.squares,
        k,
        init=options.init,
        n_init=options.n_init,
        seed=options.seed,
    )


def _best_of(runs: list[lloyd.Run], ready: lloyd.Prepared) -> _Best:
    ended = [run for run in runs if not run.stopped_early]
    least = min(run.inertia for run in ended)
    # Of starts that came to the same result the first, as in a loop over them; which of equal ones
    # is least is rounding.
    first = next(run for run in ended if run.inertia <= least * (1 + SAME))
    stability = sum(run.inertia <= least * (1 + STABLE) for run in ended) / len(runs)
    return _Best(lloyd.settle(ready, first), stability, len(runs) - len(ended))


def _clustering(
    checked: Checked, ready: lloyd.Prepared, best: _Best, options: _Options
) -> Clustering:
    run = best.run
    sizes = np.bincount(run.assignments, minlength=len(run.centres))
    # With fewer different points than clusters some centre is nearest to nothing; scikit-learn
    # warns, here a note says it.
    empty = int((sizes == 0).sum())
    note = f"{empty} of {len(sizes)} clusters are empty: there are fewer different points"
    return Clustering(
        method="kmeans",
        indices=checked.indices,
        assignments=run.assignments.astype(np.int64),
        centres=run.centres + ready.mean,
        fingerprint=checked.fingerprint,
        options={"k": len(run.centres), **options.to_dict()},
        scores={"inertia": run.inertia, "iterations": run.iterations},
        notes=(note,) if empty else (),
    )


def _row(ready: lloyd.Prepared, best: _Best, silhouette: tuple[float, float]) -> SweepRow:
    run = best.run
    return hard.row(
        ready,
        run.assignments,
        len(run.centres),
        silhouette,
        inertia=run.inertia,
        iterations=run.iterations,
        stability=best.stability,
        stopped_early=best.stopped_early,
    )


def _notes(
    clusterings: tuple[Clustering, ...], sample: NDArray[np.int64] | None, n: int
) -> tuple[str, ...]:
    notes = [f"k = {one.k}: {note}" for one in clusterings for note in one.notes]
    return (*notes, *hard.sample_note(sample, n))


def _given_up(best: list[_Best], options: _Options) -> tuple[str, ...]:
    count = sum(one.stopped_early for one in best)
    if not count:
        return ()
    return (
        f"{count} of {len(best) * options.n_init} restarts were stopped early: after "
        f"{options.patience:g} more iterations at their pace they would still have been more than "
        "0.1 % worse than the best",
    )


METHOD = Method(kmeans_sweep, choose.HARD_RULES, choices={"init": tuple(STARTS)})
