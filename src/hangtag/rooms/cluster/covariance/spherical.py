"""Every component is a ball: ``(k,)`` variances, the means of the diagonal ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.covariance.diagonal import Diagonal
from hangtag.rooms.cluster.covariance.family import CenteredPoints, Parameters


class Spherical(Diagonal):
    """Balls."""

    def estimate(
        self,
        centered: CenteredPoints,
        responsibilities: NDArray[np.float64],
        counts: NDArray[np.float64],
        means: NDArray[np.float64],
        regularisation: float,
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        along = super().estimate(centered, responsibilities, counts, means, regularisation)
        variances: NDArray[np.float64] = along.mean(axis=1)
        return variances

    def log_densities(
        self, centered: CenteredPoints, parameters: Parameters, owners: NDArray[np.intp] | None
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        k, d = parameters.means.shape
        # A ball is an ellipsoid with equal widths: broadcasting costs no memory.
        widths = np.broadcast_to(parameters.factors.precisions[:, None], (k, d))
        determinants = d * parameters.factors.log_determinants
        factors = replace(parameters.factors, precisions=widths, log_determinants=determinants)
        return super().log_densities(centered, replace(parameters, factors=factors), owners)

    def count(self, k: int, d: int) -> int:  # noqa: ARG002 - one number for each
        """See ``Family``."""
        return k

    def restore(
        self,
        covariances: NDArray[np.float64],
        order: NDArray[np.intp],  # noqa: ARG002 - a ball has no order
    ) -> NDArray[np.float64]:
        """See ``Family``."""
        return covariances
