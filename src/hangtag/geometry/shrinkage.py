"""A covariance drawn towards a sphere, and vectors seen from within it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def solve_shrunk(
    covariance: NDArray[np.float64], shrinkage: float, sphere: float, rows: NDArray[np.float64]
) -> NDArray[np.float64]:
    """``(d, c)``: the shrunk covariance's inverse times the rows.

    Args:
        covariance: ``(d, d)``, which stays as it is.
        shrinkage: How far it is drawn towards the sphere, from 0 to 1.
        sphere: The sphere's variance, above 0 where `shrinkage` is.
        rows: ``(c, d)``, such as means of classes.
    """
    from scipy.linalg import cho_factor, cho_solve

    shrunk = (1 - shrinkage) * covariance
    shrunk[np.diag_indices_from(shrunk)] += shrinkage * sphere
    found: NDArray[np.float64] = cho_solve(cho_factor(shrunk, overwrite_a=True), rows.T)
    return found
