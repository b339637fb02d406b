"""Points and numbers of components go in, Gaussian mixtures come out, all of a sweep at once.

Every start of every number is scikit-learn's: k-means from the same seed, then the same EM steps to
the same tolerance, the best start by the same bound. What makes it quick is in
:mod:`hangtag.rooms.cluster.covariance.full`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.geometry.threads import each, limited
from hangtag.progress import Progress, silent
from hangtag.records import Clustering, ImageSet, Mixture, MixtureRow, MixtureSweep
from hangtag.rooms.cluster import choose, expectation, lloyd
from hangtag.rooms.cluster.covariance.family import CenteredPoints, Factors, Family
from hangtag.rooms.cluster.covariance.table import COVARIANCES
from hangtag.rooms.cluster.generate import generate
from hangtag.rooms.cluster.going_on import Climbed, Keeping
from hangtag.rooms.cluster.method import Column, Method
from hangtag.rooms.cluster.points import Checked, at_least_one, check, check_counts
from hangtag.rooms.cluster.starts import starts

_KMEANS_ITER, _KMEANS_TOL = 300, 1e-4  # scikit-learn's defaults for the k-means it starts from


@dataclass(frozen=True)
class _Options:
    covariance: str
    seed: int
    n_init: int
    max_iter: int
    tol: float
    regularisation: float

    @property
    def family(self) -> Family:
        return COVARIANCES[self.covariance]

    @property
    def limits(self) -> expectation.Limits:
        return expectation.Limits(self.max_iter, self.tol, self.regularisation)


@dataclass(frozen=True, eq=False)
class _Ready:
    checked: Checked
    lloyd: lloyd.Prepared
    centered: CenteredPoints


def mixture(
    points: NDArray[Any],
    k: int,
    *,
    covariance: str = "full",
    seed: int = 0,
    n_init: int = 1,
    max_iter: int = 100,
    tol: float = 1e-3,
    regularisation: float = 1e-6,
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Mixture:
    """Describe points by `k` Gaussian components.

    Args:
        points: ``(n, d)`` numbers, one row per image.
        k: How many components.
        covariance: ``full``, ``tied``, ``diagonal`` or ``spherical``.
        seed: Draws the starts, as ``random_state`` does in scikit-learn.
        n_init: Starts; the most likely one is kept.
        max_iter: Iterations of a start at most.
        tol: Smallest rise of the mean log-likelihood that is worth another iteration.
        regularisation: Added to the diagonal of every covariance, in squared units of the points.
        images: The set the points are images of; without it the clusters can be shown on none.
        indices: ``(n,)`` which image of the set each point stands for; None when each image has
            its point, in order.
        progress: Told how many starts are done.

    Returns:
        The mixture: that of scikit-learn's ``GaussianMixture`` with the same options. The notes of
        its clustering say which components are singular but for the regularisation.

    Raises:
        OptionError: `k` is more than the points, the points are not finite, or an option cannot be.
        FailedError: A covariance stays singular whatever is added to it.

    Example:
        >>> model = mixture(points, 25, n_init=10, images=images)
    """
    options = _Options(covariance, seed, n_init, max_iter, tol, regularisation)
    ready = _prepared(points, options, images, indices)
    (count,) = check_counts(ready.checked, [k])
    (found,) = _mixtures(ready, (count,), options, Keeping(), Climbed(), progress)
    return found


def mixture_sweep(
    points: NDArray[Any],
    ks: Iterable[int],
    *,
    covariance: str = "full",
    seed: int = 0,
    n_init: int = 10,
    max_iter: int = 100,
    tol: float = 1e-3,
    regularisation: float = 1e-6,
    rule: str = "bic",
    images: ImageSet | None = None,
    indices: NDArray[np.int64] | None = None,
    keeping: Keeping | None = None,
    progress: Progress = silent,
) -> MixtureSweep:
    """Try many numbers of components as one computation, and choose.

    Args:
        points: ``(n, d)`` numbers, one row per image.
        ks: The numbers of components to try.
        covariance: ``full``, ``tied``, ``diagonal`` or ``spherical``.
        seed: Draws the starts of every number, as ``random_state`` does in scikit-learn.
        n_init: Starts of every number.
        max_iter: See :func:`mixture`.
        tol: See :func:`mixture`.
        regularisation: See :func:`mixture`.
        rule: ``bic`` or ``aic``.
        images: The set the points are images of; without it the clusters can be shown on none.
        indices: ``(n,)`` which image of the set each point stands for; None when each image has
            its point, in order.
        keeping: Where finished starts are kept from time to time, so that a sweep that was killed
            goes on from there; None keeps nothing.
        progress: Told how many starts are done.

    Returns:
        One row and one mixture per number, and the choice.

    Raises:
        OptionError: As :func:`mixture`; or there is no such rule.
        FailedError: A covariance stays singular whatever is added to it.

    Example:
        >>> sweep = mixture_sweep(points, range(5, 41, 5), images=images)
        >>> sweep.choice.reason
    """
    options = _Options(covariance, seed, n_init, max_iter, tol, regularisation)
    ready = _prepared(points, options, images, indices)
    counts = check_counts(ready.checked, ks)
    choose.check_rule(rule, choose.MIXTURE_RULES)
    keeping = keeping or Keeping()
    state = keeping.begun(ready.checked.values, {**vars(options), "ks": counts})
    mixtures = tuple(_mixtures(ready, counts, options, keeping, state, progress))
    rows = tuple(one.row for one in mixtures)
    notes = tuple(f"k = {one.row.k}: {note}" for one in mixtures for note in one.clustering.notes)
    seconds = {"mixtures": state.seconds}
    choice = choose.choose(rows, rule)
    return MixtureSweep(rows, mixtures, choice, {**vars(options), "rule": rule}, seconds, notes)


def _prepared(
    points: NDArray[Any],
    options: _Options,
    images: ImageSet | None,
    indices: NDArray[np.int64] | None,
) -> _Ready:
    at_least_one(n_init=options.n_init, max_iter=options.max_iter)
    if options.covariance not in COVARIANCES:
        raise OptionError(
            f"there is no covariance '{options.covariance}'",
            nearest(options.covariance, COVARIANCES),
        )
    for name in ("tol", "regularisation"):
        value = getattr(options, name)
        if not value >= 0:
            raise OptionError(f"{name} is {value}; it must be at least 0")
    checked = check(points, images, indices)
    if len(checked) < 2:
        raise OptionError("a mixture needs at least 2 images; got 1")
    return _Ready(checked, lloyd.prepare(checked.values), expectation.centered(checked.values))


def _mixtures(
    ready: _Ready,
    counts: tuple[int, ...],
    options: _Options,
    keeping: Keeping,
    state: Climbed,
    progress: Progress,
) -> Iterable[Mixture]:
    """The best start of each number, each finished when its last start is done."""
    # scikit-learn starts EM from k-means with its defaults, so its tolerance is that of k-means.
    variance = float(np.mean(np.var(ready.lloyd.centred, axis=0)))
    limits = lloyd.Limits(_KMEANS_ITER, _KMEANS_TOL * variance)

    def work(start: NDArray[np.float64]) -> expectation.Fitted:
        run = lloyd.settle(ready.lloyd, lloyd.iterate(ready.lloyd, start, limits))
        return expectation.fit(
            ready.centered, run.assignments, len(start), options.family, options.limits
        )

    fitted = each(work, _left(ready, counts, options, state.starts), progress, "mixtures")
    # A mixture is worked out with one thread whether its starts were fitted now or before a kill:
    # products of two threads can differ in the last bit.
    with limited(1):
        # One number after the other, though starts of the next are being fitted meanwhile: a
        # mixture is handed on as soon as its last start is done, and its memory with it.
        for place in range(len(counts)):
            while state.starts < (place + 1) * options.n_init:
                state.add(place, next(fitted))
                keeping.look()
            yield _mixture(ready, state.best[place], options)
        # The threads end with their last task, which ends when it is asked for one more.
        next(fitted, None)


def _left(
    ready: _Ready, counts: tuple[int, ...], options: _Options, done: int
) -> list[NDArray[np.float64]]:
    """The starts of every number in order, without the first `done`."""
    tasks: list[NDArray[np.float64]] = []
    for place, k in enumerate(counts):
        first = max(done - place * options.n_init, 0)
        if first < options.n_init:
            # All starts of a number are drawn though only the last are wanted: each comes after the
            # others out of one stream, and only so is it the start that it would have been.
            tasks += _starts(ready.lloyd, k, options)[first:]
    return tasks


def _starts(points: lloyd.Prepared, k: int, options: _Options) -> list[NDArray[np.float64]]:
    return starts(
        points.centred,
        points.squares,
        k,
        init="k-means++",
        n_init=options.n_init,
        seed=options.seed,
    )


def _mixture(ready: _Ready, best: expectation.Fitted, options: _Options) -> Mixture:
    centered, family, parameters = ready.centered, options.family, best.parameters
    # The likelihood is measured once more with the final parameters: the bound that EM stopped by
    # is that of the step before.
    n, d = centered.shape
    k = len(parameters.means)
    likelihood, belongs, owners = expectation.expect(centered, parameters, best.owners, family)
    singular = _singular(belongs, parameters.factors, d, options)
    # Covariances, means, and weights that sum to one.
    free = family.count(k, d) + k * d + k - 1
    row = MixtureRow(
        k=k,
        covariance=options.covariance,
        aic=-2 * likelihood * n + 2 * free,
        # Schwarz, "Estimating the dimension of a model", Annals of Statistics, 1978; AIC: Akaike,
        # 1974. The likelihood here is a mean over points, hence the n.
        bic=-2 * likelihood * n + free * float(np.log(n)),
        log_likelihood=likelihood,
        iterations=best.iterations,
        converged=best.converged,
        regularised=int(singular.sum()),
    )
    means = np.empty_like(parameters.means)
    # Axes were put in order of their spread for the computation's sake (see covariance/full.py);
    # here they go back to where the caller has them.
    means[:, centered.order] = parameters.means
    clustering = Clustering(
        method="mixture",
        indices=ready.checked.indices,
        assignments=owners.astype(np.int64),
        centres=means + centered.mean,
        fingerprint=ready.checked.fingerprint,
        options={"k": k, **vars(options)},
        scores={"bic": row.bic, "aic": row.aic, "log_likelihood": likelihood},
        notes=_notes(row, options),
    )
    return Mixture(
        clustering=clustering,
        weights=parameters.weights,
        covariances=family.restore(parameters.covariances, centered.order),
        # Seven digits of a probability are more than anything downstream tells apart, and half the
        # memory.
        responsibilities=np.ascontiguousarray(belongs.T, np.float32),
        row=row,
    )


def _singular(
    belongs: NDArray[np.float64], factors: Factors, d: int, options: _Options
) -> NDArray[np.bool_]:
    """Components whose covariance has no full rank but for the regularisation."""
    # d + 1 points in general position are the least that span an ellipsoid in d dimensions; fewer
    # have a flat one, whatever the regularisation makes of it.
    points = (belongs > expectation.NOTHING).sum(axis=1)
    needed = {"full": d + 1, "tied": 0, "diagonal": 2, "spherical": 2}[options.covariance]
    # At most as much spread of its own as was added: along that axis the component is the
    # regularisation.
    narrow = factors.narrowest <= 2 * options.regularisation
    return np.asarray(factors.widened | narrow | (points < needed))


def _notes(row: MixtureRow, options: _Options) -> tuple[str, ...]:
    notes = []
    if row.regularised:
        notes.append(
            f"{row.regularised} of {row.k} covariances are singular: too few different images "
            f"for so many dimensions; they stand on the regularisation of "
            f"{options.regularisation:g} alone, which makes "
            "the likelihood, AIC and BIC of this number too good"
        )
    if not row.converged:
        notes.append(f"the best start had not converged after {row.iterations} iterations")
    return tuple(notes)


METHOD = Method(
    mixture_sweep,
    choose.MIXTURE_RULES,
    columns=(
        Column("k", "k"),
        Column("bic", "bic", ".0f"),
        Column("aic", "aic", ".0f"),
        Column("log-likelihood", "log_likelihood", ".4f"),
        Column("singular", "regularised"),
    ),
    curves=(("BIC", "bic"), ("AIC", "aic")),
    units="components",
    choices={"covariance": tuple(COVARIANCES)},
    new=generate,
    searched={"bic": ("BIC", False), "aic": ("AIC", False)},
    fewest=1,
    axes_vary=False,
)
