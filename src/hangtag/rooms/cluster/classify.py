"""Points, labels and numbers of components go in, mixtures that answer with classes come out.

A mixture is fitted without looking at labels and each component then stands for the classes that
its points have; or every class has a mixture of its own. Both are :class:`Components`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import Mixture
from hangtag.rooms.cluster.components import Components, check_size, components_of, joined
from hangtag.rooms.cluster.covariance.table import COVARIANCES
from hangtag.rooms.cluster.going_on import Keeping
from hangtag.rooms.cluster.mixture import mixture_sweep
from hangtag.rooms.cluster.points import check, check_counts

PSEUDO_COUNT = 1.0
REGULARISATION = 100.0
"""Ten grey levels, squared: what images of one kind may differ by along any axis.

Clusters are described with scikit-learn's 1e-6. A component that few images made has directions
in which they hardly differ, and with 1e-6 any new image is beyond reach there: 40 components of
4,800 images of Fashion-MNIST are then right about 22 % of new ones, and with 100 about 71 %.
"""


@dataclass(frozen=True, eq=False)
class Classifying:
    """A mixture that answers with classes, and what must be known of it.

    Attributes:
        k: Components asked for: of the mixture, or of each class's.
        components: All of them.
        regularised: How many differ along some direction by less than the regularisation.
        converged: Whether all of it converged.
    """

    k: int
    components: Components
    regularised: int
    converged: bool


@dataclass(frozen=True, eq=False)
class _Material:
    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    counts: NDArray[np.int64]  # points of every class
    names: tuple[str, ...]
    ks: tuple[int, ...]
    options: dict[str, Any]
    progress: Progress


def classifying(
    points: NDArray[Any],
    labels: NDArray[np.int64],
    ks: Iterable[int],
    *,
    class_conditional: bool = False,
    covariance: str = "full",
    pseudo_count: float | None = None,
    class_names: Sequence[str] | None = None,
    seed: int = 0,
    n_init: int = 1,
    max_iter: int = 100,
    tol: float = 1e-3,
    regularisation: float = REGULARISATION,
    keeping: Keeping | None = None,
    progress: Progress = silent,
) -> tuple[Classifying, ...]:
    """Fit mixtures of several numbers of components and let each answer with classes.

    ``P(class | component)`` is the proportion of the class in the component, every point counted
    with its responsibility and `pseudo_count` more points added that are of all classes as often as
    `labels` are: ``(n_kc + s p_c) / (n_k + s)``. That is the m-estimate of Cestnik, "Estimating
    probabilities: a crucial task in machine learning", 1990. With the default of one point a
    component of hundreds stays as it is, one without points answers what is known without it, and
    no probability is exactly zero. Adding one point of *every* class instead would pull a small
    component towards all classes being equally probable, the more the more classes there are.

    Args:
        points: ``(n, d)`` numbers, one row per training image.
        labels: ``(n,)`` their classes, from 0.
        ks: The numbers of components to try.
        class_conditional: Give each class a mixture of its own, and weigh them with Bayes' rule
            by how many points each has.
        covariance: ``full``, ``tied``, ``diagonal`` or ``spherical``; not ``tied`` with
            `class_conditional`.
        pseudo_count: Points added to every component; None takes 1. Not with `class_conditional`.
        class_names: All classes there are; None for numbers up to the highest label.
        seed: As for ``mixture_sweep``, and likewise all that follow.
        n_init: Starts of every number.
        max_iter: Iterations of a start at most.
        tol: Smallest rise of the mean log-likelihood that is worth another iteration.
        regularisation: Added to the diagonal of every covariance, in squared units of the points.
        keeping: As for ``mixture_sweep``; with `class_conditional` it keeps a sweep of each class.
        progress: Told how many starts are done.

    Returns:
        One per number, fewest components first.

    Raises:
        OptionError: Points or labels cannot be learnt from, an option cannot be, or there are more
            components than points.
        FailedError: A covariance stays singular whatever is added to it.

    Example:
        >>> (model,) = classifying(points, labels, [40])
        >>> model.components.probabilities(points).argmax(axis=1)
    """
    _check_options(covariance, pseudo_count, class_conditional=class_conditional)
    checked = check(points, None, None)
    counts = _counts(checked.values, labels, class_names)
    names = class_names or tuple(map(str, range(len(counts))))
    material = _Material(
        points=checked.values,
        labels=labels,
        counts=counts,
        names=tuple(names),
        ks=check_counts(checked, ks, "components"),
        options={
            "covariance": covariance,
            "seed": seed,
            "n_init": n_init,
            "max_iter": max_iter,
            "tol": tol,
            "regularisation": regularisation,
            "keeping": keeping or Keeping(),
        },
        progress=progress,
    )
    classes = int((counts > 0).sum()) if class_conditional else 1
    check_size(covariance, classes * material.ks[-1], checked.values.shape[1])
    if class_conditional:
        _check_classes(material)
        return _class_conditional(material)
    return _one(material, PSEUDO_COUNT if pseudo_count is None else pseudo_count)


def _one(material: _Material, pseudo_count: float) -> tuple[Classifying, ...]:
    sweep = mixture_sweep(
        material.points, material.ks, progress=material.progress, **material.options
    )
    return tuple(
        Classifying(
            k=one.row.k,
            components=components_of(one, _table(one, material, pseudo_count)),
            regularised=one.row.regularised,
            converged=one.row.converged,
        )
        for one in sweep.mixtures
    )


def _table(one: Mixture, material: _Material, pseudo_count: float) -> NDArray[np.float64]:
    """``(k, n_classes)`` how probable each class is in each component."""
    counts, belongs = material.counts, one.responsibilities
    # Summed by class from float32 responsibilities in float64: of many thousand small numbers
    # float32 would lose the last.
    of_class = [
        belongs[material.labels == label].sum(axis=0, dtype=np.float64)
        for label in range(len(counts))
    ]
    proportions = counts / counts.sum()
    table: NDArray[np.float64] = np.stack(of_class, axis=1) + pseudo_count * proportions
    totals = table.sum(axis=1, keepdims=True)
    empty = totals[:, 0] < 1e-9  # a component that no point belongs to, and nothing to smooth it
    # It answers what is known without looking: the classes as often as they are.
    table[empty], totals[empty] = proportions, 1
    table /= totals
    return table


def _class_conditional(material: _Material) -> tuple[Classifying, ...]:
    present = np.flatnonzero(material.counts)
    proportions = material.counts[present] / material.counts.sum()
    answers = np.eye(len(material.counts))
    sweeps = []
    for place, label in enumerate(present):
        material.progress("classes", place, len(present), material.names[label])
        own = material.points[material.labels == label]
        sweep = mixture_sweep(own, material.ks, progress=material.progress, **material.options)
        sweeps.append(sweep.mixtures)
    material.progress("classes", len(present), len(present))
    found = []
    for k, mixtures in zip(material.ks, zip(*sweeps, strict=True), strict=True):
        # A component of a class's own mixture stands for that class alone, so Bayes' rule over
        # classes and the sum over components are one formula.
        parts = [
            components_of(one, np.tile(answers[label], (k, 1)))
            for one, label in zip(mixtures, present, strict=True)
        ]
        found.append(
            Classifying(
                k=k,
                components=joined(parts, proportions),
                regularised=sum(one.row.regularised for one in mixtures),
                converged=all(one.row.converged for one in mixtures),
            )
        )
    return tuple(found)


def _check_classes(material: _Material) -> None:
    """Refuse classes that have too few points for a mixture of their own.

    Raises:
        OptionError: One has.
    """
    # Two at least: one point has no spread, and its component would be a spike that only that image
    # fits.
    most = max(2, material.ks[-1])
    for name, count in zip(material.names, material.counts, strict=True):
        if 0 < count < most:
            raise OptionError(
                f"{material.ks[-1]} components were asked for of each class; '{name}' has "
                f"{count} training images" + (", and a mixture needs 2" if count < 2 else ""),
                "fewer components, or one mixture for all classes",
            )


def _check_options(covariance: str, pseudo_count: float | None, *, class_conditional: bool) -> None:
    if covariance not in COVARIANCES:
        raise OptionError(
            f"there is no covariance '{covariance}'", nearest(covariance, COVARIANCES)
        )
    if class_conditional and covariance == "tied":
        raise OptionError(
            "mixtures of different classes have no covariance that all components share",
            "full, diagonal or spherical",
        )
    if pseudo_count is None:
        return
    if class_conditional:
        raise OptionError(
            "a component of a class's own mixture stands for that class: nothing is to smooth",
            "leave the pseudo-count out",
        )
    if not 0 <= pseudo_count < float("inf"):
        raise OptionError(f"the pseudo-count is {pseudo_count}", "a number of images, at least 0")


def _counts(
    points: NDArray[np.float64], labels: NDArray[np.int64], class_names: Sequence[str] | None
) -> NDArray[np.int64]:
    """``(n_classes,)`` points of each class.

    Raises:
        OptionError: There is not one class a point, or fewer than two classes.
    """
    if labels.shape != (len(points),):
        raise OptionError(f"there are {len(points)} points and {labels.size} labels")
    if (labels < 0).any():
        raise OptionError(
            f"{int((labels < 0).sum())} training images have no class", "leave them out"
        )
    # Classes without an image keep their place, so that columns of answers are those of the set.
    counts = np.bincount(labels, minlength=len(class_names or ()))
    if class_names is not None and len(counts) > len(class_names):
        raise OptionError(f"there are {len(class_names)} classes and a label {len(counts) - 1}")
    if (counts > 0).sum() < 2:
        raise OptionError(
            "a classifier needs training images of at least two classes; got one",
            "give more classes, or a split that has images of each in training",
        )
    return counts
