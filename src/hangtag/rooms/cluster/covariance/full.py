"""Every component has its own ellipsoid: ``(k, d, d)`` covariances.

In many dimensions nearly all components are negligible for nearly all points. A few orthonormal
directions in a component's own metric show that: what a point's distance has along them can only
be less than the whole (Bessel), so it bounds the density from above. Only pairs that the bound
leaves are computed in full, and only points with a responsibility above rounding enter a
component's covariance. Nothing is lost that a float64 sum would have kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.covariance.family import (
    NEGLIGIBLE,
    CenteredPoints,
    Factors,
    Parameters,
    constants,
    precision_of,
)

_SCREENS = 160  # directions over all components, and their limits for one
_LEAST, _MOST = 8, 24
_ROUNDING = 4e-6  # of the product of lengths: what a float32 coordinate can be off
_TINY = float(np.exp(-NEGLIGIBLE))


class Full:
    """Own ellipsoids."""

    def estimate(
        self,
        centered: CenteredPoints,
        responsibilities: NDArray[np.float64],
        counts: NDArray[np.float64],
        means: NDArray[np.float64],
        regularisation: float,
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        k, d = means.shape
        covariances = np.empty((k, d, d))
        for one in range(k):
            # What is left out weighs less than half a float64's last bit in each sum; on hard
            # clusters it is nearly every point of nearly every component.
            some = np.flatnonzero(responsibilities[one] > _TINY)
            gaps = centered.centred[some] - means[one]
            # Half of the weight on each side keeps the product symmetric, so BLAS may use its
            # routine for that, and the result has no asymmetry that a Cholesky factor would trip
            # over.
            gaps *= np.sqrt(responsibilities[one, some])[:, None]
            covariances[one] = gaps.T @ gaps
        covariances /= counts[:, None, None]
        covariances[:, np.arange(d), np.arange(d)] += regularisation
        return covariances

    def factor(self, covariances: NDArray[np.float64], k: int) -> Factors:  # noqa: ARG002 - in their shape
        """See ``Family``."""
        found = [precision_of(one) for one in covariances]
        precisions = np.stack([factor for factor, _ in found])
        # The determinant of a triangular matrix is the product of its diagonal; as a sum of
        # logarithms it neither overflows nor vanishes in hundreds of dimensions.
        diagonals = np.diagonal(precisions, axis1=1, axis2=2)
        widened = np.array([wide for _, wide in found])
        narrowest = 1 / diagonals.max(axis=1) ** 2
        return Factors(precisions, np.log(diagonals).sum(axis=1), narrowest, widened)

    def log_densities(
        self, centered: CenteredPoints, parameters: Parameters, owners: NDArray[np.intp] | None
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        n, d = centered.shape
        k = len(parameters.means)
        constant = constants(parameters, d)
        logs = np.full((k, n), -np.inf)
        if owners is None:
            for one in range(k):
                logs[one] = constant[one] - _halves(centered, parameters, one, slice(None))
            return logs
        # The density under the component that owned a point before bounds its best one from below;
        # whatever cannot come within NEGLIGIBLE of that cannot change a float64 responsibility.
        floors = np.empty(n)
        for one in range(k):
            own = np.flatnonzero(owners == one)
            logs[one, own] = constant[one] - _halves(centered, parameters, one, own)
            floors[own] = logs[one, own] - NEGLIGIBLE
        for one in range(k):
            # A component is possible while its log-density may still be above the floor, that is
            # while half its squared distance is below constant - floor.
            possible = _screened(centered, parameters, one) < constant[one] - floors
            possible &= owners != one
            some = np.flatnonzero(possible)
            logs[one, some] = constant[one] - _halves(centered, parameters, one, some)
        return logs

    def count(self, k: int, d: int) -> int:
        """See ``Family``."""
        return k * d * (d + 1) // 2

    def restore(
        self, covariances: NDArray[np.float64], order: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        restored = np.empty_like(covariances)
        restored[:, order[:, None], order] = covariances
        return restored

    def draw(
        self, covariances: NDArray[np.float64], component: int, noise: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        return shaped(covariances[component], noise)


def shaped(covariance: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(m, d)`` standard normal numbers turned into numbers with that covariance."""
    values, vectors = np.linalg.eigh(covariance)
    widths = np.sqrt(np.maximum(values, 0))  # singular directions have no width
    turned: NDArray[np.float64] = (noise * widths) @ vectors.T
    return turned


def _screened(centered: CenteredPoints, parameters: Parameters, one: int) -> NDArray[np.float32]:
    """``(n,)`` a part of half the squared distance to a component, never more than the whole."""
    axes = _telling_axes(centered, parameters.factors.precisions[one], len(parameters.means))
    offsets = (parameters.means[one] @ axes).astype(np.float32)[:, None]
    # The screen is a float32 product: each coordinate is brought nearer to the mean by what
    # rounding can be, so that the bound stays a bound.
    slack = _ROUNDING * (centered.furthest * np.linalg.norm(axes, axis=0))[:, None]
    along = axes.T.astype(np.float32) @ centered.single.T
    along -= offsets
    np.abs(along, out=along)
    along -= slack.astype(np.float32)
    np.maximum(along, 0, out=along)
    halves: NDArray[np.float32] = np.einsum("ij,ij->j", along, along)
    # A last margin for the rounding of the sum of squares itself.
    halves *= np.float32((1 - 1e-5) / 2)
    return halves


def _telling_axes(
    centered: CenteredPoints, precision: NDArray[np.float64], k: int
) -> NDArray[np.float64]:
    """``(d, r)`` axes, orthonormal in the component's metric, along which all points differ most.

    One step of orthogonal iteration towards the leading eigenvectors of the points' covariance in
    that metric, from the axes that vary most: near enough, since any orthonormal axes give a bound.
    """
    # Few components are each screened with more directions: the work in all stays about the same.
    count = min(len(precision), max(_LEAST, min(_MOST, _SCREENS // k)))
    start = precision @ precision[:count].T
    axes, _ = np.linalg.qr(precision.T @ (centered.covariance @ start))
    turned: NDArray[np.float64] = precision @ axes
    return turned


def _halves(
    centered: CenteredPoints, parameters: Parameters, one: int, some: NDArray[np.intp] | slice
) -> NDArray[np.float64]:
    """Half the squared distances of `some` points to a component."""
    gaps = centered.centred[some] - parameters.means[one]
    terms = gaps @ parameters.factors.precisions[one]
    halves: NDArray[np.float64] = np.einsum("ij,ij->i", terms, terms)
    halves /= 2
    return halves
