"""Linear discriminant analysis: classes as Gaussians of one covariance, shrunk, in closed form.

The covariance within classes is drawn towards a sphere of the same mean variance, as J. H. Friedman
does in "Regularized discriminant analysis", Journal of the American Statistical Association 84
(1989); how far is chosen on validation images. What comes out is a weight for every feature and
class, as of a linear model, after one factorization instead of hundreds of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators.classical import Learning, Tried
from hangtag.estimators.linear import Weighted
from hangtag.geometry.threads import each
from hangtag.progress import Progress
from hangtag.requests import DiscriminantRequest

_Matrix = NDArray[np.float64]


class _Classes(NamedTuple):
    """Classes that have images.

    Attributes:
        means: ``(c, d)``.
        which: Their numbers.
        priors: Logarithms of their shares of the images.
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

    def tried(
        self, learning: Learning, options: DiscriminantRequest, progress: Progress
    ) -> Iterator[Tried]:
        """Every shrinkage, the strongest first."""
        middle = learning.points.mean(axis=0, dtype=np.float64)
        points = learning.points - middle
        basis = _basis(points)
        classes = _classes(points if basis is None else points @ basis, learning)
        freedom = max(1, len(points) - len(classes.means))
        covariance = classes.apart.T @ classes.apart / freedom
        # The sphere is that of all features: where images are fewer, they span a part of them.
        sphere = float(np.trace(covariance)) / points.shape[1] or 1.0
        shares = sorted(set(options.shrinkage), reverse=True)
        solved = each(
            lambda share: _solved(covariance, share, sphere, classes.means),
            shares,
            progress,
            "discriminant",
        )
        for share, directions in zip(shares, solved, strict=True):
            sums = -np.einsum("dc,cd->c", directions, classes.means) / 2 + classes.priors
            slopes = directions if basis is None else basis @ directions
            weights = np.zeros((points.shape[1], learning.n_classes))
            bias = np.full(learning.n_classes, float(sums.min()) - _NEVER)
            weights[:, classes.which] = slopes
            bias[classes.which] = sums - middle @ slopes
            yield Tried({"shrinkage": share}, {"weights": weights, "bias": bias})


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


def _solved(covariance: _Matrix, share: float, sphere: float, means: _Matrix) -> _Matrix:
    """Directions ``(d, c)``: the shrunk covariance's inverse times the means."""
    from scipy.linalg import cho_factor, cho_solve

    shrunk = (1 - share) * covariance
    shrunk[np.diag_indices_from(shrunk)] += share * sphere
    found: _Matrix = cho_solve(cho_factor(shrunk, overwrite_a=True), means.T)
    return found


DISCRIMINANT = _Discriminant()
