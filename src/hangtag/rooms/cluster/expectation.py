"""Points and a first division go in, the Gaussian mixture that EM climbs to from it comes out.

Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977,
step by step as scikit-learn takes it: the same bound, the same tolerance, the same last step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.cluster.covariance.family import NEGLIGIBLE, CenteredPoints, Family, Parameters

NOTHING = float(np.exp(-NEGLIGIBLE))
"""A responsibility that is rounding."""

_EMPTY = 10 * np.finfo(np.float64).eps  # keeps an empty component from dividing by zero


@dataclass(frozen=True)
class Limits:
    """When to stop, and what to add to a covariance.

    Attributes:
        max_iter: Iterations at most.
        tol: Smallest rise of the mean log-likelihood that is worth another iteration.
        regularisation: Added to the diagonal of every covariance.
    """

    max_iter: int
    tol: float
    regularisation: float


@dataclass(frozen=True, eq=False)
class Fitted:
    """Where one start ended.

    Attributes:
        parameters: The mixture.
        owners: ``(n,)`` each point's most probable component.
        bound: Mean log-likelihood before the last step, which starts are compared by.
        iterations: Until it converged or had to stop.
        converged: Whether it did.
    """

    parameters: Parameters
    owners: NDArray[np.intp]
    bound: float
    iterations: int
    converged: bool


def centered(points: NDArray[np.float64]) -> CenteredPoints:
    """Centre ``(n, d)`` points and put the coordinate that varies most first."""
    mean = points.mean(axis=0)
    # The screen of the full covariance begins with the first axes of a triangular factor: they tell
    # most when the coordinates that vary most come first. Results are put back in the given order.
    order = np.argsort(-points.var(axis=0), kind="stable")
    centred = np.ascontiguousarray((points - mean)[:, order])
    squared = centred**2
    return CenteredPoints(
        centred=centred,
        squared=squared,
        single=centred.astype(np.float32),
        covariance=centred.T @ centred / len(centred),
        furthest=float(np.sqrt(squared.sum(axis=1).max())),
        mean=mean,
        order=order,
    )


def fit(
    centered: CenteredPoints, assignments: NDArray[np.int32], k: int, family: Family, limits: Limits
) -> Fitted:
    """Climb from a division of the points into `k` groups.

    Args:
        centered: The points.
        assignments: ``(n,)`` the group of each point.
        k: How many groups, empty ones included.
        family: The shape of the covariances.
        limits: When to stop.
    """
    belongs = np.zeros((k, len(assignments)))
    belongs[assignments, np.arange(len(assignments))] = 1
    parameters = maximise(centered, belongs, family, limits.regularisation)
    owners = assignments.astype(np.intp)
    bound, iteration = -np.inf, 0
    for iteration in range(1, limits.max_iter + 1):
        before = bound
        # As in scikit-learn the bound is that of the parameters before the step, and the last step
        # is still made when it has converged.
        bound, belongs, owners = expect(centered, parameters, owners, family)
        parameters = maximise(centered, belongs, family, limits.regularisation)
        if abs(bound - before) < limits.tol:
            return Fitted(parameters, owners, bound, iteration, converged=True)
    return Fitted(parameters, owners, bound, iteration, converged=False)


def expect(
    centered: CenteredPoints,
    parameters: Parameters,
    owners: NDArray[np.intp] | None,
    family: Family,
) -> tuple[float, NDArray[np.float64], NDArray[np.intp]]:
    """Mean log-likelihood, ``(k, n)`` responsibilities, and each point's most probable component.

    Args:
        centered: The points.
        parameters: The mixture.
        owners: What the most probable components were before; a hint that saves work.
        family: The shape of the covariances.
    """
    logs = family.log_densities(centered, parameters, owners)
    best, highest = _best(logs)
    # The largest term becomes one before exponentials are taken (log-sum-exp): nothing overflows,
    # and what underflows to zero is less than rounding.
    logs -= highest
    np.exp(logs, out=logs)
    sums = logs.sum(axis=0)
    logs /= sums
    return float(np.mean(highest + np.log(sums))), logs, best


def maximise(
    centered: CenteredPoints, belongs: NDArray[np.float64], family: Family, regularisation: float
) -> Parameters:
    """The mixture that ``(k, n)`` responsibilities make most likely."""
    # scikit-learn's guard: a component that lost all its points keeps a weight of nothing and a
    # mean at the centre, and never divides by zero.
    counts = belongs.sum(axis=1) + _EMPTY
    means = belongs @ centered.centred / counts[:, None]
    covariances = family.estimate(centered, belongs, counts, means, regularisation)
    factors = family.factor(covariances, len(means))
    return Parameters(counts / counts.sum(), means, covariances, factors)


def _best(logs: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The row of the largest entry of each column, and the entry."""
    highest = logs[0].copy()
    best = np.zeros(logs.shape[1], np.intp)
    for row in range(1, len(logs)):
        better = logs[row] > highest
        best[better] = row
        np.maximum(highest, logs[row], out=highest)
    return best, highest
