"""Every component has its own widths along the coordinates: ``(k, d)`` variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.covariance.family import CenteredPoints, Factors, Parameters, constants

_LEAST = 1e-300


class Diagonal:
    """Own widths along each coordinate."""

    def estimate(
        self,
        centered: CenteredPoints,
        responsibilities: NDArray[np.float64],
        counts: NDArray[np.float64],
        means: NDArray[np.float64],
        regularisation: float,
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        second = responsibilities @ centered.squared / counts[:, None]
        # Rounding can leave a variance of nothing a little below zero.
        variances: NDArray[np.float64] = np.maximum(second - means**2, 0) + regularisation
        return variances

    def factor(self, covariances: NDArray[np.float64], k: int) -> Factors:
        """See ``Family``."""
        flat = covariances.reshape(k, -1)
        widened = np.asarray((flat <= 0).any(axis=1))
        # A variance of zero (no regularisation, and all points alike) would be an infinite
        # precision; with the least one there is the densities stay numbers and `widened` says that
        # it happened.
        precisions = 1 / np.sqrt(np.maximum(covariances, _LEAST))
        determinants = np.log(precisions.reshape(k, -1)).sum(axis=1)
        return Factors(precisions, determinants, flat.min(axis=1), widened)

    def log_densities(
        self,
        centered: CenteredPoints,
        parameters: Parameters,
        owners: NDArray[np.intp] | None,  # noqa: ARG002 - nothing is left out here
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        precisions = parameters.factors.precisions**2
        means = parameters.means
        # The square of the difference is multiplied out, so that no (k, n, d) array is made. Points
        # are centred, so the digits that this loses against differences are few.
        squares = (means**2 * precisions).sum(axis=1)[:, None]
        squares = squares - 2 * (means * precisions) @ centered.centred.T
        squares += precisions @ centered.squared.T
        logs: NDArray[np.float64] = constants(parameters, centered.shape[1])[:, None] - squares / 2
        return logs

    def count(self, k: int, d: int) -> int:
        """See ``Family``."""
        return k * d

    def restore(
        self, covariances: NDArray[np.float64], order: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        restored = np.empty_like(covariances)
        restored[:, order] = covariances
        return restored

    def draw(
        self, covariances: NDArray[np.float64], component: int, noise: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        deviations: NDArray[np.float64] = noise * np.sqrt(covariances[component])
        return deviations
