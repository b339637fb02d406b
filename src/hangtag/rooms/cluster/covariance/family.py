"""What every covariance shape can do: estimate from responsibilities, and give log-densities.

Components run along the first axis of responsibilities and densities, ``(k, n)``, so that what is
done for one component touches memory in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FailedError

NEGLIGIBLE = 37.0
"""Natural logarithms below the most probable component: e**-37 is half a float64's last bit."""


@dataclass(frozen=True, eq=False)
class CenteredPoints:
    """The points, as every start of every k needs them.

    Attributes:
        centred: ``(n, d)`` float64, the mean subtracted, the coordinate that varies most first.
        squared: ``(n, d)`` their squares.
        single: ``(n, d)`` the centred points in float32.
        covariance: ``(d, d)`` of all points.
        furthest: Largest length of a centred point.
        mean: ``(d,)`` what was subtracted, in the given order of coordinates.
        order: ``(d,)`` the given coordinate of each of ours.
    """

    centred: NDArray[np.float64]
    squared: NDArray[np.float64]
    single: NDArray[np.float32]
    covariance: NDArray[np.float64]
    furthest: float
    mean: NDArray[np.float64]
    order: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """``(n, d)``."""
        n, d = self.centred.shape
        return n, d


@dataclass(frozen=True, eq=False)
class Factors:
    """Covariances in the form densities are computed from.

    Attributes:
        precisions: Cholesky factors of the inverse covariances, in the family's shape.
        log_determinants: ``(k,)`` logarithms of the factors' determinants.
        narrowest: ``(k,)`` the smallest variance that a coordinate has given those before it.
        widened: ``(k,)`` bool: covariances that stayed singular under the asked regularisation.
    """

    precisions: NDArray[np.float64]
    log_determinants: NDArray[np.float64]
    narrowest: NDArray[np.float64]
    widened: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Parameters:
    """One mixture, in centred and ordered coordinates.

    Attributes:
        weights: ``(k,)``, summing to one.
        means: ``(k, d)``.
        covariances: In the family's shape.
        factors: The same, ready for densities.
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    factors: Factors


class Family(Protocol):
    """One shape of covariances."""

    def estimate(
        self,
        centered: CenteredPoints,
        responsibilities: NDArray[np.float64],
        counts: NDArray[np.float64],
        means: NDArray[np.float64],
        regularisation: float,
    ) -> NDArray[np.float64]:
        """Covariances of ``(k, n)`` responsibilities, `regularisation` added to the diagonal."""

    def factor(self, covariances: NDArray[np.float64], k: int) -> Factors:
        """Factors of the precisions; a singular covariance is widened until it has one."""

    def log_densities(
        self, centered: CenteredPoints, parameters: Parameters, owners: NDArray[np.intp] | None
    ) -> NDArray[np.float64]:
        """``(k, n)`` logarithms of weight times density.

        Given each point's probable component in `owners`, components that are
        :data:`NEGLIGIBLE` for a point may be left at minus infinity.
        """

    def count(self, k: int, d: int) -> int:
        """Free numbers in the covariances of `k` components."""

    def restore(
        self, covariances: NDArray[np.float64], order: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """The covariances with coordinates in the order they were given in."""

    def draw(
        self, covariances: NDArray[np.float64], component: int, noise: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Turn ``(m, d)`` standard normal numbers into deviations from a component's mean."""


def precision_of(covariance: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """The upper triangular factor U of the inverse, ``inverse = U @ U.T``, and whether widened.

    Raises:
        FailedError: No regularisation helps.
    """
    from scipy.linalg import lapack

    # Cholesky and not the eigenvalues: far less work, and its failure is the test for being
    # singular. LAPACK is called directly because SciPy's checks cost as much as the factor of a
    # small matrix.
    diagonal = np.arange(len(covariance))
    wide = float(covariance[diagonal, diagonal].mean())
    extra = 0.0
    for _ in range(12):
        tried = covariance.copy()
        tried[diagonal, diagonal] += extra
        lower, failed = lapack.dpotrf(tried, lower=True, clean=True)
        if not failed:
            inverse, failed = lapack.dtrtri(lower, lower=True)
        if not failed and np.isfinite(inverse).all():
            return np.ascontiguousarray(inverse.T), extra > 0
        # Ten times more with each try, from what rounding alone can do to a matrix of this size;
        # twelve tries end far above any sensible regularisation.
        extra = max(extra * 10, 1e-12 * wide, 1e-300)
    raise FailedError(
        "a component's covariance is singular and no regularisation helps",
        "scale the points, raise the regularisation, or ask for fewer components",
    )


def constants(parameters: Parameters, d: int) -> NDArray[np.float64]:
    """``(k,)`` what a component's log-density has besides half the squared distance."""
    with np.errstate(divide="ignore"):  # an empty component has weight 0 and density 0
        weights = np.log(parameters.weights)
    constant: NDArray[np.float64] = (
        weights + parameters.factors.log_determinants - d / 2 * np.log(2 * np.pi)
    )
    return constant
