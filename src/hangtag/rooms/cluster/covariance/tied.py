"""All components share one ellipsoid: one ``(d, d)`` covariance.

The points are turned once into coordinates in which the ellipsoid is a ball; all components then
cost one matrix product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.covariance.family import (
    CenteredPoints,
    Factors,
    Parameters,
    constants,
    precision_of,
)
from hangtag.rooms.cluster.covariance.full import shaped


class Tied:
    """One ellipsoid for all."""

    def estimate(
        self,
        centered: CenteredPoints,
        responsibilities: NDArray[np.float64],  # noqa: ARG002 - every shape is given them
        counts: NDArray[np.float64],
        means: NDArray[np.float64],
        regularisation: float,
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        # Total scatter minus scatter between the means: one product for all components, since
        # responsibilities of a point sum to one.
        scatter = centered.centred.T @ centered.centred - (counts * means.T) @ means
        covariance: NDArray[np.float64] = scatter / counts.sum()
        covariance[np.arange(len(covariance)), np.arange(len(covariance))] += regularisation
        return covariance

    def factor(self, covariances: NDArray[np.float64], k: int) -> Factors:
        """See ``Family``."""
        factor, wide = precision_of(covariances)
        diagonal = np.diagonal(factor)
        determinant = float(np.log(diagonal).sum())
        narrowest = 1 / float(diagonal.max()) ** 2
        return Factors(factor, np.full(k, determinant), np.full(k, narrowest), np.full(k, wide))

    def log_densities(
        self,
        centered: CenteredPoints,
        parameters: Parameters,
        owners: NDArray[np.intp] | None,  # noqa: ARG002 - nothing is left out here
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        turned = centered.centred @ parameters.factors.precisions
        # Distances in the turned coordinates are Euclidean, so all components share one product.
        means = parameters.means @ parameters.factors.precisions
        squares = np.einsum("ij,ij->i", means, means)[:, None] - 2 * means @ turned.T
        squares += np.einsum("ij,ij->i", turned, turned)
        logs: NDArray[np.float64] = constants(parameters, centered.shape[1])[:, None] - squares / 2
        return logs

    def count(self, k: int, d: int) -> int:  # noqa: ARG002 - the number is the same for all k
        """See ``Family``."""
        return d * (d + 1) // 2

    def restore(
        self, covariances: NDArray[np.float64], order: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        restored = np.empty_like(covariances)
        restored[order[:, None], order] = covariances
        return restored

    def draw(
        self,
        covariances: NDArray[np.float64],
        component: int,  # noqa: ARG002 - all have the same shape
        noise: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        return shaped(covariances, noise)
