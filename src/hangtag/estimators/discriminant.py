"""Linear discriminant analysis: classes as Gaussians of one covariance, shrunk, in closed form.

The covariance within classes is drawn towards a sphere of the same mean variance, as J. H. Friedman
does in "Regularized discriminant analysis", Journal of the American Statistical Association 84
(1989); how far is chosen on validation images. What comes out is a weight for every feature and
class, as of a linear model, after one factorization instead of hundreds of steps.

Of a network's features their square roots are seen, where none is below 0: averages of what was
recognized over an image have long tails, which one covariance does not have (F. Perronnin,
J. Sánchez and T. Mensink, "Improving the Fisher kernel for large-scale image classification",
ECCV 2010, call it power normalization).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators.base import Fold
from hangtag.estimators.classical import Arrays, Graph, Learning, Sizes, Tried
from hangtag.estimators.linear import Weighted
from hangtag.estimators.points import NETWORKS
from hangtag.geometry.as_onnx import EMBEDDING
from hangtag.geometry.shrinkage import solve_shrunk
from hangtag.geometry.threads import each
from hangtag.progress import Progress
from hangtag.records import Config, ImageSet
from hangtag.requests import DiscriminantRequest

_Matrix = NDArray[np.float64]


class _Classes(NamedTuple):
    """Classes that have images.

    Attributes:
        means: ``(c, d)``.
        which: Their numbers.
        priors: Logarithms of their proportions of the images.
        apart: ``(n, d)``, every point from the mean of its own class.
    """

    means: _Matrix
    which: NDArray[np.int64]
    priors: _Matrix
    apart: _Matrix


class _Discriminant(Weighted):
    """The likeliest of Gaussians that differ in their means alone."""

    name, noun, title = "discriminant", "linear discriminant", "Linear discriminants"
    record = DiscriminantRequest

    def answer(self, arrays: Arrays, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Softmax of the sums, of the points or their roots."""
        if ROOTS not in arrays:
            return super().answer(arrays, points)
        return super().answer(_weights(arrays), _rooted(points))

    def calibrated(self, arrays: Arrays, temperature: float) -> Arrays:
        """All sums divided by it."""
        return {**arrays, **super().calibrated(_weights(arrays), temperature)}

    def sizes(self, arrays: Arrays) -> Sizes:
        """A row of weights per feature, a column per class."""
        if arrays.get(ROOTS, _IS).tolist() != _IS.tolist():
            raise ValueError(ROOTS)
        return super().sizes(_weights(arrays))

    def graph(self, arrays: Arrays) -> Graph:
        """In double precision, as the answer."""
        from onnx import TensorProto, helper

        weighted = super().graph(arrays)
        if ROOTS not in arrays:
            return weighted
        first, *others = weighted.nodes
        roots = [
            helper.make_node("Relu", [EMBEDDING], ["not_below"]),
            helper.make_node("Cast", ["not_below"], ["squares"], to=TensorProto.DOUBLE),
            helper.make_node("Sqrt", ["squares"], list(first.output)),
        ]
        return weighted._replace(nodes=[*roots, *others])

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Fit what was chosen alone; older runs saw no roots."""
        spec: Any = config.spec
        asked = {**config.options.to_dict(), **spec.numbers, ROOTS: ROOTS in spec.numbers}
        asked.pop("seed")
        return self.score(self.request(asked, seed), images, fold)

    def tried(
        self, learning: Learning, options: DiscriminantRequest, progress: Progress
    ) -> Iterator[Tried]:
        """Every shrinkage, the strongest first."""
        by_network = (options.seen or "").partition(":")[0] in NETWORKS
        rooted = options.roots and by_network and can_be_rooted(learning.points)
        return self.shrunk(learning, options.shrinkage, progress, rooted=rooted)

    def shrunk(
        self, learning: Learning, shrinkage: Sequence[float], progress: Progress, *, rooted: bool
    ) -> Iterator[Tried]:
        """Every shrinkage, the strongest first, of the points or their roots."""
        seen = _rooted(learning.points) if rooted else learning.points
        middle = seen.mean(axis=0, dtype=np.float64)
        points = seen - middle
        basis = _basis(points)
        classes = _classes(points if basis is None else points @ basis, learning)
        freedom = max(1, len(points) - len(classes.means))
        covariance = classes.apart.T @ classes.apart / freedom
        # The sphere is that of all features: where images are fewer, they span a part of them.
        sphere = float(np.trace(covariance)) / points.shape[1] or 1.0
        intensities = sorted(set(shrinkage), reverse=True)
        solved = each(
            lambda intensity: solve_shrunk(covariance, intensity, sphere, classes.means),
            intensities,
            progress,
            "discriminant",
        )
        for intensity, directions in zip(intensities, solved, strict=True):
            sums = -np.einsum("dc,cd->c", directions, classes.means) / 2 + classes.priors
            slopes = directions if basis is None else basis @ directions
            weights = np.zeros((points.shape[1], learning.n_classes))
            bias = np.full(learning.n_classes, float(sums.min()) - _NEVER)
            weights[:, classes.which] = slopes
            bias[classes.which] = sums - middle @ slopes
            more = ({ROOTS: 1}, {ROOTS: _IS}) if rooted else ({}, {})
            yield Tried(
                {"shrinkage": intensity, **more[0]}, {"weights": weights, "bias": bias, **more[1]}
            )


ROOTS = "roots"
"""Among a model's arrays where it sees roots of its points, and among its numbers."""
_IS = np.ones(1, np.int8)


def _weights(arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {name: one for name, one in arrays.items() if name != ROOTS}


def can_be_rooted(points: NDArray[np.float32]) -> bool:
    """Whether no number lies below 0."""
    return bool(points.min() >= 0)


def _rooted(points: NDArray[np.float32]) -> _Matrix:
    # Of a new image some number may lie below, where no training image's does.
    return np.sqrt(np.maximum(points, 0).astype(np.float64))


_NEVER = 1e3
"""How far below all others the sum of a class stays that has no training image."""


def _basis(points: _Matrix) -> _Matrix | None:
    """An orthonormal basis ``(d, r)`` of what fewer points than features span; None for more.

    Outside of it the shrunk covariance is a sphere and no mean differs, so nothing is lost.
    """
    n, d = points.shape
    if n >= d:
        return None
    values, vectors = np.linalg.eigh(points @ points.T)
    there = values > values[-1] * n * np.finfo(float).eps
    basis: _Matrix = points.T @ (vectors[:, there] / np.sqrt(values[there]))
    return basis


def _classes(points: _Matrix, learning: Learning) -> _Classes:
    counts = np.bincount(learning.labels, minlength=learning.n_classes)
    which = np.flatnonzero(counts)
    means = np.stack([points[learning.labels == one].mean(axis=0) for one in which])
    own = np.searchsorted(which, learning.labels)
    return _Classes(means, which, np.log(counts[which] / len(points)), points - means[own])


DISCRIMINANT = _Discriminant()
